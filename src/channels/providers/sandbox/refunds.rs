//! What became of the refunds that sandboxes of this process were asked for.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;

use crate::channels::provider::{ProviderError, RefundOutcome, RefundRequest};
use crate::money::Money;

/// How long an ordinary refund takes.
const ORDINARY: TimeDelta = TimeDelta::seconds(2);
/// How long a slow one takes.
const SLOW: TimeDelta = TimeDelta::minutes(10);

/// The refunds of all sandboxes, by account and refund number.
#[derive(Clone, Debug)]
pub(super) struct Refunds(Cache<(String, String), Known>);

impl Default for Refunds {
    fn default() -> Self {
        Self(
            Cache::builder()
                .max_capacity(100_000)
                .time_to_live(Duration::from_secs(86_400))
                .build(),
        )
    }
}

#[derive(Clone, Debug)]
struct Known {
    amount: Money,
    accepted_at: DateTime<Utc>,
    course: Course,
}

/// What becomes of a refund that was accepted.
#[derive(Clone, Copy, Debug)]
enum Course {
    SucceedsAfter(TimeDelta),
    SucceedsAtOnce,
    Fails,
    BecomesAbnormal,
}

impl Refunds {
    pub(super) fn create(
        &self,
        account: &str,
        request: &RefundRequest,
    ) -> Result<RefundOutcome, ProviderError> {
        let asks = |marker: &str| request.reason.contains(marker);
        if asks("sandbox:refund-refuse") {
            return Err(refused("refused because the reason asks for it"));
        }
        if asks("sandbox:refund-unavailable") {
            return Err(unavailable("unavailable because the reason asks for it"));
        }
        let entry = self
            .0
            .entry((account.to_owned(), request.refund_no.clone()))
            .or_insert_with(|| Known {
                amount: request.amount,
                accepted_at: request.now,
                course: course(&request.reason),
            });
        let first = entry.is_fresh();
        let known = entry.into_value();
        if known.amount != request.amount {
            return Err(refused("the number is of a refund of another amount"));
        }
        if asks("sandbox:refund-lost-answer") {
            return Err(unavailable("the answer is lost as the reason asks for it"));
        }
        if asks("sandbox:refund-unreadable") {
            return Err(ProviderError::Unreadable(
                "unreadable because the reason asks for it".to_owned(),
            ));
        }
        Ok(match known.course {
            // Acceptance tells nothing yet; asked for again, it is told how it went.
            Course::Fails | Course::BecomesAbnormal if first => RefundOutcome::Processing {
                provider_refund_no: Some(number(&request.refund_no)),
            },
            _ => known.outcome(&request.refund_no, request.now),
        })
    }

    pub(super) fn outcome(
        &self,
        account: &str,
        refund_no: &str,
        now: DateTime<Utc>,
    ) -> RefundOutcome {
        self.0
            .get(&(account.to_owned(), refund_no.to_owned()))
            .map_or(RefundOutcome::Unknown, |known| {
                known.outcome(refund_no, now)
            })
    }
}

impl Known {
    fn outcome(&self, refund_no: &str, now: DateTime<Utc>) -> RefundOutcome {
        let provider_refund_no = Some(number(refund_no));
        match self.course {
            Course::SucceedsAfter(time) if now - self.accepted_at <= time => {
                RefundOutcome::Processing { provider_refund_no }
            }
            Course::SucceedsAfter(_) | Course::SucceedsAtOnce => {
                RefundOutcome::Succeeded { provider_refund_no }
            }
            Course::Fails => RefundOutcome::Failed {
                code: "SANDBOX_FAILED".to_owned(),
                message: "failed because the reason asks for it".to_owned(),
            },
            Course::BecomesAbnormal => RefundOutcome::Abnormal {
                message: "abnormal because the reason asks for it".to_owned(),
            },
        }
    }
}

fn course(reason: &str) -> Course {
    let asks = |marker: &str| reason.contains(marker);
    if asks("sandbox:refund-at-once") || asks("sandbox:refund-lost-answer") {
        Course::SucceedsAtOnce
    } else if asks("sandbox:refund-fails-later") {
        Course::Fails
    } else if asks("sandbox:refund-abnormal") {
        Course::BecomesAbnormal
    } else if asks("sandbox:refund-slow") {
        Course::SucceedsAfter(SLOW)
    } else {
        Course::SucceedsAfter(ORDINARY)
    }
}

