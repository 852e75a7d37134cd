//! Points 积分: earned by what is paid, spent before they end, taken back with a refund. Every change is an entry that is
//! never edited; a member's points are what is left of their lots.
//!
//! ```text
//! paid → a lot (pending → released) → spent, first what ends first → given back
//!                                   → clawed back with a refund      → owed, where it was spent already
//!                                   → expired
//! ```
//!
//! What is decided is decided on a [`model::Purse`], in memory; [`service::book`] writes what it did, in the
//! transaction that holds the member's row. Who owes points has none: whatever comes goes against that first.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
