//! Signs payouts again when the master key has changed.

use entity::payout::{self, Column, PayoutStatus};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder};

use super::account::find_account;
use super::book::lock;
use super::seal::{opened_as_signed, sign};
use crate::app::App;
use crate::error::Error;
use crate::payouts::model::{Signed, is_in_flight};
use crate::seal::{Again, Resealed};

/// Signs what waits, and what may still be sent, under the master key of now, each under its lock: else it would not be
/// what was signed once the key before is gone. What is not what was signed is signed by nobody.
pub async fn reseal(app: &App) -> Result<Resealed, Error> {
    let mut all = Resealed::default();
    let rows = payout::Entity::in_flight()
        .order_by_asc(Column::MerchantId)
        .order_by_asc(Column::Id)
        .all(app.db.reads_across())
        .await?;
    for row in &rows {
        let some = app.db.transaction_of(row.merchant_id, |txn| async move {
            of_payout(app, &txn, row).await
        });
        let some: Resealed = some.await?;
        all.add(some);
    }
    Ok(all)
}

async fn of_payout(
    app: &App,
    txn: &DatabaseTransaction,
    known: &payout::Model,
) -> Result<Resealed, Error> {
    let mut done = Resealed::default();
    let found = lock(txn, known.merchant_id, known.id).await?;
    let Some(row) = found.filter(|row| is_in_flight(row.state)) else {
        return Ok(done);
    };
    let signed = match row.state {
        PayoutStatus::AwaitingApproval => Signed::Waiting,
        _ => Signed::to_send(&row),
    };
    let account = find_account(txn, row.merchant_id, row.bank_account_id).await?;
    let again = match opened_as_signed(app, &row, &account, signed) {
        None => Again::Unreadable,
        Some(_) => match sign(app, &row, &account, signed)? {
            same if same == row.signature => Again::Same,
            anew => Again::Anew(anew),
        },
    };
    if let Some(signature) = done.count(again, &format!("the signature of {}", row.id)) {
        payout::Entity::update_of(row.merchant_id)
            .filter(Column::Id.eq(row.id))
            .col_expr(Column::Signature, Expr::value(signature))
            .exec(txn)
            .await?;
    }
    Ok(done)
}
