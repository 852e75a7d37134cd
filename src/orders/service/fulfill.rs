//! Records deliveries.

use entity::event::EventKind;
use entity::order::{self, FulfillmentState};
use entity::order_timeline::TimelineKind;
use entity::{Instant, MerchantId, OrderId, order_line};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder, QuerySelect};

use super::history::{Happening, record};
use super::row::OrderRow;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::Failure;
use crate::orders::model::{self, FulfillRefusal, Fulfilled, FulfillmentRequest};

/// The longest carrier or tracking number.
const LONGEST_NOTE: usize = 60;

/// One delivery.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Which order.
    pub order_id: OrderId,
    /// What of it.
    pub request: FulfillmentRequest,
    /// Who carries it.
    pub carrier: Option<String>,
    /// The carrier's number.
    pub tracking_no: Option<String>,
}

type Outcome<T> = Result<T, Failure<FulfillRefusal>>;

/// Records that some or all of a paid order was delivered.
pub async fn fulfill(app: &App, actor: &Actor, delivery: Delivery) -> Outcome<OrderRow> {
    let too_long = [&delivery.carrier, &delivery.tracking_no]
        .into_iter()
        .flatten()
        .any(|text| text.chars().count() > LONGEST_NOTE || text.chars().any(char::is_control));
    if too_long {
        return Err(Failure::Refused(FulfillRefusal::NoteTooLong));
    }
    let delivery = &delivery;
    let order = app
        .write(actor.merchant_id, |txn| async move {
            fulfill_in(app, &txn, actor, delivery).await
        })
        .await?;
    Ok(OrderRow::try_from(order)?)
}

async fn fulfill_in(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    delivery: &Delivery,
) -> Outcome<order::Model> {
    let merchant_id = actor.merchant_id;
    let order = lock(txn, merchant_id, delivery.order_id).await?;
    let lines = order_line::Entity::of(merchant_id)
        .filter(order_line::Column::OrderId.eq(order.id))
        .order_by_asc(order_line::Column::LineNo)
        .all(txn)
        .await?;
    let fulfilled = model::fulfill(&order, &lines, &delivery.request).map_err(Failure::Refused)?;
    let now = app.clock.instant();
    write(txn, &order, &fulfilled, now).await?;
    let note = [&delivery.carrier, &delivery.tracking_no]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    let happening = Happening {
        merchant_id,
        order_id: order.id,
        timeline: match fulfilled.state {
            FulfillmentState::Fulfilled => TimelineKind::Fulfilled,
            _ => TimelineKind::PartlyFulfilled,
        },
        event: Some(EventKind::OrderFulfilled),
        actor: &actor.name(),
        note: (!note.is_empty()).then_some(note),
        at: now,
    };
    record(app, txn, happening).await?;
    if actor.staff_id().is_some() {
        let deed = Deed::of("orderFulfill").on(order.id);
        audit::record(app, txn, actor, deed).await?;
    }
    lock(txn, merchant_id, order.id).await
}

async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    order_id: OrderId,
) -> Outcome<order::Model> {
    order::Entity::of(merchant_id)
        .filter(order::Column::Id.eq(order_id))
        .lock_exclusive()
        .one(txn)
        .await?
        .ok_or(Failure::Refused(FulfillRefusal::NotFound))
}

async fn write(
    txn: &DatabaseTransaction,
    order: &order::Model,
    fulfilled: &Fulfilled,
    now: Instant,
) -> Outcome<()> {
    for (line_no, quantity) in &fulfilled.lines {
        order_line::Entity::update_of(order.merchant_id)
            .filter(order_line::Column::OrderId.eq(order.id))
            .filter(order_line::Column::LineNo.eq(*line_no))
            .col_expr(
                order_line::Column::FulfilledQuantity,
                Expr::value(*quantity),
            )
            .exec(txn)
            .await?;
    }
    let complete = fulfilled.state == FulfillmentState::Fulfilled;
    order::Entity::update_of(order.merchant_id)
        .filter(order::Column::Id.eq(order.id))
        .col_expr(
            order::Column::FulfillmentState,
            Expr::value(fulfilled.state),
        )
        .col_expr(
            order::Column::FulfilledAt,
            Expr::value(complete.then_some(now)),
        )
        .col_expr(order::Column::UpdatedAt, Expr::value(now))
        .exec(txn)
        .await?;
    Ok(())
}
