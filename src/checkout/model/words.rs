//! Why an offer takes nothing off, in words.

use super::NotApplied;
use crate::error::Problem;
use crate::money::{Currency, Money};

/// An amount as payers read it: `¥10.00`, `USD 10.00`.
pub(super) fn shown(minor: i64, currency: Currency) -> String {
    let decimal = Money::of_minor(minor, currency).to_decimal();
    match currency {
        Currency::Cny => format!("¥{decimal}"),
        other => format!("{} {decimal}", other.code()),
    }
}

impl NotApplied {
    /// What is missing until it is given, in minor units, where more in the cart would help.
    #[must_use]
    pub const fn missing_minor(self) -> Option<i64> {
        match self {
            Self::BelowThreshold(missing) | Self::BelowThresholdOfRest(missing) => Some(missing),
            _ => None,
        }
    }

    /// Why, for the payer. `better` is the name of what is given instead.
    #[must_use]
    pub fn problem(self, currency: Currency, better: Option<&str>) -> Problem {
        let (en, zh) = match self {
            Self::NotStarted => ("It has not begun yet.", "尚未开始。"),
            Self::Ended => ("It is over.", "已结束。"),
            Self::OutsideHours => ("It is not given at this time.", "当前不在适用时段。"),
            Self::OtherChannel => (
                "It is not given on this way to pay.",
                "当前支付渠道或支付方式不适用。",
            ),
            Self::MembersOnly => ("It is for members only.", "仅限会员。"),
            Self::NewcomersOnly => ("It is for a first order only.", "仅限新客首单。"),
            Self::TierOnly => ("It is for members of other tiers.", "仅限指定会员等级。"),
            // Nobody is told which group they were put into.
            Self::SegmentOnly => ("It is for some members only.", "仅限指定会员。"),
            Self::SegmentExcluded => ("It is not given to this member.", "当前会员不适用。"),
            // Who knows that they are compared with others does not buy as others do.
            Self::HeldOut => ("It is not given now.", "当前不适用。"),
            Self::NothingInScope => (
                "Nothing in the cart is what it is given on.",
                "没有适用商品。",
            ),
            Self::BelowThreshold(missing) => {
                let missing = shown(missing, currency);
                return Problem::new(
                    format!("{missing} more is needed."),
                    format!("还差 {missing} 可用。"),
                );
            }
            Self::BelowThresholdOfRest(missing) => {
                let missing = shown(missing, currency);
                return Problem::new(
                    format!("At least {missing} more is needed."),
                    format!("至少还差 {missing} 可用。"),
                );
            }
            Self::UsedUp => ("It is used up.", "已领完。"),
            Self::UsedUpToday => ("It is used up for today.", "今日已领完。"),
            Self::UsedUpByMember => (
                "The member has had it as often as one may.",
                "已达个人使用上限。",
            ),
            Self::OverBudget => (
                "What is left of its budget does not reach.",
                "活动预算不足。",
            ),
            Self::BetterInGroup(_) => {
                return better.map_or_else(
                    || Problem::new("Another one takes more off.", "已选用更优惠的同组优惠。"),
                    |name| {
                        Problem::new(
                            format!("“{name}” takes more off, and both are not given together."),
                            format!("不可与“{name}”同享，已选用更优惠者。"),
                        )
                    },
                );
            }
            Self::Exclusive => (
                "It is not given together with what takes more off.",
                "不可与其他优惠同享，已选用更优惠者。",
            ),
            Self::NothingLeft => ("Nothing is left to be taken off.", "已无可减金额。"),
        };
        Problem::new(en, zh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_with_its_amount() {
        let why = NotApplied::BelowThreshold(1_000);
        assert_eq!(
            why.problem(Currency::Cny, None),
            Problem::new("¥10.00 more is needed.", "还差 ¥10.00 可用。")
        );
        assert_eq!(
            why.problem(Currency::Jpy, None),
            Problem::new("JPY 1000 more is needed.", "还差 JPY 1000 可用。")
        );
        assert_eq!(why.missing_minor(), Some(1_000));
        // Others take their part of what is added.
        let why = NotApplied::BelowThresholdOfRest(1_000);
        assert_eq!(
            why.problem(Currency::Cny, None),
            Problem::new("At least ¥10.00 more is needed.", "至少还差 ¥10.00 可用。")
        );
        assert_eq!(why.missing_minor(), Some(1_000));
    }

    #[test]
    fn nobody_is_told_that_they_are_compared_with_others() {
        let told = NotApplied::HeldOut.problem(Currency::Cny, None);
        assert!(!told.en.contains("compar"), "{}", told.en);
        assert!(!told.zh.contains("对照"), "{}", told.zh);
    }
}
