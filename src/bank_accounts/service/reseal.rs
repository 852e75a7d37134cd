//! Seals bank accounts again when the master key has changed.

use entity::bank_account::{self, Column};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter};

use super::list::lock;
use super::sealed::{bound_to, number_hash, open};
use crate::app::App;
use crate::error::Error;
use crate::seal::Resealed;

/// Seals holders and numbers of all bank accounts under the master key of now, and hashes the numbers anew: until
/// then a number that is bound already is not found by its hash.
pub async fn reseal(app: &App) -> Result<Resealed, Error> {
    let mut all = Resealed::default();
    for row in bank_account::Entity::all()
        .all(app.db.reads_across())
        .await?
    {
        let row = &row;
        let some = app.db.transaction_of(row.merchant_id, |txn| async move {
            of_account(app, &txn, row).await
        });
        let some: Resealed = some.await?;
        all.add(some);
    }
    Ok(all)
}

async fn of_account(
    app: &App,
    txn: &DatabaseTransaction,
    row: &bank_account::Model,
) -> Result<Resealed, Error> {
    let mut done = Resealed::default();
    let Some(row) = lock(txn, row.merchant_id, row.id).await? else {
        return Ok(done);
    };
    let bound = bound_to(row.merchant_id, row.id);
    let update = || bank_account::Entity::update_of(row.merchant_id).filter(Column::Id.eq(row.id));
    for (column, sealed) in [
        (Column::SealedHolder, &row.sealed_holder),
        (Column::SealedNumber, &row.sealed_number),
    ] {
        let again = app.key.reseal(sealed, &bound)?;
        let of = format!("{column:?} of {}", row.id);
        if let Some(again) = done.count(again, &of) {
            update()
                .col_expr(column, Expr::value(again))
                .exec(txn)
                .await?;
        }
    }
    if let Ok(opened) = open(&app.key, &row) {
        let hash = number_hash(&app.key, row.merchant_id, &opened.number);
        if hash != row.number_hash {
            update()
                .col_expr(Column::NumberHash, Expr::value(hash))
                .exec(txn)
                .await?;
        }
    }
    Ok(done)
}
