//! Speaks GraphQL: invitations, roles, and signing out.

pub mod inputs;
pub mod mutation;
pub mod object;
pub mod query;

pub use mutation::StaffMutation;
pub use object::StaffInvitation;
pub use query::StaffQuery;
