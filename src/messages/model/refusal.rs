//! Why something is not done with messages.

use crate::error::{Problem, Refusal};
use crate::invalid::Invalid;

/// Why a message is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateRefusal {
    /// There is no such segment, or not any more.
    SegmentNotFound,
    /// A field cannot be meant.
    Invalid(Invalid),
}

impl From<Invalid> for CreateRefusal {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl Refusal for CreateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::SegmentNotFound => no_segment(),
            Self::Invalid(invalid) => invalid.problem.clone(),
        }
    }

    fn field(&self) -> Option<String> {
        Some(match self {
            Self::SegmentNotFound => "segmentId".to_owned(),
            Self::Invalid(invalid) => invalid.field.clone(),
        })
    }
}

/// Why a message is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateRefusal {
    /// There is no such message.
    NotFound,
    /// It has another version by now.
    VersionConflict {
        /// Which.
        current: i32,
    },
    /// It is being sent, or was.
    AlreadyBegun,
    /// It was canceled.
    Canceled,
    /// There is no such segment, or not any more.
    SegmentNotFound,
    /// A field cannot be meant.
    Invalid(Invalid),
}

impl From<Invalid> for UpdateRefusal {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl Refusal for UpdateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::VersionConflict { current } => version_conflict(*current),
            Self::AlreadyBegun => begun(),
            Self::Canceled => canceled(),
            Self::SegmentNotFound => no_segment(),
            Self::Invalid(invalid) => invalid.problem.clone(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::NotFound => Some("id".to_owned()),
            Self::VersionConflict { .. } => Some("expectedVersion".to_owned()),
            Self::AlreadyBegun | Self::Canceled => None,
            Self::SegmentNotFound => Some("segmentId".to_owned()),
            Self::Invalid(invalid) => Some(invalid.field.clone()),
        }
    }
}

/// Why a message is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendRefusal {
    /// There is no such message.
    NotFound,
    /// It has another version by now.
    VersionConflict {
        /// Which.
        current: i32,
    },
    /// It is being sent, or was.
    AlreadyBegun,
    /// It was canceled.
    Canceled,
    /// Its segment was taken away.
    SegmentNotFound,
    /// A field cannot be meant.
    Invalid(Invalid),
    /// The idempotency key was used with another input.
    KeyReused,
    /// The first request with this idempotency key is still under way.
    InProgress,
}

impl Refusal for SendRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::VersionConflict { current } => version_conflict(*current),
            Self::AlreadyBegun => begun(),
            Self::Canceled => canceled(),
            Self::SegmentNotFound => Problem::new(
                "Its segment was taken away: give it another one first.",
                "目标分群已删除，请先选择其他分群。",
            ),
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::KeyReused => Problem::new(
                "This idempotency key was used with another input.",
                "该幂等键已用于其他请求内容。",
            ),
            Self::InProgress => Problem::new(
                "The first request with this idempotency key is still under way. Send the same again shortly.",
                "使用该幂等键的首个请求仍在处理，请稍后原样重发。",
            ),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::NotFound => Some("id".to_owned()),
            Self::VersionConflict { .. } => Some("expectedVersion".to_owned()),
            Self::AlreadyBegun | Self::Canceled | Self::SegmentNotFound => None,
            Self::Invalid(invalid) => Some(invalid.field.clone()),
            Self::KeyReused | Self::InProgress => Some("idempotencyKey".to_owned()),
        }
    }
}

/// Why a message is not canceled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelRefusal {
    /// There is no such message.
    NotFound,
    /// Everybody has it.
    AlreadySent,
}

impl Refusal for CancelRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::AlreadySent => Problem::new(
                "It was sent to everybody already.",
                "消息已全部发送，无法取消。",
            ),
        }
    }

    fn field(&self) -> Option<String> {
        matches!(self, Self::NotFound).then(|| "id".to_owned())
    }
}

fn not_found() -> Problem {
    Problem::new("There is no such message.", "消息不存在。")
}

fn no_segment() -> Problem {
    Problem::new("There is no such segment.", "分群不存在。")
}

fn begun() -> Problem {
    Problem::new(
        "It is being sent already, or was: some have read it as it is.",
        "消息已开始发送，不可再修改。",
    )
}

fn canceled() -> Problem {
    Problem::new("It was canceled.", "消息已取消。")
}

fn version_conflict(current: i32) -> Problem {
    Problem::new(
        format!("It was changed meanwhile: it has version {current} now. Read it again."),
        format!("已被他人修改，当前版本为 {current}，请重新读取。"),
    )
}
