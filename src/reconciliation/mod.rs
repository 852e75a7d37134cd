//! Reconciliation 对账: what a payment platform says, compared with what is here.
//!
//! What does not fit becomes an *item*, once, and waits for a person. Notifications open items as they
//! come (another amount, a second payment); a *run* compares a channel's daily bill with payments, refunds
//! and fees, and a channel's list of transfers with payouts and the small amounts that checked bank accounts.
//! Reading and comparing is `model/`; the same bill twice is one run, and a bill that cannot be
//! read to its end, or whose own sums do not agree with its rows, is refused before anything is written.
//!
//! Days are those of Shanghai, as the platforms count them; of transfers, those on which they were submitted. Near midnight the two sides may put one payment
//! on different days: a row whose payment is here on another day fits, and that day's bill need not have
//! it; an item found within half an hour of midnight is *carried*, and a bill of another day clears it.
//!
//! An item is settled with a reason, and never deleted.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
