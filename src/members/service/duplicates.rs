//! Finds members who may be one person: those whom the same telephone number or e-mail address reaches.

use std::collections::HashMap;

use data_encoding::HEXLOWER;
use entity::member_profile::{Column, Entity};
use entity::{MemberId, MerchantId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::list::find_many;
use crate::app::App;
use crate::error::Error;
use crate::paging::{Page, Paging, bad_cursor};

/// How many members of a group are named.
const NAMED: usize = 20;

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
        let hash = HEXLOWER.decode(text.as_bytes());
        let hash = hash.map_err(|_| bad_cursor(!after))?;
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
    let mut ids: HashMap<&[u8], Vec<MemberId>> = HashMap::with_capacity(page.items.len());
    for (hash, _) in &page.items {
        let some: Vec<MemberId> = Entity::of(merchant_id)
            .filter(column.eq(hash.clone()))
            .select_only()
            .column(Column::MemberId)
            .order_by_asc(Column::MemberId)
            .limit(NAMED as u64)
            .into_tuple()
            .all(&db)
            .await?;
        ids.insert(hash, some);
    }
    let all: Vec<MemberId> = ids.values().flatten().copied().collect();
    let members = find_many(app, merchant_id, &all).await?;
    let items = page.items.iter().map(|(hash, count)| Duplicates {
        cursor: HEXLOWER.encode(hash),
        count: *count,
        members: ids
            .get(hash.as_slice())
            .into_iter()
            .flatten()
            .filter_map(|id| members.get(id).cloned())
            .collect(),
    });
    Ok(Page {
        items: items.collect(),
        has_previous: page.has_previous,
        has_next: page.has_next,
    })
}
