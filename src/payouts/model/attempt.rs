//! What a worker does with a payout, and what the payment platform's answer makes of it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::payout::{self, PayoutStatus};

use crate::channels::model::NotYet;
use crate::channels::provider::{PayoutAbilities, PayoutOutcome, ProviderError};
use crate::working_days::Calendar;

/// Seconds until a payout is taken up again, by how often it was; the last holds from then on.
const PAUSES_S: [i64; 8] = [3, 5, 10, 30, 60, 300, 900, 3_600];
/// How often it is looked whether the bank returned what it had.
const RETURNS_EVERY: TimeDelta = TimeDelta::days(1);
/// By how much the last look may be late: each comes a little after its time.
const RETURNS_LATE: TimeDelta = TimeDelta::hours(1);
/// For how many working days it is looked where the platform cannot be spoken to just now.
const RETURNS_WITHIN: u32 = 15;
/// How many days a working day counts where no calendar knows: weekends and a holiday between.
const DAYS_EACH: i32 = 2;
/// After so many tries with an unclear answer a person is asked to look, too.
const TRIES_ALONE: i32 = 7;
/// How often a payout is asked about: for thirty days.
const MOST_TRIES: i32 = 727;
/// The code of what is unclear.
const UNCLEAR: &str = "NO_CLEAR_ANSWER";
/// The code of what is not sent because its merchant is suspended.
const HELD: &str = "MERCHANT_SUSPENDED";
/// The code of what is not sent yet because its channel's credentials are new.
const COOLING_OFF: &str = "CHANNEL_COOLING_OFF";
/// The code of what is not sent because no second factor has agreed to its channel's credentials.
const UNSIGNED: &str = "CHANNEL_UNSIGNED";
/// The codes of what was not sent for a reason of ours: no platform has refused it.
const OURS: [&str; 6] = [
    UNCLEAR,
    HELD,
    COOLING_OFF,
    UNSIGNED,
    "MISCONFIGURED",
    "NOT_AS_SIGNED",
];

/// What a worker does with a payout that it has claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It was certainly never sent: it is sent.
    Send,
    /// It may have been sent: it is asked about, and sent again only if it is not known there.
    Ask,
}

/// Whether a payout was held back, and certainly never sent: through which account it is sent is written first.
#[must_use]
pub fn is_held(payout: &payout::Model) -> bool {
    let code = payout.error_code.as_deref();
    payout.state == PayoutStatus::Processing
        && payout.sent_through.is_none()
        && code.is_some_and(|code| [HELD, COOLING_OFF, UNSIGNED].contains(&code))
}

/// Decides what to do with a payout, `attempts` being how often it may have been sent or asked about before.
#[must_use]
pub fn doing(payout: &payout::Model, attempts: i32) -> Doing {
    if attempts == 0 || is_held(payout) {
        Doing::Send
    } else {
        Doing::Ask
    }
}

/// What an answer makes of a payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Where it stands now.
    pub status: PayoutStatus,
    /// The platform's own number, where it told it.
    pub provider_payout_no: Option<String>,
    /// The platform's code and words, where something went wrong.
    pub error: Option<(String, String)>,
    /// Whether only a person can go on.
    pub needs_person: bool,
    /// Whether the platform says that it has taken it on.
    pub accepted: bool,
    /// When it is taken up again, where that is known.
    pub resumes_at: Option<DateTime<Utc>>,
}

impl Verdict {
    fn of(status: PayoutStatus) -> Self {
        Self {
            status,
            provider_payout_no: None,
            error: None,
            needs_person: false,
            accepted: false,
            resumes_at: None,
        }
    }

    fn told(status: PayoutStatus, provider_payout_no: Option<String>) -> Self {
        Self {
            provider_payout_no,
            ..Self::of(status)
        }
    }

    fn because(status: PayoutStatus, code: impl Into<String>, words: impl Into<String>) -> Self {
        Self {
            error: Some((code.into(), words.into())),
            ..Self::of(status)
        }
    }

    /// Nobody could be asked: it stays where it is.
    #[must_use]
    pub fn still(payout: &payout::Model) -> Self {
        Self::of(payout.state)
    }

