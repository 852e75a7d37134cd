//! The ledger 账户资金: double entry, from which every balance follows.
//!
//! A *transaction* belongs to a step of a source (a payment credited, a refund reserved) and is posted at
//! most once; its *entries* are positive amounts with a direction whose debits equal their credits. Both
//! are never edited. It is posted in the database transaction of what causes it.
//!
//! A balance is credits less debits, so that all accounts of a merchant together are always zero. What
//! only adds is appended and folded into the merchant's one balance row a moment later, so that payments
//! of one merchant never wait for each other; what takes from AVAILABLE locks that row, and is refused
//! where not enough is there. A balance is that row and what is not folded yet.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
