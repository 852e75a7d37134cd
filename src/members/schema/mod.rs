//! Members in GraphQL.

pub mod erasing;
pub mod object;
pub mod one_person;
pub mod query;
pub mod record;
pub mod timeline;

pub use object::{Member, MemberConnection};
pub use query::MemberQuery;
pub use record::{MemberRecordMutation, MemberRecordQuery};
