//! Decides how long nobody is believed after so many wrong codes.

use chrono::{DateTime, TimeDelta, Utc};

use super::SecondFactorRefusal;

/// From how many wrong codes in a row on nobody is believed for a while.
const BLOCKS_AT: i32 = 5;
/// For how long at first.
const FIRST: TimeDelta = TimeDelta::minutes(5);
/// For how long at the most.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// How long after a block all is forgotten.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(1);

/// For how long an attempt that is looked at may take.
const UNDER_WAY: TimeDelta = TimeDelta::seconds(3);

/// Where counting stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Wrong codes in a row, and those that are being looked at.
    pub failures: i32,
    /// Until when nobody is believed.
    pub blocked_until: Option<DateTime<Utc>>,
}

/// One more attempt, if there may be one now.
pub fn count(before: Counted, now: DateTime<Utc>) -> Result<Counted, SecondFactorRefusal> {
    let mut failures = before.failures.max(0);
    if let Some(until) = before.blocked_until {
        if until > now {
            return Err(SecondFactorRefusal::SecondFactorBlocked { until });
        }
        if until + FORGOTTEN_AFTER <= now {
            failures = 0;
        }
    }
    let failures = failures.saturating_add(1);
    Ok(Counted {
        failures,
        blocked_until: blocks_for(failures).map(|long| now + long),
    })
}

/// Whether what blocks is so new that the attempts which brought it about may still be under way, and be taken back: one
/// right code that is sent for several things at once is no guess.
#[must_use]
pub fn may_pass(before: Counted, now: DateTime<Utc>) -> bool {
    let begun = before.blocked_until.zip(blocks_for(before.failures));
    begun.is_some_and(|(until, long)| now < until - long + UNDER_WAY)
}

/// Takes an attempt back that guessed nothing. Where others came since, what they have to wait for stands.
#[must_use]
pub fn uncount(now: Counted, attempt: Counted) -> Counted {
    Counted {
        failures: (now.failures - 1).max(0),
        blocked_until: now
            .blocked_until
            .filter(|_| now.blocked_until != attempt.blocked_until),
    }
}

fn blocks_for(failures: i32) -> Option<TimeDelta> {
    let doublings = failures - BLOCKS_AT;
    (doublings >= 0).then(|| (FIRST * (1 << doublings.min(8))).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(minute * 60, 0).unwrap()
    }

    #[test]
    fn the_fifth_wrong_code_blocks_and_each_further_one_for_twice_as_long() {
        let minutes: Vec<i64> = (0..=12)
            .map(|n| blocks_for(n).map_or(0, |long| long.num_minutes()))
            .collect();
        assert_eq!(minutes, [0, 0, 0, 0, 0, 5, 10, 20, 40, 60, 60, 60, 60]);
        assert_eq!(blocks_for(i32::MAX), Some(LONGEST));
    }

    #[test]
    fn nobody_is_believed_while_blocked_and_a_day_later_all_is_forgotten() {
        let blocked = Counted {
            failures: 5,
            blocked_until: Some(at(5)),
        };
        let until = at(5);
        let refused = Err(SecondFactorRefusal::SecondFactorBlocked { until });
        assert_eq!(count(blocked, at(4)), refused);
        let sixth = count(blocked, at(5)).unwrap();
        assert_eq!((sixth.failures, sixth.blocked_until), (6, Some(at(15))));
        let anew = count(blocked, at(5 + 1_440)).unwrap();
        assert_eq!((anew.failures, anew.blocked_until), (1, None));
    }

    #[test]
    fn what_is_taken_back_leaves_the_block_of_others() {
        let before = Counted {
            failures: 4,
            blocked_until: None,
        };
        let attempt = count(before, at(0)).unwrap();
        assert_eq!(uncount(attempt, attempt), before);
        let others = Counted {
            failures: 6,
            blocked_until: Some(at(60)),
        };
        let left = uncount(others, attempt);
        assert_eq!((left.failures, left.blocked_until), (5, Some(at(60))));
    }
}
