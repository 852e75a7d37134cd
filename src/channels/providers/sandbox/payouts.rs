//! What became of the payouts that sandboxes of this process were asked for.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;

use crate::channels::provider::{PayoutOutcome, PayoutRequest, ProviderError};
use crate::money::Money;

/// How long an ordinary payout takes.
const ORDINARY: TimeDelta = TimeDelta::seconds(2);
/// How long a slow one takes.
const SLOW: TimeDelta = TimeDelta::hours(30);
/// When the bank returns one that it returns.
const RETURNED_AFTER: TimeDelta = TimeDelta::hours(20);

/// The payouts of all sandboxes, by account and payout number.
#[derive(Clone, Debug)]
pub(super) struct Payouts(Cache<(String, String), Known>);

impl Default for Payouts {
    fn default() -> Self {
        Self(
            Cache::builder()
                .max_capacity(100_000)
                // As long as it is asked about what was paid: three working days, and the longest holidays.
                .time_to_live(Duration::from_secs(14 * 86_400))
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

/// What becomes of a payout that was accepted.
#[derive(Clone, Copy, Debug)]
enum Course {
    PaidAfter(TimeDelta),
    PaidAtOnce,
    Fails,
    IsReturned,
}

impl Payouts {
    pub(super) fn create(
        &self,
        account: &str,
        request: &PayoutRequest,
    ) -> Result<PayoutOutcome, ProviderError> {
        let asks = |marker: &str| request.remark.contains(marker);
        if asks("sandbox:payout-refuse") {
            return Err(ProviderError::Refused {
                code: "SANDBOX_REFUSED".to_owned(),
                message: "refused because the note asks for it".to_owned(),
            });
        }
        if asks("sandbox:payout-unavailable") {
            return Err(unavailable("unavailable because the note asks for it"));
        }
        let entry = self
            .0
            .entry((account.to_owned(), request.payout_no.clone()))
            .or_insert_with(|| Known {
                amount: request.amount,
                accepted_at: request.now,
                course: course(&request.remark),
            });
        let first = entry.is_fresh();
        let known = entry.into_value();
        if !first {
            // As 易支付 says it: whoever sends a number twice has to ask what became of it.
            return Err(ProviderError::Refused {
                code: "SANDBOX_KNOWN".to_owned(),
                message: "the number is known already".to_owned(),
            });
        }
        if asks("sandbox:payout-lost-answer") {
            return Err(unavailable("the answer is lost as the note asks for it"));
        }
        if asks("sandbox:payout-unreadable") {
            return Err(ProviderError::Unreadable(
                "unreadable because the note asks for it".to_owned(),
            ));
        }
        Ok(match known.course {
            Course::PaidAtOnce => PayoutOutcome::Paid {
                provider_payout_no: Some(number(&request.payout_no)),
            },
            _ => PayoutOutcome::Processing {
                provider_payout_no: Some(number(&request.payout_no)),
            },
        })
    }

    pub(super) fn outcome(
        &self,
        account: &str,
        payout_no: &str,
        amount: Money,
        now: DateTime<Utc>,
    ) -> Result<PayoutOutcome, ProviderError> {
        let key = (account.to_owned(), payout_no.to_owned());
        match self.0.get(&key) {
            None => Ok(PayoutOutcome::Unknown),
            Some(known) if known.amount != amount => Err(ProviderError::Unreadable(
                "the number is of a payout of another amount".to_owned(),
            )),
            Some(known) => Ok(known.outcome(payout_no, now)),
        }
    }
}

impl Known {
    fn outcome(&self, payout_no: &str, now: DateTime<Utc>) -> PayoutOutcome {
        let provider_payout_no = Some(number(payout_no));
        let passed = now - self.accepted_at;
        match self.course {
            Course::PaidAfter(time) if passed <= time => {
                PayoutOutcome::Processing { provider_payout_no }
            }
            Course::IsReturned if passed <= ORDINARY => {
                PayoutOutcome::Processing { provider_payout_no }
            }
            Course::IsReturned if passed > RETURNED_AFTER => PayoutOutcome::Returned {
                message: "returned because the note asks for it".to_owned(),
            },
            Course::Fails => PayoutOutcome::Failed {
                code: "SANDBOX_FAILED".to_owned(),
                message: "failed because the note asks for it".to_owned(),
            },
            Course::PaidAfter(_) | Course::PaidAtOnce | Course::IsReturned => {
                PayoutOutcome::Paid { provider_payout_no }
            }
        }
    }
}

fn course(remark: &str) -> Course {
    let asks = |marker: &str| remark.contains(marker);
    if asks("sandbox:payout-at-once") || asks("sandbox:payout-lost-answer") {
        Course::PaidAtOnce
    } else if asks("sandbox:payout-fails-later") {
        Course::Fails
    } else if asks("sandbox:payout-returned") {
        Course::IsReturned
    } else if asks("sandbox:payout-slow") {
        Course::PaidAfter(SLOW)
    } else {
        Course::PaidAfter(ORDINARY)
    }
}

fn number(payout_no: &str) -> String {
    format!("SBP{payout_no}")
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

    fn amount() -> Money {
        Money::of_minor(990, Currency::Cny)
    }

    fn request(remark: &str) -> PayoutRequest {
        PayoutRequest {
            payout_no: "P-1".to_owned(),
            bank_code: "ICBC".to_owned(),
            holder: "张伟".to_owned(),
            number: "6222020200112233445".to_owned(),
            amount: amount(),
            remark: remark.to_owned(),
            now: at(0),
        }
    }

    #[test]
    fn a_payout_is_accepted_and_paid_later_and_once_for_its_number() {
        let payouts = Payouts::default();
        let asked = |seconds| payouts.outcome(ACCOUNT, "P-1", amount(), at(seconds));
        assert_eq!(asked(0).unwrap(), PayoutOutcome::Unknown);
        let created = payouts.create(ACCOUNT, &request("")).unwrap();
        assert!(matches!(created, PayoutOutcome::Processing { .. }));
        assert!(matches!(asked(2), Ok(PayoutOutcome::Processing { .. })));
        assert!(matches!(asked(3), Ok(PayoutOutcome::Paid { .. })));
        let again = payouts.create(ACCOUNT, &request(""));
        assert!(matches!(again, Err(ProviderError::Refused { .. })));
        let other = Money::of_minor(991, Currency::Cny);
        assert!(payouts.outcome(ACCOUNT, "P-1", other, at(3)).is_err());
    }

    #[test]
    fn a_fault_happens_where_the_note_asks_for_it() {
        let told = |remark: &str, seconds: i64| {
            let payouts = Payouts::default();
            let created = payouts.create(ACCOUNT, &request(remark));
            let asked = payouts.outcome(ACCOUNT, "P-1", amount(), at(seconds));
            (created, asked.unwrap())
        };
        let (created, asked) = told("sandbox:payout-refuse", 3);
        assert!(matches!(created, Err(ProviderError::Refused { .. })));
        assert_eq!(asked, PayoutOutcome::Unknown);
        let (created, asked) = told("sandbox:payout-unavailable", 3);
        assert!(matches!(created, Err(ProviderError::Unavailable(_))));
        assert_eq!(asked, PayoutOutcome::Unknown);
        let (created, asked) = told("给张伟 sandbox:payout-lost-answer", 0);
        assert!(matches!(created, Err(ProviderError::Unavailable(_))));
        assert!(matches!(asked, PayoutOutcome::Paid { .. }));
        let (created, asked) = told("sandbox:payout-unreadable", 3);
        assert!(matches!(created, Err(ProviderError::Unreadable(_))));
        assert!(matches!(asked, PayoutOutcome::Paid { .. }));
        let (created, _) = told("sandbox:payout-at-once", 0);
        assert!(matches!(created, Ok(PayoutOutcome::Paid { .. })));
        let (_, asked) = told("sandbox:payout-fails-later", 0);
        assert!(matches!(asked, PayoutOutcome::Failed { .. }));
        let (_, asked) = told("sandbox:payout-returned", 3);
        assert!(matches!(asked, PayoutOutcome::Paid { .. }));
        let (_, asked) = told("sandbox:payout-returned", 86_400);
        assert!(matches!(asked, PayoutOutcome::Returned { .. }));
        let (_, asked) = told("sandbox:payout-slow", 86_400);
        assert!(matches!(asked, PayoutOutcome::Processing { .. }));
    }
}
