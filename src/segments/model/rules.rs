//! What is true of the members of a segment: a tree of rules.

use entity::{ChannelId, CouponTemplateId, SegmentId, TierId};
use serde::{Deserialize, Serialize};

use super::rfm::RfmGroup;
use crate::error::Error;

/// From how much to how much, both included; open where one is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// At least so much.
    pub min: Option<i64>,
    /// At most so much.
    pub max: Option<i64>,
}

impl Range {
    /// Whether a figure lies in it.
    #[must_use]
    pub fn holds(self, figure: i64) -> bool {
        self.min.is_none_or(|min| figure >= min) && self.max.is_none_or(|max| figure <= max)
    }
}

/// What was bought 购买商品: any of these titles or categories.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bought {
    /// Of these titles.
    pub titles: Vec<String>,
    /// Or of these categories.
    pub categories: Vec<String>,
    /// In so many days, today included; at any time where there is none.
    pub days: Option<i32>,
}

/// Something that is true of a member, or not. Days are the merchant's; so many days end with today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// 且: all of these hold.
    All(Vec<Rule>),
    /// 或: at least one of these holds.
    Any(Vec<Rule>),
    /// 非: this does not hold.
    Not(Box<Rule>),
    /// 等级: they have one of these tiers, or none where that is meant as well.
    Tier {
        /// Which.
        tiers: Vec<TierId>,
        /// Whether who has none is meant, too.
        or_none: bool,
    },
    /// 标签: they have any of these.
    Tags(Vec<String>),
    /// 会员号: it begins with this.
    MemberNo(String),
    /// 营销同意: whether they agree to be written to.
    Consented(bool),
    /// 生日月份: it lies in any of these months.
    BirthdayMonths(Vec<i32>),
    /// 近期生日: it is today, or in the days to come, so many in all.
    BirthdayWithin(i32),
    /// 新入会: they joined in so many days.
    JoinedWithin(i32),
    /// 入会已久: they joined before that.
    JoinedBefore(i32),
    /// 首次消费: they paid for the first time in so many days.
    FirstPaidWithin(i32),
    /// 近期消费: they paid in so many days.
    PaidWithin(i32),
    /// 久未消费: they have paid, but not in so many days.
    NotPaidFor(i32),
    /// 从未消费: whether they have never paid.
    NeverPaid(bool),
    /// 消费笔数: how many of their orders were paid and not refunded in full.
    Orders {
        /// So many.
        range: Range,
        /// In so many days; in all where there is none.
        days: Option<i32>,
    },
    /// 消费金额: what was paid for these, less what was refunded, in minor units.
    Spent {
        /// So much.
        range: Range,
        /// In so many days; in all where there is none.
        days: Option<i32>,
    },
    /// 客单价: what these came to on average, in minor units; nobody's who has none.
    AverageOrder(Range),
    /// 积分: what they can spend.
    Points(Range),
    /// 首单渠道: the first order that they paid for went through one of these.
    FirstChannel(Vec<ChannelId>),
    /// 购买商品: a paid order that was not refunded in full had this in it.
    Bought(Bought),
    /// 持有优惠券: they hold a coupon of one of these that can be used now.
    HoldsCoupon(Vec<CouponTemplateId>),
    /// RFM 分层: they are in one of these groups.
    Rfm(Vec<RfmGroup>),
    /// 静态分群: they are in one of these snapshots.
    InSnapshot(Vec<SegmentId>),
}

impl Rule {
    /// The text that tables keep.
    pub fn to_text(&self) -> Result<String, Error> {
        serde_json::to_string(self).map_err(|error| Error::internal(error.to_string()))
    }

