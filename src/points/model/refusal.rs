//! Why something is not done with points: each reason with the rule's figure.

use crate::error::{Problem, Refusal};
use crate::idempotency;
use crate::invalid::Invalid;

/// Characters of a reason.
pub const LONGEST_REASON: usize = 200;

/// Why the program is not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramSetRefusal {
    /// A field cannot be meant.
    Invalid(Invalid),
    /// It has another version by now.
    VersionConflict {
        /// Which.
        current: i32,
    },
}

impl Refusal for ProgramSetRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::VersionConflict { current } => Problem::new(
                format!("It has version {current} by now; read it again."),
                format!("积分规则已更新至版本 {current}，请重新读取。"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::Invalid(invalid) => Some(invalid.field.clone()),
            Self::VersionConflict { .. } => Some("expectedVersion".to_owned()),
        }
    }
}

/// Why a member's points are not adjusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdjustRefusal {
    /// A field cannot be meant.
    Invalid(Invalid),
    /// There is no such member.
    MemberNotFound,
    /// There are no rules for points yet.
    NoProgram,
    /// More than one adjustment may.
    AboveLimit {
        /// How many it may.
        limit: i64,
    },
    /// The member does not have so many.
    NotEnough {
        /// How many they have.
        available: i64,
    },
    /// The idempotency key was used for something else.
    KeyReused,
    /// The first request with this key is still under way.
    InProgress,
}

impl Refusal for AdjustRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::MemberNotFound => Problem::new("There is no such member.", "会员不存在。"),
            Self::NoProgram => Problem::new(
                "There are no rules for points yet: set them first.",
                "尚未设置积分规则，请先设置。",
            ),
            Self::AboveLimit { limit } => Problem::new(
                format!("One adjustment gives or takes at most {limit} points."),
                format!("单次调整最多 {limit} 积分。"),
            ),
            Self::NotEnough { available } => Problem::new(
                format!("The member has only {available} points to spend."),
                format!("该会员可用积分仅 {available}。"),
            ),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
        }
    }

    fn field(&self) -> Option<String> {
        Some(match self {
            Self::Invalid(invalid) => return Some(invalid.field.clone()),
            Self::MemberNotFound => "member".to_owned(),
            Self::AboveLimit { .. } | Self::NotEnough { .. } => "points".to_owned(),
            Self::KeyReused | Self::InProgress => "idempotencyKey".to_owned(),
            Self::NoProgram => return None,
        })
    }
}
