//! Seals channels' credentials again when the master key has changed.

use entity::{MerchantId, channel};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder, QuerySelect};

use super::change::{keeps_stale, lock};
use crate::app::App;
use crate::channels::providers::binding;
use crate::error::Error;
use crate::seal::Resealed;

/// Seals all channels' credentials under the master key of now, merchant by merchant, each under the lock
/// under which its channels are changed. Credentials before that are not believed any more are forgotten. Nothing
/// else changes: it is no version.
pub async fn reseal(app: &App) -> Result<Resealed, Error> {
    let merchants: Vec<MerchantId> = channel::Entity::sealed()
        .select_only()
        .column(channel::Column::MerchantId)
        .distinct()
        .order_by_asc(channel::Column::MerchantId)
        .into_tuple()
        .all(app.db.reads_across())
        .await?;
    let mut all = Resealed::default();
    for merchant_id in merchants {
        let some = app.db.transaction_of(merchant_id, |txn| async move {
            of_merchant(app, &txn, merchant_id).await
        });
        let some: Resealed = some.await?;
        all.add(some);
    }
    Ok(all)
}

async fn of_merchant(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<Resealed, Error> {
    let mut done = Resealed::default();
    for mut row in lock(txn, merchant_id).await? {
        if keeps_stale(&row, app.clock.instant()) {
            row.sealed_previous_credentials = None;
            channel::Entity::update_of(merchant_id)
                .filter(channel::Column::Id.eq(row.id))
                .col_expr(
                    channel::Column::SealedPreviousCredentials,
                    Expr::value(None::<Vec<u8>>),
                )
                .exec(txn)
                .await?;
        }
        let bound_to = binding(merchant_id, row.id);
        for (column, sealed) in [
            (channel::Column::SealedCredentials, &row.sealed_credentials),
            (
                channel::Column::SealedPreviousCredentials,
                &row.sealed_previous_credentials,
            ),
        ] {
            let Some(sealed) = sealed else { continue };
            let again = app.key.reseal(sealed, &bound_to)?;
            let of = format!("{column:?} of {}", row.id);
            if let Some(again) = done.count(again, &of) {
                channel::Entity::update_of(merchant_id)
                    .filter(channel::Column::Id.eq(row.id))
                    .col_expr(column, Expr::value(again))
                    .exec(txn)
                    .await?;
            }
        }
    }
    Ok(done)
}
