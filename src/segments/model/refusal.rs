//! Why something is not done with segments.

use crate::error::{Problem, Refusal};
use crate::invalid::Invalid;

/// How many segments a merchant has at the most, those that were removed not counted.
pub const MOST_SEGMENTS: u64 = 500;

/// What names a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UseKind {
    /// A campaign that runs, is paused, or waits for its start.
    Campaign,
    /// A coupon template that hands out coupons, or may again.
    CouponTemplate,
    /// A message that waits for its time, or is being sent.
    Message,
    /// Another segment.
    Segment,
}

/// Something that names a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// What it is.
    pub kind: UseKind,
    /// Its id.
    pub id: String,
    /// What the merchant calls it.
    pub name: String,
}

impl Use {
    /// What names a segment.
    #[must_use]
    pub fn of(kind: UseKind, id: impl ToString, name: String) -> Self {
        Self {
            kind,
            id: id.to_string(),
            name,
        }
    }

    fn problem(&self) -> Problem {
        let (en, zh) = match self.kind {
            UseKind::Campaign => ("The campaign", "活动"),
            UseKind::CouponTemplate => ("The coupon", "优惠券"),
            UseKind::Message => ("The message", "群发消息"),
            UseKind::Segment => ("The segment", "分群"),
        };
        Problem::new(
            format!(
                "{en} “{}” ({}) uses it: change that first.",
                self.name, self.id
            ),
            format!(
                "{zh}“{}”（{}）正在使用该分群，请先修改。",
                self.name, self.id
            ),
        )
    }
}

fn no_segment() -> Problem {
    Problem::new("There is no such segment.", "分群不存在。")
}

fn name_taken() -> Problem {
    Problem::new("Another segment is called so.", "已有同名分群。")
}

fn too_many() -> Problem {
    Problem::new(
        format!("There are {MOST_SEGMENTS} segments already: remove one first."),
        format!("分群已达上限 {MOST_SEGMENTS} 个，请先删除。"),
    )
}

/// Why a segment is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateRefusal {
    /// A field cannot be meant.
    Invalid(Invalid),
    /// Another one is called so.
    NameTaken,
    /// There are as many as there may be.
    TooMany,
}

impl Refusal for CreateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::NameTaken => name_taken(),
            Self::TooMany => too_many(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::Invalid(invalid) => Some(invalid.field.clone()),
            Self::NameTaken => Some("name".to_owned()),
            Self::TooMany => None,
        }
    }
}

/// Why a segment is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateRefusal {
    /// There is no such segment.
    NotFound,
    /// It has another version by now.
    VersionConflict {
        /// Which.
        current: i32,
    },
    /// A field cannot be meant.
    Invalid(Invalid),
    /// It is a snapshot: who is in it is not changed.
    Snapshot,
    /// Another one is called so.
    NameTaken,
}

impl Refusal for UpdateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => no_segment(),
            Self::VersionConflict { current } => Problem::new(
                format!("It has version {current} by now: read it again."),
                format!("该分群已更新至版本 {current}，请刷新后重试。"),
            ),
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::Snapshot => Problem::new(
                "It is a snapshot: its rules are those that it was taken by. Make another segment.",
                "静态分群的规则不能修改，请新建分群。",
            ),
            Self::NameTaken => name_taken(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::NotFound => "id",
            Self::VersionConflict { .. } => "expectedVersion",
            Self::Invalid(invalid) => return Some(invalid.field.clone()),
            Self::Snapshot => "rules",
            Self::NameTaken => "name",
        };
        Some(field.to_owned())
    }
}

/// Why a segment is not removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RemoveRefusal {
    /// There is no such segment.
    NotFound,
    /// Something needs it.
    InUse(Use),
}

impl Refusal for RemoveRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => no_segment(),
            Self::InUse(by) => by.problem(),
        }
    }

    fn field(&self) -> Option<String> {
        Some("id".to_owned())
    }
}

/// Why no snapshot is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotRefusal {
    /// There is no such segment.
    NotFound,
    /// A field cannot be meant.
    Invalid(Invalid),
    /// Another segment is called so.
    NameTaken,
    /// There are as many as there may be.
    TooMany,
}

impl Refusal for SnapshotRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => no_segment(),
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::NameTaken => name_taken(),
            Self::TooMany => too_many(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::NotFound => Some("id".to_owned()),
            Self::Invalid(invalid) => Some(invalid.field.clone()),
            Self::NameTaken => Some("name".to_owned()),
            Self::TooMany => None,
        }
    }
}
