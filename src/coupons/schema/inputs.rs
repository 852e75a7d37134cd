//! What clients send about coupons.

use async_graphql::{ID, InputObject, OneofObject};
use entity::{CouponId, CouponTemplateId, SegmentId};

use super::enums::{CouponOrigin, CouponState};
use crate::coupons::model::{CouponFilter, IssueRefusal, VoidRefusal, Whom, read_beginning};
use crate::coupons::service::VoidWhich;
use crate::error::Error;
use crate::graphql::scalars::{Timestamp, read_id};
use crate::invalid::Invalid;
use crate::members::schema::filter_input::read_member_no;
use crate::orders::schema::inputs::many;

/// Exactly one of a coupon's names.
#[derive(Clone, Debug, OneofObject)]
pub enum CouponByInput {
    /// The global id.
    Id(ID),
    /// Its code 券码, however it is typed.
    Code(String),
}

/// Which coupons are wanted. Everything that is given must hold; a list holds where any of its values does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CouponFilterInput {
    /// Of this template.
    pub template_id: Option<ID>,
    /// Handed out together: of this batch.
    pub batch_id: Option<ID>,
    /// Of the member of this number 会员号. Needs `members:read`.
    pub member_no: Option<String>,
    /// Whether a member owns it.
    pub owned: Option<bool>,
    /// In any of these states, now.
    pub state: Option<Vec<CouponState>>,
    /// Of any of these origins.
    pub origin: Option<Vec<CouponOrigin>>,
    /// Its code, or the beginning of it, however it is typed. Needs `coupons:issue`: it would tell a code letter by
    /// letter.
    pub code: Option<String>,
    /// It can still be used, now or later, and ends before this.
    pub expiring_before: Option<Timestamp>,
}

impl CouponFilterInput {
    /// Reads the filter; what cannot be meant is named.
    pub fn read(self) -> Result<CouponFilter, Error> {
        let path = "filter";
        if let Some(no) = &self.member_no {
            read_member_no("filter.memberNo", no)?;
        }
        let template_id = self.template_id.as_ref();
        let batch_id = self.batch_id.as_ref();
        Ok(CouponFilter {
            template_id: template_id
                .map(|id| read_id("filter.templateId", id))
                .transpose()?,
            batch_id: batch_id
                .map(|id| read_id("filter.batchId", id))
                .transpose()?,
            member_no: self.member_no,
            owned: self.owned,
            states: many(path, "state", self.state.as_deref())?,
            origins: many(path, "origin", self.origin.as_deref())?,
            code: self.code.map(|code| read_beginning(&code)),
            expiring_before: self.expiring_before.map(|at| at.0),
        })
    }
}

/// Members who are to be given coupons 发放优惠券.
#[derive(Clone, Debug, InputObject)]
pub struct CouponIssueInput {
    /// Any text of yours, 8 to 128 characters, new for each issuing: sent again, the same request returns the same
    /// coupons.
    pub idempotency_key: String,
    /// Of which template.
    pub template_id: ID,
    /// The shop's own numbers of the members 会员号, 1 to 1,000, none of them twice. Who was never named before becomes
    /// a member. Either these or `segmentId`.
    pub member_nos: Option<Vec<String>>,
    /// A segment 会员分群, of at most 10,000 members: each who is in it now, but those who have as many as one may.
    pub segment_id: Option<ID>,
}

impl CouponIssueInput {
    /// Who is meant; an id that is none names nothing.
    pub fn read_whom(&self) -> Result<Whom, IssueRefusal> {
        match (&self.member_nos, &self.segment_id) {
            (Some(nos), None) => Ok(Whom::Members(nos.clone())),
            (None, Some(id)) => {
                let read = read_id::<SegmentId>("segmentId", id);
                read.map(Whom::Segment)
                    .map_err(|_| IssueRefusal::SegmentNotFound)
            }
            _ => Err(IssueRefusal::Invalid(Invalid::new(
                "segmentId",
                "or `memberNos` must be given: exactly one of them.",
                "与 `memberNos` 须且只能给出其一。",
            ))),
        }
    }
}

/// Single-use codes that are to be made 批量生成兑换码.
#[derive(Clone, Debug, InputObject)]
pub struct CouponCodesCreateInput {
    /// Any text of yours, 8 to 128 characters, new for each making: sent again, the same request returns the same codes.
    pub idempotency_key: String,
    /// Of which template.
    pub template_id: ID,
    /// How many, 1 to 10,000.
    pub count: i32,
}

/// A coupon that a member claims 领取优惠券.
#[derive(Clone, Debug, InputObject)]
pub struct CouponClaimInput {
    /// Any text of yours, 8 to 128 characters, new for each claim: sent again, the same request returns the same coupon.
    pub idempotency_key: String,
    /// A template's public code 领券口令, or a single-use code 兑换码 that nobody owns yet.
    pub code: String,
    /// The shop's own number of the member 会员号. Who was never named before becomes a member.
    pub member_no: String,
}

/// Which coupons are to be voided: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum CouponVoidWhichInput {
    /// These, 1 to 1,000: all of them, or none where one of them is held or used.
    CouponIds(Vec<ID>),
    /// All of this template that can still be used, now or later; those that an order holds stay.
    TemplateId(ID),
}

/// Coupons that are to be voided 作废优惠券.
#[derive(Clone, Debug, InputObject)]
pub struct CouponVoidInput {
    /// Which.
    pub which: CouponVoidWhichInput,
    /// Why 作废原因, 1 to 200 characters.
    pub reason: String,
}

impl CouponVoidWhichInput {
    /// What is meant; an id that is none names nothing.
    pub fn read(&self) -> Result<VoidWhich, VoidRefusal> {
        let strange = |id: &ID| VoidRefusal::NotFound { id: id.to_string() };
        Ok(match self {
            Self::CouponIds(ids) => {
                let ids = ids.iter().map(|id| {
                    let read = read_id::<CouponId>("which.couponIds", id);
                    read.map_err(|_| strange(id))
                });
                VoidWhich::Coupons(ids.collect::<Result<_, _>>()?)
            }
            Self::TemplateId(id) => {
                let read = read_id::<CouponTemplateId>("which.templateId", id);
                VoidWhich::Template(read.map_err(|_| strange(id))?)
            }
        })
    }
}
