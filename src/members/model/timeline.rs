//! What has happened to a member, in words, and where each of it lies.

use std::cmp::Ordering;
use std::str::FromStr;

use entity::grant_rule::GrantKind;
use entity::member_change::MemberChangeKind;
use entity::point_entry::PointKind;
use entity::reward_redemption::RewardRedemptionState;
use entity::tier_change::TierChangeReason;
use entity::{Instant, MemberId};

use crate::error::Problem;

/// From where something comes. Of what happened in the same millisecond, what stands further down here is shown first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// An order was paid.
    Paid,
    /// A refund succeeded.
    Refunded,
    /// A coupon was handed out.
    CouponGiven,
    /// A coupon was used.
    CouponUsed,
    /// Points changed.
    Points,
    /// The tier changed.
    Tier,
    /// A reward was taken.
    Reward,
    /// A gift was given.
    Granted,
    /// They were written to.
    Message,
    /// Who they are was changed.
    Profile,
}

impl Source {
    /// All of them, in their order.
    pub const ALL: [Self; 10] = [
        Self::Paid,
        Self::Refunded,
        Self::CouponGiven,
        Self::CouponUsed,
        Self::Points,
        Self::Tier,
        Self::Reward,
        Self::Granted,
        Self::Message,
        Self::Profile,
    ];
}

/// Where something lies in a timeline: later is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When it happened, in milliseconds since 1970.
    pub at_ms: i64,
    /// From where it comes.
    pub source: Source,
    /// Its id there.
    pub id: i64,
}

impl Place {
    /// When it happened.
    #[must_use]
    pub fn at(self) -> Instant {
        Instant(chrono::DateTime::from_timestamp_millis(self.at_ms).unwrap_or_default())
    }

    /// The first id of a source whose ids hold when it happened, that does not lie before this place.
    #[must_use]
    pub fn first_id(self, source: Source) -> i64 {
        let first_at = |ms| MemberId::first_at(ms).0;
        match source.cmp(&self.source) {
            Ordering::Less => first_at(self.at_ms.saturating_add(1)),
            Ordering::Equal => self.id,
            Ordering::Greater => first_at(self.at_ms),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let source = Source::ALL.iter().position(|source| *source == self.source);
        write!(
            f,
            "{}.{}.{}",
            self.at_ms,
            source.unwrap_or_default(),
            self.id
        )
    }
}

/// A text that is no place in a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let mut parts = text.split('.');
        let mut next = || parts.next().and_then(|part| part.parse::<i64>().ok());
        let (Some(at_ms), Some(source), Some(id)) = (next(), next(), next()) else {
            return Err(NoPlace);
        };
        let source = usize::try_from(source).ok();
        let source = source.and_then(|place| Source::ALL.get(place)).copied();
        let place = source.map(|source| Self { at_ms, source, id });
        place.filter(|_| parts.next().is_none()).ok_or(NoPlace)
    }
}

/// What a change of points is called.
#[must_use]
pub fn name_of_points(kind: PointKind) -> Problem {
    let (en, zh) = match kind {
        PointKind::Earned => ("Points earned", "获得积分"),
        PointKind::Released => ("Points released", "积分解冻"),
        PointKind::Spent => ("Points spent on an order", "积分抵扣"),
        PointKind::Restored => ("Points given back", "积分退回"),
        PointKind::ClawedBack => ("Points taken back with a refund", "退款扣回积分"),
        PointKind::Returned => ("Points back after a returned refund", "退款退回，恢复积分"),
        PointKind::Expired => ("Points expired", "积分过期"),
        PointKind::Adjusted => ("Points adjusted by hand", "人工调整积分"),
        PointKind::Granted => ("Points given", "赠送积分"),
        PointKind::Redeemed => ("Points spent on a reward", "兑换积分商品"),
        PointKind::Merged => ("Points of a merged member", "合并会员积分"),
        PointKind::Repaid => ("Points set against owed ones", "积分补扣"),
    };
    Problem::new(en, zh)
}

