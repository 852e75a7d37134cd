//! Which entries a list wants.

use entity::audit_entry::AuditOutcome;

use crate::time_range::TimeRange;

/// Which entries are wanted. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By any of these: ids of members of staff and of API keys, or `system`.
    pub actors: Option<Vec<String>>,
    /// Any of these root fields.
    pub actions: Option<Vec<String>>,
    /// Done or denied.
    pub outcome: Option<AuditOutcome>,
    /// Done to this: a global id.
    pub target: Option<String>,
    /// When.
    pub range: Option<TimeRange>,
    /// From this address.
    pub ip: Option<String>,
}
