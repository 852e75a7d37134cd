//! The pieces of a file: removed with it, and read one after another.

use entity::export::{Column, Entity, ExportFormat, ExportState, Model};
use entity::{ExportId, MerchantId, export_piece};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, QueryFilter, QuerySelect};

use super::list::find;
use crate::app::App;
use crate::error::Error;

/// Removes what is kept of a file.
pub(super) async fn remove(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: ExportId,
) -> Result<(), Error> {
    export_piece::Entity::delete_of(merchant_id)
        .filter(export_piece::Column::ExportId.eq(id))
        .exec(txn)
        .await?;
    Ok(())
}

/// How many bytes of the database a merchant's files take, one of them left out where it is named.
pub(super) async fn kept_bytes(
    db: &impl ConnectionTrait,
    merchant_id: MerchantId,
    but: Option<ExportId>,
) -> Result<u64, Error> {
    // PostgreSQL sums BIGINT into NUMERIC.
    let sum = Expr::expr(Func::sum(Expr::col((Entity, Column::StoredBytes))));
    let mut all = Entity::of(merchant_id)
        .filter(Column::State.is_in([ExportState::Running, ExportState::Done]));
    if let Some(id) = but {
        all = all.filter(Column::Id.ne(id));
    }
    let kept: Option<Option<i64>> = all
        .select_only()
        .expr_as(sum.cast_as(Alias::new("BIGINT")), "bytes")
        .into_tuple()
        .one(db)
        .await?;
    let kept = kept.flatten().unwrap_or_default();
    Ok(u64::try_from(kept).unwrap_or_default())
}

/// A file that is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    app: App,
    /// Its export.
    pub row: Model,
}

/// The file of an export; not found where there is none, or none any more.
pub async fn kept(app: &App, merchant_id: MerchantId, id: ExportId) -> Result<Kept, Error> {
    let row = find(app, merchant_id, id).await?;
    let is_over = row
        .expires_at
        .is_none_or(|until| until.0 <= app.clock.now());
    if row.state != ExportState::Done || is_over {
        return Err(Error::NotFound);
    }
    Ok(Kept {
        app: app.clone(),
        row,
    })
}

impl Kept {
    /// Whether its pieces are packed, so that they are the file for who knows gzip alone.
    #[must_use]
    pub fn is_packed(&self) -> bool {
        self.row.format != ExportFormat::Xlsx
    }

    /// One of its pieces; none behind the last.
    pub async fn piece(&self, no: i32) -> Result<Option<Vec<u8>>, Error> {
        if no >= self.row.pieces {
            return Ok(None);
        }
        let piece: Option<Vec<u8>> = export_piece::Entity::of(self.row.merchant_id)
            .filter(export_piece::Column::ExportId.eq(self.row.id))
            .filter(export_piece::Column::No.eq(no))
            .select_only()
            .column(export_piece::Column::Bytes)
            .into_tuple()
            .one(&self.app.db.reads(self.row.merchant_id))
            .await?;
        // Whoever reads on must not take a part for the whole.
        piece.map(Some).ok_or(Error::NotFound)
    }
}
