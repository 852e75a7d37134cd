//! Sums what members have bought over windows of days: one statement for any number of members and windows.

use std::collections::HashMap;

use entity::member_day::{Column, Entity};
use entity::{Day, MemberId, MerchantId};
use sea_orm::sea_query::{Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, QueryFilter, QueryResult, QuerySelect,
    QueryTrait,
};

use crate::app::App;
use crate::db::any_of;
use crate::sums::sum_of;
use crate::tiers::model::{Figures, Sums, Window, first_day};

/// Whose days are summed.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// One member's.
    One(MemberId),
    /// These members'.
    These(&'a [MemberId]),
    /// Those behind the first, up to the second.
    Between(MemberId, MemberId),
}

impl Whose<'_> {
    fn condition(self, app: &App) -> Condition {
        let column = Column::MemberId;
        match self {
            Self::One(id) => Condition::all().add(column.eq(id)),
            Self::These(ids) => Condition::all().add(any_of(&app.db, column, ids)),
            Self::Between(after, last) => {
                Condition::all().add(column.gt(after)).add(column.lte(last))
            }
        }
    }
}

/// What members have bought over each of some windows that end today. Who has bought nothing is not among them.
pub async fn sums<C: ConnectionTrait>(
    app: &App,
    db: &C,
    (merchant_id, whose): (MerchantId, Whose<'_>),
    windows: &[Window],
    today: Day,
) -> Result<HashMap<MemberId, Sums>, DbErr> {
    let Some(first) = windows.iter().map(|window| first_day(*window, today)).min() else {
        return Ok(HashMap::new());
    };
    let mut select = Entity::of(merchant_id)
        .filter(whose.condition(app))
        .filter(Column::Day.gte(first))
        .select_only()
        .column(Column::MemberId)
        .group_by(Column::MemberId);
    for (place, window) in windows.iter().enumerate() {
        let from = first_day(*window, today);
        // The widest window holds whatever is read.
        let is_in = (from > first).then(|| Expr::col(Column::Day).gte(from));
        let part = |column: Column| -> SimpleExpr {
            match &is_in {
                Some(is_in) => Expr::case(is_in.clone(), Expr::col(column))
                    .finally(0)
                    .into(),
                None => Expr::col(column),
            }
        };
        let has_any = Expr::col(Column::SpentMinor).gt(0);
        let has_any = match &is_in {
            Some(is_in) => has_any.and(is_in.clone()),
            None => has_any,
        };
        let day: SimpleExpr = Expr::case(has_any, Expr::col(Column::Day)).into();
        select = select
            .expr_as(sum_of(part(Column::SpentMinor)), format!("spent_{place}"))
            .expr_as(sum_of(part(Column::Points)), format!("points_{place}"))
            .expr_as(sum_of(part(Column::Orders)), format!("orders_{place}"))
            .expr_as(Func::min(day), format!("first_{place}"));
    }
    let rows = db.query_all(&select.into_query()).await?;
    let read = |row: &QueryResult| -> Result<(MemberId, Sums), DbErr> {
        let mut figures = Vec::with_capacity(windows.len());
        for (place, window) in windows.iter().enumerate() {
            figures.push((*window, figures_of(row, place)?));
        }
        Ok((row.try_get("", "member_id")?, Sums::of(figures)))
    };
    rows.iter().map(read).collect()
}

fn figures_of(row: &QueryResult, place: usize) -> Result<Figures, DbErr> {
    let sum = |name: &str| -> Result<i64, DbErr> {
        let sum: Option<i64> = row.try_get("", &format!("{name}_{place}"))?;
        Ok(sum.unwrap_or_default())
    };
    let first: Option<i32> = row.try_get("", &format!("first_{place}"))?;
    Ok(Figures {
        spent_minor: sum("spent")?,
        points: sum("points")?,
        orders: sum("orders")?,
        first_day: first.map(Day),
    })
}

/// What one member has bought over each of some windows.
pub async fn sums_of<C: ConnectionTrait>(
    app: &App,
    db: &C,
    (merchant_id, id): (MerchantId, MemberId),
    windows: &[Window],
    today: Day,
) -> Result<Sums, DbErr> {
    let whose = (merchant_id, Whose::One(id));
    let mut found = sums(app, db, whose, windows, today).await?;
    Ok(found.remove(&id).unwrap_or_default())
}
