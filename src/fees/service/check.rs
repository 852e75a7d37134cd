//! Goes through the payments of a span and finds the fees that are not what their rules say.

use entity::payment::{Entity, Model};
use entity::refund::{self, RefundKind, RefundStatus};
use entity::{MerchantId, payment};
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, DbErr, FromQueryResult, QueryFilter, QueryResult, QuerySelect, QueryTrait,
};

use super::rules::rules;
use super::taken::{Place, between, credited_in, cursor_at, ends, place};
use crate::app::App;
use crate::error::Error;
use crate::fees::model::{Difference, difference};
use crate::paging::{Page, Paging};
use crate::sums::sum_of;
use crate::time_range::TimeRange;

/// How many payments are read at once.
const CHUNK: u64 = 1_000;
/// How many payments are looked at for one page.
const MOST: u64 = 20_000;

/// A payment whose fee is not what its rule says.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// The payment.
    pub payment: Model,
    /// What is wrong with it.
    pub difference: Difference,
}

/// A page of what was found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What was found.
    pub page: Page<Suspect>,
    /// Where to go on, in reading direction; also where nothing was found so far.
    pub goes_on_at: Option<String>,
}

/// A payment, with what refunds of its order have given back: read in one statement, so that no refund
/// comes between.
struct Scanned {
    payment: Model,
    refunded_minor: i64,
}

impl FromQueryResult for Scanned {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        let refunded: Option<i64> = row.try_get(prefix, "refunded_minor")?;
        Ok(Self {
            payment: Model::from_query_result(row, prefix)?,
            refunded_minor: refunded.unwrap_or(0),
        })
    }
}

/// A page of the fees of a span that are not what their rules say, newest first. However many payments
/// there are, only so many are looked at: then the page ends early, and says where to go on.
pub async fn check(
    app: &App,
    merchant_id: MerchantId,
    range: &TimeRange,
    paging: &Paging,
) -> Result<Checked, Error> {
    let rules = rules(app, merchant_id).await?;
    let wanted = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    let (mut beyond, until) = ends(paging)?;
    let (mut found, mut looked_at, mut is_done) = (Vec::new(), 0, false);
    while !is_done && looked_at < MOST && found.len() <= wanted {
        let chunk = read(app, merchant_id, range, paging.backward, (beyond, until)).await?;
        let read = chunk.len() as u64;
        is_done = read < CHUNK;
        looked_at += read;
        beyond = chunk.last().map_or(beyond, |one| Some(place(&one.payment)));
        for Scanned {
            payment,
            refunded_minor,
        } in chunk
        {
            if let Some(difference) = difference(&rules, &payment, refunded_minor) {
                found.push(Suspect {
                    payment,
                    difference,
                });
            }
        }
    }
    let is_full = found.len() > wanted;
    let goes_on_at = if is_full {
        let last = wanted.checked_sub(1).and_then(|last| found.get(last));
        last.map(|one| place(&one.payment))
    } else if is_done {
        None
    } else {
        beyond
    };
    let mut page = Page::of(found, paging);
    let more = goes_on_at.is_some();
    if paging.backward {
        page.has_previous = more;
    } else {
        page.has_next = more;
    }
    Ok(Checked {
        page,
        goes_on_at: goes_on_at.map(cursor_at),
    })
}

async fn read(
    app: &App,
    merchant_id: MerchantId,
    range: &TimeRange,
    backward: bool,
    (beyond, until): (Option<Place>, Option<Place>),
) -> Result<Vec<Scanned>, Error> {
    let select = Entity::of(merchant_id).filter(credited_in(range));
    let select = between(select, backward, beyond, until)
        .expr_as(refunded(merchant_id), "refunded_minor")
        .limit(CHUNK);
    Ok(select
        .into_model::<Scanned>()
        .all(&app.db.reads(merchant_id))
        .await?)
}

/// What succeeded refunds of a payment's order have given back.
fn refunded(merchant_id: MerchantId) -> SimpleExpr {
    let of_order = Expr::col((refund::Entity, refund::Column::OrderId))
        .equals((payment::Entity, payment::Column::OrderId));
    let sum = refund::Entity::of(merchant_id)
        .filter(refund::Column::Kind.eq(RefundKind::Order))
        .filter(refund::Column::State.eq(RefundStatus::Succeeded))
        .filter(of_order)
        .select_only()
        .expr(sum_of(Expr::col((
            refund::Entity,
            refund::Column::AmountMinor,
        ))))
        .into_query();
    SimpleExpr::SubQuery(None, Box::new(sum.into()))
}