    /// It was sent through another account than the channel has now, which can tell nothing about it, and would pay
    /// it once more.
    #[must_use]
    pub fn elsewhere(payout: &payout::Model) -> Self {
        let status = match payout.state {
            PayoutStatus::Paid => PayoutStatus::Paid,
            _ => PayoutStatus::Unknown,
        };
        Self {
            needs_person: true,
            ..Self::because(
                status,
                "OTHER_ACCOUNT",
                "it was sent through another account than the channel has now",
            )
        }
    }

    /// As it is, its words changed by `change`.
    #[must_use]
    pub fn in_words(self, change: impl Fn(&str) -> String) -> Self {
        Self {
            error: self
                .error
                .map(|(code, words)| (change(&code), change(&words))),
            ..self
        }
    }

    /// Its merchant may not act at the moment: it is not sent, and looked at again later.
    #[must_use]
    pub fn held(payout: &payout::Model) -> Self {
        Self::because(
            payout.state,
            HELD,
            "the merchant is suspended; the payout is not sent",
        )
    }

    /// No money leaves through its channel yet: it is not sent, and taken up again when it may.
    #[must_use]
    pub fn not_yet(payout: &payout::Model, not_yet: NotYet) -> Self {
        let (code, resumes_at) = match not_yet {
            NotYet::CoolingOff { until } => (COOLING_OFF, Some(until)),
            NotYet::Unsigned => (UNSIGNED, None),
        };
        Self {
            resumes_at,
            ..Self::because(payout.state, code, not_yet.message().en)
        }
    }

    /// It is not what was signed: nobody sends it.
    #[must_use]
    pub fn tampered() -> Self {
        Self {
            needs_person: true,
            ..Self::because(
                PayoutStatus::Unknown,
                "NOT_AS_SIGNED",
                "the payout is not what was signed; it is not sent",
            )
        }
    }
}

/// What the answer to a payout that was sent makes of it. `again` says that it may have been sent before: then a
/// refusal may mean that it is known there already, and is not believed yet.
#[must_use]
pub fn judge_answer(answer: Result<PayoutOutcome, ProviderError>, again: bool) -> Verdict {
    let refused = if again {
        PayoutStatus::Unknown
    } else {
        PayoutStatus::Failed
    };
    match answer {
        Ok(outcome) => of_outcome(outcome),
        Err(ProviderError::Refused { code, message }) => Verdict::because(refused, code, message),
        // Nothing was sent now; before, something may have been.
        Err(ProviderError::Misconfigured(words)) => Verdict {
            needs_person: again,
            ..Verdict::because(refused, "MISCONFIGURED", words)
        },
        Err(ProviderError::Unavailable(words) | ProviderError::Unreadable(words)) => {
            Verdict::because(PayoutStatus::Unknown, UNCLEAR, words)
        }
    }
}

fn of_outcome(outcome: PayoutOutcome) -> Verdict {
    match outcome {
        PayoutOutcome::Processing { provider_payout_no } => Verdict {
            accepted: true,
            ..Verdict::told(PayoutStatus::Processing, provider_payout_no)
        },
        PayoutOutcome::Paid { provider_payout_no } => {
            Verdict::told(PayoutStatus::Paid, provider_payout_no)
        }
        PayoutOutcome::Failed { code, message } => {
            Verdict::because(PayoutStatus::Failed, code, message)
        }
        PayoutOutcome::Returned { message } => {
            Verdict::because(PayoutStatus::Returned, "RETURNED", message)
        }
        PayoutOutcome::Unknown => {
            Verdict::because(PayoutStatus::Unknown, UNCLEAR, "not known there")
        }
    }
}

/// What the answer to a question makes of a payout; none where it is not known there and is to be sent again. That
/// waits until the platform cannot be at work any more on what was sent before.
#[must_use]
pub fn judge_question(
    payout: &payout::Model,
    answer: Result<PayoutOutcome, ProviderError>,
    abilities: PayoutAbilities,
    now: DateTime<Utc>,
) -> Option<Verdict> {
    if payout.state == PayoutStatus::Paid {
        return Some(after_paid(answer));
    }
    let at_work = payout
        .sent_at
        .is_some_and(|sent| now - sent.0 < abilities.at_work_for);
    match answer {
        Ok(PayoutOutcome::Unknown) if at_work => Some(Verdict {
            error: payout.error_code.clone().zip(payout.error.clone()),
            ..Verdict::of(PayoutStatus::Unknown)
        }),
        Ok(PayoutOutcome::Unknown) => not_known(payout, abilities),
        Ok(outcome) => Some(of_outcome(outcome)),
        // No news: it stays where it is.
        Err(error) => Some(Verdict {
            provider_payout_no: payout.provider_payout_no.clone(),
            ..Verdict::because(payout.state, UNCLEAR, error.to_string())
        }),
    }
}

