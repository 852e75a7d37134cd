//! Seals what names members again when the master key has changed, and hashes it anew.

use entity::member_profile::{Column, Entity, Model};
use entity::{MemberId, MerchantId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::profile::{bound_to, open, seal};
use crate::app::App;
use crate::error::Error;
use crate::seal::{Again, Resealed};

/// How many members are read at once, and written in one transaction.
const BATCH: u64 = 500;

/// What names a member as it was read, and as it is to be.
type Anew = (Vec<u8>, Model);

/// Seals what names all members under the master key of now, and hashes it anew as it is compared now, batch by batch in the order of their
/// keys. Until then they are found by the hashes of before. Broken off, it has done whole batches; started again, it
/// passes over what is done.
pub async fn reseal(app: &App) -> Result<Resealed, Error> {
    let mut done = Resealed::default();
    let mut after = None;
    loop {
        let batch = batch(app, after).await?;
        let Some(last) = batch.last() else {
            return Ok(done);
        };
        after = Some((last.merchant_id, last.member_id));
        let mut written: Vec<Anew> = Vec::new();
        for row in batch {
            written.extend(anew(app, row, &mut done)?);
        }
        let written = &written;
        app.db
            .transaction_across(|txn| async move { write(&txn, written).await })
            .await?;
    }
}

/// What is to be written in a row's place: where another key sealed it, or where what is compared is written in another
/// form since it was hashed. Seal and hashes are always written together: what the key of now opens it has hashed, too.
fn anew(app: &App, row: Model, done: &mut Resealed) -> Result<Option<Anew>, Error> {
    let bound = bound_to(row.merchant_id, row.member_id);
    let again = app.key.reseal(&row.sealed, &bound)?;
    let of = format!("profile of {}", row.member_id);
    if again == Again::Unreadable {
        done.count(again, &of);
        return Ok(None);
    }
    let profile = open(&app.key, &row)?;
    let fresh = seal(&app.key, row.merchant_id, row.member_id, &profile)?;
    let again = if hashes(&row) == hashes(&fresh) {
        again
    } else {
        Again::Anew(fresh.sealed.clone())
    };
    let written = done.count(again, &of);
    Ok(written.map(|_| (row.sealed, fresh)))
}

/// What a profile is found by.
fn hashes(row: &Model) -> [&Option<Vec<u8>>; 4] {
    [
        &row.name_hash,
        &row.phone_hash,
        &row.phone_tail_hash,
        &row.email_hash,
    ]
}

/// The next profiles behind a key.
async fn batch(app: &App, after: Option<(MerchantId, MemberId)>) -> Result<Vec<Model>, Error> {
    let mut select = Entity::sealed()
        .order_by_asc(Column::MerchantId)
        .order_by_asc(Column::MemberId)
        .limit(BATCH);
    if let Some((merchant_id, id)) = after {
        let here = Expr::tuple([Expr::col(Column::MerchantId), Expr::col(Column::MemberId)]);
        let there = Expr::tuple([Expr::value(merchant_id), Expr::value(id)]);
        select = select.filter(here.gt(there));
    }
    Ok(select.all(app.db.reads_across()).await?)
}

/// Writes profiles, each only where it still is the one that was read.
async fn write(txn: &DatabaseTransaction, written: &[Anew]) -> Result<(), Error> {
    for (read, fresh) in written {
        let mut row = fresh.clone().into_active_model().reset_all();
        (row.merchant_id, row.member_id) = (ActiveValue::NotSet, ActiveValue::NotSet);
        Entity::update_of(fresh.merchant_id)
            .filter(Column::MemberId.eq(fresh.member_id))
            .filter(Column::Sealed.eq(read.clone()))
            .set(row)
            .exec(txn)
            .await?;
    }
    Ok(())
}
