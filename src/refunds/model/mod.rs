//! Decides about refunds: values in, a value or a refusal out.

mod attempt;
mod decision;
mod filter;
mod position;
mod refusal;
mod request;

pub use attempt::{
    Doing, Verdict, doing, judge_answer, judge_question, next_attempt, refused_there,
};
pub use decision::{DecideRefusal, Resolution, ResolveRefusal, RetryRefusal, resolve};
pub use filter::RefundFilter;
pub use position::{Position, Shift, shift};
pub use refusal::CreateRefusal;
pub use request::{
    NewRefund, Part, RefundDraft, Refundable, check_lines, decide, needs_approval, refund_no,
    window_end,
};

use entity::refund::RefundStatus;

/// Whether the money of a refund in this state may still leave, and counts as if it had.
#[must_use]
pub fn is_in_flight(status: RefundStatus) -> bool {
    matches!(
        status,
        RefundStatus::AwaitingApproval
            | RefundStatus::Processing
            | RefundStatus::Unknown
            | RefundStatus::Abnormal
    )
}

impl Position {
    /// The position after a refund of so much has gone from one state to another; it was in none before it
    /// was asked for.
    #[must_use]
    pub fn after(self, minor: i64, from: Option<RefundStatus>, to: RefundStatus) -> Self {
        let share = |status: RefundStatus| {
            let succeeded = status == RefundStatus::Succeeded;
            (
                if succeeded { minor } else { 0 },
                if is_in_flight(status) { minor } else { 0 },
            )
        };
        let (succeeded_before, in_flight_before) = from.map_or((0, 0), share);
        let (succeeded, in_flight) = share(to);
        Self {
            succeeded_minor: self.succeeded_minor + succeeded - succeeded_before,
            in_flight_minor: self.in_flight_minor + in_flight - in_flight_before,
        }
    }
}
