//! Which templates and coupons lists want.

use chrono::{DateTime, Utc};
use entity::campaign::BenefitKind;
use entity::coupon::CouponOrigin;
use entity::coupon_template::TemplateState;
use entity::{CouponBatchId, CouponTemplateId};

use super::state::Shown;

/// Which templates are wanted. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateFilter {
    /// Any of these states.
    pub states: Option<Vec<TemplateState>>,
    /// Any of these ways of giving.
    pub kinds: Option<Vec<BenefitKind>>,
    /// A part of the name.
    pub search: Option<String>,
    /// The public code, as it is kept.
    pub claim_code: Option<String>,
}

/// Which coupons are wanted. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CouponFilter {
    /// Of this template.
    pub template_id: Option<CouponTemplateId>,
    /// Handed out together.
    pub batch_id: Option<CouponBatchId>,
    /// Of the member of this number.
    pub member_no: Option<String>,
    /// Whether a member owns it.
    pub owned: Option<bool>,
    /// Any of these states.
    pub states: Option<Vec<Shown>>,
    /// Any of these origins.
    pub origins: Option<Vec<CouponOrigin>>,
    /// Its code, or the beginning of it; none of them where an inner none.
    pub code: Option<Option<String>>,
    /// It ends before this, and has not ended.
    pub expiring_before: Option<DateTime<Utc>>,
}
