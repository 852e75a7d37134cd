//! The queries of webhooks.

use async_graphql::{Context, Object};

use super::delivery::WebhookDeliveryConnection;
use super::endpoint::WebhookEndpoint;
use super::inputs::WebhookDeliveryFilterInput;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::{Ask, Needs};
use crate::orders::schema::reading;
use crate::paging::Paging;
use crate::webhooks::service;

/// The queries of webhooks.
#[derive(Debug, Default)]
pub struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// The merchant's webhook endpoints 推送地址, newest first: at most 20, and the last of those that were
    /// deleted where they are asked for. Needs `webhooks:read`.
    #[graphql(guard = "Needs(Scope::WebhooksRead)")]
    async fn webhook_endpoints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether deleted ones are listed as well.", default = false)]
        deleted: bool,
    ) -> Result<Vec<Lean<WebhookEndpoint>>, Error> {
        let rows = service::list_endpoints(ctx.app(), ctx.actor()?.merchant_id, deleted).await?;
        Ok(rows.into_iter().map(|row| Lean(row.into())).collect())
    }

    /// What was sent, or is to be 推送记录, newest first; kept for 30 days. Needs `webhooks:read`.
    #[graphql(guard = "Needs(Scope::WebhooksRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn webhook_deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which deliveries; all where it is missing.")] filter: Option<
            WebhookDeliveryFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<WebhookDeliveryConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let filter = filter.unwrap_or_default().read(&reading(ctx).await?)?;
        let page = service::list(ctx.app(), ctx.actor()?.merchant_id, &filter, &paging).await?;
        Ok(Lean(WebhookDeliveryConnection::page(
            page,
            |row| row.id.to_string(),
            |row| Lean(row.into()),
        )))
    }
}