fn number(refund_no: &str) -> String {
    format!("SBR{refund_no}")
}

fn refused(message: &str) -> ProviderError {
    ProviderError::Refused {
        code: "SANDBOX_REFUSED".to_owned(),
        message: message.to_owned(),
    }
}

fn unavailable(what: &str) -> ProviderError {
    ProviderError::Unavailable(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    const ACCOUNT: &str = "https://gateway.example.com/sandbox/pay/1.1";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_721_206_072 + seconds, 0).unwrap()
    }

    fn request(reason: &str, seconds: i64) -> RefundRequest {
        let amount = Money::of_minor(990, Currency::Cny);
        RefundRequest {
            refund_no: "R-1".to_owned(),
            order_no: "nobody knows it".to_owned(),
            provider_trade_no: None,
            amount,
            paid: amount,
            reason: reason.to_owned(),
            now: at(seconds),
        }
    }

    fn processing() -> RefundOutcome {
        RefundOutcome::Processing {
            provider_refund_no: Some("SBRR-1".to_owned()),
        }
    }

    fn succeeded() -> RefundOutcome {
        RefundOutcome::Succeeded {
            provider_refund_no: Some("SBRR-1".to_owned()),
        }
    }

    #[test]
    fn a_refund_is_accepted_and_succeeds_later_and_once_for_its_number() {
        let refunds = Refunds::default();
        let asked = |seconds| refunds.outcome(ACCOUNT, "R-1", at(seconds));
        assert_eq!(asked(0), RefundOutcome::Unknown);
        let created = refunds.create(ACCOUNT, &request("", 0)).unwrap();
        assert_eq!(created, processing());
        assert_eq!(asked(2), processing());
        assert_eq!(asked(3), succeeded());
        // Sent again, it is the same refund; its time does not begin anew.
        let again = refunds.create(ACCOUNT, &request("", 3)).unwrap();
        assert_eq!(again, succeeded());
        let more = RefundRequest {
            amount: Money::of_minor(991, Currency::Cny),
            ..request("", 3)
        };
        assert!(refunds.create(ACCOUNT, &more).is_err());
        let elsewhere = refunds.outcome("another account", "R-1", at(3));
        assert_eq!(elsewhere, RefundOutcome::Unknown);
    }

    #[test]
    fn a_fault_happens_where_the_reason_asks_for_it() {
        let told = |reason: &str, seconds: i64| {
            let refunds = Refunds::default();
            let created = refunds.create(ACCOUNT, &request(reason, 0));
            (created, refunds.outcome(ACCOUNT, "R-1", at(seconds)))
        };
        let (created, asked) = told("sandbox:refund-refuse", 3);
        assert!(matches!(created, Err(ProviderError::Refused { .. })));
        assert_eq!(asked, RefundOutcome::Unknown);
        let (created, asked) = told("sandbox:refund-unavailable", 3);
        assert!(matches!(created, Err(ProviderError::Unavailable(_))));
        assert_eq!(asked, RefundOutcome::Unknown);
        let (created, asked) = told("坏了 sandbox:refund-lost-answer", 0);
        assert!(matches!(created, Err(ProviderError::Unavailable(_))));
        assert_eq!(asked, succeeded());
        let (created, asked) = told("sandbox:refund-unreadable", 3);
        assert!(matches!(created, Err(ProviderError::Unreadable(_))));
        assert_eq!(asked, succeeded());
        let (created, asked) = told("sandbox:refund-at-once", 0);
        assert_eq!(created.unwrap(), succeeded());
        assert_eq!(asked, succeeded());
        let (created, asked) = told("sandbox:refund-abnormal", 0);
        assert_eq!(created.unwrap(), processing());
        assert!(matches!(asked, RefundOutcome::Abnormal { .. }));
        let (created, asked) = told("sandbox:refund-fails-later", 0);
        assert_eq!(created.unwrap(), processing());
        assert!(matches!(asked, RefundOutcome::Failed { .. }));
        let (created, asked) = told("sandbox:refund-slow", 600);
        assert_eq!(created.unwrap(), processing());
        assert_eq!(asked, processing());
        assert_eq!(told("sandbox:refund-slow", 601).1, succeeded());
    }
}
