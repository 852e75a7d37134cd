//! Reconciliation 对账: what a payment platform says, compared with what is here.
//!
//! What does not fit becomes an *item*, once, and waits for a person. Notifications open items as they
//! come (another amount, a second payment); a *run* compares a channel's daily bill with payments and
//! refunds. Near midnight the two sides may put one payment on different days: such an item is *carried*,
//! and the next day's bill clears it. An item is settled with a reason, and never deleted.

pub mod schema;
pub mod service;
