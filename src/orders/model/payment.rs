//! The payment axis: what a payment, a closing and the passing of time do to an order.

use chrono::{DateTime, TimeDelta, Utc};
use entity::merchant::LatePaymentPolicy;
use entity::order::{self, PaymentState};
use entity::reconciliation_item::ReconciliationKind;

use crate::channels::provider::Payment;
use crate::error::{Problem, Refusal};

/// When a provider is asked about an unpaid order, in minutes after it was made.
const ASKED_AFTER_MIN: [i64; 4] = [1, 3, 10, 30];
/// When it is asked after the order was closed, in minutes after its expiry: payers are sometimes
/// faster than closings.
const ASKED_AFTER_CLOSING_MIN: [i64; 2] = [10, 120];

/// What a proven payment does to its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credit {
    /// The order becomes PAID.
    Apply {
        /// Whether it had been closed.
        late: bool,
        /// A reconciliation item to open beside it: the policy is to refund late payments.
        refund: Option<ReconciliationKind>,
    },
    /// It was credited before: nothing happens.
    Replayed,
    /// It does not fit: nothing is credited, a person is told.
    Open(ReconciliationKind),
}

/// Decides what a payment does. The payment's signature, merchant, channel and order have been proven.
#[must_use]
pub fn credit(order: &order::Model, payment: &Payment, policy: LatePaymentPolicy) -> Credit {
    let replayed = order.provider_trade_no.as_deref() == Some(&payment.provider_trade_no);
    let paid = order.payment_state == PaymentState::Paid;
    if paid && replayed {
        return Credit::Replayed;
    }
    if payment.amount.minor != order.amount_minor - order.discount_minor
        || payment.amount.currency.code() != order.currency
    {
        return Credit::Open(ReconciliationKind::AmountMismatch);
    }
    match (order.payment_state, policy) {
        (PaymentState::Paid, _) => Credit::Open(ReconciliationKind::SecondPayment),
        (PaymentState::Pending | PaymentState::Failed, _) => Credit::Apply {
            late: false,
            refund: None,
        },
        (PaymentState::Closed, LatePaymentPolicy::Accept) => Credit::Apply {
            late: true,
            refund: None,
        },
        (PaymentState::Closed, LatePaymentPolicy::AutoRefund) => Credit::Apply {
            late: true,
            refund: Some(ReconciliationKind::LatePayment),
        },
    }
}

/// Why an order was not closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseRefusal {
    /// There is no such order.
    NotFound,
    /// It is paid.
    AlreadyPaid,
}

impl Refusal for CloseRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => Problem::new("There is no such order.", "订单不存在。"),
            Self::AlreadyPaid => Problem::new(
                "A paid order cannot be closed; refund it instead.",
                "订单已支付，不能关闭，请改为退款。",
            ),
        }
    }

    fn field(&self) -> Option<String> {
        Some("orderId".to_owned())
    }
}

/// Decides whether an order may be closed: true where it changes, false where it is closed already.
pub fn close(order: &order::Model) -> Result<bool, CloseRefusal> {
    match order.payment_state {
        PaymentState::Paid => Err(CloseRefusal::AlreadyPaid),
        PaymentState::Closed => Ok(false),
        PaymentState::Pending | PaymentState::Failed => Ok(true),
    }
}

/// When the provider is asked next about an order, and how often it will have been asked before then:
/// after 1, 3, 10 and 30 minutes, at expiry before it closes, and twice after it. What has passed by
/// `now` is skipped. None when that is enough.
#[must_use]
pub fn next_query(
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    attempts: i16,
    now: DateTime<Utc>,
) -> Option<(DateTime<Utc>, i16)> {
    let while_open = ASKED_AFTER_MIN
        .iter()
        .map(|minutes| created_at + TimeDelta::minutes(*minutes))
        .filter(|at| *at < expires_at);
    let after = ASKED_AFTER_CLOSING_MIN
        .iter()
        .map(|minutes| expires_at + TimeDelta::minutes(*minutes));
    while_open
        .chain([expires_at])
        .chain(after)
        .zip(0_i16..)
        .skip(usize::try_from(attempts).unwrap_or(usize::MAX))
        .find(|(at, _)| *at > now)
}

/// When a provider that could not be asked is tried again: after a quarter of the order's age, at least
/// a minute and at most an hour. None three days after the expiry.
#[must_use]
pub fn retry_query(
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let pause = ((now - created_at) / 4).clamp(TimeDelta::minutes(1), TimeDelta::hours(1));
    (now - expires_at < TimeDelta::days(3)).then(|| now + pause)
}

/// Whether an order whose time is over is closed although its provider cannot be asked: half an hour
/// after the expiry. A payment that comes to light later is credited as late.
#[must_use]
pub fn closes_unasked(expires_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now >= expires_at + TimeDelta::minutes(30)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_asked_four_times_then_at_expiry_then_twice_more() {
        let made = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let expires = made + TimeDelta::minutes(20);
        let minutes: Vec<i64> = (0..10)
            .map_while(|attempts| next_query(made, expires, attempts, made))
            .map(|(at, _)| (at - made).num_minutes())
            .collect();
        // The 30th minute lies beyond the expiry and falls away.
        assert_eq!(minutes, [1, 3, 10, 20, 30, 140]);
    }

    #[test]
    fn questions_whose_time_passed_while_nobody_could_ask_are_asked_once() {
        let made = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let expires = made + TimeDelta::minutes(20);
        let (at, attempts) = next_query(made, expires, 1, made + TimeDelta::minutes(11)).unwrap();
        assert_eq!(((at - made).num_minutes(), attempts), (20, 3));
    }

    #[test]
    fn a_provider_that_is_down_is_asked_ever_more_rarely_for_three_days() {
        let made = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let expires = made + TimeDelta::minutes(20);
        let mut now = made + TimeDelta::minutes(1);
        let mut asked = 0;
        while let Some(next) = retry_query(made, expires, now) {
            assert!(next >= now + TimeDelta::minutes(1));
            assert!(next <= now + TimeDelta::hours(1));
            now = next;
            asked += 1;
        }
        assert!(now - expires >= TimeDelta::days(3));
        assert!((70..150).contains(&asked), "{asked}");
    }
}
