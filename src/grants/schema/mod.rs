//! Gifts in GraphQL.

pub mod mutation;
pub mod object;
pub mod query;

pub use mutation::GrantMutation;
pub use object::{GrantRule, MemberGrant, MemberGrantConnection};
pub use query::GrantQuery;
