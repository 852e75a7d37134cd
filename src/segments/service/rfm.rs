//! Reads what buyers come to on average, and how many are in each group.

use std::time::Duration;

use entity::member::{Column, Entity};
use entity::{Instant, MerchantId};
use sea_orm::sea_query::{Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{ConnectionTrait, QueryFilter, QuerySelect, QueryTrait};

use super::sql::{buyers, there};
use super::understood::today;
use crate::app::App;
use crate::error::Error;
use crate::segments::model::{Means, RFM_DAYS, RfmGroup, Sums, Today};
use crate::sums::sum_of;
use crate::understood::Kept;

/// How many buyers a group has, and what they spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupFigures {
    /// Which group.
    pub group: RfmGroup,
    /// How many buyers.
    pub members: i64,
    /// What they spent in all, in minor units.
    pub spent_minor: i64,
}

/// The averages of the buyers since a day.
struct MeansOfDay {
    from: Instant,
    means: Means,
}

impl Kept for MeansOfDay {
    const BELIEVED_FOR: Duration = Duration::from_secs(300);
}

/// The averages that buyers are compared with, of the day, read at most once in five minutes.
pub(super) async fn means(
    app: &App,
    merchant_id: MerchantId,
    today: Today,
) -> Result<Means, Error> {
    let from = today.since(RFM_DAYS);
    let known = app.understood.get::<MeansOfDay>(merchant_id);
    if let Some(known) = known.filter(|known| known.from == from) {
        return Ok(known.means);
    }
    let means = read(app, merchant_id, today, from).await?;
    app.understood.keep(merchant_id, MeansOfDay { from, means });
    Ok(means)
}

async fn read(
    app: &App,
    merchant_id: MerchantId,
    today: Today,
    from: Instant,
) -> Result<Means, Error> {
    let since = column(Column::LastPaidAt).sub(from.0.timestamp_millis());
    let select = there(merchant_id)
        .filter(buyers(today))
        .select_only()
        .expr_as(Expr::cust("COUNT(*)"), "buyers")
        .expr_as(or_zero(sum_of(since)), "since_ms")
        .expr_as(or_zero(sum_of(column(Column::PaidOrders))), "orders")
        .expr_as(or_zero(sum_of(column(Column::SpentMinor))), "spent")
        .into_query();
    let rows = app.db.reads(merchant_id).query_all(&select).await?;
    let row = rows.first().ok_or(Error::internal("nothing was summed"))?;
    let sums = Sums {
        buyers: row.try_get("", "buyers")?,
        since_ms: row.try_get("", "since_ms")?,
        orders: row.try_get("", "orders")?,
        spent_minor: row.try_get("", "spent")?,
    };
    Ok(sums.means(from))
}

/// The averages, and every group with its figures, in one pass over the buyers.
pub async fn groups(
    app: &App,
    merchant_id: MerchantId,
) -> Result<(Means, Vec<GroupFigures>), Error> {
    let today = today(app, merchant_id).await?;
    let means = means(app, merchant_id, today).await?;
    let bit = |column: SimpleExpr, mean: SimpleExpr, bit: i32| -> SimpleExpr {
        Expr::case(column.gte(mean), Expr::val(bit))
            .finally(Expr::val(0))
            .into()
    };
    let code = bit(column(Column::LastPaidAt), Expr::val(means.last_paid_at), 4)
        .add(bit(column(Column::PaidOrders), Expr::val(means.orders), 2))
        .add(bit(
            column(Column::SpentMinor),
            Expr::val(means.spent_minor),
            1,
        ));
    let select = there(merchant_id)
        .filter(buyers(today))
        .select_only()
        .expr_as(code, "code")
        .expr_as(Expr::cust("COUNT(*)"), "members")
        .expr_as(or_zero(sum_of(column(Column::SpentMinor))), "spent")
        .group_by(Expr::cust("1"))
        .into_query();
    let rows = app.db.reads(merchant_id).query_all(&select).await?;
    let mut figures: Vec<GroupFigures> = RfmGroup::ALL.map(nobody).into();
    for row in &rows {
        let code: i32 = row.try_get("", "code")?;
        if let Some(group) = figures
            .iter_mut()
            .find(|known| code_of(known.group) == code)
        {
            group.members = row.try_get("", "members")?;
            group.spent_minor = row.try_get("", "spent")?;
        }
    }
    Ok((means, figures))
}

const fn nobody(group: RfmGroup) -> GroupFigures {
    GroupFigures {
        group,
        members: 0,
        spent_minor: 0,
    }
}

const fn code_of(group: RfmGroup) -> i32 {
    let (lately, often, much) = group.high();
    4 * (lately as i32) + 2 * (often as i32) + much as i32
}

fn column(column: Column) -> SimpleExpr {
    Expr::col((Entity, column))
}

fn or_zero(sum: SimpleExpr) -> SimpleExpr {
    Func::coalesce([sum, Expr::val(0_i64)]).into()
}
