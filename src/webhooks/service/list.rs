//! Reads endpoints, deliveries and attempts.

use std::collections::HashMap;

use entity::webhook_endpoint::WebhookEndpointState;
use entity::{
    EventId, MerchantId, OrderId, WebhookDeliveryId, WebhookEndpointId, order_notify_url,
    webhook_attempt, webhook_delivery, webhook_endpoint,
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::paging::{Page, Paging};
use crate::webhooks::model::DeliveryFilter;

/// How many endpoints are listed at the most, deleted ones among them.
const MOST: u64 = 100;

/// A merchant's endpoints, the newest first; deleted ones only where they are wanted.
pub async fn list_endpoints(
    app: &App,
    merchant_id: MerchantId,
    deleted: bool,
) -> Result<Vec<webhook_endpoint::Model>, Error> {
    use webhook_endpoint::Column;
    let mut all = webhook_endpoint::Entity::of(merchant_id);
    if !deleted {
        all = all.filter(Column::State.ne(WebhookEndpointState::Deleted));
    }
    let all = all.order_by_desc(Column::Id).limit(MOST);
    Ok(all.all(&app.db.reads(merchant_id)).await?)
}

/// An endpoint that is not deleted.
pub async fn find_endpoint(
    app: &App,
    merchant_id: MerchantId,
    id: WebhookEndpointId,
) -> Result<Option<webhook_endpoint::Model>, Error> {
    use webhook_endpoint::Column;
    Ok(webhook_endpoint::Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .filter(Column::State.ne(WebhookEndpointState::Deleted))
        .one(&app.db.reads(merchant_id))
        .await?)
}

/// Endpoints by id, deleted ones among them.
pub async fn find_endpoints(
    app: &App,
    merchant_id: MerchantId,
    ids: &[WebhookEndpointId],
) -> Result<HashMap<WebhookEndpointId, webhook_endpoint::Model>, Error> {
    let rows = webhook_endpoint::Entity::of(merchant_id)
        .filter(any_of(&app.db, webhook_endpoint::Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of a merchant's deliveries, the newest first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &DeliveryFilter,
    paging: &Paging,
) -> Result<Page<webhook_delivery::Model>, Error> {
    let column = webhook_delivery::Column::Id;
    let select = wanted(merchant_id, filter);
    let select = newest_first::<_, _, WebhookDeliveryId>(select, column, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// A merchant's deliveries that a filter wants.
pub(super) fn wanted(
    merchant_id: MerchantId,
    filter: &DeliveryFilter,
) -> Select<webhook_delivery::Entity> {
    use webhook_delivery::Column;
    let mut select = webhook_delivery::Entity::of(merchant_id);
    if let Some(id) = filter.endpoint_id {
        select = select.filter(Column::EndpointId.eq(id));
    }
    if let Some(id) = filter.order_id {
        select = select.filter(Column::OrderId.eq(id));
    }
    if let Some(states) = &filter.states {
        select = select.filter(Column::State.is_in(states.iter().copied()));
    }
    if let Some(kinds) = &filter.kinds {
        select = select.filter(Column::EventKind.is_in(kinds.iter().copied()));
    }
    if let Some(made) = &filter.made {
        let first =
            |at: chrono::DateTime<chrono::Utc>| WebhookDeliveryId::first_at(at.timestamp_millis());
        select = select
            .filter(Column::Id.gte(first(made.from)))
            .filter(Column::Id.lt(first(made.to)));
    }
    select
}

/// Deliveries by id.
pub async fn find_deliveries(
    app: &App,
    merchant_id: MerchantId,
    ids: &[WebhookDeliveryId],
) -> Result<HashMap<WebhookDeliveryId, webhook_delivery::Model>, Error> {
    let rows = webhook_delivery::Entity::of(merchant_id)
        .filter(any_of(&app.db, webhook_delivery::Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The attempts of several deliveries, the last first.
pub async fn attempts_of(
    app: &App,
    merchant_id: MerchantId,
    ids: &[WebhookDeliveryId],
) -> Result<HashMap<WebhookDeliveryId, Vec<webhook_attempt::Model>>, Error> {
    use webhook_attempt::Column;
    let rows = webhook_attempt::Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::DeliveryId, ids))
        .order_by_asc(Column::DeliveryId)
        .order_by_desc(Column::No)
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut attempts: HashMap<WebhookDeliveryId, Vec<webhook_attempt::Model>> = HashMap::new();
    for row in rows {
        attempts.entry(row.delivery_id).or_default().push(row);
    }
    Ok(attempts)
}

/// Where the shops of several orders are called.
pub async fn urls_of(
    app: &App,
    merchant_id: MerchantId,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, String>, Error> {
    let rows = order_notify_url::Entity::of(merchant_id)
        .filter(any_of(&app.db, order_notify_url::Column::OrderId, orders))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.order_id, row.url))
        .collect())
}

/// The deliveries of some events to endpoints, the oldest first: looked for at each endpoint, where there is an index.
pub async fn deliveries_of(
    app: &App,
    merchant_id: MerchantId,
    ids: &[EventId],
) -> Result<Vec<webhook_delivery::Model>, Error> {
    use webhook_delivery::{Column, Entity};
    let endpoints = list_endpoints(app, merchant_id, true).await?;
    let endpoints: Vec<WebhookEndpointId> = endpoints.iter().map(|row| row.id).collect();
    Ok(Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::EndpointId, &endpoints))
        .filter(any_of(&app.db, Column::EventId, ids))
        .order_by_asc(Column::Id)
        .all(&app.db.reads(merchant_id))
        .await?)
}
