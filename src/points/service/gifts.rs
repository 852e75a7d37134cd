//! Gives many locked members points at once, in few statements however many they are.

use entity::{MerchantId, member};
use sea_orm::DatabaseTransaction;

use super::book::write_each;
use super::wallet::{Grant, given};
use crate::app::App;
use crate::error::Error;

/// Gives locked members points, none of them twice, and tells of each once.
pub async fn grant_many(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    grants: Vec<(member::Model, Grant<'_>)>,
) -> Result<(), Error> {
    let (purses, bookings): (Vec<_>, Vec<_>) = grants
        .into_iter()
        .map(|(member, grant)| given(app, member, grant))
        .unzip();
    write_each(app, txn, merchant_id, &purses, &bookings).await
}
