//! Decides what a platform's answer means, when it is asked again, and whether an amount is right.

use chrono::{DateTime, TimeDelta, Utc};

use crate::channels::provider::{AccountCheck, ProviderError};

/// How many wrong amounts fail an account.
pub const MOST_WRONG: i32 = 3;
/// How often a platform is asked at the most.
const MOST_TRIES: i32 = 12;
/// Seconds between asking and asking again; the last one holds on.
const PAUSES_S: [i64; 7] = [3, 10, 30, 60, 300, 1_800, 3_600];

/// What a platform's answer means for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The small amount was sent: so much, in minor units.
    Sent(i64),
    /// Nobody knows yet: it is asked again.
    Again,
    /// The channel's credentials are new: it is asked from then on.
    NotBefore(DateTime<Utc>),
    /// It cannot be checked, or is none.
    Failed(String),
}

impl Verdict {
    /// The small amount may have been sent through another account than the channel has now, which can tell nothing about
    /// it, and would send it once more: a person binds the account anew.
    #[must_use]
    pub fn elsewhere() -> Self {
        let words = "OTHER_ACCOUNT: the small amount may have been sent through another account than the channel has now";
        Self::Failed(words.to_owned())
    }
}

/// What an answer means.
#[must_use]
pub fn judge(answer: Result<AccountCheck, ProviderError>) -> Verdict {
    match answer {
        Ok(AccountCheck::Sent { amount }) if amount.minor > 0 => Verdict::Sent(amount.minor),
        Ok(AccountCheck::Failed { code, message })
        | Err(ProviderError::Refused { code, message }) => {
            Verdict::Failed(format!("{code}: {message}"))
        }
        Err(ProviderError::Misconfigured(what)) => {
            Verdict::Failed(format!("MISCONFIGURED: {what}"))
        }
        Ok(AccountCheck::Sent { .. } | AccountCheck::Processing)
        | Err(ProviderError::Unavailable(_) | ProviderError::Unreadable(_)) => Verdict::Again,
    }
}

/// When a platform is asked again after so many attempts; none where that is enough.
#[must_use]
pub fn next_attempt(attempts: i32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let tries = usize::try_from(attempts.max(1) - 1).unwrap_or(0);
    let pause = PAUSES_S[tries.min(PAUSES_S.len() - 1)];
    (attempts < MOST_TRIES).then(|| now + TimeDelta::seconds(pause))
}

/// What an amount that somebody entered does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It is the one that was sent.
    Right,
    /// It is not; so many may be entered yet.
    Wrong {
        /// How many.
        left: i32,
    },
}

/// Compares an amount with the one that was sent, after so many wrong ones.
#[must_use]
pub fn enter(sent_minor: i64, entered_minor: i64, wrong_before: i32) -> Entered {
    if sent_minor == entered_minor {
        return Entered::Right;
    }
    Entered::Wrong {
        left: (MOST_WRONG - wrong_before - 1).max(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Currency, Money};

    #[test]
    fn only_a_clear_answer_ends_a_check() {
        let sent = |minor| {
            Ok(AccountCheck::Sent {
                amount: Money::of_minor(minor, Currency::Cny),
            })
        };
        assert_eq!(judge(sent(68)), Verdict::Sent(68));
        assert_eq!(judge(sent(0)), Verdict::Again);
        assert_eq!(judge(Ok(AccountCheck::Processing)), Verdict::Again);
        let silent = Err(ProviderError::Unavailable("timeout".to_owned()));
        assert_eq!(judge(silent), Verdict::Again);
        let refused = Err(ProviderError::Refused {
            code: "NAME".to_owned(),
            message: "户名不符".to_owned(),
        });
        assert_eq!(judge(refused), Verdict::Failed("NAME: 户名不符".to_owned()));
    }

    #[test]
    fn a_platform_that_says_nothing_is_asked_less_and_less_often_and_not_for_ever() {
        let now = DateTime::from_timestamp(0, 0).unwrap();
        let pauses: Vec<i64> = (1..MOST_TRIES)
            .map(|attempts| next_attempt(attempts, now).unwrap().timestamp())
            .collect();
        assert!(pauses.is_sorted(), "{pauses:?}");
        assert_eq!(next_attempt(MOST_TRIES, now), None);
    }

    #[test]
    fn the_third_wrong_amount_is_the_last() {
        assert_eq!(enter(68, 68, 2), Entered::Right);
        let left = [0, 1, 2].map(|before| enter(68, 67, before));
        assert_eq!(left, [2, 1, 0].map(|left| Entered::Wrong { left }));
    }
}
