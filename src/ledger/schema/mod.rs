//! The ledger in GraphQL.

mod balance;
mod enums;
mod posting;
mod query;
mod subscription;
mod trial;

pub use balance::Balance;
pub use enums::{LedgerAccount, LedgerDirection, LedgerSource, LedgerStep};
pub use posting::LedgerTransaction;
pub use query::{LedgerFilterInput, LedgerQuery};
pub use subscription::LedgerSubscription;
