//! What mutations of people are told, and what they answer.

use async_graphql::{ID, InputObject};

use super::object::StaffInvitation;
use crate::auth::schema::{ApiKey, Role, StaffMember, Viewer};
use crate::auth::service::Session;
use crate::graphql::payload::payload;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::Timestamp;
use crate::staff::model::{
    AcceptRefusal, ChangeRefusal, EndRefusal, InviteRefusal, PasswordRefusal, RevokeRefusal,
};
use crate::webhooks::schema::WebhookEndpoint;

/// Who is invited.
#[derive(InputObject)]
pub struct StaffInviteInput {
    /// Their e-mail address.
    pub email: String,
    /// What they may do: a role that may do no more than you.
    pub role: Role,
    /// The code of your second factor, or a recovery code: needed where anybody who works here has a second factor, and
    /// always for a role that may move money, OWNER and FINANCE.
    #[graphql(secret)]
    pub code: Option<String>,
}

/// Which invitation is taken back.
#[derive(InputObject)]
pub struct StaffInvitationRevokeInput {
    /// The invitation.
    pub id: ID,
}

/// What an invitation is accepted with.
#[derive(InputObject)]
pub struct StaffInvitationAcceptInput {
    /// The invitation's secret.
    #[graphql(secret)]
    pub token: String,
    /// What colleagues are to call you; an account that the address has already keeps its name.
    pub name: String,
    /// The password of the new account, at least 8 characters; or of the one that the address has already.
    #[graphql(secret)]
    pub password: String,
}

/// Who gets which role.
#[derive(InputObject)]
pub struct StaffUpdateInput {
    /// The member of staff.
    pub id: ID,
    /// What they may do from now on: a role that may do no more than you.
    pub role: Role,
    /// The code of your second factor, or a recovery code: needed where anybody who works here has a second factor, and
    /// always for a role that may move money, OWNER and FINANCE.
    #[graphql(secret)]
    pub code: Option<String>,
}

/// Who works here no longer.
#[derive(InputObject)]
pub struct StaffRemoveInput {
    /// The member of staff; you, too, where there is another owner.
    pub id: ID,
    /// The code of your second factor, or a recovery code: needed where anybody who works here has a second factor.
    #[graphql(secret)]
    pub code: Option<String>,
}

/// Who is signed out.
#[derive(InputObject)]
pub struct StaffSignOutInput {
    /// The member of staff.
    pub id: ID,
}

/// A change of one's own password.
#[derive(InputObject)]
pub struct PasswordChangeInput {
    /// The password of now.
    #[graphql(secret)]
    pub current_password: String,
    /// The new one: at least 8 characters, at most 256 bytes.
    #[graphql(secret)]
    pub new_password: String,
}

payload! {
    /// What `staffInvite` did.
    StaffInvitePayload {
        /// The invitation.
        invitation: StaffInvitation,
        /// Its secret, shown this once: hand it to the invited person, for example in a link to your own page,
        /// which calls `staffInvitationAccept` with it. Who loses it invites again.
        token: String,
    }
    /// Why nobody was invited.
    StaffInviteError / StaffInviteErrorCode from InviteRefusal {
        /// The role may do more than you may.
        AboveYou,
        /// The text is not an e-mail address.
        InvalidEmail,
        /// The address is a colleague's: change their role instead.
        AlreadyMember,
        /// The merchant has as many open invitations as it can have.
        TooManyInvitations,
    } with SecondFactor
}

payload! {
    /// What `staffInvitationRevoke` did.
    StaffInvitationRevokePayload {
        /// The invitation, taken back.
        invitation: StaffInvitation,
    }
    /// Why an invitation was not taken back.
    StaffInvitationRevokeError / StaffInvitationRevokeErrorCode from RevokeRefusal {
        /// An API key asked; only a member of staff can do this.
        StaffOnly,
        /// Its role may do more than you may.
        AboveYou,
        /// The merchant has no such invitation.
        NotFound,
        /// It was accepted: remove the member instead.
        AlreadyAccepted,
    }
}

