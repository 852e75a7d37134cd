//! Decides about bank accounts: which numbers can be meant, what a platform's answer means, whether an amount is right.

mod banks;
mod check;
mod number;
mod refusal;
mod request;

pub use banks::{Bank, Banks, banks};
pub use check::{Entered, MOST_WRONG, Verdict, enter, judge, next_attempt};
pub use number::{mask_number, scrub};
pub use refusal::{BindRefusal, ConfirmRefusal, UnbindRefusal};
pub use request::{BindWish, Request};

use chrono::{DateTime, Utc};
use entity::bank_account::{self, BankAccountState};

/// How many accounts a merchant can have bound at the same time.
pub const MOST_BOUND: u64 = 20;

/// Whether payouts may go to an account now.
#[must_use]
pub fn is_payable(account: &bank_account::Model, now: DateTime<Utc>) -> bool {
    account.state == BankAccountState::Verified
        && account.payable_from.is_some_and(|from| from.0 <= now)
}
