//! Coupons in GraphQL.

pub mod batch;
pub mod coupon;
pub mod enums;
pub mod inputs;
pub mod mutation;
pub mod payloads;
pub mod query;
pub mod template;
pub mod template_inputs;

pub use coupon::{Coupon, CouponConnection};
pub use mutation::CouponMutation;
pub use query::CouponQuery;
pub use template::{CouponTemplate, CouponTemplateConnection};
