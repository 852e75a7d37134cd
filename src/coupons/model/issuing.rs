//! Why many coupons are not handed out at once, to members or as codes.

use entity::SegmentId;

use super::refusal::{check_members, no_template, not_active, over, used_up};
use crate::error::{Failure, Problem, Refusal};
use crate::idempotency;
use crate::invalid::Invalid;

/// Why no codes are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodesRefusal {
    /// A field cannot be meant.
    Invalid(Invalid),
    /// There is no such template.
    TemplateNotFound,
    /// It is paused or has ended.
    NotActive,
    /// Its coupons hold no longer.
    Expired,
    /// Fewer are left.
    UsedUp {
        /// How many.
        left: i64,
    },
    /// The key was used for something else.
    KeyReused,
    /// The first request with the key is still under way.
    InProgress,
}

impl Refusal for CodesRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::TemplateNotFound => no_template(),
            Self::NotActive => not_active(),
            Self::Expired => over(),
            Self::UsedUp { left } => used_up(*left),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::Invalid(invalid) => return Some(invalid.field.clone()),
            Self::TemplateNotFound | Self::NotActive | Self::Expired | Self::UsedUp { .. } => {
                "templateId"
            }
            Self::KeyReused | Self::InProgress => "idempotencyKey",
        };
        Some(field.to_owned())
    }
}

/// The most members of a segment who are given coupons at once: all of them, or none, in one transaction.
pub const MOST_OF_SEGMENT: usize = 10_000;

/// Who is to be given coupons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// The members of these numbers.
    Members(Vec<String>),
    /// Those who are in a segment now.
    Segment(SegmentId),
}

impl Whom {
    /// Refuses members of whom some cannot be meant.
    pub fn check(&self) -> Result<(), Invalid> {
        match self {
            Self::Members(nos) => check_members(nos),
            Self::Segment(_) => Ok(()),
        }
    }
}

/// Why members are given no coupons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssueRefusal {
    /// A field cannot be meant.
    Invalid(Invalid),
    /// There is no such template.
    TemplateNotFound,
    /// It is paused or has ended.
    NotActive,
    /// Its coupons hold no longer.
    Expired,
    /// There is no such segment.
    SegmentNotFound,
    /// More members are in the segment than are given coupons at once.
    SegmentTooLarge,
    /// Nobody is in the segment who may have one more.
    NobodyToGive,
    /// Fewer are left.
    UsedUp {
        /// How many.
        left: i64,
    },
    /// A member has as many as one may.
    MemberLimit {
        /// Whose number.
        member_no: String,
        /// How many.
        most: i64,
    },
    /// The key was used for something else.
    KeyReused,
    /// The first request with the key is still under way.
    InProgress,
}

impl Refusal for IssueRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::TemplateNotFound => no_template(),
            Self::NotActive => not_active(),
            Self::Expired => over(),
            Self::SegmentNotFound => Problem::new("There is no such segment.", "会员分群不存在。"),
            Self::SegmentTooLarge => Problem::new(
                format!(
                    "More than {MOST_OF_SEGMENT} members are in the segment: coupons are given to all of them at \
                     once, or to none. Narrow it, or make snapshots of parts of it."
                ),
                format!(
                    "该分群超过 {MOST_OF_SEGMENT} 人，单次发放要么全部成功、要么全部不发；请缩小范围，或拆分为多个静态分群。"
                ),
            ),
            Self::NobodyToGive => Problem::new(
                "Nobody is in the segment who may have one more.",
                "该分群中没有可领取该优惠券的会员。",
            ),
            Self::UsedUp { left } => used_up(*left),
            Self::MemberLimit { member_no, most } => Problem::new(
                format!("Member {member_no} has as many as one may: {most}."),
                format!("会员 {member_no} 已达每人限领 {most} 张。"),
            ),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::Invalid(invalid) => return Some(invalid.field.clone()),
            Self::TemplateNotFound | Self::NotActive | Self::Expired | Self::UsedUp { .. } => {
                "templateId"
            }
            Self::SegmentNotFound | Self::SegmentTooLarge | Self::NobodyToGive => "segmentId",
            Self::MemberLimit { .. } => "memberNos",
            Self::KeyReused | Self::InProgress => "idempotencyKey",
        };
        Some(field.to_owned())
    }
}

/// What stands in the way of codes stands in the way of coupons for members, too.
impl From<CodesRefusal> for IssueRefusal {
    fn from(why: CodesRefusal) -> Self {
        match why {
            CodesRefusal::Invalid(invalid) => Self::Invalid(invalid),
            CodesRefusal::TemplateNotFound => Self::TemplateNotFound,
            CodesRefusal::NotActive => Self::NotActive,
            CodesRefusal::Expired => Self::Expired,
            CodesRefusal::UsedUp { left } => Self::UsedUp { left },
            CodesRefusal::KeyReused => Self::KeyReused,
            CodesRefusal::InProgress => Self::InProgress,
        }
    }
}

impl From<Failure<CodesRefusal>> for Failure<IssueRefusal> {
    fn from(failure: Failure<CodesRefusal>) -> Self {
        match failure {
            Failure::Refused(why) => Self::Refused(why.into()),
            Failure::Failed(error) => Self::Failed(error),
        }
    }
}
