//! What names a member is erased.

use async_graphql::{ID, InputObject};

use super::object::Member;
use crate::graphql::payload::payload;
use crate::graphql::plain::Lean;
use crate::members::model::EraseRefusal;

/// Whose personal data is erased 删除个人信息, and why.
#[derive(Clone, Debug, InputObject)]
pub struct MemberEraseInput {
    /// The member.
    pub member_id: ID,
    /// Why 原因, 1 to 200 characters: the audit log keeps it. Name nobody in it.
    pub reason: String,
    /// Whether the shop's own number goes as well: it becomes `erased-` and the member's id. An order that names the old
    /// number makes a new member then.
    #[graphql(default)]
    pub also_number: bool,
}

payload! {
    /// What `memberErase` did.
    MemberErasePayload {
        /// The member, whom nothing names any more.
        member: Lean<Member>,
    }
    /// Why what names a member was not erased.
    MemberEraseError / MemberEraseErrorCode from EraseRefusal {
        /// There is no such member.
        NotFound,
        /// The reason is missing, or too long.
        ReasonInvalid,
    }
}
