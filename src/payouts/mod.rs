//! Payouts 提现: money out to the merchant's bank account.
//!
//! ```text
//! AWAITING_APPROVAL → PROCESSING → PAID → RETURNED
//!    ↓        ↓        ↓  ↑ ↓
//! REJECTED  CANCELED   ↓  UNKNOWN → PAID or FAILED
//!                    FAILED → PAID, where a bill proves it
//! ```
//!
//! **Nobody moves money with a session alone.** A member of staff asks for a *challenge*, which shows account,
//! amount, fee and what arrives, and signs it with a second factor within two minutes: the code is spent in the
//! transaction that sets the money aside, and of what is sent with it nothing but the challenge counts. API keys
//! read payouts and make none. Above the merchant's limit a second person agrees, with a code of their own.
//!
//! What was signed is kept as a keyed hash over merchant, payout, account, number, amount, fee and who agreed. It is
//! compared before the platform is called: a row that somebody has edited in the database is never sent.
//!
//! The money is set aside and committed; then a worker, under a lease, asks the payment platform; then the outcome
//! is written. What the platform left unclear is UNKNOWN, never FAILED: it is asked about, and sent again, under
//! the same number alone, only once the platform says that it does not know it and cannot be at work on it any
//! more. A bank may return what it had: so the platform is asked once a day for fifteen working days. What comes back
//! is what the ledger says was set aside, or has left, whatever the row says by then.
//!
//! What the platform's own list of transfers says is compared with all this: see `reconciliation`.
//!
//! A payout leaves through the channel that was shown, whose credentials a second factor has agreed to, and not before
//! they have cooled off: who could change them at once would pay out to themselves. What came in through the sandbox,
//! which moves no money, leaves through no real platform.
//!
//! What nobody but the payment platform can know, the gateway's own staff says (`yigate payout-resolve`): a
//! merchant that said itself that a payout had failed or come back would make itself a present.
//!
//! A *schedule* asks by itself, once for each moment, on the merchant's clock; it is bound to an account that a
//! second factor has agreed to, leaves what is to stay, and waits for a second person like everybody.

pub mod loader;
pub mod model;
pub mod schema;
pub mod service;
pub mod worker;
