//! The pieces of a file: removed with it, and read one after another.

use entity::export::{ExportFormat, ExportState, Model};
use entity::{ExportId, MerchantId, export_piece};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QuerySelect};

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
