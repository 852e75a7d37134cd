//! Decides about payouts: values in, a value or a refusal out.

mod arrival;
mod attempt;
mod decision;
mod filter;
mod refusal;
mod request;
mod schedule;
mod seal;
mod terms;

pub use arrival::{Arrival, expected, working_days};
pub use attempt::{Doing, Moment, Verdict, doing, judge_answer, judge_question, next_attempt};
pub use decision::{
    ApproveRefusal, CancelRefusal, RejectRefusal, Resolution, ResolveRefusal, check_note,
    may_cancel, resolve,
};
pub use filter::{PayoutFilter, PayoutRecord, RecordKind, records};
pub use refusal::{ApprovalSetRefusal, ChallengeRefusal, CreateRefusal, ScheduleRefusal};
pub use request::{
    CHALLENGE_FOR, CreateDraft, NewPayout, Payable, check_challenge, decide, needs_approval,
    payout_no, pick_channel, plays,
};
pub use schedule::{ScheduleDraft, Skip, next_moment, scheduled_amount};
pub use seal::{Signed, sealed_text};
pub use terms::{Terms, TermsRefusal};

use entity::payout::PayoutStatus;

/// Whether the money of a payout in this state is set aside, and may still leave.
#[must_use]
pub fn is_in_flight(status: PayoutStatus) -> bool {
    matches!(
        status,
        PayoutStatus::AwaitingApproval | PayoutStatus::Processing | PayoutStatus::Unknown
    )
}

/// Whether a payout in this state counts against the day's limit: what left, or may leave.
#[must_use]
pub fn counts(status: PayoutStatus) -> bool {
    is_in_flight(status) || matches!(status, PayoutStatus::Paid | PayoutStatus::Returned)
}
