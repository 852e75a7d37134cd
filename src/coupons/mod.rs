//! Coupons 优惠券: templates say what they give, how many there are and how long they hold; each is used once.
//!
//! ```text
//! AVAILABLE → RESERVED (an order holds it) → USED (the order is paid)
//!     ↓  ↖ ← ← ← the order is closed, or refunded in full ← ← ↙
//!    VOID
//! ```
//!
//! A coupon is given to a member, claimed by a member with the template's public code, or made as a single-use code
//! for whoever has it. How many may be handed out, in all and to one member, is held by counters that no number of
//! requests at once can pass. What a template gives is never changed; that a coupon has expired is told by its time.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
