//! Writes messages: row, event and audit entry in one transaction.

use entity::event::EventKind;
use entity::message::{Column, Entity, Model};
use entity::{MerchantId, MessageId};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};

use crate::app::App;
use crate::audit::Deed;
use crate::error::Error;
use crate::events;

/// Locks a message: who changes it waits for the batch that is being sent of it.
pub(super) async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: MessageId,
) -> Result<Option<Model>, Error> {
    Ok(Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .lock_exclusive()
        .one(txn)
        .await?)
}

/// Writes a new message.
pub(super) async fn insert(txn: &DatabaseTransaction, row: &Model) -> Result<(), Error> {
    Entity::insert(row.clone().into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// Writes a message's row as it is to be.
pub(super) async fn write(txn: &DatabaseTransaction, after: &Model) -> Result<(), Error> {
    let mut row = after.clone().into_active_model().reset_all();
    (row.merchant_id, row.id) = (ActiveValue::NotSet, ActiveValue::NotSet);
    Entity::update_of(after.merchant_id)
        .filter(Column::Id.eq(after.id))
        .set(row)
        .exec(txn)
        .await?;
    Ok(())
}

/// Tells of a message, in the transaction of its change.
pub(super) async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    row: &Model,
    kind: EventKind,
) -> Result<(), Error> {
    let (now, merchant_id) = (app.clock.instant(), row.merchant_id);
    Ok(events::record(txn, &app.ids, now, merchant_id, kind, row.id).await?)
}

/// What the audit log is told of a message.
pub(super) fn changed(deed: Deed, before: Option<&Model>, after: &Model) -> Deed {
    let from = before.map_or(Value::Null, shown);
    deed.on(after.id).changed(from, shown(after))
}

fn shown(row: &Model) -> Value {
    json!({
        "name": row.name,
        "segmentId": row.segment_id.to_string(),
        "state": row.state.to_value(),
        "version": row.version,
        "title": row.title,
        "body": row.body,
        "titleEn": row.title_en,
        "bodyEn": row.body_en,
        "sendAt": row.send_at.map(|at| at.0.to_rfc3339()),
        "quietFrom": row.quiet_from,
        "quietUntil": row.quiet_to,
        "effectDays": row.effect_days,
    })
}
