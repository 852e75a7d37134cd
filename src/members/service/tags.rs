//! Tags of members.

use std::collections::HashMap;

use entity::member_tag::{ActiveModel, Column, Entity};
use entity::{MemberId, MerchantId};
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    QueryFilter, QueryOrder,
};

use crate::app::App;
use crate::db::any_of;

/// The tags of members, each member's in order; those without tags are not among them.
pub async fn read_tags<C: ConnectionTrait>(
    app: &App,
    conn: &C,
    merchant_id: MerchantId,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, Vec<String>>, DbErr> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::MemberId, ids))
        .order_by_asc(Column::MemberId)
        .all(conn)
        .await?;
    let mut tags: HashMap<MemberId, Vec<String>> = HashMap::new();
    for row in rows {
        tags.entry(row.member_id).or_default().push(row.tag);
    }
    // The two databases sort texts differently.
    tags.values_mut().for_each(|tags| tags.sort_unstable());
    Ok(tags)
}

/// Writes all tags of a member, in that transaction.
pub async fn write_tags(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: MemberId,
    tags: &[String],
) -> Result<(), DbErr> {
    Entity::delete_of(merchant_id)
        .filter(Column::MemberId.eq(id))
        .exec(txn)
        .await?;
    if tags.is_empty() {
        return Ok(());
    }
    let rows = tags.iter().map(|tag| ActiveModel {
        merchant_id: ActiveValue::Set(merchant_id),
        member_id: ActiveValue::Set(id),
        tag: ActiveValue::Set(tag.clone()),
    });
    Entity::insert_many(rows)
        .exec_without_returning(txn)
        .await?;
    Ok(())
}
