//! Refunds as the gateway makes them: asked for, decided upon, sent, asked about, ended.

use entity::order_timeline::TimelineKind;
use entity::refund::{self, RefundKind, RefundReason, RefundStatus};
use entity::{RefundId, order, order_line, refund_line};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use sea_orm::ActiveEnum;

use super::books::Books;
use super::funds::{Funds, Step};
use super::instant;
use super::story::{Doer, Happening};
use crate::channels::provider::RefundAbilities;
use crate::money::{Currency, Money};
use crate::refunds::model::{Part, RefundDraft, Refundable, Verdict, decide, next_attempt};

/// A platform that can be asked about refunds, as most can.
pub const ASKABLE: RefundAbilities = RefundAbilities {
    idempotent: true,
    query: true,
    at_work_for: chrono::TimeDelta::zero(),
};

/// A refund that somebody wants.
#[derive(Debug)]
pub struct Wish {
    /// How much.
    pub part: Part,
    /// Why.
    pub reason: RefundReason,
    /// Why, in words.
    pub words: Option<&'static str>,
    /// Who asks.
    pub by: Doer,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
}

/// The refunds of one order.
#[derive(Debug)]
pub struct Desk<'a> {
    /// The books of the store.
    pub books: &'a mut Books,
    /// What chance brings.
    pub rng: &'a mut ChaCha8Rng,
    /// The order.
    pub order: &'a mut order::Model,
    /// Its lines.
    pub lines: &'a [order_line::Model],
    /// Its money.
    pub funds: Funds,
    /// Its timeline.
    pub happened: &'a mut Vec<Happening>,
    /// Its refunds.
    pub refunds: Vec<refund::Model>,
    /// Their lines.
    pub refund_lines: Vec<refund_line::Model>,
}

impl Desk<'_> {
    /// Asks for a refund, where the order and its channel allow it; whether it was made.
    pub fn ask(&mut self, wish: &Wish) -> Option<refund::Model> {
        let store = std::sync::Arc::clone(&self.books.store);
        let channel = self.books.channel(self.order.channel_id)?.channel.clone();
        let currency = Currency::of_code(&self.order.currency)?;
        let draft = RefundDraft {
            order_id: self.order.id.0,
            part: wish.part.clone(),
            reason: wish.reason,
            reason_text: wish.words.map(str::to_owned),
        };
        let known = Refundable {
            merchant: &store.merchant,
            order: self.order,
            lines: self.lines,
            channel: &channel,
            refunds: &self.refunds,
            refund_lines: &self.refund_lines,
            currency,
        };
        let decided = decide(&known, &draft, instant(wish.at_ms).0).ok()?;
        let waits = store.crew.decider.is_some()
            && (wish.by == Doer::Clerk
                || store
                    .merchant
                    .refund_approval_above_minor
                    .is_some_and(|threshold| decided.amount_minor > threshold));
        let id = RefundId(RefundId::first_at(wish.at_ms).0 | self.funds.tail());
        let mut refund = new(self.order, id, decided.amount_minor, wish);
        refund.requested_by = store.crew.name(wish.by);
        for (line_no, quantity, amount_minor) in decided.lines {
            self.refund_lines.push(refund_line::Model {
                merchant_id: refund.merchant_id,
                refund_id: id,
                line_no,
                quantity,
                amount_minor,
            });
        }
        let amount = Money::of_minor(refund.amount_minor, currency).to_decimal();
        let note = match wish.words {
            Some(words) => format!("{amount}: {words}"),
            None => format!("{amount}: {}", wish.reason.to_value()),
        };
        self.tell(
            TimelineKind::RefundRequested,
            wish.at_ms,
            wish.by,
            Some(note),
        );
        let to = if waits {
            RefundStatus::AwaitingApproval
        } else {
            refund.next_attempt_at = Some(instant(wish.at_ms));
            RefundStatus::Processing
        };
        self.step(&mut refund, None, to, wish.at_ms);
        Some(refund)
    }

    /// A second person agrees, or says why not.
    pub fn decide(&mut self, refund: &mut refund::Model, at_ms: i64, refusal: Option<&str>) {
        let by = Doer::Decider;
        refund.decided_by = Some(self.books.store.crew.name(by));
        refund.decided_at = Some(instant(at_ms));
        let from = Some(refund.state);
        let (kind, to) = if refusal.is_some() {
            (TimelineKind::RefundRejected, RefundStatus::Rejected)
        } else {
            refund.next_attempt_at = Some(instant(at_ms));
            (TimelineKind::RefundApproved, RefundStatus::Processing)
        };
        self.tell(kind, at_ms, by, refusal.map(str::to_owned));
        self.step(refund, from, to, at_ms);
    }

    /// The worker sends a refund and asks about it, and gets these answers; the last again and again.
    pub fn work(&mut self, refund: &mut refund::Model, answers: &[Verdict], can: RefundAbilities) {
        let mut rest = answers.iter();
        while let Some(due) = refund.next_attempt_at {
            let at_ms = due.0.timestamp_millis() + self.rng.random_range(60..700);
            let Some(answer) = rest.next().or(answers.last()) else {
                return;
            };
            if at_ms > self.books.until_ms {
                return;
            }
            refund.attempts += 1;
            refund.lease += 1;
            self.answered(refund, answer, can, at_ms);
        }
    }

    /// Writes an answer, as the worker does.
    fn answered(
        &mut self,
        refund: &mut refund::Model,
        answer: &Verdict,
        can: RefundAbilities,
        at_ms: i64,
    ) {
        let (next, needs_attention) = next_attempt(refund, answer, can, instant(at_ms).0);
        let (from, to) = (refund.state, answer.status);
        if let Some(number) = &answer.provider_refund_no {
            refund.provider_refund_no = Some(number.clone());
        }
        (refund.error_code, refund.error) = answer.error.clone().unzip();
        match to {
            RefundStatus::Succeeded | RefundStatus::Failed => end(refund, to, at_ms),
            _ => {
                refund.next_attempt_at = next.map(entity::Instant);
                refund.needs_attention = needs_attention;
            }
        }
        if from != to && to != RefundStatus::Processing {
            self.tell(told(to), at_ms, Doer::Provider, refund.error.clone());
        }
        self.step(refund, Some(from), to, at_ms);
    }

    /// A failed refund is sent again.
    pub fn retry(&mut self, refund: &mut refund::Model, by: Doer, at_ms: i64) {
        refund.round += 1;
        refund.attempts = 0;
        refund.lease += 1;
        refund.next_attempt_at = Some(instant(at_ms));
        refund.needs_attention = false;
        (refund.error_code, refund.error) = (None, None);
        self.tell(TimelineKind::RefundRetried, at_ms, by, None);
        let from = Some(refund.state);
        self.step(refund, from, RefundStatus::Processing, at_ms);
    }

    /// The bank returns a refund that had succeeded, and a person writes it down.
    pub fn reverse(&mut self, refund: &mut refund::Model, at_ms: i64, note: &str) {
        let from = Some(refund.state);
        end(refund, RefundStatus::Reversed, at_ms);
        let kind = TimelineKind::RefundReversed;
        self.tell(kind, at_ms, Doer::Owner, Some(note.to_owned()));
        self.step(refund, from, RefundStatus::Reversed, at_ms);
    }

    /// Takes a step: the refund, the order's totals, its money.
    fn step(
        &mut self,
        refund: &mut refund::Model,
        from: Option<RefundStatus>,
        to: RefundStatus,
        at_ms: i64,
    ) {
        refund.state = to;
        refund.updated_at = instant(at_ms);
        let before = self.funds.position;
        let step = Step {
            refund_id: refund.id,
            minor: refund.amount_minor,
            from,
            to,
            round: refund.round,
            at_ms,
        };
        let returned = self.funds.step(self.books, step);
        if returned > 0 {
            refund.fee_returned_minor = returned;
        }
        let after = self.funds.position;
        if before == after {
            return;
        }
        self.order.refunded_minor = after.succeeded_minor;
        self.order.refunding_minor = after.in_flight_minor;
        self.order.updated_at = instant(at_ms);
        self.order.refund_state = match after.succeeded_minor {
            0 => order::RefundState::None,
            all if all == self.order.paid_minor => order::RefundState::Full,
            _ => order::RefundState::Partial,
        };
    }

    /// Adds to the order's timeline.
    pub fn tell(&mut self, kind: TimelineKind, at_ms: i64, by: Doer, note: Option<String>) {
        self.happened.push(Happening {
            kind,
            at_ms,
            by,
            note,
        });
    }
}

