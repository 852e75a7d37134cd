//! Members who are one person: found, and made one.

use async_graphql::{Enum, ID, InputObject};

use super::object::Member;
use crate::graphql::connection::connection;
use crate::graphql::payload::payload;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::members::model::MergeRefusal;
use crate::members::service::{self, Reached};

/// By what several members are reached 重复依据.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::Reached")]
pub enum MemberDuplicateBy {
    /// 手机: they have the same telephone number.
    Phone,
    /// 邮箱: they have the same e-mail address.
    Email,
}

plain_scalars!(MemberDuplicateBy);

/// Members whom the same number or address reaches.
#[derive(Debug)]
pub struct MemberDuplicates {
    by: MemberDuplicateBy,
    count: i64,
    members: Vec<Lean<Member>>,
}

impl MemberDuplicates {
    /// As clients see them.
    #[must_use]
    pub fn of(by: Reached, group: service::Duplicates) -> Self {
        let members = group.members.into_iter().map(|row| Lean(row.into()));
        Self {
            by: by.into(),
            count: group.count,
            members: members.collect(),
        }
    }
}

plain_object! {
    /// Members who may be one person 疑似重复会员: the same telephone number or e-mail address reaches them.
    MemberDuplicates(self) {
        /// By what.
        by / "by": MemberDuplicateBy = self.by;
        /// How many they are.
        count / "count": i64 = self.count;
        /// Those of them who were made first, at most 20.
        members / "members": &Vec<Lean<Member>> = &self.members;
    }
}

connection! {
    /// A list of groups of members who may be one person 疑似重复会员列表.
    MemberDuplicatesConnection
    /// A group in the list.
    MemberDuplicatesEdge
    /// The group.
    node: Lean<MemberDuplicates>
}

/// Which member becomes a part of which other one 合并会员.
#[derive(Clone, Debug, InputObject)]
pub struct MemberMergeInput {
    /// Names this request: sent again with the same input, it answers the same and does nothing.
    pub idempotency_key: String,
    /// Who becomes a part of the other: their number leads there from then on.
    pub from_id: ID,
    /// Who stays.
    pub into_id: ID,
    /// The `version` of who stays, as it was read: whoever changed them meanwhile is not overwritten.
    pub expected_version: i32,
    /// The `version` of who becomes a part of them.
    pub expected_from_version: i32,
}

payload! {
    /// What `memberMerge` did.
    MemberMergePayload {
        /// Who stays, with all that both had.
        member: Lean<Member>,
    }
    /// Why two members were not made one.
    MemberMergeError / MemberMergeErrorCode from MergeRefusal {
        /// There is no member `fromId`.
        FromNotFound,
        /// There is no member `intoId`.
        IntoNotFound,
        /// Both are the same member.
        SameMember,
        /// The member `fromId` has become a part of another one already.
        AlreadyMerged,
        /// The member `intoId` has become a part of another one: merge into that one.
        IntoMerged,
        /// What named one of them was erased.
        Erased,
        /// One of them was changed meanwhile: read both again.
        VersionConflict,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}
