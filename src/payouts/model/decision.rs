//! What a second person may decide, who may call a payout off, and what the gateway's staff may say became of it.

use entity::payout::{self, PayoutStatus};

use super::{ChallengeRefusal, is_held};
use crate::error::{Problem, Refusal};
use crate::idempotency;
use crate::second_factor::model::SecondFactorRefusal;

/// Why a payout was not approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApproveRefusal {
    /// The merchant may not act at the moment.
    MerchantSuspended,
    /// There is no such payout.
    NotFound,
    /// It does not wait for a second person.
    NotAwaitingApproval,
    /// Who asked for it is not the second person.
    OwnRequest,
    /// It is not what was asked for: somebody has edited it in the database.
    NotAsRequested,
    /// The note is too long.
    InvalidNote,
    /// The key was used for something else.
    KeyReused,
    /// The key's first request is still under way.
    InProgress,
    /// The code did not prove who decides.
    SecondFactor(SecondFactorRefusal),
}

impl From<SecondFactorRefusal> for ApproveRefusal {
    fn from(refusal: SecondFactorRefusal) -> Self {
        Self::SecondFactor(refusal)
    }
}

/// Why a payout was not rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RejectRefusal {
    /// There is no such payout.
    NotFound,
    /// It does not wait for a second person.
    NotAwaitingApproval,
    /// Who asked for it calls it off instead.
    OwnRequest,
    /// A program asked; only a person can.
    StaffOnly,
    /// The note is too long, or missing.
    InvalidNote,
    /// The key was used for something else.
    KeyReused,
    /// The key's first request is still under way.
    InProgress,
}

/// Why a payout was not called off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CancelRefusal {
    /// There is no such payout.
    NotFound,
    /// It may have been sent, or has come to its end.
    TooLate,
    /// A program asked; only a person can.
    StaffOnly,
    /// The key was used for something else.
    KeyReused,
    /// The key's first request is still under way.
    InProgress,
}

/// What became of a payout, as the gateway's staff knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The bank has it.
    Paid,
    /// Nothing left.
    Failed,
    /// The bank had it, and returned it.
    Returned,
}

/// Why what was said was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolveRefusal {
    /// The payout's state does not allow it.
    NotPossible,
    /// The note is too long, or missing.
    InvalidNote,
}

fn not_found() -> Problem {
    Problem::new("There is no such payout.", "提现不存在。")
}

fn not_waiting() -> Problem {
    Problem::new(
        "The payout does not wait for approval; look at its state.",
        "该提现不在待审批状态。",
    )
}

fn invalid_note() -> Problem {
    Problem::new(
        "`note` is 1 to 500 characters that say why.",
        "`note` 须为 1 至 500 个字符的说明。",
    )
}

impl Refusal for ApproveRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::MerchantSuspended => ChallengeRefusal::MerchantSuspended.message(),
            Self::NotFound => not_found(),
            Self::NotAwaitingApproval => not_waiting(),
            Self::OwnRequest => Problem::new(
                "Somebody else has to decide: you asked for this payout, or set its schedule.",
                "申请人（或自动提现的设置人）不能审批自己的提现，须由他人审批。",
            ),
            Self::NotAsRequested => Problem::new(
                "The payout is not what was asked for: reject it, and tell whoever runs the gateway.",
                "该提现与申请时的内容不一致，请驳回并联系平台。",
            ),
            Self::InvalidNote => invalid_note(),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
            Self::SecondFactor(refusal) => refusal.message(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            Self::InvalidNote => "note",
            Self::SecondFactor(refusal) => return refusal.field(),
            _ => "payoutId",
        };
        Some(field.to_owned())
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::OwnRequest => Some("OWN_REQUEST"),
            Self::NotAsRequested => Some("NOT_AS_REQUESTED"),
            Self::SecondFactor(refusal) => refusal.denial(),
            _ => None,
        }
    }
}

impl Refusal for RejectRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::NotAwaitingApproval => not_waiting(),
            Self::OwnRequest => Problem::new(
                "You asked for this payout: call it off with `payoutCancel`.",
                "这是您自己的申请，请使用 `payoutCancel` 取消。",
            ),
            Self::StaffOnly => SecondFactorRefusal::StaffOnly.message(),
            Self::InvalidNote => invalid_note(),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            Self::InvalidNote => "note",
            Self::StaffOnly => return None,
            _ => "payoutId",
        };
        Some(field.to_owned())
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::OwnRequest => Some("OWN_REQUEST"),
            Self::StaffOnly => Some("STAFF_ONLY"),
            _ => None,
        }
    }
}

impl Refusal for CancelRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::TooLate => Problem::new(
                "The payout may be on its way to the bank, or has come to its end.",
                "该提现已提交银行或已结束，无法取消。",
            ),
            Self::StaffOnly => Problem::new(
                "Only a member of staff can call a payout off.",
                "提现只能由员工本人取消，接口密钥不可用。",
            ),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            Self::StaffOnly => return None,
            _ => "payoutId",
        };
        Some(field.to_owned())
    }

    fn denial(&self) -> Option<&'static str> {
        matches!(self, Self::StaffOnly).then_some("STAFF_ONLY")
    }
}

impl Refusal for ResolveRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotPossible => Problem::new(
                "UNKNOWN, and PROCESSING that needs attention, becomes PAID or FAILED, FAILED becomes PAID, PAID becomes \
                 RETURNED; nothing else.",
                "仅可：未知（或需人工处理的处理中）→到账/失败，失败→到账，到账→退票。",
            ),
            Self::InvalidNote => invalid_note(),
        }
    }
}

/// Whether a note can be kept.
#[must_use]
pub fn check_note(note: &str) -> bool {
    (1..=500).contains(&note.trim().chars().count())
}

/// Whether a payout has certainly not been sent, and may be called off.
#[must_use]
pub fn may_cancel(payout: &payout::Model) -> bool {
    match payout.state {
        PayoutStatus::AwaitingApproval => true,
        PayoutStatus::Processing => {
            is_held(payout) || (payout.attempts == 0 && payout.sent_at.is_none())
        }
        _ => false,
    }
}

/// The state that a payout gets by what the gateway's staff says. FAILED becomes PAID where a bill proves it: then
/// the money leaves whether or not it is there, and may leave a debt.
pub fn resolve(
    payout: &payout::Model,
    outcome: Resolution,
) -> Result<PayoutStatus, ResolveRefusal> {
    use PayoutStatus::{Failed, Paid, Processing, Returned, Unknown};
    let state = match payout.state {
        // Taken on, and nothing heard of it any more.
        Processing if payout.needs_attention => Unknown,
        state => state,
    };
    match (state, outcome) {
        (Unknown | Failed, Resolution::Paid) => Ok(Paid),
        (Unknown, Resolution::Failed) => Ok(Failed),
        (Paid, Resolution::Returned) => Ok(Returned),
        _ => Err(ResolveRefusal::NotPossible),
    }
}
