//! The mutations of people.

use async_graphql::{Context, ID, Object};
use entity::StaffId;

use super::inputs::{
    PasswordChangeInput, PasswordChangePayload, StaffInvitationAcceptInput,
    StaffInvitationAcceptPayload, StaffInvitationRevokeInput, StaffInvitationRevokePayload,
    StaffInviteInput, StaffInvitePayload, StaffRemoveInput, StaffRemovePayload, StaffSignOutInput,
    StaffSignOutPayload, StaffUpdateInput, StaffUpdatePayload,
};
use super::object::StaffInvitation;
use crate::auth::api_key::{ApiKeyRow, is_alive};
use crate::auth::model::Scope;
use crate::auth::schema::{ApiKey, StaffMember, auth};
use crate::error::Error;
use crate::graphql::payload::answer;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs, SignedIn};
use crate::staff::model::{ChangeRefusal, EndRefusal, RevokeRefusal};
use crate::staff::service::{self, Acceptance};
use crate::webhooks::schema::WebhookEndpoint;
use crate::webhooks::service::list_endpoints;

/// The mutations of people.
#[derive(Debug, Default)]
pub struct StaffMutation;

#[Object]
impl StaffMutation {
    /// Invites somebody to work for the merchant 邀请员工, and returns the invitation's secret, this once. It is
    /// open for seven days. Inviting an address again renews its invitation: the secret before is worth nothing
    /// any more. Where anybody who works here has a second factor, it takes a code of yours. Needs `staff:write`;
    /// not for API keys.
    #[graphql(guard = "Needs(Scope::StaffWrite)")]
    async fn staff_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: StaffInviteInput,
    ) -> Result<StaffInvitePayload, Error> {
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let role = input.role.into();
        let (email, code) = (input.email, input.code);
        let work =
            async move { service::invite(&app, &actor, (&email, role), code.as_deref()).await };
        let refused = |no| StaffInvitePayload::refused(&no, ctx.locale());
        let (app, actor) = (ctx.app(), ctx.actor()?);
        let told = |(row, token)| StaffInvitePayload {
            invitation: Some(StaffInvitation::seen_by(app, row, actor)),
            token: Some(token),
            user_errors: Vec::new(),
        };
        answer(app.finish(work).await?, told, refused)
    }

    /// Takes an invitation back 撤回邀请: its secret is worth nothing any more. Doing it again is no error. Needs
    /// `staff:write`; not for API keys.
    #[graphql(guard = "Needs(Scope::StaffWrite)")]
    async fn staff_invitation_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: StaffInvitationRevokeInput,
    ) -> Result<StaffInvitationRevokePayload, Error> {
        let refused = |no| StaffInvitationRevokePayload::refused(&no, ctx.locale());
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(refused(RevokeRefusal::NotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let work = async move { service::revoke(&app, &actor, id).await };
        let (app, actor) = (ctx.app(), ctx.actor()?);
        let told = |row| StaffInvitationRevokePayload {
            invitation: Some(StaffInvitation::seen_by(app, row, actor)),
            user_errors: Vec::new(),
        };
        answer(app.finish(work).await?, told, refused)
    }

    /// Accepts an invitation 接受邀请, and signs in. Where the invited address has no account, it makes one; where
    /// it has, it joins that by its password. Needs no token; wrong passwords count as those of `signIn` do, and
    /// RATE_LIMITED says how long to wait.
    async fn staff_invitation_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: StaffInvitationAcceptInput,
    ) -> Result<StaffInvitationAcceptPayload, Error> {
        let (auth, origin) = (auth(ctx).clone(), ctx.origin());
        let wanted = Acceptance {
            token: input.token,
            name: input.name,
            password: input.password,
        };
        let work = async move { service::accept(&auth, &wanted, &origin).await };
        let refused = |no| StaffInvitationAcceptPayload::refused(&no, ctx.locale());
        let done = ctx.app().finish(work).await?;
        answer(done, StaffInvitationAcceptPayload::of, refused)
    }

    /// Gives a member of staff another role 修改员工角色: here at once, everywhere within five seconds. Where anybody
    /// who works here has a second factor, it takes a code of yours. Needs `staff:write`; not for API keys.
    #[graphql(guard = "Needs(Scope::StaffWrite)")]
    async fn staff_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: StaffUpdateInput,
    ) -> Result<StaffUpdatePayload, Error> {
        let refused = |no| StaffUpdatePayload::refused(&no, ctx.locale());
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(refused(ChangeRefusal::NotFound));
        };
        let (auth, actor) = (auth(ctx).clone(), ctx.actor()?.clone());
        let (role, code) = (input.role.into(), input.code);
        let work = async move { service::update(&auth, &actor, (id, role), code.as_deref()).await };
        let actor = ctx.actor()?;
        let told = |row| StaffUpdatePayload {
            staff: Some(StaffMember::seen_by(row, actor)),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }

    /// Lets a member of staff go 移除员工: they may do nothing here any more, and their connections end, everywhere
    /// within five seconds. API keys and webhook endpoints that they made go on, and the answer names them: revoke and
    /// delete those that are not to. Where anybody who works here has a second factor, it takes a code of yours. Needs `staff:write`; not for API keys.
    #[graphql(guard = "Needs(Scope::StaffWrite)")]
    async fn staff_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: StaffRemoveInput,
    ) -> Result<StaffRemovePayload, Error> {
        let refused = |no| StaffRemovePayload::refused(&no, ctx.locale());
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(refused(ChangeRefusal::NotFound));
        };
        let (auth, actor) = (auth(ctx).clone(), ctx.actor()?.clone());
        let code = input.code;
        let work = async move { service::remove(&auth, &actor, id, code.as_deref()).await };
        let done = ctx.app().finish(work).await?;
        let (api_keys, webhook_endpoints) = match &done {
            Ok(id) => made_by(ctx, *id).await.unwrap_or_else(|error| {
                // They are gone all the same.
                tracing::warn!(
                    ?error,
                    "what somebody made who was let go could not be read"
                );
                (None, None)
            }),
            Err(_) => (None, None),
        };
        let told = |id: StaffId| StaffRemovePayload {
            removed_id: Some(ID(id.to_string())),
            api_keys,
            webhook_endpoints,
            user_errors: Vec::new(),
        };
        answer(done, told, refused)
    }

    /// Signs a member of staff out everywhere 强制下线, of every merchant that they work for: refresh tokens end at
    /// once, access tokens and connections within five seconds. They can sign in again. Needs `staff:write`; not for
    /// API keys. For oneself there is `signOut` with `everywhere`.
    #[graphql(guard = "Needs(Scope::StaffWrite)")]
    async fn staff_sign_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: StaffSignOutInput,
    ) -> Result<StaffSignOutPayload, Error> {
        let refused = |no| StaffSignOutPayload::refused(&no, ctx.locale());
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(refused(EndRefusal::NotFound));
        };
        let (auth, actor) = (auth(ctx).clone(), ctx.actor()?.clone());
        let work = async move { service::sign_out(&auth, &actor, id).await };
        let actor = ctx.actor()?;
        let told = |row| StaffSignOutPayload {
            staff: Some(StaffMember::seen_by(row, actor)),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }

    /// Changes one's own password 修改密码, and signs out everywhere else: the answer is a new sign-in. Works with
    /// any scopes; not for API keys. Wrong passwords count as those of `signIn` do.
    #[graphql(guard = "SignedIn")]
    async fn password_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: PasswordChangeInput,
    ) -> Result<PasswordChangePayload, Error> {
        let (auth, actor) = (auth(ctx).clone(), ctx.actor()?.clone());
        let work = async move {
            let passwords = (input.current_password.as_str(), input.new_password.as_str());
            service::change_password(&auth, &actor, passwords).await
        };
        let refused = |no| PasswordChangePayload::refused(&no, ctx.locale());
        let done = ctx.app().finish(work).await?;
        answer(done, PasswordChangePayload::of, refused)
    }
}

/// What goes on of what somebody made, as far as whoever asks may see it.
type Left = (Option<Vec<ApiKey>>, Option<Vec<Lean<WebhookEndpoint>>>);

async fn made_by(ctx: &Context<'_>, id: StaffId) -> Result<Left, Error> {
    let actor = ctx.actor()?;
    let mut left = (None, None);
    if actor.may(Scope::ApiKeysRead) {
        let now = ctx.app().clock.now();
        let keys = auth(ctx).list_api_keys(actor.merchant_id).await?;
        let goes_on = |row: &ApiKeyRow| row.key.created_by == id && is_alive(&row.key, now);
        left.0 = Some(keys.into_iter().filter(goes_on).map(ApiKey).collect());
    }
    if actor.may(Scope::WebhooksRead) {
        let rows = list_endpoints(ctx.app(), actor.merchant_id, false).await?;
        let name = id.to_string();
        let theirs = rows.into_iter().filter(|row| row.created_by == name);
        left.1 = Some(theirs.map(|row| Lean(row.into())).collect());
    }
    Ok(left)
}
