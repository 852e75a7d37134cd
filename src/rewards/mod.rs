//! Rewards 积分商品: what points are given for, while there is some left of it.
//!
//! ```text
//! redeemed → PENDING → FULFILLED (handed over; a coupon is at once)
//!               ↓          ↓
//!            CANCELED: the points go back to where they came from, the stock and the coupon, too
//! ```
//!
//! A redemption is one transaction under the lock on its member: how many they have of it is counted, their points are
//! spent, a coupon is handed out, and the stock is taken last, by a statement that takes nothing where nothing is left.
//! Whoever comes second gets nothing and loses nothing. What a reward costs is what stood there when it was redeemed:
//! who changes a reward waits for those who are redeeming it, and they for who changes it.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
