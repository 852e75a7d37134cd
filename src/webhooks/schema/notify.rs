//! The key that calls to shops in 易支付's style are signed with.

use async_graphql::{Context, Object, SimpleObject};

use super::inputs::NotifyKeySetInput;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::payload::{answer, payload};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Needs, Nullable};
use crate::webhooks::model::NotifyKeyRefusal;
use crate::webhooks::service;

/// The notify key 回调密钥: what signs the calls in 易支付's style to the shops of paid orders. The key itself
/// is shown once.
#[derive(Clone, Debug, SimpleObject)]
pub struct NotifyKey {
    /// The merchant's number 商户号, as calls name it.
    pub pid: String,
    /// When the key was set.
    pub set_at: Timestamp,
    /// Who set it: an id of staff or of an API key.
    pub set_by: String,
}

impl From<service::NotifyKey> for NotifyKey {
    fn from(key: service::NotifyKey) -> Self {
        Self {
            pid: key.pid,
            set_at: Timestamp(key.set_at),
            set_by: key.set_by,
        }
    }
}

payload! {
    /// What `notifyKeySet` did.
    NotifyKeySetPayload {
        /// The key, without itself.
        notify_key: NotifyKey,
        /// The key itself 回调密钥: shown this once. It is the `key` of a shop's 易支付 plugin.
        key: String,
    }
    /// Why a notify key was not set.
    NotifyKeySetError / NotifyKeySetErrorCode from NotifyKeyRefusal {
        /// There is one: pass `replace: true`.
        AlreadySet,
    }
}

/// The queries of the notify key.
#[derive(Debug, Default)]
pub struct NotifyQuery;

#[Object]
impl NotifyQuery {
    /// The merchant's notify key 回调密钥, without itself; none where it was never set. Needs `webhooks:read`.
    #[graphql(guard = "Needs(Scope::WebhooksRead)")]
    async fn notify_key(&self, ctx: &Context<'_>) -> Nullable<NotifyKey> {
        find(ctx).await.transpose()
    }
}

async fn find(ctx: &Context<'_>) -> Result<Option<NotifyKey>, Error> {
    let found = service::find_key(ctx.app(), ctx.actor()?.merchant_id).await?;
    Ok(found.map(Into::into))
}

/// The mutations of the notify key.
#[derive(Debug, Default)]
pub struct NotifyMutation;

#[Object]
impl NotifyMutation {
    /// Makes the key that calls to shops in 易支付's style are signed with 设置回调密钥, and shows it, once. Needs
    /// `webhooks:write`.
    #[graphql(guard = "Needs(Scope::WebhooksWrite)")]
    async fn notify_key_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: NotifyKeySetInput,
    ) -> Result<NotifyKeySetPayload, Error> {
        let refused = |refusal| NotifyKeySetPayload::refused(&refusal, ctx.locale());
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::set_key(&app, &actor, input.replace).await });
        let told = |(found, key): (service::NotifyKey, String)| NotifyKeySetPayload {
            notify_key: Some(found.into()),
            key: Some(key),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }
}
