//! How a request names a member.

use entity::MemberId;
use serde::Serialize;

/// How a request names a member. It is the same request however the name leads to somebody else later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Whose {
    /// The member of an id.
    Id(MemberId),
    /// The member of the shop's own number.
    MemberNo(String),
}
