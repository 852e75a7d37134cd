//! What clients send about who belongs to a segment.

use std::str::FromStr;

use async_graphql::{ID, InputObject, OneofObject};

use super::enums::RfmGroup;
use crate::graphql::scalars::{MoneyInput, read_id};
use crate::invalid::Invalid;
use crate::money::Currency;
use crate::orders::schema::inputs::{AmountRangeInput, read_money};
use crate::segments::model::{Bought, DEEPEST, Range, Rule};

/// Something that is true of a member, or not 分群规则: exactly one of these. `and`, `or` and `not` hold others; they lie
/// at most 6 deep, and are at most 50 in all. Days are the merchant's, and so many days end with today.
#[derive(Clone, Debug, OneofObject)]
pub enum SegmentRuleInput {
    /// 且: all of these hold, 1 to 50.
    And(Vec<SegmentRuleInput>),
    /// 或: at least one of these holds, 1 to 50.
    Or(Vec<SegmentRuleInput>),
    /// 非: this does not hold.
    Not(Box<SegmentRuleInput>),
    /// 等级: they have one of these tiers.
    Tier(SegmentTierInput),
    /// 标签: they have any of these tags, 1 to 50.
    Tags(Vec<String>),
    /// 会员号: it begins with this.
    MemberNo(String),
    /// 营销同意: whether they agree to be written to.
    Consented(bool),
    /// 生日月份: the birthday lies in any of these months, 1 to 12.
    BirthdayMonths(Vec<i32>),
    /// 近期生日: the birthday is today or in the days to come, so many in all, 1 to 366. Who was born on 29 February has
    /// it on the 28th where there is none.
    BirthdayWithinDays(i32),
    /// 新入会: they joined in so many days.
    JoinedWithinDays(i32),
    /// 入会已久: they joined before that.
    NotJoinedWithinDays(i32),
    /// 首次消费: they paid for the first time in so many days.
    FirstPaidWithinDays(i32),
    /// 近期消费: they paid in so many days.
    PaidWithinDays(i32),
    /// 久未消费: they have paid, but not in so many days.
    NotPaidForDays(i32),
    /// 从未消费: whether they have never paid.
    NeverPaid(bool),
    /// 消费笔数: how many of their orders were paid and not refunded in full.
    Orders(SegmentOrdersInput),
    /// 消费金额: what was paid for these, less what refunds gave back.
    Spent(SegmentSpentInput),
    /// 客单价: what these came to on average. It holds for nobody who has none.
    AverageOrder(AmountRangeInput),
    /// 积分: how many points they can spend.
    Points(SegmentPointsInput),
    /// 首单渠道: the first order that they paid for went through one of these channels.
    FirstChannelIds(Vec<ID>),
    /// 购买商品: a paid order that was not refunded in full had any of this in it.
    Bought(SegmentBoughtInput),
    /// 持有优惠券: they hold a coupon of one of these templates that can be used now.
    CouponTemplateIds(Vec<ID>),
    /// RFM 分层: they are in one of these groups.
    Rfm(Vec<RfmGroup>),
    /// 静态分群: they are in one of these segments, all of which are snapshots.
    SnapshotIds(Vec<ID>),
}

/// Which tiers are meant 等级条件.
#[derive(Clone, Debug, InputObject)]
pub struct SegmentTierInput {
    /// These.
    #[graphql(default)]
    pub tier_ids: Vec<ID>,
    /// Whether who has no tier is meant, too.
    #[graphql(default)]
    pub or_none: bool,
}

/// How many orders 消费笔数条件, both ends included.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct SegmentOrdersInput {
    /// At least so many.
    pub min: Option<i32>,
    /// At most so many.
    pub max: Option<i32>,
    /// In so many days, by when they were paid; in all where it is missing.
    pub days: Option<i32>,
}

/// How much was spent 消费金额条件, both ends included.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct SegmentSpentInput {
    /// At least so much.
    pub min: Option<MoneyInput>,
    /// At most so much.
    pub max: Option<MoneyInput>,
    /// In so many days, by when the orders were paid; in all where it is missing.
    pub days: Option<i32>,
}

/// How many points 积分条件, both ends included.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct SegmentPointsInput {
    /// At least so many.
    pub min: Option<i32>,
    /// At most so many.
    pub max: Option<i32>,
}

/// What was bought 购买商品条件: any of these titles or categories.
#[derive(Clone, Debug, InputObject)]
pub struct SegmentBoughtInput {
    /// Products of these titles, at most 50.
    #[graphql(default)]
    pub products: Vec<String>,
    /// And products of these categories, at most 50.
    #[graphql(default)]
    pub categories: Vec<String>,
    /// In so many days, by when the order was paid; at any time where it is missing.
    pub days: Option<i32>,
}

