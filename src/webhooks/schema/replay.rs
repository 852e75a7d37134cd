//! Trying endpoints out, and sending again.

use async_graphql::{Context, ID, Object, SimpleObject};
use entity::webhook_delivery;

use super::delivery::WebhookDelivery;
use super::enums::WebhookFault;
use super::inputs::{WebhookDeliveryReplayInput, WebhookReplayInput, WebhookTestInput};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};
use crate::orders::schema::reading;
use crate::webhooks::courier::Courier;
use crate::webhooks::model::{ReplayRefusal, SwitchRefusal};
use crate::webhooks::service::{self, Ping, ReplayWish, Replayed};

/// What came of a `test.ping`.
#[derive(Clone, Debug, SimpleObject)]
pub struct WebhookTest {
    /// The `webhook-id` that it was sent with.
    pub webhook_id: String,
    /// Whether it was taken: by a status of 2xx.
    pub delivered: bool,
    /// The HTTP status; none where no answer came.
    pub status: Option<i32>,
    /// What went wrong; none where it was taken.
    pub error: Option<WebhookFault>,
    /// How long the answer took, in milliseconds.
    pub took_ms: i32,
    /// The beginning of the answer's body, at most 1024 bytes.
    pub body: Option<String>,
}

impl From<Ping> for WebhookTest {
    fn from(ping: Ping) -> Self {
        Self {
            webhook_id: ping.id,
            delivered: ping.verdict.is_ok(),
            status: ping.answer.status.ok().map(i32::from),
            error: ping.verdict.err().map(WebhookFault::from),
            took_ms: ping.answer.took_ms,
            body: (!ping.answer.body.is_empty()).then_some(ping.answer.body),
        }
    }
}

payload! {
    /// What `webhookTest` did.
    WebhookTestPayload {
        /// What came of it.
        test: WebhookTest,
    }
    /// Why a webhook endpoint was not tried out.
    WebhookTestError / WebhookTestErrorCode from SwitchRefusal {
        /// There is no such endpoint.
        NotFound,
    }
}

payload! {
    /// What `webhookDeliveryReplay` did.
    WebhookDeliveryReplayPayload {
        /// The delivery, PENDING.
        webhook_delivery: Lean<WebhookDelivery>,
    }
    /// Why a delivery was not sent again.
    WebhookDeliveryReplayError / WebhookDeliveryReplayErrorCode from ReplayRefusal {
        /// There is no such delivery.
        NotFound,
        /// Its endpoint is disabled: enable it first.
        EndpointDisabled,
        /// It is PENDING: it is sent anyway.
        PendingNotReplayed,
        /// You may not see what would be sent; the message names the scope.
        ScopeMissing,
    }
}

payload! {
    /// What `webhookReplay` did.
    WebhookReplayPayload {
        /// How many are sent again: 1000 at the most.
        replayed: i32,
        /// Whether there are more: ask again with `resumeAfter` as `after`.
        more: bool,
        /// The last delivery that is sent again; null where there is none.
        resume_after: ID,
    }
    /// Why nothing was sent again.
    WebhookReplayError / WebhookReplayErrorCode from ReplayRefusal {
        /// There is no such endpoint.
        NotFound,
        /// The endpoint is disabled: enable it first.
        EndpointDisabled,
        /// What is PENDING is sent anyway: name FAILED, DELIVERED or both.
        PendingNotReplayed,
        /// You may not see what would be sent; the message names the scope.
        ScopeMissing,
    }
}

/// Trying endpoints out, and sending again.
#[derive(Debug, Default)]
pub struct ReplayMutation;

#[Object]
impl ReplayMutation {
    /// Sends a webhook endpoint a `test.ping` at once, enabled or not, and tells what came back 测试推送. It is
    /// signed as events are, and not tried again. Needs `webhooks:write`.
    #[graphql(guard = "Needs(Scope::WebhooksWrite)")]
    async fn webhook_test(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: WebhookTestInput,
    ) -> Result<WebhookTestPayload, Error> {
        let refused = |refusal| WebhookTestPayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(refused(SwitchRefusal::NotFound));
        };
        let courier = ctx.data_unchecked::<Courier>();
        let pinged = service::ping(ctx.app(), courier, ctx.actor()?, id).await;
        let told = |ping: Ping| WebhookTestPayload {
            test: Some(ping.into()),
            user_errors: Vec::new(),
        };
        answer(pinged, told, refused)
    }

    /// Sends a delivery again at once 重新推送, under the `webhook-id` that its receiver knows it by. Needs
    /// `webhooks:write`, and the scopes to see what its endpoint is sent.
    #[graphql(guard = "Needs(Scope::WebhooksWrite)")]
    async fn webhook_delivery_replay(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: WebhookDeliveryReplayInput,
    ) -> Result<WebhookDeliveryReplayPayload, Error> {
        let refused = |refusal| WebhookDeliveryReplayPayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("id", &input.id) else {
            return Ok(refused(ReplayRefusal::NotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::replay(&app, &actor, id).await });
        let told = |row: webhook_delivery::Model| WebhookDeliveryReplayPayload {
            webhook_delivery: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Sends deliveries of a webhook endpoint again 批量重推, the oldest first, 1000 at the most. Needs
    /// `webhooks:write`, and the scopes to see what it is sent.
    #[graphql(guard = "Needs(Scope::WebhooksWrite)")]
    async fn webhook_replay(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: WebhookReplayInput,
    ) -> Result<WebhookReplayPayload, Error> {
        let refused = |refusal| WebhookReplayPayload::refused(&refusal, ctx.locale());
        let Ok(endpoint_id) = read_id("endpointId", &input.endpoint_id) else {
            return Ok(refused(ReplayRefusal::NotFound));
        };
        let reading = reading(ctx).await?;
        let range = input.range;
        let after = input.after.as_ref().map(|id| read_id("after", id));
        let wish = ReplayWish {
            endpoint_id,
            made: range.read("range", reading.now, reading.zone)?,
            states: input.states.into_iter().map(Into::into).collect(),
            after: after.transpose()?,
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::replay_many(&app, &actor, &wish).await });
        let told = |done: Replayed| WebhookReplayPayload {
            replayed: Some(i32::try_from(done.count).unwrap_or(i32::MAX)),
            more: Some(done.more),
            resume_after: done.last.map(|id| ID(id.to_string())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }
}
