//! Who belongs to a segment, as clients see it.

use async_graphql::{ID, SimpleObject};

use super::enums::RfmGroup;
use crate::money::{Currency, Money};
use crate::segments::model::{Bought, Range, Rule};

/// Something that is true of a member, or not 分群规则: exactly one field is there, as in `SegmentRuleInput`.
#[derive(Clone, Debug, Default, SimpleObject)]
pub struct SegmentRule {
    /// 且: all of these hold.
    pub and: Option<Vec<SegmentRule>>,
    /// 或: at least one of these holds.
    pub or: Option<Vec<SegmentRule>>,
    /// 非: this does not hold.
    pub not: Option<Box<SegmentRule>>,
    /// 等级: they have one of these tiers.
    pub tier: Option<SegmentTier>,
    /// 标签: they have any of these tags.
    pub tags: Option<Vec<String>>,
    /// 会员号: it begins with this.
    pub member_no: Option<String>,
    /// 营销同意: whether they agree to be written to.
    pub consented: Option<bool>,
    /// 生日月份: the birthday lies in any of these months.
    pub birthday_months: Option<Vec<i32>>,
    /// 近期生日: the birthday is today or in the days to come, so many in all.
    pub birthday_within_days: Option<i32>,
    /// 新入会: they joined in so many days.
    pub joined_within_days: Option<i32>,
    /// 入会已久: they joined before that.
    pub not_joined_within_days: Option<i32>,
    /// 首次消费: they paid for the first time in so many days.
    pub first_paid_within_days: Option<i32>,
    /// 近期消费: they paid in so many days.
    pub paid_within_days: Option<i32>,
    /// 久未消费: they have paid, but not in so many days.
    pub not_paid_for_days: Option<i32>,
    /// 从未消费: whether they have never paid.
    pub never_paid: Option<bool>,
    /// 消费笔数: how many of their orders were paid and not refunded in full.
    pub orders: Option<SegmentCounts>,
    /// 消费金额: what was paid for these, less what refunds gave back.
    pub spent: Option<SegmentAmounts>,
    /// 客单价: what these came to on average.
    pub average_order: Option<SegmentAmounts>,
    /// 积分: how many points they can spend.
    pub points: Option<SegmentCounts>,
    /// 首单渠道: the first order that they paid for went through one of these channels.
    pub first_channel_ids: Option<Vec<ID>>,
    /// 购买商品: a paid order that was not refunded in full had any of this in it.
    pub bought: Option<SegmentBought>,
    /// 持有优惠券: they hold a coupon of one of these templates that can be used now.
    pub coupon_template_ids: Option<Vec<ID>>,
    /// RFM 分层: they are in one of these groups.
    pub rfm: Option<Vec<RfmGroup>>,
    /// 静态分群: they are in one of these snapshots.
    pub snapshot_ids: Option<Vec<ID>>,
}

/// Which tiers are meant 等级条件.
#[derive(Clone, Debug, SimpleObject)]
pub struct SegmentTier {
    /// These.
    pub tier_ids: Vec<ID>,
    /// Whether who has no tier is meant, too.
    pub or_none: bool,
}

/// From how many to how many 数量条件, both included.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct SegmentCounts {
    /// At least so many.
    pub min: Option<i64>,
    /// At most so many.
    pub max: Option<i64>,
    /// In so many days; null for in all.
    pub days: Option<i32>,
}

/// From how much to how much 金额条件, both included.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct SegmentAmounts {
    /// At least so much.
    pub min: Option<Money>,
    /// At most so much.
    pub max: Option<Money>,
    /// In so many days; null for in all.
    pub days: Option<i32>,
}

/// What was bought 购买商品条件: any of these titles or categories.
#[derive(Clone, Debug, SimpleObject)]
pub struct SegmentBought {
    /// Products of these titles.
    pub products: Vec<String>,
    /// And products of these categories.
    pub categories: Vec<String>,
    /// In so many days; null for at any time.
    pub days: Option<i32>,
}

