//! The money of one order: its payment, and what refunds and settlements do to it.

use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::refund::RefundStatus;
use entity::{Day, LedgerTransactionId, RefundId, order, payment};

use super::books::{Books, NEXT_ROUND_MS, Posted};
use super::instant;
use crate::ledger::model::{Balances, Posting};
use crate::orders::model::book;
use crate::refunds::model::{Position, is_in_flight, shift};

/// How many bits of an id's tail tell an order's transactions apart.
const STEP_BITS: u32 = 3;
/// How many tell orders apart; together they end where settlements begin.
const SERIAL_BITS: u32 = 18;

/// The money of one order.
#[derive(Debug)]
pub struct Funds {
    /// Its payment.
    pub payment: payment::Model,
    /// Where its refunds stand.
    pub position: Position,
    /// What was posted.
    pub postings: Vec<Posted>,
    tail: i64,
    last_ms: i64,
}

/// A step of a refund.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Which refund.
    pub refund_id: RefundId,
    /// How much the payer gets, in minor units.
    pub minor: i64,
    /// Where it stood; nowhere before it was asked for.
    pub from: Option<RefundStatus>,
    /// Where it stands then.
    pub to: RefundStatus,
    /// How often money was set aside for it.
    pub round: i16,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
}

impl Funds {
    /// Credits the payment of an order, as the gateway does.
    pub fn credit(
        books: &mut Books,
        order: &order::Model,
        at_ms: i64,
        serial: u64,
    ) -> Option<Self> {
        let settling = books.channel(order.channel_id)?;
        let settles_on = books.settles_on(settling, books.day(at_ms));
        let booking = book(
            order,
            &settling.channel,
            &books.store.rules,
            settling.cycle,
            settles_on,
            instant(at_ms),
        );
        let serial = i64::try_from(serial).unwrap_or(0) & ((1 << SERIAL_BITS) - 1);
        let mut funds = Self {
            payment: booking.payment,
            position: Position::default(),
            postings: Vec::with_capacity(1),
            tail: serial << STEP_BITS,
            last_ms: at_ms,
        };
        let source = (LedgerSource::Payment, order.id.0);
        funds.post(
            books,
            source,
            LedgerStep::Credited,
            1,
            booking.changes,
            at_ms,
        );
        Some(funds)
    }

    /// Posts what changes the accounts.
    pub fn post(
        &mut self,
        books: &mut Books,
        (source, source_id): (LedgerSource, i64),
        step: LedgerStep,
        round: i16,
        changes: Balances,
        at_ms: i64,
    ) {
        if changes.amount() == 0 {
            return;
        }
        let id = LedgerTransactionId::first_at(at_ms).0 | self.tail();
        let posting = Posting {
            source,
            source_id,
            step,
            round,
            changes,
        };
        self.postings
            .push(books.post(LedgerTransactionId(id), &posting));
    }

    /// What ids of the order's refunds end in.
    pub fn tail(&self) -> i64 {
        let place = i64::try_from(self.postings.len()).unwrap_or(0) & ((1 << STEP_BITS) - 1);
        self.tail | place
    }

    /// Takes a step of a refund, and returns how much of the fee comes back with it.
    pub fn step(&mut self, books: &mut Books, step: Step) -> i64 {
        let after = self.position.after(step.minor, step.from, step.to);
        if after == self.position {
            return 0;
        }
        self.release(books, step.at_ms);
        let shift = shift(&self.payment, self.position, after);
        let returned = shift.fee_returned_minor - self.payment.fee_returned_minor;
        self.payment.unsettled_minor = shift.unsettled_minor;
        self.payment.pending_reserved_minor = shift.pending_reserved_minor;
        self.payment.fee_returned_minor = shift.fee_returned_minor;
        self.position = after;
        self.last_ms = step.at_ms;
        let source = (LedgerSource::Refund, step.refund_id.0);
        let kind = kind(step.from, step.to);
        self.post(books, source, kind, step.round, shift.changes, step.at_ms);
        returned
    }

    /// Releases what is due until an instant.
    pub fn release(&mut self, books: &mut Books, until_ms: i64) {
        let Some(day) = self.payment.settles_on else {
            return;
        };
        let at_ms = self.release_ms(books, day);
        if self.payment.unsettled_minor == 0 || at_ms > until_ms {
            return;
        }
        let minor = std::mem::take(&mut self.payment.unsettled_minor);
        let id = books.release(self.payment.channel_id, day, minor, at_ms);
        self.payment.settlement_id = Some(id);
    }

    /// When what waits is released: on its day, or as soon as the worker comes by again.
    fn release_ms(&self, books: &Books, day: Day) -> i64 {
        let at_ms = books.release_ms(day);
        if self.last_ms < at_ms {
            at_ms
        } else {
            self.last_ms + NEXT_ROUND_MS
        }
    }
}

/// What the ledger calls a step.
fn kind(from: Option<RefundStatus>, to: RefundStatus) -> LedgerStep {
    match to {
        RefundStatus::Succeeded => LedgerStep::Settled,
        RefundStatus::Reversed => LedgerStep::Reversed,
        to if is_in_flight(to) && !from.is_some_and(is_in_flight) => LedgerStep::Reserved,
        _ => LedgerStep::Canceled,
    }
}
