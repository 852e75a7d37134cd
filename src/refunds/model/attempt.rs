//! What a worker does with a refund, and what the payment platform's answer makes of it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::refund::{self, RefundStatus};

use crate::channels::provider::{ProviderError, RefundAbilities, RefundOutcome};

/// Seconds until a refund is taken up again, by how often it was; the last holds from then on.
const PAUSES_S: [i64; 8] = [3, 5, 10, 30, 60, 300, 900, 3_600];
/// After so many tries with an unclear answer a person is asked to look, too.
const TRIES_ALONE: i32 = 7;
/// How often a refund is asked about, since it was asked for or retried: for thirty days.
const MOST_TRIES: i32 = 727;

/// The code of what was sent through another account.
const ELSEWHERE: &str = "OTHER_ACCOUNT";

/// What a worker does with a refund that it has claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It was certainly never sent: it is sent.
    Send,
    /// It may have been sent: it is asked about, and sent again only if it is not known there.
    Ask,
    /// It may have been sent, cannot be asked about, and gives money back once for its number: it is sent.
    SendAgain,
    /// It may have been sent, and nobody can tell: a person has to look.
    Leave,
}

/// Decides what to do with a refund, `attempts` being how often it may have been sent or asked about before.
/// `known` says that it was sent before it was retried, and that only a person said it had failed: where it
/// can be asked about, it is asked about first.
#[must_use]
pub fn doing(attempts: i32, known: bool, abilities: RefundAbilities) -> Doing {
    match (attempts, abilities.query, abilities.idempotent) {
        (0, true, _) if known => Doing::Ask,
        (0, ..) => Doing::Send,
        (_, true, _) => Doing::Ask,
        (_, false, true) => Doing::SendAgain,
        (_, false, false) => Doing::Leave,
    }
}

/// What an answer makes of a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Where it stands now.
    pub status: RefundStatus,
    /// The platform's own number, where it told it.
    pub provider_refund_no: Option<String>,
    /// The platform's code and words, where something went wrong.
    pub error: Option<(String, String)>,
    /// Whether only a person can go on.
    pub needs_person: bool,
}

impl Verdict {
    fn of(status: RefundStatus) -> Self {
        Self {
            status,
            provider_refund_no: None,
            error: None,
            needs_person: false,
        }
    }

    fn told(status: RefundStatus, provider_refund_no: Option<String>) -> Self {
        Self {
            provider_refund_no,
            ..Self::of(status)
        }
    }

    fn because(status: RefundStatus, code: impl Into<String>, words: impl Into<String>) -> Self {
        Self {
            error: Some((code.into(), words.into())),
            ..Self::of(status)
        }
    }

    /// It was sent through another account than the channel has now, which can tell nothing about it, and might give the
    /// money back once more.
    #[must_use]
    pub fn elsewhere() -> Self {
        Self {
            needs_person: true,
            ..Self::because(
                RefundStatus::Unknown,
                ELSEWHERE,
                "it was sent through another account than the channel has now",
            )
        }
    }

    /// Nobody can tell what became of it.
    #[must_use]
    pub fn left_to_a_person() -> Self {
        Self {
            needs_person: true,
            ..Self::because(
                RefundStatus::Unknown,
                "UNKNOWN",
                "the payment platform cannot be asked about refunds, and might pay a second time",
            )
        }
    }
}

/// What the answer to a refund that was sent makes of it. `again` says that it may have been sent before:
/// then a refusal may mean that it is known there already, and is not believed yet.
#[must_use]
pub fn judge_answer(
    answer: Result<RefundOutcome, ProviderError>,
    again: bool,
    abilities: RefundAbilities,
) -> Verdict {
    match answer {
        Ok(outcome) => of_outcome(outcome),
        Err(ProviderError::Refused { code, message }) if again => {
            Verdict::because(RefundStatus::Unknown, code, message)
        }
        Err(ProviderError::Refused { code, message }) => Verdict {
            needs_person: true,
            ..Verdict::because(RefundStatus::Failed, code, message)
        },
        // Nothing was sent now; before, something may have been.
        Err(ProviderError::Misconfigured(words)) => Verdict {
            needs_person: true,
            ..Verdict::because(
                if again {
                    RefundStatus::Unknown
                } else {
                    RefundStatus::Failed
                },
                "MISCONFIGURED",
                words,
            )
        },
        Err(ProviderError::Unavailable(words) | ProviderError::Unreadable(words)) => Verdict {
            needs_person: !abilities.query && !abilities.idempotent,
            ..Verdict::because(RefundStatus::Unknown, "NO_CLEAR_ANSWER", words)
        },
    }
}

fn of_outcome(outcome: RefundOutcome) -> Verdict {
    match outcome {
        RefundOutcome::Processing { provider_refund_no } => {
            Verdict::told(RefundStatus::Processing, provider_refund_no)
        }
        RefundOutcome::Succeeded { provider_refund_no } => {
            Verdict::told(RefundStatus::Succeeded, provider_refund_no)
        }
        RefundOutcome::Failed { code, message } => Verdict {
            needs_person: true,
            ..Verdict::because(RefundStatus::Failed, code, message)
        },
        RefundOutcome::Abnormal { message } => Verdict {
            needs_person: true,
            ..Verdict::because(RefundStatus::Abnormal, "ABNORMAL", message)
        },
        RefundOutcome::Unknown => {
            Verdict::because(RefundStatus::Unknown, "NO_CLEAR_ANSWER", "not known there")
        }
    }
}

