//! Settlements in GraphQL.

mod query;
mod schedule;
mod settlement;

pub use query::SettlementQuery;
pub use settlement::Settlement;
