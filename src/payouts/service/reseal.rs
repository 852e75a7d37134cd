//! Signs payouts in flight again when the master key has changed.

use entity::payout::{self, Column, PayoutStatus};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter};

use super::account::find_account;
use super::book::lock;
use super::seal::{opened_as_signed, sign};
use crate::app::App;
use crate::error::Error;
use crate::payouts::model::{Signed, is_in_flight};
use crate::seal::{Again, Resealed};

/// Signs payouts that may still be sent with the master key of now. What is not as it was signed is left as it is, and
/// counted: nobody sends it.
pub async fn reseal(app: &App) -> Result<Resealed, Error> {
    let mut all = Resealed::default();
    for row in payout::Entity::in_flight().all(app.db.reads()).await? {
        let row = &row;
        let some = app
            .db
            .transaction(|txn| async move { of_payout(app, &txn, row).await });
        let some: Resealed = some.await?;
        all.add(some);
    }
    Ok(all)
}

async fn of_payout(
    app: &App,
    txn: &DatabaseTransaction,
    row: &payout::Model,
) -> Result<Resealed, Error> {
    let mut done = Resealed::default();
    let row = lock(txn, row.merchant_id, row.id).await?;
    let Some(row) = row.filter(|row| is_in_flight(row.state)) else {
        return Ok(done);
    };
    let signed = match row.state {
        PayoutStatus::AwaitingApproval => Signed::Waiting,
        _ => Signed::to_send(&row),
    };
    let account = find_account(txn, row.merchant_id, row.bank_account_id).await?;
    let again = if opened_as_signed(app, &row, &account, signed).is_none() {
        Again::Unreadable
    } else {
        let signature = sign(app, &row, &account, signed)?;
        if signature == row.signature {
            Again::Same
        } else {
            Again::Anew(signature)
        }
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
