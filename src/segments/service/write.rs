//! Makes, changes and removes segments.

use entity::event::EventKind;
use entity::segment::{Column, Entity, Model, SegmentKind};
use entity::{MerchantId, SegmentId};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};

use super::check::{check, may_ask};
use super::uses::{Asked, first_use};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::db::{have_alone, violates_unique};
use crate::error::{Error, Failure};
use crate::events;
use crate::segments::model::{
    CreateRefusal, MOST_SEGMENTS, RemoveRefusal, Rule, UpdateRefusal, read_name,
};

/// Makes a segment, which holds for whoever its rules hold for.
pub async fn create(
    app: &App,
    actor: &Actor,
    name: &str,
    rules: &Rule,
) -> Result<Model, Failure<CreateRefusal>> {
    let refused = |invalid| Failure::Refused(CreateRefusal::Invalid(invalid));
    let merchant_id = actor.merchant_id;
    let name = read_name(name).map_err(refused)?;
    may_ask(actor, rules)?;
    check(app, merchant_id, rules).await?.map_err(refused)?;
    let row = &Model {
        merchant_id,
        id: app.ids.next(),
        name,
        kind: SegmentKind::Rules,
        version: 1,
        rules: rules.to_text()?,
        members: None,
        snapshot_at: None,
        created_by: actor.name(),
        updated_at: app.clock.instant(),
        removed_at: None,
    };
    app.write(merchant_id, |txn| async move {
        if is_full(&txn, merchant_id).await? {
            return Err(Failure::Refused(CreateRefusal::TooMany));
        }
        insert(&txn, row, || CreateRefusal::NameTaken).await?;
        tell(app, &txn, row, EventKind::SegmentCreated).await?;
        let deed = Deed::of("segmentCreate").on(row.id);
        Ok(audit::record(app, &txn, actor, deed.made(shown(row))).await?)
    })
    .await?;
    Ok(row.clone())
}

/// Changes a segment where it has the version that is expected. What changes nothing writes nothing.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: SegmentId,
    expected_version: i32,
    (name, rules): (Option<&str>, Option<&Rule>),
) -> Result<Model, Failure<UpdateRefusal>> {
    let refused = |invalid| Failure::Refused(UpdateRefusal::Invalid(invalid));
    let merchant_id = actor.merchant_id;
    let name = &name.map(read_name).transpose().map_err(refused)?;
    if let Some(rules) = rules {
        may_ask(actor, rules)?;
        check(app, merchant_id, rules).await?.map_err(refused)?;
    }
    let rules = &rules.map(Rule::to_text).transpose()?;
    app.write(merchant_id, |txn| async move {
        let found = lock(&txn, merchant_id, id).await?;
        let before = found.ok_or(Failure::Refused(UpdateRefusal::NotFound))?;
        if before.version != expected_version {
            let current = before.version;
            return Err(Failure::Refused(UpdateRefusal::VersionConflict { current }));
        }
        let mut after = before.clone();
        if let Some(rules) = rules {
            if before.kind == SegmentKind::Snapshot {
                return Err(Failure::Refused(UpdateRefusal::Snapshot));
            }
            after.rules.clone_from(rules);
        }
        if let Some(name) = name {
            after.name.clone_from(name);
        }
        if after == before {
            return Ok(after);
        }
        after.version += 1;
        after.updated_at = app.clock.instant();
        write(&txn, &after, || UpdateRefusal::NameTaken).await?;
        tell(app, &txn, &after, EventKind::SegmentUpdated).await?;
        let deed = Deed::of("segmentUpdate").on(id);
        let deed = deed.changed(shown(&before), shown(&after));
        audit::record(app, &txn, actor, deed).await?;
        Ok(after)
    })
    .await
}

/// Removes a segment that nothing needs: no segment, and nothing of `others`. What was done by it stays as it is.
pub async fn remove(
    app: &App,
    actor: &Actor,
    id: SegmentId,
    others: &[Asked],
) -> Result<Model, Failure<RemoveRefusal>> {
    let merchant_id = actor.merchant_id;
    app.write(merchant_id, |txn| async move {
        let found = lock(&txn, merchant_id, id).await?;
        let before = found.ok_or(Failure::Refused(RemoveRefusal::NotFound))?;
        if let Some(by) = first_use(&txn, merchant_id, id, others).await? {
            return Err(Failure::Refused(RemoveRefusal::InUse(by)));
        }
        let now = app.clock.instant();
        let after = Model {
            updated_at: now,
            removed_at: Some(now),
            ..before.clone()
        };
        // A name is given back, and none is taken.
        write(&txn, &after, || RemoveRefusal::NotFound).await?;
        tell(app, &txn, &after, EventKind::SegmentRemoved).await?;
        let deed = Deed::of("segmentRemove").on(id).gone(shown(&before));
        audit::record(app, &txn, actor, deed).await?;
        Ok(after)
    })
    .await
}

/// Locks a segment that is there; who names it anew meanwhile waits.
async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: SegmentId,
) -> Result<Option<Model>, Error> {
    have_alone(txn, id).await?;
    Ok(Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .filter(Column::RemovedAt.is_null())
        .lock_exclusive()
        .one(txn)
        .await?)
}

/// Whether there are as many segments as there may be.
pub(super) async fn is_full(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<bool, Error> {
    let there = Entity::of(merchant_id)
        .filter(Column::RemovedAt.is_null())
        .count(txn)
        .await?;
    Ok(there >= MOST_SEGMENTS)
}

/// Writes a new segment, unless another one is called so.
pub(super) async fn insert<R>(
    txn: &DatabaseTransaction,
    row: &Model,
    taken: impl FnOnce() -> R,
) -> Result<(), Failure<R>> {
    let inserted = Entity::insert(row.clone().into_active_model())
        .exec_without_returning(txn)
        .await;
    match inserted {
        Err(error) if violates_unique(&error, "name") => Err(Failure::Refused(taken())),
        other => Ok(other.map(|_| ())?),
    }
}

async fn write<R>(
    txn: &DatabaseTransaction,
    after: &Model,
    taken: impl FnOnce() -> R,
) -> Result<(), Failure<R>> {
    let mut row = after.clone().into_active_model().reset_all();
    (row.merchant_id, row.id) = (ActiveValue::NotSet, ActiveValue::NotSet);
    let written = Entity::update_of(after.merchant_id)
        .filter(Column::Id.eq(after.id))
        .set(row)
        .exec(txn)
        .await;
    match written {
        Err(error) if violates_unique(&error, "name") => Err(Failure::Refused(taken())),
        other => Ok(other.map(|_| ())?),
    }
}

/// Tells of a segment, in the transaction of its change.
pub(super) async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    row: &Model,
    kind: EventKind,
) -> Result<(), Error> {
    let (now, merchant_id) = (app.clock.instant(), row.merchant_id);
    Ok(events::record(txn, &app.ids, now, merchant_id, kind, row.id).await?)
}

/// What the audit log is told of a segment.
pub(super) fn shown(row: &Model) -> Value {
    let rules: Value = serde_json::from_str(&row.rules).unwrap_or_default();
    json!({
        "name": row.name,
        "kind": row.kind.to_value(),
        "rules": rules,
        "members": row.members,
    })
}
