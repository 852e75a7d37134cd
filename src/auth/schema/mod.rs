//! Speaks GraphQL: who is asking, who works here, sign-in and API keys.

mod api_key;
pub mod merchant;
mod staff;
mod viewer;

use async_graphql::{Context, ID, InputObject, Object};

pub use api_key::{ApiKey, ApiKeyStatus, Scope};
pub use merchant::{LatePaymentPolicy, Merchant, MerchantMutation, MerchantStatus};
pub use staff::{Role, StaffMember};
pub use viewer::{Membership, Viewer};

use super::api_key::NewApiKey;
use super::model;
use super::refusal::{
    ApiKeyCreateRefusal, ApiKeyRevokeRefusal, RefreshRefusal, SignInRefusal, SignOutRefusal,
};
use super::service::{Auth, Session};
use crate::error::Error;
use crate::graphql::payload::{answer, payload};
use crate::graphql::scalars::{Timestamp, read_id};
use crate::graphql::{Ask, Needs, SignedIn};

/// The slice's service, in a resolver.
pub fn auth<'a>(ctx: &Context<'a>) -> &'a Auth {
    ctx.data_unchecked::<Auth>()
}

/// Who is asking, and who works here.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdentityQuery;

#[Object]
impl IdentityQuery {
    /// Who is asking, for which merchant, and what they may do. Works with any scopes; not for publishable
    /// keys.
    #[graphql(guard = "SignedIn")]
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer, Error> {
        Ok(Viewer(ctx.actor()?.clone()))
    }

    /// The merchant that everything here belongs to. Needs `merchant:read`.
    #[graphql(guard = "Needs(model::Scope::MerchantRead)")]
    async fn merchant(&self, ctx: &Context<'_>) -> Result<Merchant, Error> {
        let id = ctx.actor()?.merchant_id;
        auth(ctx).find_merchant(id).await.map(Merchant)
    }

    /// Everybody who works for the merchant, who joined first comes first. Needs `staff:read`.
    #[graphql(guard = "Needs(model::Scope::StaffRead)")]
    async fn staff(&self, ctx: &Context<'_>) -> Result<Vec<StaffMember>, Error> {
        let actor = ctx.actor()?;
        let rows = auth(ctx).list_staff(actor.merchant_id).await?;
        Ok(rows
            .into_iter()
            .map(|row| StaffMember::seen_by(row, actor))
            .collect())
    }

    /// The merchant's API keys, the newest first; revoked ones are listed for 90 days. Secrets are
    /// never shown again. Needs `api-keys:read`.
    #[graphql(guard = "Needs(model::Scope::ApiKeysRead)")]
    async fn api_keys(&self, ctx: &Context<'_>) -> Result<Vec<ApiKey>, Error> {
        let rows = auth(ctx).list_api_keys(ctx.actor()?.merchant_id).await?;
        Ok(rows.into_iter().map(ApiKey).collect())
    }
}

/// Sign-in, sign-out, and API keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdentityMutation;

