//! Why something is not done with campaigns: each reason with the rule's figure.

use crate::error::{Problem, Refusal};
use crate::invalid::Invalid;

/// Why a campaign is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateRefusal {
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
        let Self::Invalid(invalid) = self;
        invalid.problem.clone()
    }

    fn field(&self) -> Option<String> {
        let Self::Invalid(invalid) = self;
        Some(invalid.field.clone())
    }
}

/// Why a campaign is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateRefusal {
    /// There is no such campaign.
    NotFound,
    /// It has another version by now.
    VersionConflict {
        /// Which.
        current: i32,
    },
    /// It is over.
    Ended,
    /// It has begun: when it did so cannot be changed.
    AlreadyBegun,
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
            Self::Ended => ended(),
            Self::AlreadyBegun => Problem::new(
                "It has begun already: its start cannot be changed any more.",
                "活动已开始，不能再修改开始时间。",
            ),
            Self::Invalid(invalid) => invalid.problem.clone(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::NotFound => Some("id".to_owned()),
            Self::VersionConflict { .. } => Some("expectedVersion".to_owned()),
            Self::Ended => None,
            Self::AlreadyBegun => Some("startsAt".to_owned()),
            Self::Invalid(invalid) => Some(invalid.field.clone()),
        }
    }
}

/// Why a campaign is not begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActivateRefusal {
    /// There is no such campaign.
    NotFound,
    /// It has another version by now.
    VersionConflict {
        /// Which.
        current: i32,
    },
    /// It is over.
    Ended,
    /// Its end lies in the past.
    PeriodOver,
    /// As many run, or wait for their start, as may.
    TooManyRunning {
        /// How many.
        most: u64,
    },
}

impl Refusal for ActivateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::VersionConflict { current } => version_conflict(*current),
            Self::Ended => ended(),
            Self::PeriodOver => Problem::new(
                "Its end lies in the past: change that first.",
                "活动的结束时间已过，请先修改。",
            ),
            Self::TooManyRunning { most } => Problem::new(
                format!("At most {most} campaigns run, are paused or wait for their start."),
                format!("进行中、已暂停与待开始的活动最多 {most} 个。"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::NotFound => Some("id".to_owned()),
            Self::VersionConflict { .. } => Some("expectedVersion".to_owned()),
            Self::Ended | Self::PeriodOver | Self::TooManyRunning { .. } => None,
        }
    }
}

/// Why a campaign is not paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseRefusal {
    /// There is no such campaign.
    NotFound,
    /// It is a draft.
    NotRunning,
    /// It is over.
    Ended,
}

impl Refusal for PauseRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::NotRunning => Problem::new(
                "It is a draft: nobody is given it.",
                "活动仍为草稿，尚未生效。",
            ),
            Self::Ended => ended(),
        }
    }

    fn field(&self) -> Option<String> {
        matches!(self, Self::NotFound).then(|| "id".to_owned())
    }
}

/// Why a campaign is not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndRefusal {
    /// There is no such campaign.
    NotFound,
}

impl Refusal for EndRefusal {
    fn message(&self) -> Problem {
        not_found()
    }

    fn field(&self) -> Option<String> {
        Some("id".to_owned())
    }
}

/// Why a campaign is not duplicated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DuplicateRefusal {
    /// There is no such campaign.
    NotFound,
    /// A field cannot be meant.
    Invalid(Invalid),
}

impl From<Invalid> for DuplicateRefusal {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl Refusal for DuplicateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => not_found(),
            Self::Invalid(invalid) => invalid.problem.clone(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::NotFound => Some("id".to_owned()),
            Self::Invalid(invalid) => Some(invalid.field.clone()),
        }
    }
}

fn not_found() -> Problem {
    Problem::new("There is no such campaign.", "活动不存在。")
}

fn ended() -> Problem {
    Problem::new(
        "It is over, for good. Duplicate it to give the same again.",
        "活动已结束，不可再修改；可复制后重新开展。",
    )
}

fn version_conflict(current: i32) -> Problem {
    Problem::new(
        format!("It was changed meanwhile: it has version {current} now. Read it again."),
        format!("已被他人修改，当前版本为 {current}，请重新读取。"),
    )
}
