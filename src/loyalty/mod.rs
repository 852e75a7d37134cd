//! Loyalty: what an order does for its member, in one order that everybody shares: their figures, their points, their
//! tier.
//!
//! The member's row is locked behind the order's and before coupons and counters: whoever changes points, figures or a
//! tier waits for it.

mod merge;
pub mod service;

pub use merge::merge;
