//! Writes down who is in a segment now.

use entity::event::EventKind;
use entity::segment::{Model, SegmentKind};
use entity::{MerchantId, SegmentId, member, segment_member};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, QuerySelect, QueryTrait, Select};

use super::understood::{maybe_find, members_of, rule_of};
use super::write::{insert, is_full, shown, tell};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::segments::model::{SnapshotRefusal, read_name};

/// Makes a segment of those who are in another one now, and are in the new one from then on, whatever becomes of them:
/// one statement writes them all.
pub async fn snapshot(
    app: &App,
    actor: &Actor,
    id: SegmentId,
    name: &str,
) -> Result<Model, Failure<SnapshotRefusal>> {
    let merchant_id = actor.merchant_id;
    let name =
        &read_name(name).map_err(|invalid| Failure::Refused(SnapshotRefusal::Invalid(invalid)))?;
    let of = maybe_find(app, merchant_id, id).await?;
    let of = &of.ok_or(Failure::Refused(SnapshotRefusal::NotFound))?;
    let members = &members_of(app, merchant_id, &rule_of(of)?).await?;
    let new: SegmentId = app.ids.next();
    app.write(merchant_id, |txn| async move {
        if is_full(&txn, merchant_id).await? {
            return Err(Failure::Refused(SnapshotRefusal::TooMany));
        }
        let now = app.clock.instant();
        let written = write_members(&txn, merchant_id, new, members.clone()).await?;
        let row = Model {
            merchant_id,
            id: new,
            name: name.clone(),
            kind: SegmentKind::Snapshot,
            version: 1,
            rules: of.rules.clone(),
            members: Some(written),
            snapshot_at: Some(now),
            created_by: actor.name(),
            updated_at: now,
            removed_at: None,
        };
        insert(&txn, &row, || SnapshotRefusal::NameTaken).await?;
        tell(app, &txn, &row, EventKind::SegmentCreated).await?;
        let deed = Deed::of("segmentSnapshot").on(new).made(shown(&row));
        audit::record(app, &txn, actor, deed).await?;
        Ok(row)
    })
    .await
}

/// Writes down members; how many they are.
async fn write_members(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: SegmentId,
    members: Select<member::Entity>,
) -> Result<i64, Error> {
    use segment_member::Column;
    let rows = members
        .select_only()
        .expr(Expr::val(merchant_id))
        .expr(Expr::val(id))
        .column(member::Column::Id)
        .into_query();
    let statement = Query::insert()
        .into_table(segment_member::Entity)
        .columns([Column::MerchantId, Column::SegmentId, Column::MemberId])
        .select_from(rows)
        .map_err(|error| Error::internal(error.to_string()))?
        .to_owned();
    let done = txn.execute(&statement).await?;
    i64::try_from(done.rows_affected()).map_err(|_| Error::internal("too many members"))
}
