//! Decides about payouts: values in, a value or a refusal out.

mod approval;
mod arrival;
mod attempt;
mod decision;
mod filter;
mod records;
mod refusal;
mod request;
mod schedule;
mod seal;
mod terms;

pub use approval::{approval_above, approval_changes_at, needs_approval, with_approval};
pub use arrival::{Arrival, expected, working_days};
pub use attempt::{
    Doing, Moment, Verdict, doing, is_held, judge_answer, judge_question, next_attempt,
};
pub use decision::{
    ApproveRefusal, CancelRefusal, RejectRefusal, Resolution, ResolveRefusal, check_note,
    may_cancel, resolve,
};
pub use filter::PayoutFilter;
pub use records::{Happened, happened};
pub use refusal::{
    ApprovalSetRefusal, ChallengeRefusal, CreateRefusal, PlayMoney, ScheduleRefusal,
};
pub use request::{
    CHALLENGE_FOR, CreateDraft, NewPayout, Payable, check_challenge, decide, payout_no,
    pick_channel,
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

/// A merchant of a test.
#[cfg(test)]
pub fn a_merchant() -> entity::merchant::Model {
    entity::merchant::Model {
        id: entity::MerchantId(1),
        name: "汇贤饭店".to_owned(),
        time_zone: "Asia/Shanghai".to_owned(),
        currency: "CNY".to_owned(),
        locale: "zh-CN".to_owned(),
        status: entity::merchant::MerchantStatus::Active,
        late_payment_policy: entity::merchant::LatePaymentPolicy::Accept,
        created_at: entity::Instant(chrono::DateTime::UNIX_EPOCH),
        settlement_cycle: entity::channel::SettlementCycle::T,
        settlement_days: 1,
        refund_approval_above_minor: None,
        refund_approval_roles: String::new(),
        payout_approval_above_minor: None,
        payout_approval_before_minor: None,
        payout_approval_before_until: None,
    }
}

/// A payout of a test.
#[cfg(test)]
pub fn a_payout(state: PayoutStatus) -> entity::payout::Model {
    let now = entity::Instant(chrono::DateTime::UNIX_EPOCH);
    entity::payout::Model {
        merchant_id: entity::MerchantId(1),
        id: entity::PayoutId(1),
        bank_account_id: entity::BankAccountId(1),
        channel_id: entity::ChannelId(1),
        currency: "CNY".to_owned(),
        amount_minor: 1_000,
        fee_minor: 10,
        net_minor: 990,
        state,
        origin: entity::payout::PayoutOrigin::Person,
        requested_by: "stf_1".to_owned(),
        note: None,
        challenge_id: None,
        signature: Vec::new(),
        decided_by: None,
        decided_at: None,
        decision_note: None,
        attempts: 0,
        lease: 0,
        sent_at: None,
        sent_through: None,
        accepted_at: None,
        next_attempt_at: None,
        needs_attention: false,
        provider_payout_no: None,
        error_code: None,
        error: None,
        expected_from_on: None,
        expected_to_on: None,
        paid_at: None,
        returned_at: None,
        closed_at: None,
        closed_by: None,
        returns_fee: true,
        fee_returned_minor: 0,
        updated_at: now,
    }
}
