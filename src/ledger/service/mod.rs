//! Posts, corrects, folds, and reads balances.

mod adjust;
mod balance;
mod checkpoint;
mod fold;
mod list;
mod post;
mod prove;

pub use adjust::adjust;
pub use balance::{balance, balance_at, balance_in};
pub use checkpoint::{checkpoint, merchants};
pub use fold::{fold, unfolded};
pub use list::{Entry, LedgerFilter, Transaction, entries_of, find_many, list};
pub use post::{force, post, take};
pub use prove::{AccountTrial, Trial, prove};
