//! What happens to an order after it was made, up to an instant: its states and its timeline.

use entity::order::{FulfillmentState, PaymentState};
use entity::order_timeline::TimelineKind;
use rand::{Rng, RngExt};

use super::{DAY_MS, numbers};

/// How long a payment code lives.
pub const EXPIRY_MS: i64 = 1_800_000;

/// What becomes of an order, given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is paid, so long after it was made.
    Pays {
        /// Milliseconds after it was made.
        after_ms: i64,
    },
    /// The provider refuses at first; the second attempt is paid.
    RefusedOnce {
        /// Milliseconds after it was made.
        after_ms: i64,
    },
    /// It is paid after it was closed.
    PaysLate {
        /// Milliseconds after it was closed.
        after_ms: i64,
    },
    /// The payer goes away; it closes.
    Abandoned,
    /// The provider refuses, and nobody tries again.
    Refused,
}

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doer {
    /// The payment platform.
    Provider,
    /// We ourselves.
    System,
    /// The owner, who packs.
    Owner,
    /// Support staff.
    Clerk,
    /// The second person.
    Decider,
}

/// An entry of the timeline, before it has an id.
#[derive(Debug)]
pub struct Happening {
    /// What happened.
    pub kind: TimelineKind,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Who did it.
    pub by: Doer,
    /// What is worth knowing beside it.
    pub note: Option<String>,
}

/// Where an order stands, and how it came there.
#[derive(Debug)]
pub struct Story {
    /// The payment axis.
    pub payment: PaymentState,
    /// When it was paid.
    pub paid_ms: Option<i64>,
    /// When it was closed.
    pub closed_ms: Option<i64>,
    /// Whether it was paid after it had been closed.
    pub late: bool,
    /// The fulfilment axis.
    pub fulfillment: FulfillmentState,
    /// When everything had been delivered.
    pub fulfilled_ms: Option<i64>,
    /// When the provider is asked next, and how often it was asked.
    pub next_query_ms: Option<i64>,
    /// How often the provider was asked.
    pub query_attempts: i16,
    /// The timeline, in order.
    pub happened: Vec<Happening>,
}

impl Story {
    /// Tells what happened between `made_ms` and `until_ms`.
    pub fn tell(rng: &mut impl Rng, outcome: Outcome, made_ms: i64, until_ms: i64) -> Self {
        let mut story = Self {
            payment: PaymentState::Pending,
            paid_ms: None,
            closed_ms: None,
            late: false,
            fulfillment: FulfillmentState::NotRequired,
            fulfilled_ms: None,
            next_query_ms: None,
            query_attempts: 0,
            happened: Vec::with_capacity(4),
        };
        story.add(TimelineKind::Created, made_ms, Doer::System, None);
        let asked_ms = (made_ms + rng.random_range(120..900)).min(until_ms);
        match outcome {
            Outcome::Refused => story.refuse(rng, asked_ms),
            Outcome::RefusedOnce { after_ms } => {
                story.refuse(rng, asked_ms);
                let again_ms = (asked_ms + 6_000).min(until_ms);
                story.request(again_ms);
                story.pay(TimelineKind::Paid, again_ms + after_ms, until_ms);
            }
            Outcome::Pays { after_ms } => {
                story.request(asked_ms);
                story.pay(TimelineKind::Paid, asked_ms + after_ms, until_ms);
            }
            Outcome::Abandoned => {
                story.request(asked_ms);
                story.close(rng, made_ms, until_ms);
            }
            Outcome::PaysLate { after_ms } => {
                story.request(asked_ms);
                story.close(rng, made_ms, until_ms);
                if let Some(closed_ms) = story.closed_ms {
                    story.pay(TimelineKind::PaidLate, closed_ms + after_ms, until_ms);
                    story.late = story.paid_ms.is_some();
                }
            }
        }
        if story.payment == PaymentState::Pending {
            let waited_s = (until_ms - made_ms) / 1_000;
            story.query_attempts = i16::try_from(waited_s / 60).unwrap_or(0);
            story.next_query_ms = Some(until_ms + rng.random_range(1_000..15_000));
        }
        story
    }

    fn add(&mut self, kind: TimelineKind, at_ms: i64, by: Doer, note: Option<String>) {
        self.happened.push(Happening {
            kind,
            at_ms,
            by,
            note,
        });
    }

    fn request(&mut self, at_ms: i64) {
        self.payment = PaymentState::Pending;
        self.add(TimelineKind::PaymentRequested, at_ms, Doer::System, None);
    }

    fn refuse(&mut self, rng: &mut impl Rng, at_ms: i64) {
        const REASONS: [&str; 4] = [
            "SYSTEM_ERROR: 系统繁忙，请稍后再试",
            "NOT_ENOUGH: 余额不足",
            "RISK_REJECT: 交易存在风险",
            "BANK_ERROR: 银行系统异常",
        ];
        let reason = REASONS[rng.random_range(0..REASONS.len())];
        self.payment = PaymentState::Failed;
        let note = Some(reason.to_owned());
        self.add(TimelineKind::PaymentFailed, at_ms, Doer::Provider, note);
    }

    fn pay(&mut self, kind: TimelineKind, at_ms: i64, until_ms: i64) {
        if at_ms <= until_ms {
            self.payment = PaymentState::Paid;
            self.paid_ms = Some(at_ms);
            self.add(kind, at_ms, Doer::Provider, None);
        }
    }

    /// Closes at expiry, as soon as the worker comes by.
    fn close(&mut self, rng: &mut impl Rng, made_ms: i64, until_ms: i64) {
        let expires_ms = made_ms + EXPIRY_MS;
        if expires_ms <= until_ms {
            let at_ms = (expires_ms + rng.random_range(40..1_400)).min(until_ms);
            self.payment = PaymentState::Closed;
            self.closed_ms = Some(at_ms);
            self.query_attempts = 9;
            self.add(TimelineKind::Closed, at_ms, Doer::System, None);
        }
    }

    /// Sends what was paid for, one to three days later in the hours of work; a few orders of several
    /// pieces leave in two parcels.
    pub fn ship(
        &mut self,
        rng: &mut impl Rng,
        country: &str,
        pieces: i32,
        offset_ms: i64,
        until_ms: i64,
    ) {
        self.fulfillment = FulfillmentState::Unfulfilled;
        let Some(paid_ms) = self.paid_ms else { return };
        let days = match rng.random_range(0..100) {
            ..55 => 1,
            55..88 => 2,
            _ => 3,
        };
        let midnight_ms = (paid_ms + offset_ms).div_euclid(DAY_MS) * DAY_MS - offset_ms;
        let first_ms = midnight_ms + days * DAY_MS + rng.random_range(34_200_000..66_600_000);
        if first_ms > until_ms {
            return;
        }
        let mut last_ms = first_ms;
        if pieces > 1 && rng.random_range(0..100) < 6 {
            let note = Some(numbers::tracking(rng, country));
            self.fulfillment = FulfillmentState::Partial;
            self.add(TimelineKind::PartlyFulfilled, first_ms, Doer::Owner, note);
            last_ms = first_ms + DAY_MS + rng.random_range(0..7_200_000);
        }
        if last_ms <= until_ms {
            let note = Some(numbers::tracking(rng, country));
            self.fulfillment = FulfillmentState::Fulfilled;
            self.fulfilled_ms = Some(last_ms);
            self.add(TimelineKind::Fulfilled, last_ms, Doer::Owner, note);
        }
    }

    /// When anything last changed.
    pub fn updated_ms(&self) -> i64 {
        self.happened.iter().map(|one| one.at_ms).max().unwrap_or(0)
    }
}
