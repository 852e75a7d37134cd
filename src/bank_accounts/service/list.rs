//! Reads a merchant's bank accounts.

use std::collections::HashMap;

use entity::bank_account::{self, BankAccountState};
use entity::{BankAccountId, MerchantId};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QuerySelect};

use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::paging::{Page, Paging};

/// A merchant's bank accounts, the newest first; those of some states, or all.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    states: Option<&[BankAccountState]>,
    paging: &Paging,
) -> Result<Page<bank_account::Model>, Error> {
    let mut select = bank_account::Entity::of(merchant_id);
    if let Some(states) = states {
        select = select.filter(bank_account::Column::State.is_in(states.iter().copied()));
    }
    let select = newest_first::<_, _, BankAccountId>(select, bank_account::Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// One bank account of a merchant.
pub async fn find(
    app: &App,
    merchant_id: MerchantId,
    id: BankAccountId,
) -> Result<bank_account::Model, Error> {
    let found = bank_account::Entity::of(merchant_id)
        .filter(bank_account::Column::Id.eq(id))
        .one(&app.db.writes(merchant_id))
        .await?;
    found.ok_or(Error::NotFound)
}

/// Bank accounts of a merchant by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[BankAccountId],
) -> Result<HashMap<BankAccountId, bank_account::Model>, Error> {
    let rows = bank_account::Entity::of(merchant_id)
        .filter(any_of(&app.db, bank_account::Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// One bank account of a merchant, which nobody changes until the transaction's end: whoever makes a payout to it, or
/// has a schedule use it, holds this lock.
pub async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: BankAccountId,
) -> Result<Option<bank_account::Model>, Error> {
    Ok(bank_account::Entity::of(merchant_id)
        .filter(bank_account::Column::Id.eq(id))
        .lock_exclusive()
        .one(txn)
        .await?)
}