#[Object]
impl IdentityMutation {
    /// Signs a member of staff in 登录. Needs no token. An unknown e-mail address and a wrong password
    /// get the same answer. After the fourth failure for one address, RATE_LIMITED says how long to wait
    /// before the next attempt, up to a quarter of an hour.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: SignInInput,
    ) -> Result<SignInPayload, Error> {
        let Ok(merchant_id) = maybe_read_id(input.merchant_id.as_ref()) else {
            return Ok(SignInPayload::refused(
                &SignInRefusal::NotAMember,
                ctx.locale(),
            ));
        };
        let (auth, origin) = (auth(ctx).clone(), ctx.origin());
        let work = async move {
            auth.sign_in(&input.email, &input.password, merchant_id, &origin)
                .await
        };
        let refused = |no| SignInPayload::refused(&no, ctx.locale());
        answer(ctx.app().finish(work).await?, SignInPayload::of, refused)
    }

    /// Exchanges a refresh token for a new access token and a new refresh token 刷新令牌, for the same
    /// merchant or another one of the person's. Needs no access token.
    ///
    /// Each refresh token can be used once. Used again, it ends the whole sign-in, since it may have
    /// been stolen: keep only one `tokenRefresh` in flight, and store its answer before anything else.
    async fn token_refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: TokenRefreshInput,
    ) -> Result<TokenRefreshPayload, Error> {
        let Ok(merchant_id) = maybe_read_id(input.merchant_id.as_ref()) else {
            return Ok(TokenRefreshPayload::refused(
                &RefreshRefusal::NotAMember,
                ctx.locale(),
            ));
        };
        let (auth, origin) = (auth(ctx).clone(), ctx.origin());
        let work = async move {
            let refreshed = auth.refresh(&input.refresh_token, merchant_id, &origin);
            refreshed.await
        };
        let refused = |no| TokenRefreshPayload::refused(&no, ctx.locale());
        answer(
            ctx.app().finish(work).await?,
            TokenRefreshPayload::of,
            refused,
        )
    }

    /// Signs out 退出登录: the refresh token and all others of the same sign-in end at once; its access
    /// tokens end by themselves within ten minutes. Needs no access token; doing it again is no error.
    async fn sign_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: SignOutInput,
    ) -> Result<SignOutPayload, Error> {
        let (auth, origin) = (auth(ctx).clone(), ctx.origin());
        let work = async move {
            auth.sign_out(&input.refresh_token, input.everywhere, &origin)
                .await
        };
        let refused = |no| SignOutPayload::refused(&no, ctx.locale());
        let told = |()| SignOutPayload {
            signed_out: Some(true),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }

    /// Makes an API key 创建接口密钥 and returns its secret, this once. Only a member of staff can, and
    /// only with scopes of their own. Needs `api-keys:write`.
    #[graphql(guard = "Needs(model::Scope::ApiKeysWrite)")]
    async fn api_key_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ApiKeyCreateInput,
    ) -> Result<ApiKeyCreatePayload, Error> {
        let (auth, actor) = (auth(ctx).clone(), ctx.actor()?.clone());
        let wanted = NewApiKey::from(input);
        let work = async move { auth.api_key_create(&actor, wanted).await };
        let refused = |no| ApiKeyCreatePayload::refused(&no, ctx.locale());
        let told = |(row, secret)| ApiKeyCreatePayload {
            api_key: Some(ApiKey(row)),
            secret: Some(secret),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }

    /// Revokes an API key 撤销接口密钥: it stops working within five seconds, for good. Doing it again is
    /// no error. Needs `api-keys:write`.
    #[graphql(guard = "Needs(model::Scope::ApiKeysWrite)")]
    async fn api_key_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: ApiKeyRevokeInput,
    ) -> Result<ApiKeyRevokePayload, Error> {
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(ApiKeyRevokePayload::refused(
                &ApiKeyRevokeRefusal::NotFound,
                ctx.locale(),
            ));
        };
        let (auth, actor) = (auth(ctx).clone(), ctx.actor()?.clone());
        let work = async move { auth.api_key_revoke(&actor, id).await };
        let refused = |no| ApiKeyRevokePayload::refused(&no, ctx.locale());
        let told = |row| ApiKeyRevokePayload {
            api_key: Some(ApiKey(row)),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }
}

fn maybe_read_id(id: Option<&ID>) -> Result<Option<entity::MerchantId>, Error> {
    id.map(|id| read_id("merchantId", id)).transpose()
}

/// What signs a member of staff in.
#[derive(InputObject)]
pub struct SignInInput {
    /// The account's e-mail address; capitals and small letters are the same.
    pub email: String,
    /// The password.
    #[graphql(secret)]
    pub password: String,
    /// The merchant to act for; without it, the first that the person joined and that is not closed.
    pub merchant_id: Option<ID>,
}

/// What a new access token is asked for with.
#[derive(InputObject)]
pub struct TokenRefreshInput {
    /// The refresh token that came last; it cannot be used again.
    #[graphql(secret)]
    pub refresh_token: String,
    /// The merchant to switch to; without it, the same as before.
    pub merchant_id: Option<ID>,
}

/// What signs out.
#[derive(InputObject)]
pub struct SignOutInput {
    /// Any refresh token of the sign-in.
    #[graphql(secret)]
    pub refresh_token: String,
    /// Whether all other sign-ins of the person end as well 退出所有设备, of every merchant that they work for:
    /// access tokens and connections within five seconds. Only a token that has not ended does that.
    #[graphql(default)]
    pub everywhere: bool,
}

/// What an API key is to be.
#[derive(InputObject)]
pub struct ApiKeyCreateInput {
    /// What you call it, such as the shop that uses it; 1 to 100 characters.
    pub name: String,
    /// What it may do: at least one, each a scope of your own. A publishable key has CHECKOUT_READ alone,
    /// also where this is empty.
    pub scopes: Vec<Scope>,
    /// Where it may come from: IP addresses, or networks such as `203.0.113.0/24`, at most 50. Without
    /// it, or empty, it works from anywhere. A publishable key always does: caches hand on what it was told.
    pub allowed_ips: Option<Vec<String>>,
    /// When it ends by itself; without it, never.
    pub expires_at: Option<Timestamp>,
    /// Whether it may stand in a shop's pages 可公开密钥, where everybody reads it.
    #[graphql(default)]
    pub publishable: bool,
}

