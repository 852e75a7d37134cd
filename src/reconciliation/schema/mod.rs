//! Reconciliation in GraphQL.

mod enums;
mod item;

pub use enums::{ReconciliationKind, ReconciliationResolution};
pub use item::{ReconciliationItem, ReconciliationQuery};