/// What it means that a payout is not known there; none where it is to be sent again. What the platform had taken on
/// it may have paid, and forgotten; and what it refused when it was sent again it may have paid the first time, so
/// that nothing was left for the second. Either a person has to look into.
fn not_known(payout: &payout::Model, abilities: PayoutAbilities) -> Option<Verdict> {
    if payout.accepted_at.is_some() && !abilities.forgets {
        return Some(Verdict {
            needs_person: true,
            ..Verdict::because(
                PayoutStatus::Unknown,
                "FORGOTTEN",
                "the platform had taken it on, and does not know it any more",
            )
        });
    }
    let refused = payout
        .error_code
        .as_deref()
        .filter(|code| payout.state == PayoutStatus::Unknown && !OURS.contains(code))?;
    let words = payout.error.clone().unwrap_or_default();
    Some(Verdict {
        needs_person: true,
        ..Verdict::because(PayoutStatus::Unknown, refused, words)
    })
}

/// What is heard of a payout that the bank had: it was returned, or nothing new. A failure that the platform tells
/// only now is the bank's return; that it knows nothing any more says nothing.
fn after_paid(answer: Result<PayoutOutcome, ProviderError>) -> Verdict {
    match answer {
        Ok(PayoutOutcome::Returned { message }) => {
            Verdict::because(PayoutStatus::Returned, "RETURNED", message)
        }
        Ok(PayoutOutcome::Failed { code, message }) => {
            Verdict::because(PayoutStatus::Returned, code, message)
        }
        _ => Verdict::of(PayoutStatus::Paid),
    }
}

/// A moment, as working days are counted from it.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// The moment.
    pub now: DateTime<Utc>,
    /// The merchant's time zone.
    pub zone: Tz,
    /// Which days are worked on.
    pub calendar: &'a Calendar,
}

impl Moment<'_> {
    fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// So many working days after an instant.
    fn after(&self, at: DateTime<Utc>, working_days: u32) -> DateTime<Utc> {
        let from = self.day(at);
        let beyond = || TimeDelta::days(1) * i32::try_from(working_days).unwrap_or(0) * DAYS_EACH;
        let to = self.calendar.after(from, working_days);
        at + to.map_or_else(beyond, |to| to - from)
    }

    /// Whether the latest day on which a payout was expected is over.
    fn is_late(&self, payout: &payout::Model) -> bool {
        let latest = payout.expected_to_on.map(NaiveDate::from);
        latest.is_some_and(|latest| self.day(self.now) > latest)
    }
}

/// When a payout is taken up again after an answer, and whether a person should look meanwhile. None where nothing
/// is left to ask, or only a person can go on.
#[must_use]
pub fn next_attempt(
    payout: &payout::Model,
    verdict: &Verdict,
    abilities: Option<PayoutAbilities>,
    moment: &Moment<'_>,
) -> (Option<DateTime<Utc>>, bool) {
    let now = moment.now;
    if verdict.needs_person {
        return (None, true);
    }
    if verdict.resumes_at.is_some() {
        return (verdict.resumes_at, false);
    }
    match verdict.status {
        PayoutStatus::Paid => {
            let paid_at = payout.paid_at.map_or(now, |at| at.0);
            let next = now + RETURNS_EVERY;
            let within = abilities.map_or(RETURNS_WITHIN, |able| able.returns_within);
            let asked = next <= moment.after(paid_at, within) + RETURNS_LATE;
            (asked.then_some(next), false)
        }
        PayoutStatus::Processing | PayoutStatus::Unknown => {
            let tries = usize::try_from(payout.attempts.max(1) - 1).unwrap_or(0);
            let pause = TimeDelta::seconds(PAUSES_S[tries.min(PAUSES_S.len() - 1)]);
            let next = (payout.attempts < MOST_TRIES).then(|| now + pause);
            // Also where nothing is heard any more of what was taken on, or only ever that it is under way.
            let unclear = verdict.status == PayoutStatus::Unknown || verdict.error.is_some();
            let for_long = unclear && payout.attempts >= TRIES_ALONE;
            (next, for_long || moment.is_late(payout) || next.is_none())
        }
        _ => (None, false),
    }
}

#[cfg(test)]
mod tests;
