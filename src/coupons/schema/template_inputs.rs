//! What clients send about coupon templates.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};

use super::enums::CouponTemplateState;
use crate::campaigns::schema::rules::{BenefitKind, RefundPolicy};
use crate::campaigns::schema::rules_input::OfferRulesInput;
use crate::coupons::model::{
    GROUP, TemplateChange, TemplateDraft, TemplateFilter, Validity, read_claim_code,
};
use crate::error::Error;
use crate::graphql::scalars::Timestamp;
use crate::invalid::Invalid;
use crate::money::Currency;
use crate::orders::schema::inputs::{many, read_search};

/// Which coupon templates are wanted. Everything that is given must hold; a list holds where any of its values does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CouponTemplateFilterInput {
    /// In any of these states.
    pub state: Option<Vec<CouponTemplateState>>,
    /// That give in any of these ways.
    pub kind: Option<Vec<BenefitKind>>,
    /// A part of the name.
    pub search: Option<String>,
    /// With this public code 领券口令.
    pub claim_code: Option<String>,
}

impl CouponTemplateFilterInput {
    /// Reads the filter; what cannot be meant is named.
    pub fn read(self) -> Result<TemplateFilter, Error> {
        let path = "filter";
        let claim_code = self.claim_code.map(|code| {
            read_claim_code(&code).ok_or_else(|| {
                Error::bad_input(
                    "filter.claimCode",
                    "is no public code: these have 4 to 32 letters, digits and hyphens.",
                    "不是有效的领券口令：须为 4 至 32 位字母、数字或连字符。",
                )
            })
        });
        Ok(TemplateFilter {
            states: many(path, "state", self.state.as_deref())?,
            kinds: many(path, "kind", self.kind.as_deref())?,
            search: read_search(path, self.search.as_deref())?,
            claim_code: claim_code.transpose()?,
        })
    }
}

/// For how long coupons are to hold 有效期: exactly one of these.
#[derive(Clone, Debug, OneofObject)]
pub enum CouponValidityInput {
    /// 固定日期: until an instant.
    Fixed(CouponFixedValidityInput),
    /// 领取后 N 天: for so many days after the day on which a coupon is handed out, to the end of the last one in the
    /// merchant's time zone; 1 to 3,650.
    Days(i32),
}

/// A validity that is fixed 固定有效期.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct CouponFixedValidityInput {
    /// From when; from when a coupon is handed out where it is missing.
    pub from: Option<Timestamp>,
    /// Until before when: in the future, at most ten years ahead.
    pub until: Timestamp,
}

impl From<CouponValidityInput> for Validity {
    fn from(input: CouponValidityInput) -> Self {
        match input {
            CouponValidityInput::Fixed(fixed) => Self::Fixed {
                from: fixed.from.map(|at| at.0),
                until: fixed.until.0,
            },
            CouponValidityInput::Days(days) => Self::Days(days),
        }
    }
}

/// A coupon template to be made 新建优惠券.
#[derive(Clone, Debug, InputObject)]
pub struct CouponTemplateCreateInput {
    /// What payers are shown, 1 to 60 characters.
    pub name: String,
    /// What a coupon gives, on what, to whom, when; without `limits`. It is never changed.
    pub rules: OfferRulesInput,
    /// Whether an order may take it beside other coupons 可叠加. Where it is false and `rules.stacking` names no group, it
    /// is in the group `coupon`, of which an order takes one.
    #[graphql(default)]
    pub stackable: bool,
    /// For how long coupons hold.
    pub validity: CouponValidityInput,
    /// How many may be handed out in all, 1 to 10,000,000.
    pub quantity: i32,
    /// How many one member may get, 1 to 1,000; any number where it is missing.
    pub per_member: Option<i32>,
    /// The public code 领券口令 by which members claim one, 4 to 32 letters, digits and hyphens, whatever their case.
    pub claim_code: Option<String>,
    /// What a full refund of the order does with the coupon. It can be changed later, for coupons that are used already
    /// as well.
    #[graphql(default_with = "RefundPolicy::Restore")]
    pub refund_policy: RefundPolicy,
}

impl CouponTemplateCreateInput {
    /// What is to be made.
    pub fn read(self, currency: Currency) -> Result<TemplateDraft, Invalid> {
        let mut rules = self.rules.read(currency)?;
        if !self.stackable && rules.stacking.group.is_none() {
            rules.stacking.group = Some(GROUP.to_owned());
        }
        Ok(TemplateDraft {
            name: self.name,
            rules,
            validity: self.validity.into(),
            quantity: self.quantity.into(),
            per_member: self.per_member.map(i64::from),
            claim_code: self.claim_code,
            refund_policy: self.refund_policy.into(),
        })
    }
}

/// What is to be changed of a coupon template 修改优惠券; what is missing stays as it is.
#[derive(Clone, Debug, InputObject)]
pub struct CouponTemplateUpdateInput {
    /// Which.
    pub id: ID,
    /// Its version as you know it.
    pub expected_version: i32,
    /// What payers are shown, 1 to 60 characters.
    pub name: Option<String>,
    /// Whether coupons are handed out. ENDED is for good.
    pub state: Option<CouponTemplateState>,
    /// How many may be handed out in all: not fewer than are.
    pub quantity: Option<i32>,
    /// How many one member may get; null for any number. Who has more keeps them.
    pub per_member: MaybeUndefined<i32>,
    /// The public code; null for none.
    pub claim_code: MaybeUndefined<String>,
    /// What a full refund does from now on, whenever the coupon was used.
    pub refund_policy: Option<RefundPolicy>,
}

impl CouponTemplateUpdateInput {
    /// What is to be changed.
    pub fn read(self) -> TemplateChange {
        TemplateChange {
            name: self.name,
            state: self.state.map(Into::into),
            quantity: self.quantity.map(i64::from),
            per_member: given(self.per_member).map(|most| most.map(i64::from)),
            claim_code: given(self.claim_code),
            refund_policy: self.refund_policy.map(Into::into),
        }
    }
}

/// What was given, which may be nothing; none where nothing was said.
fn given<T>(input: MaybeUndefined<T>) -> Option<Option<T>> {
    match input {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}
