//! Speaks GraphQL: the audit log.

mod object;
mod query;

pub use object::{AuditActor, AuditEntry};
pub use query::AuditQuery;
