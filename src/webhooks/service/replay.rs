//! Sends again by hand: one delivery, or those of an endpoint in a span.

use entity::webhook_delivery::{self, WebhookDeliveryState};
use entity::webhook_endpoint::WebhookEndpointState;
use entity::{MerchantId, WebhookDeliveryId, WebhookEndpointId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveEnum, ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::allowed::lacks;
use super::endpoints::lock;
use super::list::wanted;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::db::any_of;
use crate::error::{Error, Failure};
use crate::time_range::TimeRange;
use crate::webhooks::model::{DeliveryFilter, ReplayRefusal};

/// How many are sent again by one request.
const MOST: u64 = 1_000;

/// Which deliveries of an endpoint are sent again.
#[derive(Clone, Debug)]
pub struct ReplayWish {
    /// The endpoint.
    pub endpoint_id: WebhookEndpointId,
    /// Made in this span.
    pub made: TimeRange,
    /// In any of these states.
    pub states: Vec<WebhookDeliveryState>,
    /// Made after this one: where the request before ended.
    pub after: Option<WebhookDeliveryId>,
}

/// How many are sent again, and whether there are more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// How many.
    pub count: u64,
    /// Whether there are more.
    pub more: bool,
    /// The last of them: the same request after it sends the next ones. What was sent again may be in the same state
    /// by then, and would be the first once more.
    pub last: Option<WebhookDeliveryId>,
}

/// Sends a delivery again at once, under the id that its receiver knows it by, and as often as a new one.
pub async fn replay(
    app: &App,
    actor: &Actor,
    id: WebhookDeliveryId,
) -> Result<webhook_delivery::Model, Failure<ReplayRefusal>> {
    let merchant_id = actor.merchant_id;
    let replayed = app
        .db
        .transaction_of(merchant_id, |txn| async move {
            let find = || {
                webhook_delivery::Entity::of(merchant_id)
                    .filter(webhook_delivery::Column::Id.eq(id))
            };
            let found = find().one(&*txn).await?;
            let found = found.ok_or(Failure::Refused(ReplayRefusal::NotFound))?;
            if let Some(endpoint_id) = found.endpoint_id {
                check(&txn, actor, endpoint_id).await?;
            }
            again(app, &txn, merchant_id, &[id]).await?;
            let state = |state: WebhookDeliveryState| json!({ "state": state.to_value() });
            let deed = Deed::of("webhookDeliveryReplay").on(id);
            let deed = deed.changed(state(found.state), state(WebhookDeliveryState::Pending));
            audit::record(app, &txn, actor, deed).await?;
            let now = find().one(&*txn).await?;
            now.ok_or(Failure::Refused(ReplayRefusal::NotFound))
        })
        .await?;
    app.audited.committed();
    Ok(replayed)
}

/// Sends deliveries of an endpoint again, the oldest first, so many at the most.
pub async fn replay_many(
    app: &App,
    actor: &Actor,
    wish: &ReplayWish,
) -> Result<Replayed, Failure<ReplayRefusal>> {
    if wish.states.contains(&WebhookDeliveryState::Pending) {
        return Err(Failure::Refused(ReplayRefusal::PendingNotReplayed));
    }
    let merchant_id = actor.merchant_id;
    let filter = &DeliveryFilter {
        endpoint_id: Some(wish.endpoint_id),
        states: Some(wish.states.clone()),
        made: Some(wish.made),
        ..DeliveryFilter::default()
    };
    let replayed = app
        .db
        .transaction_of(merchant_id, |txn| async move {
            check(&txn, actor, wish.endpoint_id).await?;
            let mut found = wanted(merchant_id, filter);
            if let Some(after) = wish.after {
                found = found.filter(webhook_delivery::Column::Id.gt(after));
            }
            let ids: Vec<WebhookDeliveryId> = found
                .select_only()
                .column(webhook_delivery::Column::Id)
                .order_by_asc(webhook_delivery::Column::Id)
                .limit(MOST + 1)
                .into_tuple()
                .all(&*txn)
                .await?;
            let more = ids.len() as u64 > MOST;
            let most = usize::try_from(MOST).unwrap_or(usize::MAX);
            let ids = &ids[..ids.len().min(most)];
            let count = ids.len() as u64;
            if !ids.is_empty() {
                again(app, &txn, merchant_id, ids).await?;
                audit::record(app, &txn, actor, told(wish, count)).await?;
            }
            let last = ids.last().copied();
            Ok::<_, Failure<ReplayRefusal>>(Replayed { count, more, last })
        })
        .await?;
    app.audited.committed();
    Ok(replayed)
}

/// What the audit log is told of many.
fn told(wish: &ReplayWish, count: u64) -> Deed {
    let states: Vec<String> = wish.states.iter().map(ActiveEnum::to_value).collect();
    Deed::of("webhookReplay").on(wish.endpoint_id).made(json!({
        "count": count,
        "states": states,
        "from": wish.made.from.to_rfc3339(),
        "to": wish.made.to.to_rfc3339(),
    }))
}

/// Whether an endpoint is sent anything, and by whom it may be sent something again: who may see what it is sent.
/// Locked, so that it is not disabled meanwhile.
async fn check(
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: WebhookEndpointId,
) -> Result<(), Failure<ReplayRefusal>> {
    let endpoint = lock(txn, actor.merchant_id, id).await?;
    let endpoint = endpoint.ok_or(Failure::Refused(ReplayRefusal::NotFound))?;
    if endpoint.state != WebhookEndpointState::Enabled {
        return Err(Failure::Refused(ReplayRefusal::EndpointDisabled));
    }
    match lacks(actor, &endpoint.event_types) {
        Some(scope) => Err(Failure::Refused(ReplayRefusal::ScopeMissing { scope })),
        None => Ok(()),
    }
}

/// Makes deliveries due now. A claim that is under way counts no more.
async fn again(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    ids: &[WebhookDeliveryId],
) -> Result<(), Error> {
    use webhook_delivery::Column;
    let now = app.clock.instant();
    webhook_delivery::Entity::update_of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .col_expr(Column::State, Expr::value(WebhookDeliveryState::Pending))
        .col_expr(Column::NextAttemptAt, Expr::value(now))
        .col_expr(Column::Tries, Expr::value(0))
        .col_expr(Column::Lease, Expr::col(Column::Lease).add(1))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .exec(txn)
        .await?;
    Ok(())
}
