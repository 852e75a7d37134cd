//! Writes what happens to a payout, in the transaction in which it does, and reads it.

use std::collections::HashMap;

use entity::payout_record::{Column, Entity, Model, PayoutRecordKind};
use entity::{MerchantId, PayoutId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::payouts::model::Happened;

/// That it is about to be sent to the payment platform.
pub(super) const SENT: Happened = Happened {
    kind: PayoutRecordKind::Sent,
    actor: None,
    note: None,
};

/// Adds an entry, under the lock of the payout's row.
pub(super) async fn record(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    payout_id: PayoutId,
    happened: Happened,
) -> Result<(), Error> {
    let last: Option<Option<i32>> = Entity::of(merchant_id)
        .filter(Column::PayoutId.eq(payout_id))
        .select_only()
        .expr_as(Expr::col(Column::No).max(), "last")
        .into_tuple()
        .one(txn)
        .await?;
    let row = Model {
        merchant_id,
        payout_id,
        no: last.flatten().unwrap_or(0) + 1,
        kind: happened.kind,
        happened_at: app.clock.instant(),
        actor: happened.actor,
        note: happened.note,
    };
    Entity::insert(row.into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// What happened to each of some payouts, in order.
pub async fn records_of(
    app: &App,
    merchant_id: MerchantId,
    ids: &[PayoutId],
) -> Result<HashMap<PayoutId, Vec<Model>>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::PayoutId, ids))
        .order_by_asc(Column::PayoutId)
        .order_by_asc(Column::No)
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut told: HashMap<PayoutId, Vec<Model>> = HashMap::with_capacity(ids.len());
    for row in rows {
        told.entry(row.payout_id).or_default().push(row);
    }
    Ok(told)
}
