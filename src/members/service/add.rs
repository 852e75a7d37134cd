//! Finds the member that an order names, or makes it.

use entity::event::EventKind;
use entity::member::{ActiveModel, Column, Entity, Model};
use entity::{MemberId, MerchantId};
use sea_orm::{
    ActiveValue, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, TryInsertResult,
};

use crate::app::App;
use crate::events;

/// The member of a number; one that is named for the first time is made, and told of, in this transaction. Of many who
/// name it at once, one makes it, and the others wait for that one.
pub async fn find_or_add(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    member_no: &str,
) -> Result<Model, DbErr> {
    if let Some(known) = find(txn, merchant_id, member_no).await? {
        return Ok(known);
    }
    let id: MemberId = app.ids.next();
    let inserted = Entity::insert(ActiveModel {
        merchant_id: ActiveValue::Set(merchant_id),
        id: ActiveValue::Set(id),
        member_no: ActiveValue::Set(member_no.to_owned()),
        first_order_id: ActiveValue::Set(None),
        first_paid_at: ActiveValue::Set(None),
        first_channel_id: ActiveValue::Set(None),
        first_method: ActiveValue::Set(None),
        first_country: ActiveValue::Set(None),
    })
    .on_conflict_do_nothing_on([Column::MerchantId, Column::MemberNo])
    .exec_without_returning(txn)
    .await?;
    if matches!(inserted, TryInsertResult::Inserted(1..)) {
        let now = app.clock.instant();
        events::record(
            txn,
            &app.ids,
            now,
            merchant_id,
            EventKind::MemberCreated,
            id,
        )
        .await?;
    }
    let found = find(txn, merchant_id, member_no).await?;
    found.ok_or_else(|| DbErr::RecordNotFound("a member that was just added".to_owned()))
}

async fn find(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    member_no: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::of(merchant_id)
        .filter(Column::MemberNo.eq(member_no))
        .one(txn)
        .await
}