/// What a change of tier is called.
#[must_use]
pub fn name_of_tier(reason: TierChangeReason) -> Problem {
    let (en, zh) = match reason {
        TierChangeReason::Reached => ("Tier reached", "升级"),
        TierChangeReason::Retained => ("Tier kept", "保级"),
        TierChangeReason::Lapsed => ("Tier lapsed", "降级"),
        TierChangeReason::Refunded => ("Tier lost with a refund", "退款降级"),
        TierChangeReason::Assigned => ("Tier set by hand", "人工设置等级"),
        TierChangeReason::Merged => ("Tier of a merged member", "合并会员等级"),
        TierChangeReason::Removed => ("Tier taken away", "等级取消"),
    };
    Problem::new(en, zh)
}

/// What a reward that was taken is called, by where it stands now.
#[must_use]
pub fn name_of_reward(state: RewardRedemptionState) -> Problem {
    let (en, zh) = match state {
        RewardRedemptionState::Pending => ("Reward taken", "兑换商品"),
        RewardRedemptionState::Fulfilled => ("Reward taken and handed over", "兑换商品（已兑付）"),
        RewardRedemptionState::Canceled => ("Reward taken, called off since", "兑换商品（已取消）"),
    };
    Problem::new(en, zh)
}

/// What a gift is called.
#[must_use]
pub fn name_of_gift(kind: GrantKind) -> Problem {
    let (en, zh) = match kind {
        GrantKind::Birthday => ("Birthday gift", "生日礼"),
        GrantKind::Anniversary => ("Anniversary gift", "入会周年礼"),
    };
    Problem::new(en, zh)
}

/// What a change of who a member is, is called.
#[must_use]
pub fn name_of_change(kind: MemberChangeKind) -> Problem {
    let (en, zh) = match kind {
        MemberChangeKind::Created => ("Member created", "新增会员"),
        MemberChangeKind::Updated => ("Profile changed", "修改资料"),
        MemberChangeKind::Consented => ("Agreed to be written to", "同意接收营销消息"),
        MemberChangeKind::Withdrawn => ("Does not want to be written to", "撤回营销同意"),
        MemberChangeKind::Imported => ("Imported from a file", "文件导入"),
        MemberChangeKind::Merged => ("Merged with another member", "合并会员"),
        MemberChangeKind::Erased => ("Personal data erased", "删除个人信息"),
    };
    Problem::new(en, zh)
}

/// What something else is called.
#[must_use]
pub fn name_of_source(source: Source) -> Problem {
    let (en, zh) = match source {
        Source::Paid => ("Order paid", "支付订单"),
        Source::Refunded => ("Order refunded", "订单退款"),
        Source::CouponGiven => ("Coupon received", "获得优惠券"),
        Source::CouponUsed => ("Coupon used", "使用优惠券"),
        Source::Points => ("Points changed", "积分变动"),
        Source::Tier => ("Tier changed", "等级变动"),
        Source::Reward => ("Reward taken", "兑换商品"),
        Source::Granted => ("Gift", "赠礼"),
        Source::Message => ("Message sent", "发送消息"),
        Source::Profile => ("Profile changed", "资料变更"),
    };
    Problem::new(en, zh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for source in Source::ALL {
            let place = Place {
                at_ms: 1_700_000_000_123,
                source,
                id: 77,
            };
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for wrong in ["", "1.2", "1.99.3", "a.1.2", "1.1.2.3", "1.-1.2"] {
            assert_eq!(wrong.parse::<Place>(), Err(NoPlace), "{wrong}");
        }
    }

    #[test]
    fn ids_of_a_source_begin_where_its_entries_do() {
        let id = MemberId::first_at(1_000 + 1_262_304_000_000).0 + 5;
        let place = Place {
            at_ms: 1_000 + 1_262_304_000_000,
            source: Source::Points,
            id,
        };
        let first = |ms: i64| MemberId::first_at(ms + 1_262_304_000_000).0;
        assert_eq!(place.first_id(Source::Paid), first(1_001));
        assert_eq!(place.first_id(Source::Points), id);
        assert_eq!(place.first_id(Source::Profile), first(1_000));
    }
}
