//! What mutations of coupons answer.

use super::batch::CouponBatch;
use super::coupon::Coupon;
use super::template::CouponTemplate;
use crate::coupons::model::{
    ClaimRefusal, CodesRefusal, IssueRefusal, TemplateCreateRefusal, TemplateUpdateRefusal,
    VoidRefusal,
};
use crate::graphql::payload::payload;
use crate::graphql::plain::Lean;

payload! {
    /// What `couponTemplateCreate` did.
    CouponTemplateCreatePayload {
        /// The template, ACTIVE.
        coupon_template: Lean<CouponTemplate>,
    }
    /// Why a coupon template was not made.
    CouponTemplateCreateError / CouponTemplateCreateErrorCode from TemplateCreateRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// Another template has this public code.
        ClaimCodeTaken,
    }
}

payload! {
    /// What `couponTemplateUpdate` did.
    CouponTemplateUpdatePayload {
        /// The template, as it is now.
        coupon_template: Lean<CouponTemplate>,
    }
    /// Why a coupon template was not changed.
    CouponTemplateUpdateError / CouponTemplateUpdateErrorCode from TemplateUpdateRefusal {
        /// There is no such template.
        NotFound,
        /// It has another version by now: read it again.
        VersionConflict,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// It has ended, for good.
        Ended,
        /// More are handed out already; the message says how many.
        QuantityBelowIssued,
        /// Another template has this public code.
        ClaimCodeTaken,
    }
}

payload! {
    /// What `couponIssue` did.
    CouponIssuePayload {
        /// The coupons, one for each member; `count` says how many of a segment were given one.
        batch: CouponBatch,
    }
    /// Why no coupons were given to members.
    CouponIssueError / CouponIssueErrorCode from IssueRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// There is no such template.
        TemplateNotFound,
        /// It is paused or has ended.
        NotActive,
        /// Its coupons hold no longer.
        Expired,
        /// Fewer are left; the message says how many.
        UsedUp,
        /// There is no such segment.
        SegmentNotFound,
        /// More members are in the segment than are given coupons at once: 10,000.
        SegmentTooLarge,
        /// Nobody is in the segment, or all of them have as many as one may.
        NobodyToGive,
        /// A member has as many as one may; the message says who, and how many.
        MemberLimit,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}

payload! {
    /// What `couponCodesCreate` did.
    CouponCodesCreatePayload {
        /// The coupons, each for whoever has its code.
        batch: CouponBatch,
    }
    /// Why no codes were made.
    CouponCodesCreateError / CouponCodesCreateErrorCode from CodesRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// There is no such template.
        TemplateNotFound,
        /// It is paused or has ended.
        NotActive,
        /// Its coupons hold no longer.
        Expired,
        /// Fewer are left; the message says how many.
        UsedUp,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}

payload! {
    /// What `couponClaim` did.
    CouponClaimPayload {
        /// The coupon, the member's.
        coupon: Lean<Coupon>,
    }
    /// Why a coupon was not claimed.
    CouponClaimError / CouponClaimErrorCode from ClaimRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// No template and no coupon has this code.
        CodeNotFound,
        /// The template is paused or has ended.
        NotActive,
        /// The coupon, or those of the template, hold no longer.
        Expired,
        /// All are handed out 已领完.
        UsedUp,
        /// The member has as many as one may; the message says how many.
        MemberLimit,
        /// It is another member's.
        AlreadyClaimed,
        /// It is used, held by an order, or void.
        NotAvailable,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}

payload! {
    /// What `couponVoid` did.
    CouponVoidPayload {
        /// How many coupons were voided now; those that were void before do not count.
        voided: i64,
        /// With `templateId`: how many of the template stay because an order holds them.
        reserved: i64,
        /// With `templateId`: whether there are more, since 20,000 are voided at once. Send the same again.
        more: bool,
    }
    /// Why no coupons were voided.
    CouponVoidError / CouponVoidErrorCode from VoidRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// There is no such coupon or template; the message says which.
        NotFound,
        /// An order that is not paid yet holds one of them; the message says which.
        Reserved,
        /// One of them was used; the message says which.
        Used,
    }
}
