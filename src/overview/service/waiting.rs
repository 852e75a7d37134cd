//! Counts what waits, by the indexes of what waits, and up to a limit.

use chrono::TimeDelta;
use entity::order::{FulfillmentState, PaymentState};
use entity::refund::RefundStatus;
use entity::{Instant, MerchantId, OrderId, incident, order, reconciliation_item, refund};
use sea_orm::sea_query::{Alias, Expr, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
};

use crate::app::App;
use crate::auth::model::{Actor, Scope};
use crate::coupons;
use crate::error::Error;
use crate::overview::model::{Expiring, Waiting};

/// How many of each are counted at the most.
pub const MOST: u64 = 10_000;

/// How long somebody who was shown a payment code is taken to be paying.
const PAYING: TimeDelta = TimeDelta::minutes(30);

/// How long before their end coupons are told of.
const EXPIRING: TimeDelta = TimeDelta::days(3);

/// What waits to be done, as far as somebody may see it.
pub async fn waiting(app: &App, actor: &Actor) -> Result<Waiting, Error> {
    let merchant_id = actor.merchant_id;
    let seen = |scope| actor.may(scope);
    let (sees_refunds, sees_items) = (seen(Scope::RefundsRead), seen(Scope::ReconciliationRead));
    let shipments = shipments(app, merchant_id);
    let approvals = maybe(sees_refunds, async {
        let waits = refund::Column::State.eq(RefundStatus::AwaitingApproval);
        counted(
            app,
            merchant_id,
            refund::Entity::of(merchant_id).filter(waits),
            refund::Column::Id,
        )
        .await
    });
    let refunds = maybe(sees_refunds, async {
        let waits = refund::Column::NeedsAttention.eq(true);
        counted(
            app,
            merchant_id,
            refund::Entity::of(merchant_id).filter(waits),
            refund::Column::Id,
        )
        .await
    });
    let items = maybe(sees_items, async {
        use reconciliation_item::{Column, Entity};
        let open = Entity::of(merchant_id).filter(Column::ResolvedAt.is_null());
        counted(app, merchant_id, open, Column::Id).await
    });
    let incidents = maybe(seen(Scope::ChannelsRead), async {
        use incident::{Column, Entity};
        let open = Entity::of(merchant_id).filter(Column::ResolvedAt.is_null());
        counted(app, merchant_id, open, Column::Id).await
    });
    let expiring = maybe_expiring(app, actor);
    let all = futures_util::try_join!(shipments, approvals, refunds, items, incidents, expiring)?;
    Ok(Waiting {
        shipments: all.0,
        approvals: all.1,
        refunds: all.2,
        items: all.3,
        incidents: all.4,
        expiring: all.5,
    })
}

/// The coupons that end within three days, and what they are worth.
async fn maybe_expiring(app: &App, actor: &Actor) -> Result<Option<Expiring>, Error> {
    if !actor.may(Scope::CampaignsRead) {
        return Ok(None);
    }
    let before = Instant(app.clock.now() + EXPIRING);
    let told = coupons::service::expiring(app, actor.merchant_id, before, MOST).await?;
    Ok(Some(Expiring {
        count: told.count,
        value_minor: told.value_minor,
    }))
}

async fn maybe(
    sees: bool,
    count: impl Future<Output = Result<i64, Error>>,
) -> Result<Option<i64>, Error> {
    if sees {
        count.await.map(Some)
    } else {
        Ok(None)
    }
}

/// How many orders are paid and not delivered.
pub(super) async fn shipments(app: &App, merchant_id: MerchantId) -> Result<i64, Error> {
    use FulfillmentState::{Partial, Unfulfilled};
    let select = order::Entity::of(merchant_id)
        .filter(order::Column::PaymentState.eq(PaymentState::Paid))
        .filter(order::Column::FulfillmentState.is_in([Unfulfilled, Partial]));
    counted(app, merchant_id, select, order::Column::Id).await
}

/// How many payers are paying: orders of the last half hour that wait for them.
pub(super) async fn paying(app: &App, merchant_id: MerchantId, now: Instant) -> Result<i64, Error> {
    let since = OrderId::first_at((now.0 - PAYING).timestamp_millis());
    let select = order::Entity::of(merchant_id)
        .filter(order::Column::Id.gte(since))
        .filter(order::Column::PaymentState.eq(PaymentState::Pending));
    counted(app, merchant_id, select, order::Column::Id).await
}

/// How many rows there are, up to the limit.
async fn counted<E: EntityTrait>(
    app: &App,
    merchant_id: MerchantId,
    select: Select<E>,
    id: E::Column,
) -> Result<i64, Error> {
    let some = select.select_only().column(id).limit(MOST).into_query();
    let count = Query::select()
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .from_subquery(some, Alias::new("some_rows"))
        .to_owned();
    let row = app.db.reads(merchant_id).query_one(&count).await?;
    let row = row.ok_or_else(|| Error::internal("a count has no row"))?;
    Ok(row.try_get("", "count")?)
}
