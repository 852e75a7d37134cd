//! Counts the members of segments.

use entity::segment::Model;
use entity::{MemberId, MerchantId, member};
use futures_util::future::try_join_all;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
};

use super::sql::{Asked, there};
use super::understood::{asked, members_of, rule_of};
use crate::app::App;
use crate::error::Error;
use crate::members::service::{SUMMED_WINDOWS, hold_on};
use crate::segments::model::Rule;

/// In how many statements at once members are counted whose days are summed.
const PARTS: u32 = 4;

/// How many members rules hold for.
pub async fn size(app: &App, merchant_id: MerchantId, rule: &Rule) -> Result<i64, Error> {
    if rule.sums_only(&SUMMED_WINDOWS.map(|window| window.days)) {
        let counted = count_by_rows(app, merchant_id, rule).await?;
        if let Some(counted) = counted {
            return Ok(counted);
        }
    }
    let select = members_of(app, merchant_id, rule).await?;
    if rule.sums_days() && app.db.backend() == DbBackend::Postgres {
        return count_in_parts(app, merchant_id, &select).await;
    }
    count(app, merchant_id, select).await
}

/// Counts by what is summed ahead in members' rows, which PostgreSQL gives all its processors to; none where the sums of
/// somebody do not hold today.
async fn count_by_rows(
    app: &App,
    merchant_id: MerchantId,
    rule: &Rule,
) -> Result<Option<i64>, Error> {
    let asked = asked(app, merchant_id, &[rule]).await?;
    let asked = Asked {
        by_rows_alone: true,
        ..asked
    };
    let late = || {
        let paid = member::Column::LastPaidAt.is_not_null();
        paid.and(hold_on(asked.today.first_of(1)).not())
    };
    let any_late: SimpleExpr = Expr::case(late(), 1).into();
    let either = Condition::any().add(asked.condition(rule)).add(late());
    let select = there(merchant_id)
        .filter(either)
        .select_only()
        .expr_as(Expr::cust("COUNT(*)"), "counted")
        .expr_as(Func::count(any_late), "late")
        .into_query();
    let rows = app.db.reads(merchant_id).query_all(&select).await?;
    let row = rows.first().ok_or(Error::internal("nothing was counted"))?;
    let late: i64 = row.try_get("", "late")?;
    Ok(match late {
        0 => Some(row.try_get("", "counted")?),
        _ => None,
    })
}

/// PostgreSQL gives one processor to what looks into another table member by member: so many are asked for, each with
/// as many of the merchant's members. Where all that is lent for it is in use, one does it.
async fn count_in_parts(
    app: &App,
    merchant_id: MerchantId,
    select: &Select<member::Entity>,
) -> Result<i64, Error> {
    let Ok(_lent) = app.spare.try_acquire_many(PARTS - 1) else {
        return count(app, merchant_id, select.clone()).await;
    };
    let bounds = bounds(app, merchant_id).await?;
    let from = std::iter::once(None).chain(bounds.iter().copied().map(Some));
    let to = bounds.iter().copied().map(Some).chain([None]);
    let parts = from.zip(to).map(|(from, to)| {
        let those = Condition::all()
            .add_option(from.map(|from| member::Column::Id.gte(from)))
            .add_option(to.map(|to| member::Column::Id.lt(to)));
        count(app, merchant_id, select.clone().filter(those))
    });
    Ok(try_join_all(parts).await?.into_iter().sum())
}

/// The members before whom a merchant's are divided, so that each part has as many: whoever were imported together
/// have ids close to each other.
async fn bounds(app: &App, merchant_id: MerchantId) -> Result<Vec<MemberId>, Error> {
    let all = count(app, merchant_id, member::Entity::of(merchant_id)).await?;
    let step = u64::try_from(all).unwrap_or(0) / u64::from(PARTS);
    let mut bounds: Vec<MemberId> = Vec::new();
    for _ in 1..PARTS {
        let behind = bounds.last().map(|last| member::Column::Id.gte(*last));
        let next: Option<MemberId> = member::Entity::of(merchant_id)
            .filter(Condition::all().add_option(behind))
            .order_by_asc(member::Column::Id)
            .offset(step)
            .limit(1)
            .select_only()
            .column(member::Column::Id)
            .into_tuple()
            .one(&app.db.reads(merchant_id))
            .await?;
        bounds.extend(next);
    }
    Ok(bounds)
}

/// How many members are in a segment.
pub async fn size_of(app: &App, row: &Model) -> Result<i64, Error> {
    size(app, row.merchant_id, &rule_of(row)?).await
}

/// Counts in the statement itself: around it, as pages are counted, PostgreSQL would hand every row on.
async fn count(
    app: &App,
    merchant_id: MerchantId,
    select: Select<member::Entity>,
) -> Result<i64, Error> {
    let select = select
        .select_only()
        .expr_as(Expr::cust("COUNT(*)"), "counted")
        .into_query();
    let rows = app.db.reads(merchant_id).query_all(&select).await?;
    let row = rows.first().ok_or(Error::internal("nothing was counted"))?;
    Ok(row.try_get("", "counted")?)
}
