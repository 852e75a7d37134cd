//! Calls an export off: whoever writes it notices with its next piece.

use entity::event::EventKind;
use entity::export::{self, Column, Entity, ExportState};
use entity::{ExportId, Instant};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ActiveEnum, ColumnTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::file::remove;
use super::list::find;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::events;
use crate::exports::model::CancelRefusal;

/// Calls an export off that is not over, and removes what was written of it.
pub async fn cancel(
    app: &App,
    actor: &Actor,
    id: ExportId,
) -> Result<export::Model, Failure<CancelRefusal>> {
    let merchant_id = actor.merchant_id;
    app.write(merchant_id, |txn| async move {
        let row = Entity::of(merchant_id)
            .filter(Column::Id.eq(id))
            .lock(LockType::NoKeyUpdate)
            .one(&*txn)
            .await
            .map_err(Error::from)?;
        let row = row.ok_or(Failure::Refused(CancelRefusal::NotFound))?;
        if !matches!(row.state, ExportState::Queued | ExportState::Running) {
            return Err(Failure::Refused(CancelRefusal::Over));
        }
        let now = app.clock.instant();
        Entity::update_of(merchant_id)
            .filter(Column::Id.eq(id))
            .col_expr(Column::State, Expr::value(ExportState::Canceled))
            .col_expr(Column::NextAt, Expr::value(None::<Instant>))
            .col_expr(Column::FinishedAt, Expr::value(now))
            .col_expr(Column::UpdatedAt, Expr::value(now))
            .exec(&*txn)
            .await
            .map_err(Error::from)?;
        remove(&txn, merchant_id, id).await?;
        let kind = EventKind::ExportCanceled;
        events::record(&txn, &app.ids, now, merchant_id, kind, id)
            .await
            .map_err(Error::from)?;
        let state = |state: ExportState| json!({ "state": state.to_value() });
        let deed = Deed::of("exportCancel").on(id);
        let deed = deed.changed(state(row.state), state(ExportState::Canceled));
        Ok(audit::record(app, &txn, actor, deed).await?)
    })
    .await?;
    Ok(find(app, merchant_id, id).await?)
}
