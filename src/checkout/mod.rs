//! The checkout 结算: what a cart costs with its campaigns and coupons, and what of them an order takes.
//!
//! ```text
//! RESERVED (the order is made) → COMMITTED (it is paid) → ROLLED_BACK (refunded in full, where the offer says so)
//!     └ → ROLLED_BACK (it is closed) → COMMITTED (it is paid after all)
//! ```
//!
//! A quote says what a cart costs and why, and takes nothing. An order is priced once more, and refused where it costs
//! something else than its buyer was told; what it takes of limits, budgets and coupons is taken in the transaction
//! that makes it. Limits and budgets are held by counters, whoever comes at the same time. What a closed order held is
//! there for others; where it is paid after all, it is taken once more, and what is gone by then is given all the
//! same, uncounted: the buyer has paid that price.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
