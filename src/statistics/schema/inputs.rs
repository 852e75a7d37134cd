//! How statistics are asked for.

use async_graphql::{Enum, ID, InputObject};
use entity::TierId;

use crate::channels::schema::PaymentMethod;
use crate::error::Error;
use crate::graphql::scalars::{CountryCode, read_ids};
use crate::orders::schema::inputs::{limit, many};
use crate::statistics::model::{Comparison, Dimension, Filter, Grain, Measure};

/// How long a row's time is 时间粒度, on the merchant's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Grain")]
pub enum StatisticsGrain {
    /// 小时; of 92 days at the most.
    Hour,
    /// 日.
    Day,
    /// 周, from Monday.
    Week,
    /// 月.
    Month,
    /// 季度.
    Quarter,
    /// 年.
    Year,
}

/// What there is a row for each of 统计维度.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Dimension")]
pub enum StatisticsDimension {
    /// 支付渠道.
    Channel,
    /// 支付方式.
    Method,
    /// 买家国家.
    Country,
    /// 商品分类: money is split exactly over an order's lines; orders and refunds are counted with the category
    /// of the order's largest line.
    Category,
    /// 会员等级: that which the buyer had when the order was made; null for who had none, or is no member.
    MemberTier,
}

/// What a time is compared with 对比.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Comparison")]
pub enum StatisticsComparison {
    /// 环比: the time before it: as many months before whole months, as many days before whole days. Where it
    /// begins or ends within a day: as long where rows are by HOUR or not by time; else as many days, begun ones
    /// too, so that each day stands beside one, up to the same clock.
    PreviousPeriod,
    /// 同比: the same dates a year before.
    SamePeriodLastYear,
}

/// A figure 指标.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Measure")]
pub enum StatisticsMeasure {
    /// 下单笔数.
    Orders,
    /// 下单后已支付笔数.
    Converted,
    /// 支付笔数.
    PaidOrders,
    /// 销售总额.
    Gross,
    /// 优惠金额.
    Discounts,
    /// 实付金额.
    Paid,
    /// 退款笔数.
    Refunds,
    /// 退款金额.
    Refunded,
    /// 手续费; needs `ledger:read`.
    Fees,
    /// 净收入; needs `ledger:read`.
    Net,
    /// 客单价; not by category or of some categories.
    AverageOrderValue,
    /// 支付成功率.
    SuccessRate,
    /// 平均支付用时.
    AveragePaySeconds,
}

/// What is counted; all conditions hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct StatisticsFilterInput {
    /// Through any of these channels.
    pub channel_ids: Option<Vec<ID>>,
    /// By any of these methods.
    pub methods: Option<Vec<PaymentMethod>>,
    /// By buyers from any of these countries.
    pub countries: Option<Vec<CountryCode>>,
    /// By buyers whose country is unknown 国家未知, which rows by COUNTRY say as null: alone, or besides
    /// `countries`. False says nothing.
    pub country_unknown: Option<bool>,
    /// Of any of these categories; the empty text means what has none, which rows by CATEGORY say as null. What
    /// is left of an order is what was bought of them.
    pub categories: Option<Vec<String>>,
    /// By members who had any of these tiers when the order was made.
    pub member_tier_ids: Option<Vec<ID>>,
    /// By who had no tier then, members or not 无等级: alone, or besides `memberTierIds`. False says nothing.
    pub member_tier_none: Option<bool>,
}

impl StatisticsFilterInput {
    /// The filter.
    pub fn read(self) -> Result<Filter, Error> {
        let channels = self.channel_ids.as_deref();
        let countries = self.countries.as_deref();
        if let Some(countries) = countries {
            limit("filter", "countries", countries.len())?;
        }
        if let Some(categories) = &self.categories {
            limit("filter", "categories", categories.len())?;
        }
        let mut countries: Option<Vec<String>> =
            countries.map(|codes| codes.iter().map(|code| code.0.clone()).collect());
        if self.country_unknown == Some(true) {
            countries.get_or_insert_default().push(String::new());
        }
        let tiers = self.member_tier_ids.as_deref();
        let mut tiers: Option<Vec<TierId>> = tiers
            .map(|ids| read_ids("filter.memberTierIds", ids))
            .transpose()?;
        if self.member_tier_none == Some(true) {
            tiers.get_or_insert_default().push(TierId(0));
        }
        Ok(Filter {
            tiers,
            channels: channels
                .map(|ids| read_ids("filter.channelIds", ids))
                .transpose()?,
            methods: many("filter", "methods", self.methods.as_deref())?,
            countries,
            categories: self.categories,
        })
    }
}
