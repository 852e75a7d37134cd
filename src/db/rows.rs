//! How rows are asked for: in pages, by many keys at once, and a currency by its code.

use std::str::FromStr;

use sea_orm::sea_query::{Alias, Expr, Query, SelectStatement, UnionType};
use sea_orm::{
    ColIdx, ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, Select, TryGetError, TryGetable,
};

use super::Db;
use crate::error::Error;
use crate::money::Currency;
use crate::paging::{Paging, bad_cursor};

/// A page of rows by id, the newest first, one row more than wanted: what [`crate::paging::Page::of`]
/// takes. Cursors are the ids' texts.
pub fn newest_first<E, C, I>(
    select: Select<E>,
    column: C,
    paging: &Paging,
) -> Result<Select<E>, Error>
where
    E: EntityTrait,
    C: ColumnTrait,
    I: FromStr + Into<i64>,
{
    let place = |text: &str, backward| -> Result<i64, Error> {
        let id: I = text.parse().map_err(|_| bad_cursor(backward))?;
        Ok(id.into())
    };
    let mut select = select.limit(paging.limit + 1);
    if let Some(text) = &paging.beyond {
        let id = place(text, paging.backward)?;
        select = select.filter(if paging.backward {
            column.gt(id)
        } else {
            column.lt(id)
        });
    }
    if let Some(text) = &paging.until {
        let id = place(text, !paging.backward)?;
        select = select.filter(if paging.backward {
            column.lt(id)
        } else {
            column.gt(id)
        });
    }
    Ok(if paging.backward {
        select.order_by_asc(column)
    } else {
        select.order_by_desc(column)
    })
}

/// A column that holds any of these: one statement text for any number of them on PostgreSQL.
#[must_use]
pub fn any_of<C, V>(db: &Db, column: C, values: &[V]) -> sea_orm::sea_query::SimpleExpr
where
    C: sea_orm::ColumnTrait,
    V: Copy + Into<i64>,
{
    let values = values.iter().map(|value| (*value).into());
    match db.backend() {
        DbBackend::Postgres => column.eq_any(values),
        _ => column.is_in(values),
    }
}

/// A column that holds any of these texts: one statement text for any number of them on PostgreSQL.
#[must_use]
pub fn any_text_of<C>(db: &Db, column: C, values: &[String]) -> sea_orm::sea_query::SimpleExpr
where
    C: sea_orm::ColumnTrait,
{
    let values = values.iter().cloned();
    match db.backend() {
        DbBackend::Postgres => column.eq_any(values),
        _ => column.is_in(values),
    }
}

/// A column that is among those of several pages, each with an order and a limit of its own: by an index for each page,
/// where none has them all in order. SQLite joins five hundred at the most.
pub fn in_any_page<C>(
    column: C,
    pages: impl IntoIterator<Item = SelectStatement>,
) -> sea_orm::sea_query::SimpleExpr
where
    C: sea_orm::ColumnTrait,
{
    let mut all: Option<SelectStatement> = None;
    for page in pages {
        let page = Query::select()
            .column(column)
            .from_subquery(page, Alias::new("page"))
            .to_owned();
        all = Some(match all {
            None => page,
            Some(mut before) => before.union(UnionType::All, page).to_owned(),
        });
    }
    match all {
        Some(all) => column.in_subquery(all),
        None => Expr::val(false),
    }
}

/// A currency is stored as its code.
impl TryGetable for Currency {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let code = String::try_get_by(row, index)?;
        Self::of_code(&code).ok_or_else(|| DbErr::Type(format!("unknown currency {code}")).into())
    }
}
