//! The ledger in GraphQL.

mod balance;
mod enums;
mod query;
mod subscription;
mod transaction;
mod trial;

pub use balance::Balance;
pub use enums::{LedgerAccount, LedgerDirection, LedgerSource, LedgerStep};
pub use query::LedgerQuery;
pub use subscription::LedgerSubscription;
pub use transaction::LedgerTransaction;