impl From<ApiKeyCreateInput> for NewApiKey {
    fn from(input: ApiKeyCreateInput) -> Self {
        Self {
            name: input.name,
            scopes: input.scopes.into_iter().map(Into::into).collect(),
            allowed_ips: input.allowed_ips.unwrap_or_default(),
            expires_at: input.expires_at.map(|instant| instant.0),
            publishable: input.publishable,
        }
    }
}

/// Which API key is revoked.
#[derive(InputObject)]
pub struct ApiKeyRevokeInput {
    /// The API key.
    pub id: ID,
}

payload! {
    /// What `signIn` did.
    SignInPayload {
        /// The access token 访问令牌: send it as `Authorization: Bearer …`.
        access_token: String,
        /// The refresh token 刷新令牌: exchange it by `tokenRefresh` before the access token ends.
        refresh_token: String,
        /// When the access token ends.
        expires_at: Timestamp,
        /// Who signed in.
        viewer: Viewer,
    }
    /// Why nobody was signed in.
    SignInError / SignInErrorCode from SignInRefusal {
        /// The e-mail address or the password is wrong; which of them is not told.
        WrongCredentials,
        /// The account has no role in the merchant.
        NotAMember,
        /// The merchant is closed.
        MerchantClosed,
    }
}

payload! {
    /// What `tokenRefresh` did.
    TokenRefreshPayload {
        /// The new access token 访问令牌.
        access_token: String,
        /// The new refresh token 刷新令牌; the old one is used up.
        refresh_token: String,
        /// When the access token ends.
        expires_at: Timestamp,
        /// Who is signed in.
        viewer: Viewer,
    }
    /// Why a refresh token was not exchanged.
    TokenRefreshError / TokenRefreshErrorCode from RefreshRefusal {
        /// It is unknown, expired or revoked: sign in again.
        InvalidToken,
        /// It was used before; the whole sign-in has ended: sign in again.
        TokenReused,
        /// The account has no role in the merchant. The refresh token is not used up.
        NotAMember,
        /// The merchant is closed. The refresh token is not used up.
        MerchantClosed,
    }
}

payload! {
    /// What `signOut` did.
    SignOutPayload {
        /// True where the sign-in has ended.
        signed_out: bool,
    }
    /// Why nobody was signed out.
    SignOutError / SignOutErrorCode from SignOutRefusal {
        /// The text is not a refresh token, or one that ended long ago.
        InvalidToken,
    }
}

payload! {
    /// What `apiKeyCreate` did.
    ApiKeyCreatePayload {
        /// The key.
        api_key: ApiKey,
        /// What the shop's server sends as `Authorization: Bearer …`. It is shown this once: store it
        /// now. Who loses it makes a new key.
        secret: String,
    }
    /// Why an API key was not made.
    ApiKeyCreateError / ApiKeyCreateErrorCode from ApiKeyCreateRefusal {
        /// An API key asked; only a member of staff can make one.
        StaffOnly,
        /// The name is empty or too long.
        InvalidName,
        /// No scope was chosen.
        NoScopes,
        /// A scope was chosen that you do not have yourself.
        ScopeNotHeld,
        /// A publishable key has the scope CHECKOUT_READ alone.
        NotPublishable,
        /// A publishable key takes no `allowedIps`.
        PublishableFromAnywhere,
        /// An entry of `allowedIps` is neither an address nor a network.
        InvalidAddress,
        /// `allowedIps` has too many entries.
        TooManyAddresses,
        /// `expiresAt` is not in the future.
        ExpiresInPast,
        /// The merchant has as many keys as it can have; revoke one first.
        TooManyKeys,
    }
}

payload! {
    /// What `apiKeyRevoke` did.
    ApiKeyRevokePayload {
        /// The key, revoked.
        api_key: ApiKey,
    }
    /// Why an API key was not revoked.
    ApiKeyRevokeError / ApiKeyRevokeErrorCode from ApiKeyRevokeRefusal {
        /// The merchant has no such key.
        NotFound,
    }
}

impl SignInPayload {
    fn of(session: Session) -> Self {
        Self {
            access_token: Some(session.access_token),
            refresh_token: Some(session.refresh_token),
            expires_at: Some(Timestamp(session.expires_at)),
            viewer: Some(Viewer(session.actor)),
            user_errors: Vec::new(),
        }
    }
}

impl TokenRefreshPayload {
    fn of(session: Session) -> Self {
        Self {
            access_token: Some(session.access_token),
            refresh_token: Some(session.refresh_token),
            expires_at: Some(Timestamp(session.expires_at)),
            viewer: Some(Viewer(session.actor)),
            user_errors: Vec::new(),
        }
    }
}
