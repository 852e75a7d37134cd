//! What campaigns and coupons give, decided without a database.

pub mod effect;
mod rules;
pub mod simulation;

pub use rules::{Audience, Benefit, Hours, Limits, Rules, Scope, Stacking, Step};
