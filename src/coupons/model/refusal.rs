//! Why something is not done with coupons: each reason with the rule's figure.

use std::collections::HashSet;

use super::template::NoChange;
use crate::error::{Problem, Refusal};
use crate::idempotency;
use crate::invalid::Invalid;
use crate::members::model::check_new_member_no;

/// How many members one issuing names.
pub const MOST_MEMBERS: usize = 1_000;
/// How many codes are made at once.
pub const MOST_CODES: i64 = 10_000;
/// Characters of a reason.
pub const LONGEST_REASON: usize = 200;

/// Refuses no members at all, too many, the same one twice, and what is no number of a member.
pub fn check_members(member_nos: &[String]) -> Result<(), Invalid> {
    if !(1..=MOST_MEMBERS).contains(&member_nos.len()) {
        return Err(Invalid::new(
            "memberNos",
            format!("names 1 to {MOST_MEMBERS} members."),
            format!("须为 1 至 {MOST_MEMBERS} 位会员。"),
        ));
    }
    let mut seen = HashSet::with_capacity(member_nos.len());
    for (place, no) in member_nos.iter().enumerate() {
        let field = format!("memberNos.{place}");
        check_new_member_no(no).map_err(|problem| Invalid::because(field.as_str(), &problem))?;
        if !seen.insert(no) {
            return Err(Invalid::new(
                field,
                "is a member who is named before.",
                "与前面的会员重复。",
            ));
        }
    }
    Ok(())
}

pub(super) fn no_template() -> Problem {
    Problem::new("There is no such coupon template.", "优惠券模板不存在。")
}

fn code_taken() -> Problem {
    Problem::new(
        "Another template has this public code.",
        "该领券口令已被其他优惠券使用。",
    )
}

pub(super) fn not_active() -> Problem {
    Problem::new(
        "No coupons of it are handed out at the moment: it is paused or has ended.",
        "该优惠券已暂停或结束发放。",
    )
}

pub(super) fn over() -> Problem {
    Problem::new("Its coupons hold no longer.", "该优惠券的有效期已过。")
}

pub(super) fn used_up(left: i64) -> Problem {
    if left == 0 {
        return Problem::new("All of them are handed out.", "该优惠券已领完。");
    }
    Problem::new(
        format!("Only {left} of them are left."),
        format!("该优惠券仅剩 {left} 张。"),
    )
}

fn per_member(most: i64) -> Problem {
    Problem::new(
        format!("A member gets at most {most} of them."),
        format!("每位会员最多领取 {most} 张。"),
    )
}

/// Why a template is not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateCreateRefusal {
    /// A field cannot be meant.
    Invalid(Invalid),
    /// Another template has the public code.
    ClaimCodeTaken,
}

impl Refusal for TemplateCreateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::ClaimCodeTaken => code_taken(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::Invalid(invalid) => Some(invalid.field.clone()),
            Self::ClaimCodeTaken => Some("claimCode".to_owned()),
        }
    }
}

/// Why a template is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateUpdateRefusal {
    /// There is no such template.
    NotFound,
    /// It has another version by now.
    VersionConflict {
        /// Which.
        current: i32,
    },
    /// A field cannot be meant.
    Invalid(Invalid),
    /// It has ended, for good.
    Ended,
    /// More than that are handed out already.
    QuantityBelowIssued {
        /// How many.
        issued: i64,
    },
    /// Another template has the public code.
    ClaimCodeTaken,
}

impl From<NoChange> for TemplateUpdateRefusal {
    fn from(why: NoChange) -> Self {
        match why {
            NoChange::Invalid(invalid) => Self::Invalid(invalid),
            NoChange::Ended => Self::Ended,
            NoChange::BelowIssued(issued) => Self::QuantityBelowIssued { issued },
        }
    }
}

impl Refusal for TemplateUpdateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => no_template(),
            Self::VersionConflict { current } => Problem::new(
                format!("It has version {current} by now: read it again."),
                format!("该优惠券已更新至版本 {current}，请刷新后重试。"),
            ),
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::Ended => Problem::new(
                "It has ended, for good: make another one.",
                "该优惠券已结束，不能恢复，请新建。",
            ),
            Self::QuantityBelowIssued { issued } => Problem::new(
                format!("{issued} are handed out already: `quantity` cannot be less."),
                format!("已发放 {issued} 张，总量不能低于该数。"),
            ),
            Self::ClaimCodeTaken => code_taken(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::NotFound => "id",
            Self::VersionConflict { .. } => "expectedVersion",
            Self::Invalid(invalid) => return Some(invalid.field.clone()),
            Self::Ended => "state",
            Self::QuantityBelowIssued { .. } => "quantity",
            Self::ClaimCodeTaken => "claimCode",
        };
        Some(field.to_owned())
    }
}

/// Why a coupon is not claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimRefusal {
    /// A field cannot be meant.
    Invalid(Invalid),
    /// No template and no coupon has this code.
    CodeNotFound,
    /// The template is paused or has ended.
    NotActive,
    /// The coupon, or those of the template, hold no longer.
    Expired,
    /// All are handed out.
    UsedUp,
    /// The member has as many as one may.
    MemberLimit {
        /// How many.
        most: i64,
    },
    /// It is another member's.
    AlreadyClaimed,
    /// It is used, held by an order, or void.
    NotAvailable,
    /// The key was used for something else.
    KeyReused,
    /// The first request with the key is still under way.
    InProgress,
}

impl Refusal for ClaimRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::CodeNotFound => Problem::new(
                "There is no coupon with this code.",
                "没有该券码或口令对应的优惠券。",
            ),
            Self::NotActive => not_active(),
            Self::Expired => over(),
            Self::UsedUp => used_up(0),
            Self::MemberLimit { most } => per_member(*most),
            Self::AlreadyClaimed => Problem::new(
                "The coupon is another member's.",
                "该优惠券已被其他会员领取。",
            ),
            Self::NotAvailable => Problem::new(
                "The coupon is used, held by an order, or void.",
                "该优惠券已使用、被订单占用或已作废。",
            ),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::Invalid(invalid) => return Some(invalid.field.clone()),
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            Self::MemberLimit { .. } => "memberNo",
            _ => "code",
        };
        Some(field.to_owned())
    }
}

/// Why coupons are not voided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VoidRefusal {
    /// A field cannot be meant.
    Invalid(Invalid),
    /// There is no such coupon or template.
    NotFound {
        /// Which id.
        id: String,
    },
    /// An order holds it.
    Reserved {
        /// Its code.
        code: String,
    },
    /// A paid order has it.
    Used {
        /// Its code.
        code: String,
    },
}

impl Refusal for VoidRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid(invalid) => invalid.problem.clone(),
            Self::NotFound { id } => Problem::new(
                format!("There is no such coupon or template: {id}."),
                format!("优惠券或模板 {id} 不存在。"),
            ),
            Self::Reserved { code } => Problem::new(
                format!(
                    "An order that is not paid yet holds coupon {code}: close the order first."
                ),
                format!("优惠券 {code} 正被未支付订单占用，请先关闭该订单。"),
            ),
            Self::Used { code } => Problem::new(
                format!("Coupon {code} was used."),
                format!("优惠券 {code} 已使用。"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::Invalid(invalid) => Some(invalid.field.clone()),
            _ => Some("which".to_owned()),
        }
    }
}