/// A refund that is being made.
pub fn new(order: &order::Model, id: RefundId, amount_minor: i64, wish: &Wish) -> refund::Model {
    refund::Model {
        merchant_id: order.merchant_id,
        id,
        kind: RefundKind::Order,
        order_id: order.id,
        member_id: order.member_id,
        channel_id: order.channel_id,
        method: order.method,
        provider_trade_no: order.provider_trade_no.clone(),
        reconciliation_item_id: None,
        currency: order.currency.clone(),
        amount_minor,
        state: RefundStatus::Processing,
        reason: wish.reason,
        reason_text: wish.words.map(str::to_owned),
        requested_by: "system".to_owned(),
        decided_by: None,
        decided_at: None,
        round: 1,
        attempts: 0,
        lease: 0,
        sent_at: None,
        sent_through: None,
        next_attempt_at: None,
        needs_attention: false,
        provider_refund_no: None,
        error_code: None,
        error: None,
        fee_returned_minor: 0,
        succeeded_at: None,
        updated_at: instant(wish.at_ms),
    }
}

/// A refund that comes to an end.
pub fn end(refund: &mut refund::Model, to: RefundStatus, at_ms: i64) {
    refund.succeeded_at = match to {
        RefundStatus::Succeeded => Some(instant(at_ms)),
        RefundStatus::Reversed => refund.succeeded_at,
        _ => None,
    };
    refund.lease += 1;
    refund.next_attempt_at = None;
    refund.needs_attention = matches!(to, RefundStatus::Failed | RefundStatus::Reversed);
    refund.fee_returned_minor = 0;
}

fn told(to: RefundStatus) -> TimelineKind {
    match to {
        RefundStatus::Succeeded => TimelineKind::RefundSucceeded,
        RefundStatus::Failed => TimelineKind::RefundFailed,
        RefundStatus::Abnormal => TimelineKind::RefundAbnormal,
        _ => TimelineKind::RefundUnknown,
    }
}
