//! Closes an order: no payment is expected any more.

use entity::OrderId;
use entity::event::EventKind;
use entity::order::{self, PaymentState};
use entity::order_timeline::TimelineKind;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QuerySelect};

use super::history::{Happening, record};
use super::row::OrderRow;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::orders::model::{self, CloseRefusal};
use crate::{checkout, loyalty};

/// Closes an unpaid order; closing a closed one changes nothing. A payment that comes after all is
/// dealt with by the merchant's policy.
pub async fn close(
    app: &App,
    actor: &Actor,
    order_id: OrderId,
) -> Result<OrderRow, Failure<CloseRefusal>> {
    let merchant_id = actor.merchant_id;
    let order = app
        .write(merchant_id, |txn| async move {
            let txn = &*txn;
            let find = || {
                order::Entity::of(merchant_id)
                    .filter(order::Column::Id.eq(order_id))
                    .lock_exclusive()
            };
            let missing = Failure::Refused(CloseRefusal::NotFound);
            let order = find().one(txn).await?.ok_or(missing.clone())?;
            if model::close(&order).map_err(Failure::Refused)? {
                close_in(app, txn, &order, &actor.name()).await?;
                if actor.staff_id().is_some() {
                    let deed = Deed::of("orderClose").on(order_id);
                    audit::record(app, txn, actor, deed).await?;
                }
            }
            find().one(txn).await?.ok_or(missing)
        })
        .await?;
    Ok(OrderRow::try_from(order)?)
}

/// Closes a locked, open order in a transaction; what it holds of campaigns and coupons goes back.
pub async fn close_in(
    app: &App,
    txn: &DatabaseTransaction,
    order: &order::Model,
    actor: &str,
) -> Result<(), Error> {
    let now = app.clock.instant();
    order::Entity::update_of(order.merchant_id)
        .filter(order::Column::Id.eq(order.id))
        .col_expr(
            order::Column::PaymentState,
            Expr::value(PaymentState::Closed),
        )
        .col_expr(order::Column::ClosedAt, Expr::value(now))
        .col_expr(order::Column::UpdatedAt, Expr::value(now))
        .exec(txn)
        .await?;
    let happening = Happening {
        merchant_id: order.merchant_id,
        order_id: order.id,
        timeline: TimelineKind::Closed,
        event: Some(EventKind::OrderClosed),
        actor,
        note: None,
        at: now,
    };
    record(app, txn, happening).await?;
    loyalty::service::closed(app, txn, order).await?;
    Ok(checkout::service::release(app, txn, order, now).await?)
}
