//! Seals what was sent again when the master key has changed.

use entity::message_recipient::{Column, Entity, bound_to};
use entity::{MerchantId, MessageRecipientId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::error::Error;
use crate::seal::Resealed;

/// How many are read at once, and written in one transaction.
const BATCH: u64 = 500;

/// A recipient's key, and what was sent.
type Sealed = (MerchantId, MessageRecipientId, Vec<u8>);

/// Seals all that was sent under the master key of now, batch by batch in the order of the keys. Broken off, it has
/// done whole batches; started again, it passes over what is done.
pub async fn reseal(app: &App) -> Result<Resealed, Error> {
    let (mut done, mut after) = (Resealed::default(), None);
    loop {
        let batch = batch(app, after).await?;
        let Some((merchant_id, id, _)) = batch.last() else {
            return Ok(done);
        };
        after = Some((*merchant_id, *id));
        let mut written: Vec<(Sealed, Vec<u8>)> = Vec::new();
        for one in batch {
            let again = app.key.reseal(&one.2, &bound_to(one.0, one.1))?;
            let of = format!("text of {}", one.1);
            written.extend(done.count(again, &of).map(|again| (one, again)));
        }
        let written = &written;
        app.db
            .transaction_across(|txn| async move { write(&txn, written).await })
            .await?;
    }
}

async fn batch(
    app: &App,
    after: Option<(MerchantId, MessageRecipientId)>,
) -> Result<Vec<Sealed>, Error> {
    let mut select = Entity::sealed()
        .select_only()
        .columns([Column::MerchantId, Column::Id, Column::Sealed])
        .order_by_asc(Column::MerchantId)
        .order_by_asc(Column::Id)
        .limit(BATCH);
    if let Some((merchant_id, id)) = after {
        let here = Expr::tuple([Expr::col(Column::MerchantId), Expr::col(Column::Id)]);
        let there = Expr::tuple([Expr::value(merchant_id), Expr::value(id)]);
        select = select.filter(here.gt(there));
    }
    Ok(select.into_tuple().all(app.db.reads_across()).await?)
}

/// Writes texts, each only where it still is the one that was read.
async fn write(txn: &DatabaseTransaction, written: &[(Sealed, Vec<u8>)]) -> Result<(), Error> {
    for ((merchant_id, id, read), again) in written {
        Entity::update_of(*merchant_id)
            .filter(Column::Id.eq(*id))
            .filter(Column::Sealed.eq(read.clone()))
            .col_expr(Column::Sealed, Expr::value(again.clone()))
            .exec(txn)
            .await?;
    }
    Ok(())
}
