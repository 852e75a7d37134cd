//! Invitations, as colleagues see them.

use async_graphql::{Enum, ID, Object};
use entity::staff_invitation::Model;

use crate::app::App;
use crate::auth::model::{Actor, Scope, mask_email};
use crate::auth::schema::Role;
use crate::graphql::scalars::Timestamp;
use crate::staff::model;

/// How an invitation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "model::InvitationState")]
pub enum StaffInvitationState {
    /// It can be accepted 待接受.
    Open,
    /// It ended by itself; inviting again renews it 已过期.
    Expired,
    /// Somebody works here by it 已接受.
    Accepted,
    /// It was taken back 已撤回.
    Revoked,
}

/// An invitation 邀请: who has its secret may work for the merchant, in one role.
#[derive(Clone, Debug)]
pub struct StaffInvitation {
    row: Model,
    email: String,
    state: model::InvitationState,
}

impl StaffInvitation {
    /// An invitation as an actor sees it: without `personal:read` the e-mail address is masked.
    #[must_use]
    pub fn seen_by(app: &App, row: Model, actor: &Actor) -> Self {
        let email = if actor.may(Scope::PersonalRead) {
            row.email.clone()
        } else {
            mask_email(&row.email)
        };
        let state = model::state(&row, app.clock.now());
        Self { row, email, state }
    }
}

/// An invitation 邀请: who has its secret may work for the merchant, in one role.
#[Object]
impl StaffInvitation {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// Who is invited 受邀邮箱; masked as `z***@example.com` for those without `personal:read`.
    async fn email(&self) -> &str {
        &self.email
    }

    /// What they may do once they have accepted.
    async fn role(&self) -> Role {
        self.row.role.into()
    }

    /// How it is.
    async fn state(&self) -> StaffInvitationState {
        self.state.into()
    }

    /// Who invited them last: an id of staff.
    async fn invited_by(&self) -> &str {
        &self.row.invited_by
    }

    /// When they were invited first.
    async fn created_at(&self) -> Timestamp {
        self.row.created_at.into()
    }

    /// When it ends by itself: seven days after they were invited last.
    async fn expires_at(&self) -> Timestamp {
        self.row.expires_at.into()
    }
}