impl SegmentRuleInput {
    /// Reads the rules, and checks them; what cannot be meant is named by its path. Whether what they name is the
    /// merchant's is the service's to say.
    pub fn read(self, currency: Currency) -> Result<Rule, Invalid> {
        let rule = Reading { currency }.read(self, "rules", 1)?;
        rule.check()?;
        Ok(rule)
    }
}

/// What rules are read with.
#[derive(Clone, Copy)]
struct Reading {
    currency: Currency,
}

impl Reading {
    fn read(self, input: SegmentRuleInput, path: &str, depth: usize) -> Result<Rule, Invalid> {
        use SegmentRuleInput as Input;
        if depth > DEEPEST {
            return Err(Invalid::new(
                path,
                format!("lies too deep: rules lie at most {DEEPEST} deep."),
                format!("嵌套过深：最多 {DEEPEST} 层。"),
            ));
        }
        let at = |name: &str| format!("{path}.{name}");
        Ok(match input {
            Input::And(all) => Rule::All(self.read_all(all, &at("and"), depth)?),
            Input::Or(any) => Rule::Any(self.read_all(any, &at("or"), depth)?),
            Input::Not(one) => Rule::Not(Box::new(self.read(*one, &at("not"), depth + 1)?)),
            Input::Tier(tier) => Rule::Tier {
                tiers: read_each(&at("tier.tierIds"), &tier.tier_ids)?,
                or_none: tier.or_none,
            },
            Input::Tags(tags) => Rule::Tags(tags),
            Input::MemberNo(no) => Rule::MemberNo(no),
            Input::Consented(wanted) => Rule::Consented(wanted),
            Input::BirthdayMonths(months) => Rule::BirthdayMonths(months),
            Input::BirthdayWithinDays(days) => Rule::BirthdayWithin(days),
            Input::JoinedWithinDays(days) => Rule::JoinedWithin(days),
            Input::NotJoinedWithinDays(days) => Rule::JoinedBefore(days),
            Input::FirstPaidWithinDays(days) => Rule::FirstPaidWithin(days),
            Input::PaidWithinDays(days) => Rule::PaidWithin(days),
            Input::NotPaidForDays(days) => Rule::NotPaidFor(days),
            Input::NeverPaid(wanted) => Rule::NeverPaid(wanted),
            Input::Orders(orders) => Rule::Orders {
                range: counts(orders.min, orders.max),
                days: orders.days,
            },
            Input::Spent(spent) => Rule::Spent {
                range: self.amounts(&at("spent"), spent.min, spent.max)?,
                days: spent.days,
            },
            Input::AverageOrder(range) => {
                Rule::AverageOrder(self.amounts(&at("averageOrder"), range.min, range.max)?)
            }
            Input::Points(points) => Rule::Points(counts(points.min, points.max)),
            Input::FirstChannelIds(ids) => {
                Rule::FirstChannel(read_each(&at("firstChannelIds"), &ids)?)
            }
            Input::Bought(bought) => Rule::Bought(Bought {
                titles: bought.products,
                categories: bought.categories,
                days: bought.days,
            }),
            Input::CouponTemplateIds(ids) => {
                Rule::HoldsCoupon(read_each(&at("couponTemplateIds"), &ids)?)
            }
            Input::Rfm(groups) => Rule::Rfm(groups.into_iter().map(Into::into).collect()),
            Input::SnapshotIds(ids) => Rule::InSnapshot(read_each(&at("snapshotIds"), &ids)?),
        })
    }

    fn read_all(
        self,
        rules: Vec<SegmentRuleInput>,
        path: &str,
        depth: usize,
    ) -> Result<Vec<Rule>, Invalid> {
        let rules = rules.into_iter().enumerate();
        rules
            .map(|(place, rule)| self.read(rule, &format!("{path}.{place}"), depth + 1))
            .collect()
    }

    fn amounts(
        self,
        path: &str,
        min: Option<MoneyInput>,
        max: Option<MoneyInput>,
    ) -> Result<Range, Invalid> {
        let read = |name: &str, given: Option<MoneyInput>| {
            let field = format!("{path}.{name}");
            let read = given.map(|given| read_money(given, &field, self.currency));
            read.transpose().map_err(Invalid::from)
        };
        Ok(Range {
            min: read("min", min)?,
            max: read("max", max)?,
        })
    }
}

fn counts(min: Option<i32>, max: Option<i32>) -> Range {
    Range {
        min: min.map(i64::from),
        max: max.map(i64::from),
    }
}

fn read_each<T: FromStr>(path: &str, ids: &[ID]) -> Result<Vec<T>, Invalid> {
    let ids = ids.iter().enumerate();
    ids.map(|(place, id)| Ok(read_id(&format!("{path}.{place}"), id)?))
        .collect()
}
