//! Why something is not done with members: each reason with the rule's figure.

use crate::error::{Problem, Refusal};
use crate::invalid::Invalid;

/// Why a member is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateRefusal {
    /// A field cannot be meant.
    Invalid(Invalid),
    /// There is a member of that number.
    NumberTaken,
}

impl Refusal for CreateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::NumberTaken => Problem::new(
                "There is a member of this number: change that one, or give another number.",
                "该会员号已存在：请修改该会员，或使用其他会员号。",
            ),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::Invalid(invalid) => Some(invalid.field.clone()),
            Self::NumberTaken => Some("memberNo".to_owned()),
        }
    }
}

/// Why a member is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateRefusal {
    /// There is no such member.
    NotFound,
    /// They have another version by now.
    VersionConflict {
        /// Which.
        current: i32,
    },
    /// What named them was erased, for good.
    Erased,
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
            Self::VersionConflict { current } => Problem::new(
                format!(
                    "They were changed meanwhile: they have version {current} now. Read them again."
                ),
                format!("该会员已被他人修改，当前版本为 {current}，请重新读取。"),
            ),
            Self::Erased => erased(),
            Self::Invalid(invalid) => invalid.problem.clone(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::NotFound | Self::Erased => Some("id".to_owned()),
            Self::VersionConflict { .. } => Some("expectedVersion".to_owned()),
            Self::Invalid(invalid) => Some(invalid.field.clone()),
        }
    }
}

/// Why it is not written down whether a member agrees to be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsentRefusal {
    /// There is no such member.
    NotFound,
    /// What named them was erased, for good.
    Erased,
    /// A field cannot be meant.
    Invalid(Invalid),
}

impl Refusal for ConsentRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::Erased => erased(),
            Self::Invalid(invalid) => invalid.problem.clone(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::NotFound | Self::Erased => Some("id".to_owned()),
            Self::Invalid(invalid) => Some(invalid.field.clone()),
        }
    }
}

fn not_found() -> Problem {
    Problem::new("There is no such member.", "会员不存在。")
}

fn erased() -> Problem {
    Problem::new(
        "What named this member was erased, for good: nobody is written into them again.",
        "该会员的个人信息已删除，不能再填写。",
    )
}
