//! Bank accounts 结算账户: where a merchant's money goes, and nowhere else.
//!
//! ```text
//! CHECKING → VERIFIED → UNBOUND
//!     ↓
//!   FAILED
//! ```
//!
//! - A member of staff binds an account with a second factor. A **card** 对私银行卡 has to be one: Luhn's check
//!   digit, the length of its bank's cards, and no first digits of another bank's. A **company's account** 对公账户 has
//!   no such form.
//! - A **small amount** 小额打款 is then sent to it, by the platform of a channel that can; whoever sees it arrive
//!   enters it, and has proved that the account is theirs. Three wrong ones, or the platform's no, and it is FAILED.
//!   It is sent as refunds are: the intent is committed with the amount, a worker claims it under a lease, asks
//!   outside any transaction, and its answer counts under the last lease alone. An answer that was lost is asked for
//!   again under the same number, for the same amount.
//! - For a day after it was verified no payout goes to it (**cooling-off** 冷静期): who has stolen a session
//!   gains nothing before the owner notices.
//! - It is unbound with a second factor, and not while a payout to it is on the way, or the schedule uses it.
//! - Holder and number are sealed, bound to the merchant and the account; a number is found by a keyed hash alone.
//!   Nobody is ever shown more than `张**` and `**** **** **** 1234`: not events, not logs, not errors that a
//!   platform words itself.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
