//! Speaks GraphQL: the audit log.

pub mod object;
pub mod query;

pub use object::{AuditActor, AuditEntry};
pub use query::AuditQuery;
