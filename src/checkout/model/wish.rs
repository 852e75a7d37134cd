//! What a shop asks for at the checkout, and why it is not given.

use serde::Serialize;

use super::words::shown;
use crate::error::{Problem, Refusal};
use crate::money::Currency;

/// What an order is to be given, and what the buyer was told that it costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckoutWish {
    /// The codes of the coupons that the buyer chose.
    pub coupon_codes: Vec<String>,
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
    /// Somebody was faster.
    OfferUsedUp,
    /// An offer was changed while the order was being made, more than once.
    OfferChanged,
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
            Self::OfferUsedUp | Self::OfferChanged => "checkout",
        };
        Some(field.to_owned())
    }
}
