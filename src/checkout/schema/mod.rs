//! The checkout in GraphQL.

mod enums;
mod inputs;
mod query;
mod quote;
mod redemption;

pub use enums::{CouponProblemCode, NotAppliedCode, OfferKind, PointsProblemCode, RedemptionState};
pub use inputs::{CheckoutInput, CheckoutQuoteInput, read_checkout};
pub use query::CheckoutQuery;
pub use quote::CheckoutQuote;
pub use redemption::{Redemption, redemptions_of};
