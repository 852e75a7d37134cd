//! The mutations of webhook endpoints.

use async_graphql::{Context, Object};
use entity::webhook_endpoint;

use super::endpoint::WebhookEndpoint;
use super::inputs::{
    WebhookEndpointCreateInput, WebhookEndpointDeleteInput, WebhookEndpointDisableInput,
    WebhookEndpointEnableInput, WebhookEndpointUpdateInput, WebhookSecretRotateInput, kinds,
};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};
use crate::webhooks::courier::Courier;
use crate::webhooks::model::{
    CreateRefusal, EnableRefusal, EndpointDraft, RotateRefusal, SwitchRefusal, UpdateRefusal,
};
use crate::webhooks::service::{self, Change, Made};

payload! {
    /// What `webhookEndpointCreate` did.
    WebhookEndpointCreatePayload {
        /// The endpoint, ENABLED.
        webhook_endpoint: Lean<WebhookEndpoint>,
        /// Its secret 签名密钥 (`whsec_…`), shown this once: what receivers check signatures with.
        secret: String,
    }
    /// Why a webhook endpoint was not made.
    WebhookEndpointCreateError / WebhookEndpointCreateErrorCode from CreateRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// Events of webhooks are not sent.
        TypeNotSent,
        /// You may not see what would be sent; the message names the scope.
        ScopeMissing,
        /// The merchant has as many as it may: 20.
        TooMany,
    }
}

payload! {
    /// What `webhookEndpointUpdate` did.
    WebhookEndpointUpdatePayload {
        /// The endpoint, as it is now.
        webhook_endpoint: Lean<WebhookEndpoint>,
    }
    /// Why a webhook endpoint was not changed.
    WebhookEndpointUpdateError / WebhookEndpointUpdateErrorCode from UpdateRefusal {
        /// There is no such endpoint.
        NotFound,
        /// It has another version by now: read it again.
        VersionConflict,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// Events of webhooks are not sent.
        TypeNotSent,
        /// You may not see what would be sent; the message names the scope.
        ScopeMissing,
    }
}

payload! {
    /// What `webhookEndpointEnable` did.
    WebhookEndpointEnablePayload {
        /// The endpoint, ENABLED.
        webhook_endpoint: Lean<WebhookEndpoint>,
    }
    /// Why a webhook endpoint was not enabled.
    WebhookEndpointEnableError / WebhookEndpointEnableErrorCode from EnableRefusal {
        /// There is no such endpoint.
        NotFound,
        /// You may not see what would be sent; the message names the scope.
        ScopeMissing,
    }
}

payload! {
    /// What `webhookEndpointDisable` did.
    WebhookEndpointDisablePayload {
        /// The endpoint, DISABLED.
        webhook_endpoint: Lean<WebhookEndpoint>,
    }
    /// Why a webhook endpoint was not disabled.
    WebhookEndpointDisableError / WebhookEndpointDisableErrorCode from SwitchRefusal {
        /// There is no such endpoint.
        NotFound,
    }
}

payload! {
    /// What `webhookEndpointDelete` did.
    WebhookEndpointDeletePayload {
        /// The endpoint, DELETED.
        webhook_endpoint: Lean<WebhookEndpoint>,
    }
    /// Why a webhook endpoint was not deleted.
    WebhookEndpointDeleteError / WebhookEndpointDeleteErrorCode from SwitchRefusal {
        /// There is no such endpoint.
        NotFound,
    }
}

payload! {
    /// What `webhookSecretRotate` did.
    WebhookSecretRotatePayload {
        /// The endpoint.
        webhook_endpoint: Lean<WebhookEndpoint>,
        /// Its new secret (`whsec_…`), shown this once.
        secret: String,
    }
    /// Why a secret was not exchanged.
    WebhookSecretRotateError / WebhookSecretRotateErrorCode from RotateRefusal {
        /// There is no such endpoint.
        NotFound,
        /// `overlapHours` is from 0 to 168.
        OverlapOutOfRange,
    }
}

