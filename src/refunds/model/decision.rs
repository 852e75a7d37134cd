//! What a second person may decide, and what a person may say about a refund that nobody knows about.

use entity::order;
use entity::refund::{self, RefundKind, RefundStatus};

use super::CreateRefusal;
use crate::error::{Problem, Refusal};
use crate::idempotency;

/// Why a refund was not approved or rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecideRefusal {
    /// There is no such refund.
    NotFound,
    /// It does not wait for a second person.
    NotAwaitingApproval,
    /// Who asked for it is not the second person.
    OwnRequest,
    /// The note is too long, or missing where one is needed.
    InvalidNote,
    /// The key was used for something else.
    KeyReused,
    /// The key's first request is still under way.
    InProgress,
}

impl Refusal for DecideRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::NotAwaitingApproval => Problem::new(
                "The refund does not wait for approval; look at its state.",
                "该退款不在待审批状态。",
            ),
            Self::OwnRequest => Problem::new(
                "Somebody else has to decide: you asked for this refund.",
                "申请人不能审批自己的退款，须由他人审批。",
            ),
            Self::InvalidNote => invalid_note(),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            Self::InvalidNote => "note",
            _ => "refundId",
        };
        Some(field.to_owned())
    }

    fn denial(&self) -> Option<&'static str> {
        matches!(self, Self::OwnRequest).then_some("OWN_REQUEST")
    }
}

/// Why a refund was not retried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryRefusal {
    /// There is no such refund.
    NotFound,
    /// Only a failed refund can be retried.
    NotFailed,
    /// What forbids a refund of the order now.
    Refused(CreateRefusal),
    /// The key was used for something else.
    KeyReused,
    /// The key's first request is still under way.
    InProgress,
}

impl Refusal for RetryRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::NotFailed => Problem::new(
                "Only a failed refund can be retried; look at its state.",
                "只有失败的退款可以重试。",
            ),
            Self::Refused(refusal) => refusal.message(),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::KeyReused | Self::InProgress => Some("idempotencyKey".to_owned()),
            _ => Some("refundId".to_owned()),
        }
    }
}

/// What a person says became of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The payer has the money.
    Succeeded,
    /// The payer got nothing.
    Failed,
    /// The payer had the money, and the bank returned it.
    Reversed,
}

/// Why what a person said was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolveRefusal {
    /// There is no such refund.
    NotFound,
    /// The refund's state does not allow it.
    NotPossible,
    /// More would be given back than was paid.
    ExceedsPaid,
    /// The note is too long, or missing.
    InvalidNote,
    /// The key was used for something else.
    KeyReused,
    /// The key's first request is still under way.
    InProgress,
}

impl Refusal for ResolveRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::NotPossible => Problem::new(
                "UNKNOWN and ABNORMAL become SUCCEEDED or FAILED, FAILED becomes SUCCEEDED, SUCCEEDED \
                 becomes REVERSED; nothing else.",
                "仅可：未知或异常→成功/失败，失败→成功，成功→退回。",
            ),
            Self::ExceedsPaid => Problem::new(
                "With it more would be given back than was paid: other refunds of the order have taken its \
                 place. Settle the difference with the payment platform.",
                "核定后退款总额将超过实付金额：该订单的额度已被其他退款占用，请与支付平台核对处理。",
            ),
            Self::InvalidNote => invalid_note(),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            Self::InvalidNote => "note",
            Self::NotPossible | Self::ExceedsPaid => "outcome",
            Self::NotFound => "refundId",
        };
        Some(field.to_owned())
    }
}

fn not_found() -> Problem {
    Problem::new("There is no such refund.", "退款不存在。")
}

fn invalid_note() -> Problem {
    Problem::new(
        "`note` is 1 to 500 characters that say why.",
        "`note` 须为 1 至 500 个字符的说明。",
    )
}

/// The state that a refund gets by what a person says. FAILED becomes SUCCEEDED where a bill proves it: then
/// the money leaves whether or not it is there, and may leave a debt.
pub fn resolve(
    order: &order::Model,
    refund: &refund::Model,
    outcome: Resolution,
) -> Result<RefundStatus, ResolveRefusal> {
    use RefundStatus::{Abnormal, Failed, Reversed, Succeeded, Unknown};
    let left = order.paid_minor - order.refunded_minor - order.refunding_minor;
    let counts = refund.kind == RefundKind::Order;
    match (refund.state, outcome) {
        (Failed, Resolution::Succeeded) if counts && refund.amount_minor > left => {
            Err(ResolveRefusal::ExceedsPaid)
        }
        (Unknown | Abnormal | Failed, Resolution::Succeeded) => Ok(Succeeded),
        (Unknown | Abnormal, Resolution::Failed) => Ok(Failed),
        (Succeeded, Resolution::Reversed) => Ok(Reversed),
        _ => Err(ResolveRefusal::NotPossible),
    }
}
