//! Settlements in GraphQL.

mod query;
mod schedule;
mod settlement;
mod terms;

pub use query::SettlementQuery;
pub use settlement::Settlement;
pub use terms::{SettlementCycle, SettlementTerms, SettlementTermsInput};