/// Whether the payment platform itself refused a failed refund, or nothing was ever sent: then it is known
/// that nothing is under way there. What a person called failed has the error of what was unclear.
#[must_use]
pub fn refused_there(failed: &refund::Model) -> bool {
    failed
        .error_code
        .as_deref()
        .is_some_and(|code| !matches!(code, "NO_CLEAR_ANSWER" | "UNKNOWN" | "ABNORMAL" | ELSEWHERE))
}

/// What the answer to a question makes of a refund; none where it is not known there and is to be sent
/// again. That waits until the platform cannot be at work any more on what was sent before.
#[must_use]
pub fn judge_question(
    refund: &refund::Model,
    answer: Result<RefundOutcome, ProviderError>,
    abilities: RefundAbilities,
    now: DateTime<Utc>,
) -> Option<Verdict> {
    let at_work = refund
        .sent_at
        .is_some_and(|sent| now - sent.0 < abilities.at_work_for);
    match answer {
        Ok(RefundOutcome::Unknown) if at_work => Some(Verdict {
            error: refund.error_code.clone().zip(refund.error.clone()),
            ..Verdict::of(RefundStatus::Unknown)
        }),
        Ok(RefundOutcome::Unknown) => {
            // Refused when it was sent again, and not known there: the refusal was meant.
            let refused = refund.error_code.as_deref().filter(|code| {
                refund.state == RefundStatus::Unknown
                    && !matches!(
                        *code,
                        "NO_CLEAR_ANSWER" | "MISCONFIGURED" | "UNKNOWN" | ELSEWHERE
                    )
            });
            refused.map(|code| Verdict {
                needs_person: true,
                ..Verdict::because(
                    RefundStatus::Failed,
                    code,
                    refund.error.clone().unwrap_or_default(),
                )
            })
        }
        Ok(outcome) => Some(of_outcome(outcome)),
        // No news: it stays where it is.
        Err(error) => Some(Verdict {
            provider_refund_no: refund.provider_refund_no.clone(),
            ..Verdict::because(refund.state, "NO_CLEAR_ANSWER", error.to_string())
        }),
    }
}

/// When a refund is taken up again after an answer, and whether a person should look meanwhile. None where
/// nothing is left to ask, or only a person can go on.
#[must_use]
pub fn next_attempt(
    refund: &refund::Model,
    verdict: &Verdict,
    abilities: RefundAbilities,
    now: DateTime<Utc>,
) -> (Option<DateTime<Utc>>, bool) {
    let open = matches!(
        verdict.status,
        RefundStatus::Processing | RefundStatus::Unknown | RefundStatus::Abnormal
    );
    let askable = abilities.query || abilities.idempotent;
    let tries = usize::try_from(refund.attempts.max(1) - 1).unwrap_or(0);
    let pause = PAUSES_S[tries.min(PAUSES_S.len() - 1)];
    let pause = match verdict.status {
        // A person brings the money to the payer; that takes days.
        RefundStatus::Abnormal => PAUSES_S[PAUSES_S.len() - 1],
        _ => pause,
    };
    let next =
        (open && askable && refund.attempts < MOST_TRIES).then(|| now + TimeDelta::seconds(pause));
    let unclear = verdict.status == RefundStatus::Unknown && refund.attempts >= TRIES_ALONE;
    (
        next,
        verdict.needs_person || unclear || (open && next.is_none()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: RefundAbilities = RefundAbilities {
        idempotent: true,
        query: true,
        at_work_for: TimeDelta::zero(),
    };
    const NEITHER: RefundAbilities = RefundAbilities {
        idempotent: false,
        query: false,
        at_work_for: TimeDelta::zero(),
    };

    #[test]
    fn what_may_have_been_sent_is_asked_about_or_left_to_a_person() {
        let idempotent = RefundAbilities {
            query: false,
            ..BOTH
        };
        for (attempts, abilities, expected) in [
            (0, BOTH, Doing::Send),
            (0, NEITHER, Doing::Send),
            (1, BOTH, Doing::Ask),
            (1, idempotent, Doing::SendAgain),
            (1, NEITHER, Doing::Leave),
        ] {
            assert_eq!(doing(attempts, false, abilities), expected);
        }
        // A person said that it had failed, and might be wrong.
        assert_eq!(doing(0, true, BOTH), Doing::Ask);
        assert_eq!(doing(0, true, NEITHER), Doing::Send);
    }

    #[test]
    fn an_unclear_answer_is_never_a_failure() {
        for error in [
            ProviderError::Unavailable("timeout".to_owned()),
            ProviderError::Unreadable("a page".to_owned()),
        ] {
            let verdict = judge_answer(Err(error), false, NEITHER);
            assert_eq!(verdict.status, RefundStatus::Unknown);
            assert!(verdict.needs_person);
        }
    }

    #[test]
    fn a_refusal_is_believed_only_of_what_was_never_sent_before() {
        let refused = || {
            Err(ProviderError::Refused {
                code: "-1".to_owned(),
                message: "余额不足".to_owned(),
            })
        };
        let first = judge_answer(refused(), false, BOTH);
        assert_eq!(first.status, RefundStatus::Failed);
        let again = judge_answer(refused(), true, BOTH);
        assert_eq!(again.status, RefundStatus::Unknown);
    }
}