/// Enables, disables or deletes, and answers with a payload.
macro_rules! switch {
    ($ctx:ident, $input:ident, $payload:ident, $service:path, $refusal:ident) => {{
        let refused = |refusal| $payload::refused(&refusal, $ctx.locale());
        let Ok(id) = read_id("id", &$input.id) else {
            return Ok(refused($refusal::NotFound));
        };
        let (app, actor) = ($ctx.app().clone(), $ctx.actor()?.clone());
        let done = $ctx
            .app()
            .finish(async move { $service(&app, &actor, id).await });
        let told = |row: webhook_endpoint::Model| $payload {
            webhook_endpoint: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }};
}

/// The mutations of webhook endpoints.
#[derive(Debug, Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Makes a webhook endpoint 新建推送地址, which is sent what happens from now on, and shows its secret,
    /// once. Needs `webhooks:write`, and the scopes to see what is sent.
    #[graphql(guard = "Needs(Scope::WebhooksWrite)")]
    async fn webhook_endpoint_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: WebhookEndpointCreateInput,
    ) -> Result<WebhookEndpointCreatePayload, Error> {
        let refused = |refusal| WebhookEndpointCreatePayload::refused(&refusal, ctx.locale());
        let kinds = kinds(&input.event_types);
        let draft = EndpointDraft {
            url: input.url,
            description: input.description,
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let reach = ctx.data_unchecked::<Courier>().reach();
        let done = ctx
            .app()
            .finish(async move { service::create(&app, reach, &actor, &draft, &kinds).await });
        let told = |made: Made| WebhookEndpointCreatePayload {
            webhook_endpoint: Some(Lean(made.endpoint.into())),
            secret: Some(made.secret),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Changes a webhook endpoint 修改推送地址. What waits for it goes to its new address. Needs
    /// `webhooks:write`, and the scopes to see what is sent.
    #[graphql(guard = "Needs(Scope::WebhooksWrite)")]
    async fn webhook_endpoint_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: WebhookEndpointUpdateInput,
    ) -> Result<WebhookEndpointUpdatePayload, Error> {
        let refused = |refusal| WebhookEndpointUpdatePayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(refused(UpdateRefusal::NotFound));
        };
        let expected = input.expected_version;
        let wanted = Change {
            kinds: input.event_types.as_deref().map(kinds),
            url: input.url,
            description: input.description,
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let reach = ctx.data_unchecked::<Courier>().reach();
        let done = ctx.app().finish(async move {
            service::update(&app, reach, &actor, id, expected, &wanted).await
        });
        let told = |row: webhook_endpoint::Model| WebhookEndpointUpdatePayload {
            webhook_endpoint: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Sends a webhook endpoint events again, from now on 启用推送地址; what it did not take can be sent again
    /// with `webhookReplay`. Needs `webhooks:write`.
    #[graphql(guard = "Needs(Scope::WebhooksWrite)")]
    async fn webhook_endpoint_enable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: WebhookEndpointEnableInput,
    ) -> Result<WebhookEndpointEnablePayload, Error> {
        switch!(
            ctx,
            input,
            WebhookEndpointEnablePayload,
            service::enable,
            EnableRefusal
        )
    }

    /// Sends a webhook endpoint nothing any more 停用推送地址; what waits for it becomes FAILED. Needs
    /// `webhooks:write`.
    #[graphql(guard = "Needs(Scope::WebhooksWrite)")]
    async fn webhook_endpoint_disable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: WebhookEndpointDisableInput,
    ) -> Result<WebhookEndpointDisablePayload, Error> {
        switch!(
            ctx,
            input,
            WebhookEndpointDisablePayload,
            service::disable,
            SwitchRefusal
        )
    }

    /// Deletes a webhook endpoint 删除推送地址, for good; it stays as history, with what was sent to it. Needs
    /// `webhooks:write`.
    #[graphql(guard = "Needs(Scope::WebhooksWrite)")]
    async fn webhook_endpoint_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: WebhookEndpointDeleteInput,
    ) -> Result<WebhookEndpointDeletePayload, Error> {
        switch!(
            ctx,
            input,
            WebhookEndpointDeletePayload,
            service::delete,
            SwitchRefusal
        )
    }

    /// Gives a webhook endpoint a new secret 更换签名密钥, and shows it, once. The one before signs beside it for
    /// as long as is asked for, so that receivers can be changed one by one. Needs `webhooks:write`.
    #[graphql(guard = "Needs(Scope::WebhooksWrite)")]
    async fn webhook_secret_rotate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: WebhookSecretRotateInput,
    ) -> Result<WebhookSecretRotatePayload, Error> {
        let refused = |refusal| WebhookSecretRotatePayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(refused(RotateRefusal::NotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::rotate(&app, &actor, id, input.overlap_hours).await });
        let told = |made: Made| WebhookSecretRotatePayload {
            webhook_endpoint: Some(Lean(made.endpoint.into())),
            secret: Some(made.secret),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }
}
