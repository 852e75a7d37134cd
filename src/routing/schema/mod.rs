//! Routing in GraphQL.

pub mod checkout;
pub mod dry_run;
pub mod enums;
pub mod inputs;
pub mod mutation;
pub mod policy;
pub mod query;
pub mod version;

pub use mutation::RoutingMutation;
pub use query::RoutingQuery;
