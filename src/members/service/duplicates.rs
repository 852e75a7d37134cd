//! Finds members who may be one person: those whom the same telephone number or e-mail address reaches.

use std::collections::HashMap;

use data_encoding::HEXLOWER;
use entity::member_profile::{Column, Entity};
use entity::{MemberId, MerchantId};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::list::find_many;
use crate::app::App;
use crate::db::Single;
use crate::error::Error;
use crate::paging::{Page, Paging, bad_cursor};

/// How many members of a group are named.
const NAMED: i64 = 20;

/// By what members are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// By the telephone number.
    Phone,
    /// By the e-mail address.
    Email,
}

impl Reached {
    const fn column(self) -> Column {
        match self {
            Self::Phone => Column::PhoneHash,
            Self::Email => Column::EmailHash,
        }
    }
}

/// Members whom the same number or address reaches.
#[derive(Clone, Debug)]
pub struct Duplicates {
    /// Their place in the list.
    pub cursor: String,
    /// How many they are.
    pub count: i64,
    /// Those of them who were made first.
    pub members: Vec<entity::member::Model>,
}

/// A page of groups of members whom the same number or address reaches, in an order that tells nothing.
pub async fn duplicates(
    app: &App,
    merchant_id: MerchantId,
    by: Reached,
    paging: &Paging,
) -> Result<Page<Duplicates>, Error> {
    let (column, db) = (by.column(), app.db.reads(merchant_id));
    let mut select = Entity::of(merchant_id).filter(column.is_not_null());
    for (cursor, after) in [
        (&paging.beyond, !paging.backward),
        (&paging.until, paging.backward),
    ] {
        let Some(text) = cursor else { continue };
        let hash = opened(app, merchant_id, text).ok_or_else(|| bad_cursor(!after))?;
        select = select.filter(if after {
            column.gt(hash)
        } else {
            column.lt(hash)
        });
    }
    let select = if paging.backward {
        select.order_by_desc(column)
    } else {
        select.order_by_asc(column)
    };
    let count = || Expr::col((Entity, Column::MemberId)).count();
    let groups: Vec<(Vec<u8>, i64)> = select
        .select_only()
        .column(column)
        .expr_as(count(), "members")
        .group_by(column)
        .having(count().gt(1))
        .limit(paging.limit + 1)
        .into_tuple()
        .all(&db)
        .await?;
    let page = Page::of(groups, paging);
    let ids = named(&db, merchant_id, column, &page.items).await?;
    let all: Vec<MemberId> = ids.values().flatten().copied().collect();
    let members = find_many(app, merchant_id, &all).await?;
    let items = page.items.iter().map(|(hash, count)| {
        let ids = ids.get(hash).into_iter().flatten();
        Ok(Duplicates {
            cursor: sealed(app, merchant_id, hash)?,
            count: *count,
            members: ids.filter_map(|id| members.get(id).cloned()).collect(),
        })
    });
    Ok(Page {
        items: items.collect::<Result<_, Error>>()?,
        has_previous: page.has_previous,
        has_next: page.has_next,
    })
}

/// Those of each group who were made first, in one statement for all.
async fn named(
    db: &Single,
    merchant_id: MerchantId,
    column: Column,
    groups: &[(Vec<u8>, i64)],
) -> Result<HashMap<Vec<u8>, Vec<MemberId>>, DbErr> {
    let mut ids: HashMap<Vec<u8>, Vec<MemberId>> = HashMap::with_capacity(groups.len());
    if groups.is_empty() {
        return Ok(ids);
    }
    let place = match column {
        Column::EmailHash => "ROW_NUMBER() OVER (PARTITION BY email_hash ORDER BY member_id)",
        _ => "ROW_NUMBER() OVER (PARTITION BY phone_hash ORDER BY member_id)",
    };
    let placed = Entity::of(merchant_id)
        .filter(column.is_in(groups.iter().map(|(hash, _)| hash.clone())))
        .select_only()
        .expr_as(Expr::col(column), "hash")
        .column(Column::MemberId)
        .expr_as(Expr::cust(place), "place")
        .into_query();
    let first = Query::select()
        .columns([Alias::new("hash"), Alias::new("member_id")])
        .from_subquery(placed, Alias::new("placed"))
        .and_where(Expr::col(Alias::new("place")).lte(NAMED))
        .order_by(Alias::new("member_id"), Order::Asc)
        .to_owned();
    for row in db.query_all(&first).await? {
        let id = row.try_get("", "member_id")?;
        ids.entry(row.try_get("", "hash")?).or_default().push(id);
    }
    Ok(ids)
}

/// What the place of a group is sealed for.
fn bound_to(merchant_id: MerchantId) -> String {
    format!("duplicates {merchant_id}")
}

/// The place of a group, as it is told: the hash itself would name the same person wherever it is told.
fn sealed(app: &App, merchant_id: MerchantId, hash: &[u8]) -> Result<String, Error> {
    Ok(HEXLOWER.encode(&app.key.seal(hash, &bound_to(merchant_id))?))
}

fn opened(app: &App, merchant_id: MerchantId, cursor: &str) -> Option<Vec<u8>> {
    let sealed = HEXLOWER.decode(cursor.as_bytes()).ok()?;
    app.key.open(&sealed, &bound_to(merchant_id)).ok()
}
