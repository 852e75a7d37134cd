//! Links to pictures, in GraphQL.

mod query;

pub use query::ChartQuery;
