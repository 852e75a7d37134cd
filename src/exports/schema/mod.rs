//! Exports in GraphQL.

pub mod enums;
pub mod inputs;
pub mod mutation;
pub mod object;
pub mod query;
pub mod subscription;

pub use mutation::ExportMutation;
pub use object::Export;
pub use query::ExportQuery;
pub use subscription::ExportSubscription;