    /// Reads what tables keep. A text that is none is a fault of ours.
    pub fn of_text(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text)
            .map_err(|error| Error::internal(format!("a segment cannot be read: {error}")))
    }

    /// What clients call it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::All(_) => "and",
            Self::Any(_) => "or",
            Self::Not(_) => "not",
            Self::Tier { .. } => "tier",
            Self::Tags(_) => "tags",
            Self::MemberNo(_) => "memberNo",
            Self::Consented(_) => "consented",
            Self::BirthdayMonths(_) => "birthdayMonths",
            Self::BirthdayWithin(_) => "birthdayWithinDays",
            Self::JoinedWithin(_) => "joinedWithinDays",
            Self::JoinedBefore(_) => "notJoinedWithinDays",
            Self::FirstPaidWithin(_) => "firstPaidWithinDays",
            Self::PaidWithin(_) => "paidWithinDays",
            Self::NotPaidFor(_) => "notPaidForDays",
            Self::NeverPaid(_) => "neverPaid",
            Self::Orders { .. } => "orders",
            Self::Spent { .. } => "spent",
            Self::AverageOrder(_) => "averageOrder",
            Self::Points(_) => "points",
            Self::FirstChannel(_) => "firstChannelIds",
            Self::Bought(_) => "bought",
            Self::HoldsCoupon(_) => "couponTemplateIds",
            Self::Rfm(_) => "rfm",
            Self::InSnapshot(_) => "snapshotIds",
        }
    }

    /// Shows itself and everything below it, each with its path in the input and how deep it lies, 1 at the top.
    pub fn walk<E>(
        &self,
        path: &str,
        depth: usize,
        see: &mut impl FnMut(&Self, &str, usize) -> Result<(), E>,
    ) -> Result<(), E> {
        let path = format!("{path}.{}", self.name());
        see(self, &path, depth)?;
        match self {
            Self::All(rules) | Self::Any(rules) => {
                for (place, rule) in rules.iter().enumerate() {
                    rule.walk(&format!("{path}.{place}"), depth + 1, see)?;
                }
                Ok(())
            }
            Self::Not(rule) => rule.walk(&path, depth + 1, see),
            _ => Ok(()),
        }
    }

    /// Whether anything in it holds.
    #[must_use]
    pub fn any(&self, mut is: impl FnMut(&Self) -> bool) -> bool {
        let found = self.walk("", 1, &mut |rule, _, _| match is(rule) {
            true => Err(()),
            false => Ok(()),
        });
        found.is_err()
    }

    /// Whether it asks which group of RFM somebody is in.
    #[must_use]
    pub fn names_rfm(&self) -> bool {
        self.any(|rule| matches!(rule, Self::Rfm(_)))
    }

    /// Whether it tells what members bought, so that who may not see orders could find it out by asking. When somebody
    /// paid first is seen with the member.
    #[must_use]
    pub fn tells_orders(&self) -> bool {
        self.any(|rule| {
            matches!(
                rule,
                Self::PaidWithin(_)
                    | Self::NotPaidFor(_)
                    | Self::Orders { .. }
                    | Self::Spent { .. }
                    | Self::AverageOrder(_)
                    | Self::FirstChannel(_)
                    | Self::Bought(_)
                    | Self::Rfm(_)
            )
        })
    }

    /// Whether it tells which coupons members hold.
    #[must_use]
    pub fn tells_coupons(&self) -> bool {
        self.any(|rule| matches!(rule, Self::HoldsCoupon(_)))
    }

    /// Whether it sums what was bought in some days.
    #[must_use]
    pub fn sums_days(&self) -> bool {
        self.any(|rule| rule.span().is_some())
    }

    /// Whether it sums what was bought in so many days, and in no other number of them.
    #[must_use]
    pub fn sums_only(&self, spans: &[i32]) -> bool {
        let other = |days: i32| !spans.contains(&days);
        self.sums_days() && !self.any(|rule| rule.span().is_some_and(other))
    }

    fn span(&self) -> Option<i32> {
        match self {
            Self::Orders { days, .. } | Self::Spent { days, .. } => *days,
            _ => None,
        }
    }

    /// Whether it asks whether somebody is in this snapshot.
    #[must_use]
    pub fn names_snapshot(&self, id: SegmentId) -> bool {
        self.any(|rule| matches!(rule, Self::InSnapshot(ids) if ids.contains(&id)))
    }
}
