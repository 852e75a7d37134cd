//! Why something is not done with tiers: each reason with the rule's figure.

use crate::error::{Problem, Refusal};
use crate::invalid::Invalid;

/// Why a tier is not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetRefusal {
    /// There is no such tier.
    NotFound,
    /// It has another version by now.
    VersionConflict {
        /// Which.
        current: i32,
    },
    /// Another tier has this rank.
    RankTaken {
        /// Which.
        name: String,
    },
    /// A higher tier would ask for less than a lower one.
    AsksForLess {
        /// By which threshold.
        field: &'static str,
        /// The lower one.
        lower: String,
        /// The higher one.
        higher: String,
    },
    /// There are as many as may be.
    TooMany {
        /// How many.
        most: usize,
    },
    /// There is no such coupon template.
    TemplateNotFound,
    /// A field cannot be meant.
    Invalid(Invalid),
}

impl From<Invalid> for SetRefusal {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl Refusal for SetRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::VersionConflict { current } => version_conflict(*current),
            Self::RankTaken { name } => Problem::new(
                format!("The tier “{name}” has this rank: each has its own."),
                format!("等级“{name}”已使用该级别，级别不可重复。"),
            ),
            Self::AsksForLess { lower, higher, .. } => Problem::new(
                format!("“{higher}” is above “{lower}” and would ask for less over the same days."),
                format!("“{higher}”高于“{lower}”，同一统计周期内门槛不能更低。"),
            ),
            Self::TooMany { most } => Problem::new(
                format!("There are at most {most} tiers."),
                format!("等级最多 {most} 个。"),
            ),
            Self::TemplateNotFound => {
                Problem::new("There is no such coupon template.", "优惠券模板不存在。")
            }
            Self::Invalid(invalid) => invalid.problem.clone(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::NotFound => "id",
            Self::VersionConflict { .. } => "expectedVersion",
            Self::RankTaken { .. } => "rank",
            Self::AsksForLess { field, .. } => field,
            Self::TooMany { .. } => return None,
            Self::TemplateNotFound => "benefits.birthdayTemplateId",
            Self::Invalid(invalid) => return Some(invalid.field.clone()),
        };
        Some(field.to_owned())
    }
}

/// Why a tier is not taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoveRefusal {
    /// There is no such tier.
    NotFound,
    /// It has another version by now.
    VersionConflict {
        /// Which.
        current: i32,
    },
}

impl Refusal for RemoveRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::VersionConflict { current } => version_conflict(*current),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::NotFound => "id",
            Self::VersionConflict { .. } => "expectedVersion",
        };
        Some(field.to_owned())
    }
}

/// Why a member is not given a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssignRefusal {
    /// There is no such member.
    MemberNotFound,
    /// There is no such tier.
    TierNotFound,
    /// They reach a higher one by themselves.
    ReachesMore {
        /// Which.
        name: String,
    },
    /// A field cannot be meant.
    Invalid(Invalid),
}

impl From<Invalid> for AssignRefusal {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl Refusal for AssignRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::MemberNotFound => Problem::new("There is no such member.", "会员不存在。"),
            Self::TierNotFound => not_found(),
            Self::ReachesMore { name } => Problem::new(
                format!("They reach “{name}” by themselves, which is higher."),
                format!("该会员已达到更高的等级“{name}”。"),
            ),
            Self::Invalid(invalid) => invalid.problem.clone(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::MemberNotFound => "member",
            Self::TierNotFound | Self::ReachesMore { .. } => "tierId",
            Self::Invalid(invalid) => return Some(invalid.field.clone()),
        };
        Some(field.to_owned())
    }
}

fn not_found() -> Problem {
    Problem::new("There is no such tier.", "等级不存在。")
}

fn version_conflict(current: i32) -> Problem {
    Problem::new(
        format!("It was changed meanwhile: it has version {current} now. Read it again."),
        format!("已被他人修改，当前版本为 {current}，请重新读取。"),
    )
}
