//! Members in GraphQL.

pub mod filter_input;
pub mod inputs;
pub mod mutation;
pub mod object;
pub mod personal;
pub mod query;

pub use filter_input::{MemberFilterInput, Seeker, may_seek};
pub use mutation::MemberMutation;
pub use object::{Member, MemberConnection};
pub use query::{MemberByInput, MemberQuery};
