//! Reconciliation in GraphQL.

pub mod enums;
pub mod inputs;
pub mod item;
pub mod mutation;
pub mod query;
pub mod run;

pub use enums::{ReconciliationKind, ReconciliationResolution};
pub use item::ReconciliationItem;
pub use mutation::ReconciliationMutation;
pub use query::ReconciliationQuery;
pub use run::ReconciliationRun;
