//! What a shop asks for at the checkout, and why it is not given.

use serde::Serialize;

use super::PointsProblem;
use super::words::shown;
use crate::error::{Problem, Refusal};
use crate::money::Currency;

/// What an order is to be given, and what the buyer was told that it costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckoutWish {
    /// The codes of the coupons that the buyer chose.
    pub coupon_codes: Vec<String>,
    /// How many points pay for a part. Left out of what is hashed where there are none: keys of before stay what they
    /// were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<i64>,
    /// What the buyer was told is to be paid, in minor units.
    pub expected_payable_minor: i64,
}

/// Why an order is not made at its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckoutRefusal {
    /// It costs something else by now.
    PriceChanged {
        /// What is to be paid, in minor units.
        payable_minor: i64,
        /// The currency.
        currency: Currency,
    },
    /// A coupon takes nothing off.
    CouponNotUsable {
        /// Its code, as it was given.
        code: String,
        /// Why.
        why: Problem,
    },
    /// Nobody is known whose points could pay.
    PointsNeedMember,
    /// The merchant takes no points as payment.
    PointsNotAccepted,
    /// The member has fewer points.
    NotEnoughPoints {
        /// How many.
        has: i64,
    },
    /// This order takes fewer points.
    TooManyPoints {
        /// How many.
        most: i64,
    },
    /// Somebody was faster.
    OfferUsedUp,
    /// An offer was changed while the order was being made, more than once.
    OfferChanged,
}

impl From<PointsProblem> for CheckoutRefusal {
    fn from(problem: PointsProblem) -> Self {
        match problem {
            PointsProblem::NotAMember => Self::PointsNeedMember,
            PointsProblem::NotAccepted => Self::PointsNotAccepted,
            PointsProblem::NotEnough { has } => Self::NotEnoughPoints { has },
            PointsProblem::OverCap { most } => Self::TooManyPoints { most },
        }
    }
}

impl Refusal for CheckoutRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::PriceChanged {
                payable_minor,
                currency,
            } => {
                let payable = shown(*payable_minor, *currency);
                Problem::new(
                    format!("The price has changed: {payable} is to be paid now. Quote again."),
                    format!("价格已变化，现应付 {payable}，请重新试算。"),
                )
            }
            Self::CouponNotUsable { code, why } => Problem::new(
                format!("The coupon {code} takes nothing off: {}", why.en),
                format!("优惠券 {code} 不可用：{}", why.zh),
            ),
            Self::PointsNeedMember => PointsProblem::NotAMember.problem(),
            Self::PointsNotAccepted => PointsProblem::NotAccepted.problem(),
            Self::NotEnoughPoints { has } => PointsProblem::NotEnough { has: *has }.problem(),
            Self::TooManyPoints { most } => PointsProblem::OverCap { most: *most }.problem(),
            Self::OfferUsedUp => Problem::new(
                "Somebody was faster: an offer has just been used up. Quote again.",
                "优惠刚刚被抢完，请重新试算。",
            ),
            Self::OfferChanged => Problem::new(
                "An offer is being changed at this moment. Quote again.",
                "优惠正在变更，请重新试算。",
            ),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::PriceChanged { .. } => "checkout.expectedPayable",
            Self::CouponNotUsable { .. } => "checkout.couponCodes",
            Self::PointsNeedMember
            | Self::PointsNotAccepted
            | Self::NotEnoughPoints { .. }
            | Self::TooManyPoints { .. } => "checkout.points",
            Self::OfferUsedUp | Self::OfferChanged => "checkout",
        };
        Some(field.to_owned())
    }
}
