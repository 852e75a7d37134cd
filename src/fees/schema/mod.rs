//! Fees in GraphQL.

pub mod difference;
pub mod fee;
pub mod inputs;
pub mod mutation;
pub mod query;
pub mod rule;
pub mod statement;

pub use difference::{FeeDifference, FeeDifferenceConnection, FeeDifferenceReason};
pub use fee::{Fee, FeeConnection};
pub use mutation::FeeMutation;
pub use query::FeeQuery;
pub use rule::{FeeRule, FeeRuleState};
pub use statement::{FeeStatement, FeeStatementDimension};
