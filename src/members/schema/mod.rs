//! Members in GraphQL.

pub mod object;
pub mod query;

pub use object::{Member, MemberConnection};
pub use query::{MemberByInput, MemberQuery};
