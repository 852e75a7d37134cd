//! Members of staff, as their colleagues see them.

use async_graphql::{Enum, ID, Object};

use crate::auth::members::Colleague;
use crate::auth::model::{Actor, Scope, Who, mask_email};
use crate::graphql::scalars::Timestamp;

/// What a member of staff may do 角色.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::membership::Role")]
pub enum Role {
    /// Everything 所有者.
    Owner,
    /// Money, and everything to read 财务.
    Finance,
    /// Orders and members, personal data included 客服.
    Support,
    /// Campaigns and members 营销.
    Marketing,
    /// Everything to read, personal data masked 只读.
    Viewer,
}

/// A member of staff 员工: a person with a role in the merchant.
#[derive(Clone, Debug)]
pub struct StaffMember {
    row: Colleague,
    email: String,
}

impl StaffMember {
    /// A colleague as an actor sees them: without `personal:read` the e-mail address is masked, save
    /// one's own.
    #[must_use]
    pub fn seen_by(row: Colleague, actor: &Actor) -> Self {
        let is_self = matches!(actor.who, Who::Staff { staff_id, .. } if staff_id == row.staff.id);
        let email = if is_self || actor.may(Scope::PersonalRead) {
            row.staff.email.clone()
        } else {
            mask_email(&row.staff.email)
        };
        Self { row, email }
    }
}

/// A member of staff 员工: a person with a role in the merchant.
#[Object]
impl StaffMember {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        self.row.staff.id.to_string().into()
    }

    /// The name 姓名.
    async fn name(&self) -> &str {
        &self.row.staff.name
    }

    /// The e-mail address 邮箱 that signs in; masked as `z***@example.com` for those without
    /// `personal:read`, save one's own.
    async fn email(&self) -> &str {
        &self.email
    }

    /// What they may do in the merchant.
    async fn role(&self) -> Role {
        self.row.membership.role.into()
    }

    /// Since when they work for the merchant.
    async fn joined_at(&self) -> Timestamp {
        self.row.membership.created_at.into()
    }
}