impl SegmentRule {
    /// Rules as they are kept, in the merchant's currency.
    #[must_use]
    pub fn of(rule: &Rule, currency: Currency) -> Self {
        let mut shown = Self::default();
        let all = |rules: &[Rule]| Some(rules.iter().map(|it| Self::of(it, currency)).collect());
        match rule {
            Rule::All(rules) => shown.and = all(rules),
            Rule::Any(rules) => shown.or = all(rules),
            Rule::Not(rule) => shown.not = Some(Box::new(Self::of(rule, currency))),
            Rule::Tier { tiers, or_none } => {
                shown.tier = Some(SegmentTier {
                    tier_ids: ids(tiers),
                    or_none: *or_none,
                });
            }
            Rule::Orders { range, days } => shown.orders = Some(counts(*range, *days)),
            Rule::Spent { range, days } => shown.spent = Some(amounts(*range, *days, currency)),
            Rule::AverageOrder(range) => {
                shown.average_order = Some(amounts(*range, None, currency));
            }
            Rule::Points(range) => shown.points = Some(counts(*range, None)),
            Rule::Bought(bought) => shown.bought = Some(bought.into()),
            other => shown.fill(other),
        }
        shown
    }

    /// What is told as it is kept.
    fn fill(&mut self, rule: &Rule) {
        match rule {
            Rule::Tags(tags) => self.tags = Some(tags.clone()),
            Rule::MemberNo(no) => self.member_no = Some(no.clone()),
            Rule::Consented(wanted) => self.consented = Some(*wanted),
            Rule::BirthdayMonths(months) => self.birthday_months = Some(months.clone()),
            Rule::BirthdayWithin(days) => self.birthday_within_days = Some(*days),
            Rule::JoinedWithin(days) => self.joined_within_days = Some(*days),
            Rule::JoinedBefore(days) => self.not_joined_within_days = Some(*days),
            Rule::FirstPaidWithin(days) => self.first_paid_within_days = Some(*days),
            Rule::PaidWithin(days) => self.paid_within_days = Some(*days),
            Rule::NotPaidFor(days) => self.not_paid_for_days = Some(*days),
            Rule::NeverPaid(wanted) => self.never_paid = Some(*wanted),
            Rule::FirstChannel(channels) => self.first_channel_ids = Some(ids(channels)),
            Rule::HoldsCoupon(templates) => self.coupon_template_ids = Some(ids(templates)),
            Rule::InSnapshot(snapshots) => self.snapshot_ids = Some(ids(snapshots)),
            Rule::Rfm(groups) => {
                self.rfm = Some(groups.iter().copied().map(RfmGroup::from).collect());
            }
            Rule::All(_)
            | Rule::Any(_)
            | Rule::Not(_)
            | Rule::Tier { .. }
            | Rule::Orders { .. }
            | Rule::Spent { .. }
            | Rule::AverageOrder(_)
            | Rule::Points(_)
            | Rule::Bought(_) => {}
        }
    }
}

impl From<&Bought> for SegmentBought {
    fn from(bought: &Bought) -> Self {
        Self {
            products: bought.titles.clone(),
            categories: bought.categories.clone(),
            days: bought.days,
        }
    }
}

fn ids<T: ToString>(all: &[T]) -> Vec<ID> {
    all.iter().map(|id| ID(id.to_string())).collect()
}

fn counts(range: Range, days: Option<i32>) -> SegmentCounts {
    SegmentCounts {
        min: range.min,
        max: range.max,
        days,
    }
}

fn amounts(range: Range, days: Option<i32>, currency: Currency) -> SegmentAmounts {
    let money = |minor: i64| Money::of_minor(minor, currency);
    SegmentAmounts {
        min: range.min.map(money),
        max: range.max.map(money),
        days,
    }
}
