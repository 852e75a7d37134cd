//! Bank accounts in GraphQL.

pub mod mutation;
pub mod object;
pub mod query;

pub use mutation::BankAccountMutation;
pub use object::{BankAccount, BankAccountConnection, SupportedBank};
pub use query::BankAccountQuery;
