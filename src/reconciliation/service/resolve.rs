//! Settles an item by hand.

use entity::ReconciliationItemId;
use entity::event::EventKind;
use entity::reconciliation_item::{Column, Entity, Model, Resolution};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, QueryFilter, QuerySelect};
use serde_json::json;

use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::Failure;
use crate::events;
use crate::reconciliation::model::{ResolveRefusal, check_note, check_open};

/// Settles an open item, with a reason in words, for good.
pub async fn resolve(
    app: &App,
    actor: &Actor,
    item_id: ReconciliationItemId,
    resolution: Resolution,
    note: &str,
) -> Result<Model, Failure<ResolveRefusal>> {
    let note = check_note(note).map_err(Failure::Refused)?;
    let merchant_id = actor.merchant_id;
    let by = &actor.name();
    app.write(merchant_id, |txn| async move {
        let txn = &*txn;
        let missing = Failure::Refused(ResolveRefusal::NotFound);
        let item = Entity::of(merchant_id)
            .filter(Column::Id.eq(item_id))
            .lock_exclusive()
            .one(txn)
            .await?
            .ok_or(missing)?;
        check_open(&item).map_err(Failure::Refused)?;
        let now = app.clock.instant();
        Entity::update_of(merchant_id)
            .filter(Column::Id.eq(item_id))
            .col_expr(Column::ResolvedAt, Expr::value(now))
            .col_expr(Column::ResolvedBy, Expr::value(by.as_str()))
            .col_expr(Column::Resolution, Expr::value(resolution))
            .col_expr(Column::ResolutionNote, Expr::value(note))
            .exec(txn)
            .await?;
        let kind = EventKind::ReconciliationItemResolved;
        events::record(txn, &app.ids, now, merchant_id, kind, item_id).await?;
        let settled = json!({ "resolution": resolution.to_value(), "note": note });
        let deed = Deed::of("reconciliationItemResolve")
            .on(item_id)
            .made(settled);
        audit::record(app, txn, actor, deed).await?;
        Ok(Model {
            resolved_at: Some(now),
            resolved_by: Some(by.clone()),
            resolution: Some(resolution),
            resolution_note: Some(note.to_owned()),
            ..item
        })
    })
    .await
}
