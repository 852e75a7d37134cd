//! What campaigns and coupons give, decided without a database.

mod rules;

pub use rules::{Audience, Benefit, Hours, Limits, Rules, Scope, Stacking, Step};
