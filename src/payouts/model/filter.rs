//! Which payouts a list wants, and what is told of each one's way.

use chrono::{DateTime, Utc};
use entity::BankAccountId;
use entity::payout::{self, PayoutOrigin, PayoutStatus};
use serde::{Deserialize, Serialize};

use crate::orders::model::AmountRange;
use crate::time_range::TimeRange;

/// Which payouts are wanted. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutFilter {
    /// Any of these states.
    pub states: Option<Vec<PayoutStatus>>,
    /// Any of these origins.
    pub origins: Option<Vec<PayoutOrigin>>,
    /// To any of these accounts.
    pub account_ids: Option<Vec<BankAccountId>>,
    /// When it was asked for.
    pub requested: Option<TimeRange>,
    /// When the bank had it.
    pub paid: Option<TimeRange>,
    /// How much.
    pub amount: AmountRange,
    /// Asked for by this actor.
    pub requested_by: Option<String>,
    /// Whether a person has to look at it.
    pub needs_attention: Option<bool>,
    /// The beginning of our number or the platform's.
    pub search: Option<String>,
}

impl PayoutFilter {
    /// Whether a payout is wanted by what it is, whoever asks for it and whatever its numbers: what a subscription
    /// can look at.
    #[must_use]
    pub fn wants(&self, row: &payout::Model) -> bool {
        fn any<T: PartialEq>(wanted: Option<&Vec<T>>, value: &T) -> bool {
            wanted.is_none_or(|wanted| wanted.contains(value))
        }
        any(self.states.as_ref(), &row.state)
            && any(self.origins.as_ref(), &row.origin)
            && any(self.account_ids.as_ref(), &row.bank_account_id)
            && self
                .amount
                .min_minor
                .is_none_or(|min| row.amount_minor >= min)
            && self
                .amount
                .max_minor
                .is_none_or(|max| row.amount_minor <= max)
            && self
                .needs_attention
                .is_none_or(|needs| row.needs_attention == needs)
    }
}

/// What happened to a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// It was asked for.
    Requested,
    /// A second person agreed.
    Approved,
    /// A second person said no.
    Rejected,
    /// It was called off.
    Canceled,
    /// It was sent to the payment platform.
    Sent,
    /// The bank had it.
    Paid,
    /// It failed.
    Failed,
    /// The bank returned it.
    Returned,
}

/// One entry of a payout's way: what, when, who, and what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutRecord {
    /// What happened.
    pub kind: RecordKind,
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it; none where the payment platform did.
    pub actor: Option<String>,
    /// What was said.
    pub note: Option<String>,
}

/// A payout's way so far, in order.
#[must_use]
pub fn records(row: &payout::Model) -> Vec<PayoutRecord> {
    let made = DateTime::from_timestamp_millis(row.id.made_at_ms()).unwrap_or_default();
    let of =
        |kind, at: DateTime<Utc>, actor: Option<&String>, note: Option<&String>| PayoutRecord {
            kind,
            at,
            actor: actor.cloned(),
            note: note.cloned(),
        };
    let by = Some(&row.requested_by);
    let mut all = vec![of(RecordKind::Requested, made, by, row.note.as_ref())];
    if let Some(at) = row.decided_at {
        let kind = if row.state == PayoutStatus::Rejected {
            RecordKind::Rejected
        } else {
            RecordKind::Approved
        };
        let (by, note) = (row.decided_by.as_ref(), row.decision_note.as_ref());
        all.push(of(kind, at.0, by, note));
    }
    if let Some(at) = row.sent_at {
        all.push(of(RecordKind::Sent, at.0, None, None));
    }
    if let Some(at) = row.paid_at {
        all.push(of(RecordKind::Paid, at.0, None, None));
    }
    if let Some(at) = row.returned_at {
        all.push(of(RecordKind::Returned, at.0, None, row.error.as_ref()));
    }
    if let Some(at) = row.closed_at {
        let kind = if row.state == PayoutStatus::Canceled {
            RecordKind::Canceled
        } else {
            RecordKind::Failed
        };
        let by = row.closed_by.as_ref().filter(|name| *name != "provider");
        all.push(of(kind, at.0, by, row.error.as_ref()));
    }
    all
}
