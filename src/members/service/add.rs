//! Finds the members that orders and coupons name, or makes them.

use std::collections::HashMap;

use entity::event::EventKind;
use entity::member::{ActiveModel, Column, Entity, Model};
use entity::{Instant, MemberId, MerchantId};
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ActiveValue, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, TryInsertResult,
};

use super::survivor::survivor;
use crate::app::App;
use crate::db::any_text_of;
use crate::events;

/// The member of a number, or the one that they have become a part of, who becomes a part of nobody until the
/// transaction ends; one that is named for the first time is made, and told of, in this transaction. Of many who
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
    let now = app.clock.instant();
    let inserted = Entity::insert(fresh(merchant_id, id, member_no, now))
        .on_conflict_do_nothing_on([Column::MerchantId, Column::MemberNo])
        .exec_without_returning(txn)
        .await?;
    if matches!(inserted, TryInsertResult::Inserted(1..)) {
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

/// How many members one statement makes: SQLite binds 32,766 values at the most.
const MANY: usize = 1_000;

/// The members of these numbers, by number; those that are named for the first time are made, and told of, in this
/// transaction. It takes a few statements, however many they are. They are made in the order of their numbers: who
/// makes the same ones meanwhile waits, and never in a circle.
pub async fn find_or_add_many(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    member_nos: &[String],
) -> Result<HashMap<String, MemberId>, DbErr> {
    let mut member_nos = member_nos.to_vec();
    member_nos.sort_unstable();
    member_nos.dedup();
    let mut found = HashMap::with_capacity(member_nos.len());
    for some in member_nos.chunks(MANY) {
        let known = find_ids(app, txn, merchant_id, some).await?;
        let new = some.iter().filter(|no| !known.contains_key(*no));
        let new: Vec<(MemberId, &String)> = new.map(|no| (app.ids.next(), no)).collect();
        found.extend(known);
        if !new.is_empty() {
            found.extend(add(app, txn, merchant_id, &new).await?);
        }
    }
    Ok(found)
}

/// Makes members of these numbers, but those that somebody has made meanwhile; all of them, by number.
async fn add(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    new: &[(MemberId, &String)],
) -> Result<HashMap<String, MemberId>, DbErr> {
    let (now, kind) = (app.clock.instant(), EventKind::MemberCreated);
    let rows = new.iter().map(|(id, no)| fresh(merchant_id, *id, no, now));
    let mut or_nothing = OnConflict::columns([Column::MerchantId, Column::MemberNo]);
    or_nothing.do_nothing();
    Entity::insert_many(rows)
        .on_conflict(or_nothing)
        .exec_without_returning(txn)
        .await?;
    let nos: Vec<String> = new.iter().map(|(_, no)| (*no).clone()).collect();
    let there = find_ids(app, txn, merchant_id, &nos).await?;
    let made = new.iter().filter(|(id, no)| there.get(*no) == Some(id));
    let made: Vec<i64> = made.map(|(id, _)| id.0).collect();
    events::record_many(txn, &app.ids, now, merchant_id, kind, &made).await?;
    Ok(there)
}

async fn find_ids(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    member_nos: &[String],
) -> Result<HashMap<String, MemberId>, DbErr> {
    let rows: Vec<(String, MemberId, Option<MemberId>)> = Entity::of(merchant_id)
        .filter(any_text_of(&app.db, Column::MemberNo, member_nos))
        .select_only()
        .columns([Column::MemberNo, Column::Id, Column::MergedInto])
        // In one order for everybody, so that nobody waits in a circle.
        .order_by_asc(Column::Id)
        .lock(LockType::KeyShare)
        .into_tuple()
        .all(txn)
        .await?;
    let mut found = HashMap::with_capacity(rows.len());
    for (member_no, id, merged_into) in rows {
        let id = match merged_into {
            Some(into) => survivor(txn, merchant_id, into)
                .await?
                .map_or(id, |row| row.id),
            None => id,
        };
        found.insert(member_no, id);
    }
    Ok(found)
}

/// A member who has no order yet.
pub(super) fn fresh(
    merchant_id: MerchantId,
    id: MemberId,
    member_no: &str,
    now: Instant,
) -> ActiveModel {
    ActiveModel {
        merchant_id: ActiveValue::Set(merchant_id),
        id: ActiveValue::Set(id),
        member_no: ActiveValue::Set(member_no.to_owned()),
        joined_at: ActiveValue::Set(now),
        ..ActiveModel::default()
    }
}

async fn find(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    member_no: &str,
) -> Result<Option<Model>, DbErr> {
    let found = Entity::of(merchant_id)
        .filter(Column::MemberNo.eq(member_no))
        .lock(LockType::KeyShare)
        .one(txn)
        .await?;
    match found.as_ref().and_then(|row| row.merged_into) {
        Some(into) => survivor(txn, merchant_id, into).await,
        None => Ok(found),
    }
}