payload! {
    /// What `staffInvitationAccept` did.
    StaffInvitationAcceptPayload {
        /// The access token 访问令牌: send it as `Authorization: Bearer …`.
        access_token: String,
        /// The refresh token 刷新令牌: exchange it by `tokenRefresh` before the access token ends.
        refresh_token: String,
        /// When the access token ends.
        expires_at: Timestamp,
        /// Who works here now, and is signed in.
        viewer: Viewer,
    }
    /// Why an invitation was not accepted.
    StaffInvitationAcceptError / StaffInvitationAcceptErrorCode from AcceptRefusal {
        /// It is no invitation, or open no longer: ask for another one.
        InvalidToken,
        /// The address has an account already, and this is not its password.
        WrongPassword,
        /// The account works here already.
        AlreadyMember,
        /// The name is empty or too long.
        InvalidName,
        /// The password is too short or too long.
        InvalidPassword,
        /// The merchant has as many members of staff as it can have.
        TooManyStaff,
    }
}

payload! {
    /// What `staffUpdate` did.
    StaffUpdatePayload {
        /// The member of staff, with the new role.
        staff: StaffMember,
    }
    /// Why somebody's role was not changed.
    StaffUpdateError / StaffUpdateErrorCode from ChangeRefusal {
        /// The role that they have, or would have, may do more than you may.
        AboveYou,
        /// Nobody of this id works here.
        NotFound,
        /// There would be no owner any more: make another one first.
        LastOwner,
    } with SecondFactor
}

payload! {
    /// What `staffRemove` did.
    StaffRemovePayload {
        /// Who works here no longer.
        removed_id: ID,
        /// The API keys that they made and that go on: revoke those that are not to. None for who may not see API
        /// keys.
        api_keys: Vec<ApiKey>,
        /// The webhook endpoints that they made and that are sent events still: delete those that are not to be. None
        /// for who may not see webhooks.
        webhook_endpoints: Vec<Lean<WebhookEndpoint>>,
    }
    /// Why somebody was not removed.
    StaffRemoveError / StaffRemoveErrorCode from ChangeRefusal {
        /// They may do more than you may.
        AboveYou,
        /// Nobody of this id works here.
        NotFound,
        /// There would be no owner any more: make another one first.
        LastOwner,
    } with SecondFactor
}

payload! {
    /// What `staffSignOut` did.
    StaffSignOutPayload {
        /// The member of staff, signed out everywhere.
        staff: StaffMember,
    }
    /// Why somebody was not signed out.
    StaffSignOutError / StaffSignOutErrorCode from EndRefusal {
        /// An API key asked; only a member of staff can do this.
        StaffOnly,
        /// They may do more than you may.
        AboveYou,
        /// Nobody of this id works here.
        NotFound,
    }
}

payload! {
    /// What `passwordChange` did.
    PasswordChangePayload {
        /// The access token 访问令牌 of a new sign-in; all others are over.
        access_token: String,
        /// The refresh token 刷新令牌.
        refresh_token: String,
        /// When the access token ends.
        expires_at: Timestamp,
        /// Who is signed in.
        viewer: Viewer,
    }
    /// Why a password was not changed.
    PasswordChangeError / PasswordChangeErrorCode from PasswordRefusal {
        /// An API key asked; it has no password.
        StaffOnly,
        /// This is not your password.
        WrongPassword,
        /// The new one is too short or too long.
        InvalidPassword,
    }
}

impl StaffInvitationAcceptPayload {
    pub(super) fn of(session: Session) -> Self {
        Self {
            access_token: Some(session.access_token),
            refresh_token: Some(session.refresh_token),
            expires_at: Some(Timestamp(session.expires_at)),
            viewer: Some(Viewer(session.actor)),
            user_errors: Vec::new(),
        }
    }
}

impl PasswordChangePayload {
    pub(super) fn of(session: Session) -> Self {
        Self {
            access_token: Some(session.access_token),
            refresh_token: Some(session.refresh_token),
            expires_at: Some(Timestamp(session.expires_at)),
            viewer: Some(Viewer(session.actor)),
            user_errors: Vec::new(),
        }
    }
}
