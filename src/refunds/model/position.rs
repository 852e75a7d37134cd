//! What a step of a refund does to the accounts: it follows from the order's totals before and after.

use entity::channel::FundsMode;
use entity::ledger_entry::LedgerAccount;
use entity::payment;

use crate::fees::model::Tariff;
use crate::ledger::model::Balances;

/// Where an order's refunds stand, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// What succeeded refunds have given back.
    pub succeeded_minor: i64,
    /// What refunds in flight will give back.
    pub in_flight_minor: i64,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// To the accounts.
    pub changes: Balances,
    /// What is still to become available of the payment afterwards, in minor units.
    pub unsettled_minor: i64,
    /// What refunds in flight hold of what was not settled, afterwards, in minor units.
    pub pending_reserved_minor: i64,
    /// How much of the payment's fee has come back, afterwards, in minor units.
    pub fee_returned_minor: i64,
}

/// What refunds of so much return of the payment's fee.
fn returned(payment: &payment::Model, refunded_minor: i64) -> i64 {
    if payment.returns_fee {
        Tariff::from(payment).returned(payment.paid_minor, refunded_minor)
    } else {
        0
    }
}

/// What refunds of so much cost the merchant.
fn cost(payment: &payment::Model, refunded_minor: i64) -> i64 {
    refunded_minor - returned(payment, refunded_minor)
}

/// What it takes to bring an order's refunds from one position to another. Costs telescope: the steps of
/// any sequence sum to what its end alone would cost.
#[must_use]
pub fn shift(payment: &payment::Model, before: Position, after: Position) -> Shift {
    let fee_returned_minor = returned(payment, after.succeeded_minor);
    let fee = fee_returned_minor - returned(payment, before.succeeded_minor);
    let fees = Balances::default().with(LedgerAccount::FeeIncome, -fee);
    if payment.funds_mode == FundsMode::Direct {
        // The money itself never comes by here.
        return Shift {
            changes: fees.with(LedgerAccount::Prepaid, fee),
            unsettled_minor: payment.unsettled_minor,
            pending_reserved_minor: payment.pending_reserved_minor,
            fee_returned_minor,
        };
    }
    let left = after.succeeded_minor - before.succeeded_minor;
    let held = reserved(payment, after);
    let more = held - reserved(payment, before);
    let given = fee - left - more;
    let (pending, unsettled_minor, held_of_pending) = of_pending(payment, given, held);
    Shift {
        changes: fees
            .with(LedgerAccount::ChannelClearing, left)
            .with(LedgerAccount::Reserved, more)
            .with(LedgerAccount::Pending, pending)
            .with(LedgerAccount::Available, given - pending),
        unsettled_minor,
        pending_reserved_minor: held_of_pending,
        fee_returned_minor,
    }
}

/// What is set aside for the refunds in flight.
fn reserved(payment: &payment::Model, at: Position) -> i64 {
    cost(payment, at.succeeded_minor + at.in_flight_minor) - cost(payment, at.succeeded_minor)
}

/// Of what is given to the merchant (or, below zero, taken): how much to PENDING; and what is then
/// unsettled, and held of it.
fn of_pending(payment: &payment::Model, given: i64, held: i64) -> (i64, i64, i64) {
    let (unsettled, holding) = (payment.unsettled_minor, payment.pending_reserved_minor);
    let pending = if given < 0 {
        -unsettled.min(-given)
    } else if payment.settlement_id.is_none() {
        // It had not been settled when it was taken, and still is not.
        holding.min(given)
    } else {
        0
    };
    let holding = (holding - pending).min(held);
    (pending, unsettled + pending, holding)
}

#[cfg(test)]
mod tests {
    use entity::channel::PaymentMethod;
    use entity::{ChannelId, Instant, MerchantId, OrderId};
    use proptest::prelude::*;

    use super::*;

    fn payment(paid_minor: i64, tariff: Tariff, returns_fee: bool) -> payment::Model {
        let fee_minor = tariff.fee(paid_minor);
        payment::Model {
            merchant_id: MerchantId(1),
            order_id: OrderId(1),
            channel_id: ChannelId(1),
            method: PaymentMethod::Alipay,
            country: None,
            currency: "CNY".to_owned(),
            paid_minor,
            credited_at: Instant(chrono::DateTime::UNIX_EPOCH),
            funds_mode: FundsMode::Collect,
            fee_rule_id: None,
            fee_rule_version: None,
            fee_rate_ppm: tariff.rate_ppm,
            fee_fixed_minor: tariff.fixed_minor,
            fee_min_minor: tariff.min_minor,
            fee_max_minor: tariff.max_minor,
            fee_minor,
            returns_fee,
            fee_returned_minor: 0,
            settles_on: None,
            unsettled_minor: paid_minor - fee_minor,
            pending_reserved_minor: 0,
            settlement_id: None,
        }
    }

    fn at(succeeded_minor: i64, in_flight_minor: i64) -> Position {
        Position {
            succeeded_minor,
            in_flight_minor,
        }
    }

    const PERCENT: Tariff = Tariff {
        rate_ppm: 10_000,
        fixed_minor: 0,
        min_minor: None,
        max_minor: None,
    };

