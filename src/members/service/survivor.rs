//! Finds who a member has become a part of.

use entity::member::{Column, Entity, Model};
use entity::{MemberId, MerchantId};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, QueryFilter, QuerySelect};

/// A member, or the one that they have become a part of, who becomes a part of nobody until the transaction ends.
/// Whoever orders, or is given something, waits for nobody but who merges them.
pub async fn survivor(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: MemberId,
) -> Result<Option<Model>, DbErr> {
    held(txn, merchant_id, id, LockType::KeyShare).await
}

/// Locks a member, or the one that they have become a part of: who changes points, figures or a tier waits for whoever
/// does now.
pub async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: MemberId,
) -> Result<Option<Model>, DbErr> {
    held(txn, merchant_id, id, LockType::NoKeyUpdate).await
}

/// As [`lock`], of whom what names them is erased: this waits also for whoever orders for them now, whose order is there
/// afterwards.
pub(super) async fn lock_exclusively(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: MemberId,
) -> Result<Option<Model>, DbErr> {
    held(txn, merchant_id, id, LockType::Update).await
}

async fn held(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: MemberId,
    lock: LockType,
) -> Result<Option<Model>, DbErr> {
    let mut id = id;
    loop {
        let found = Entity::of(merchant_id)
            .filter(Column::Id.eq(id))
            .lock(lock)
            .one(txn)
            .await?;
        match found.as_ref().and_then(|row| row.merged_into) {
            Some(into) => id = into,
            None => return Ok(found),
        }
    }
}
