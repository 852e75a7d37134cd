//! Above which amount payouts wait for a second person: a guard that is let down still holds for a while.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{Instant, merchant};

/// Above which amount payouts wait now; none where none do.
#[must_use]
pub fn approval_above(merchant: &merchant::Model, now: DateTime<Utc>) -> Option<i64> {
    let wanted = merchant.payout_approval_above_minor;
    let rests = merchant
        .payout_approval_before_until
        .is_some_and(|until| now < until.0);
    match merchant.payout_approval_before_minor.filter(|_| rests) {
        Some(before) => Some(wanted.map_or(before, |wanted| wanted.min(before))),
        None => wanted,
    }
}

/// From when on what was last set holds alone; none where it does already.
#[must_use]
pub fn approval_changes_at(merchant: &merchant::Model, now: DateTime<Utc>) -> Option<Instant> {
    let changes = approval_above(merchant, now) != merchant.payout_approval_above_minor;
    merchant.payout_approval_before_until.filter(|_| changes)
}

/// Whether a payout of so much waits for a second person.
#[must_use]
pub fn needs_approval(merchant: &merchant::Model, amount_minor: i64, now: DateTime<Utc>) -> bool {
    approval_above(merchant, now).is_some_and(|above| amount_minor > above)
}

/// The merchant with another limit. A stricter one holds at once; beside one that is raised or taken away, what holds now
/// holds until a rest is over, so that the others notice before one person pays out alone.
#[must_use]
pub fn with_approval(
    merchant: &merchant::Model,
    above_minor: Option<i64>,
    now: DateTime<Utc>,
    rest: TimeDelta,
) -> merchant::Model {
    let holds = approval_above(merchant, now);
    let is_let_down = match (holds, above_minor) {
        (Some(holds), Some(wanted)) => wanted > holds,
        (Some(_), None) => true,
        (None, _) => false,
    };
    merchant::Model {
        payout_approval_above_minor: above_minor,
        payout_approval_before_minor: holds.filter(|_| is_let_down),
        payout_approval_before_until: is_let_down.then_some(Instant(now + rest)),
        ..merchant.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payouts::model::a_merchant;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    #[test]
    fn a_stricter_limit_holds_at_once_and_a_looser_one_a_day_later() {
        let day = TimeDelta::days(1);
        let mut merchant = a_merchant();
        let mut told = Vec::new();
        for (hour, wanted) in [
            (0, Some(100)),
            (1, Some(500)),
            (2, Some(300)),
            (3, Some(50)),
            (4, None),
        ] {
            merchant = with_approval(&merchant, wanted, at(hour), day);
            told.push(approval_above(&merchant, at(hour)));
        }
        assert_eq!(told, [Some(100), Some(100), Some(100), Some(50), Some(50)]);
        let changes = approval_changes_at(&merchant, at(4));
        assert_eq!(changes, Some(Instant(at(28))));
        assert!(needs_approval(&merchant, 51, at(27)));
        assert!(!needs_approval(&merchant, 51, at(28)));
        assert_eq!(approval_changes_at(&merchant, at(28)), None);
    }

    #[test]
    fn what_is_let_down_twice_rests_anew_and_never_holds_less_than_before() {
        let day = TimeDelta::days(1);
        let first = with_approval(&a_merchant(), Some(100), at(0), day);
        let raised = with_approval(&first, Some(500), at(1), day);
        let gone = with_approval(&raised, None, at(20), day);
        assert_eq!(approval_above(&gone, at(43)), Some(100));
        assert_eq!(approval_above(&gone, at(44)), None);
    }
}
