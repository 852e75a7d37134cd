//! Members in GraphQL.

pub mod data;
pub mod erasing;
pub mod filter_input;
pub mod importing;
pub mod inputs;
pub mod mutation;
pub mod object;
pub mod one_person;
pub mod personal;
pub mod query;
pub mod record;
pub mod timeline;

pub use filter_input::{MemberFilterInput, Seeker, may_seek};
pub use importing::MemberImport;
pub use mutation::MemberMutation;
pub use object::{Member, MemberConnection};
pub use personal::noted;
pub use query::{MemberByInput, MemberQuery};
pub use record::{MemberRecordMutation, MemberRecordQuery};