    #[test]
    fn a_full_refund_of_an_unsettled_payment_needs_nothing_else() {
        let mut payment = payment(10_000, PERCENT, true);
        let taken = shift(&payment, at(0, 0), at(0, 10_000));
        assert_eq!(taken.changes.get(LedgerAccount::Pending), -9_900);
        assert_eq!(taken.changes.get(LedgerAccount::Available), 0);
        assert_eq!(taken.changes.get(LedgerAccount::Reserved), 9_900);
        payment.unsettled_minor = taken.unsettled_minor;
        payment.pending_reserved_minor = taken.pending_reserved_minor;
        let left = shift(&payment, at(0, 10_000), at(10_000, 0));
        assert_eq!(left.changes.get(LedgerAccount::Reserved), -9_900);
        assert_eq!(left.changes.get(LedgerAccount::FeeIncome), -100);
        assert_eq!(left.changes.get(LedgerAccount::ChannelClearing), 10_000);
        assert_eq!(left.fee_returned_minor, 100);
    }

    #[test]
    fn a_fee_that_stays_is_paid_from_what_is_available() {
        let payment = payment(10_000, PERCENT, false);
        let taken = shift(&payment, at(0, 0), at(0, 10_000));
        assert_eq!(taken.changes.get(LedgerAccount::Pending), -9_900);
        assert_eq!(taken.changes.get(LedgerAccount::Available), -100);
    }

    #[test]
    fn what_comes_back_after_the_settlement_is_available() {
        let mut payment = payment(10_000, PERCENT, true);
        let taken = shift(&payment, at(0, 0), at(0, 5_000));
        payment.unsettled_minor = 0;
        payment.pending_reserved_minor = taken.pending_reserved_minor;
        payment.settlement_id = Some(entity::SettlementId(1));
        let back = shift(&payment, at(0, 5_000), at(0, 0));
        assert_eq!(back.changes.get(LedgerAccount::Available), 4_950);
        assert_eq!(back.pending_reserved_minor, 0);
    }

    #[test]
    fn where_the_merchant_is_paid_directly_only_the_fee_comes_back() {
        let mut payment = payment(10_000, PERCENT, true);
        payment.funds_mode = FundsMode::Direct;
        payment.unsettled_minor = 0;
        let taken = shift(&payment, at(0, 0), at(0, 10_000));
        assert_eq!(taken.changes, Balances::default());
        let left = shift(&payment, at(0, 10_000), at(10_000, 0));
        assert_eq!(left.changes.get(LedgerAccount::Prepaid), 100);
    }

    proptest! {
        /// Refunds are asked for, succeed, fail and are returned by the bank in any order, and the payment
        /// settles in between: nothing drifts, nothing falls below zero.
        #[test]
        fn any_sequence_of_steps_costs_what_its_end_costs(
            paid in 1_i64..1_000_000,
            rate_ppm in 0_i64..50_000,
            min in prop::option::of(0_i64..2_000),
            returns_fee in any::<bool>(),
            steps in prop::collection::vec((0_u8..5, 1_i64..1_000_000), 1..40),
        ) {
            let tariff = Tariff { rate_ppm, min_minor: min, ..Tariff::default() };
            let mut payment = payment(paid, tariff, returns_fee);
            let mut accounts = Balances::default()
                .with(LedgerAccount::Pending, paid - payment.fee_minor)
                .with(LedgerAccount::FeeIncome, payment.fee_minor)
                .with(LedgerAccount::ChannelClearing, -paid);
            let start = accounts.get(LedgerAccount::Pending);
            let mut now = Position::default();
            for (kind, size) in steps {
                if kind == 4 {
                    let due = payment.unsettled_minor;
                    if due > 0 {
                        payment.unsettled_minor = 0;
                        payment.settlement_id = Some(entity::SettlementId(1));
                        accounts.add(LedgerAccount::Pending, -due);
                        accounts.add(LedgerAccount::Available, due);
                    }
                    continue;
                }
                let (s, i) = (now.succeeded_minor, now.in_flight_minor);
                let next = match kind {
                    0 => at(s, i + size.min(paid - s - i)),
                    1 => { let part = size.min(i); at(s + part, i - part) }
                    2 => at(s, i - size.min(i)),
                    _ => at(s - size.min(s), i),
                };
                let step = shift(&payment, now, next);
                prop_assert!(step.changes.is_balanced());
                accounts = accounts.plus(&step.changes);
                payment.unsettled_minor = step.unsettled_minor;
                payment.pending_reserved_minor = step.pending_reserved_minor;
                payment.fee_returned_minor = step.fee_returned_minor;
                now = next;
                prop_assert!(payment.unsettled_minor >= 0);
                prop_assert!(payment.pending_reserved_minor >= 0);
                prop_assert_eq!(accounts.get(LedgerAccount::Pending), payment.unsettled_minor);
                prop_assert_eq!(accounts.get(LedgerAccount::Reserved), reserved(&payment, now));
                prop_assert!(accounts.get(LedgerAccount::Reserved) >= payment.pending_reserved_minor);
                prop_assert_eq!(
                    payment.fee_returned_minor,
                    returned(&payment, now.succeeded_minor)
                );
            }
            let merchant = accounts.get(LedgerAccount::Pending)
                + accounts.get(LedgerAccount::Available)
                + accounts.get(LedgerAccount::Reserved);
            prop_assert_eq!(merchant, start - cost(&payment, now.succeeded_minor));
            prop_assert_eq!(
                accounts.get(LedgerAccount::ChannelClearing),
                now.succeeded_minor - paid
            );
        }
    }
}
