//! Lists the fees that were taken, newest first, by keyset.

use std::collections::HashMap;

use entity::payment::{Column, Entity, Model};
use entity::{Instant, MerchantId, OrderId};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, FromQueryResult, Order as SqlOrder, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::fees::model::FeeFilter;
use crate::filters::any_value;
use crate::paging::{Page, Paging, bad_cursor};
use crate::sums::sum_of;
use crate::time_range::TimeRange;

/// Where a payment lies in the list: when it was credited, and its order.
pub(super) type Place = (i64, OrderId);

/// A page of the payments whose fees a filter wants, newest first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &FeeFilter,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let (beyond, until) = ends(paging)?;
    let select = wanted(merchant_id, filter);
    let select = between(select, paging.backward, beyond, until).limit(paging.limit + 1);
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// The places between which a page lies.
pub(super) fn ends(paging: &Paging) -> Result<(Option<Place>, Option<Place>), Error> {
    let place = |text: &Option<String>, backward| {
        let text = text.as_deref();
        text.map(|text| read_cursor(text).ok_or_else(|| bad_cursor(backward)))
            .transpose()
    };
    Ok((
        place(&paging.beyond, paging.backward)?,
        place(&paging.until, !paging.backward)?,
    ))
}

/// Payments beyond one place and before another, in reading direction: row values, so that the index is
/// entered at the place.
pub(super) fn between(
    select: Select<Entity>,
    backward: bool,
    beyond: Option<Place>,
    until: Option<Place>,
) -> Select<Entity> {
    let select = select
        .apply_if(beyond, |select, place| {
            select.filter(beside(place, !backward))
        })
        .apply_if(until, |select, place| {
            select.filter(beside(place, backward))
        });
    let order = if backward {
        SqlOrder::Asc
    } else {
        SqlOrder::Desc
    };
    select
        .order_by(Column::CreditedAt, order.clone())
        .order_by(Column::OrderId, order)
}

fn beside((at, id): Place, below: bool) -> SimpleExpr {
    let columns = [Column::CreditedAt, Column::OrderId];
    let here = Expr::tuple(columns.map(|column| Expr::col((Entity, column))));
    let there = Expr::tuple([Expr::value(at), Expr::value(id)]);
    if below {
        here.lt(there)
    } else {
        here.gt(there)
    }
}

/// Where a payment lies.
pub(super) fn place(payment: &Model) -> Place {
    (payment.credited_at.0.timestamp_millis(), payment.order_id)
}

/// The cursor of a payment in the list of fees.
#[must_use]
pub fn cursor(payment: &Model) -> String {
    cursor_at(place(payment))
}

pub(super) fn cursor_at((at, id): Place) -> String {
    format!("f{at:x}.{:x}", id.0)
}

fn read_cursor(text: &str) -> Option<Place> {
    let hex = |text: &str| {
        let plain = text.bytes().all(|letter| letter.is_ascii_hexdigit());
        plain.then(|| i64::from_str_radix(text, 16).ok()).flatten()
    };
    let (at, id) = text.strip_prefix('f')?.split_once('.')?;
    Some((hex(at)?, OrderId(hex(id)?)))
}

/// The payments that were credited in a span.
pub(super) fn credited_in(range: &TimeRange) -> Condition {
    Condition::all()
        .add(Column::CreditedAt.gte(Instant(range.from)))
        .add(Column::CreditedAt.lt(Instant(range.to)))
}

/// The payments whose fees a filter wants.
fn wanted(merchant_id: MerchantId, filter: &FeeFilter) -> Select<Entity> {
    let amount = filter.amount;
    let condition = Condition::all()
        .add_option(filter.taken.as_ref().map(credited_in))
        .add_option(any_value(Column::ChannelId, filter.channel_ids.as_ref()))
        .add_option(any_value(Column::Method, filter.methods.as_ref()))
        .add_option(any_value(Column::Country, filter.countries.as_ref()))
        .add_option(filter.rule_id.map(|id| Column::FeeRuleId.eq(id)))
        .add_option(amount.min_minor.map(|min| Column::FeeMinor.gte(min)))
        .add_option(amount.max_minor.map(|max| Column::FeeMinor.lte(max)));
    Entity::of(merchant_id).filter(condition)
}

/// The sums over the fees that a filter wants, in minor units.
#[derive(Clone, Copy, Debug, Default, FromQueryResult)]
pub struct FeeTotals {
    /// How many payments.
    pub payments: i64,
    /// What was paid.
    pub base_minor: Option<i64>,
    /// What was taken.
    pub fee_minor: Option<i64>,
    /// How much of it was returned.
    pub returned_minor: Option<i64>,
}

/// Sums up the fees that a filter wants.
pub async fn totals(
    app: &App,
    merchant_id: MerchantId,
    filter: &FeeFilter,
) -> Result<FeeTotals, Error> {
    let totals = wanted(merchant_id, filter)
        .select_only()
        .expr_as(Expr::col((Entity, Column::OrderId)).count(), "payments")
        .expr_as(sum_of(Expr::col((Entity, Column::PaidMinor))), "base_minor")
        .expr_as(sum_of(Expr::col((Entity, Column::FeeMinor))), "fee_minor")
        .expr_as(
            sum_of(Expr::col((Entity, Column::FeeReturnedMinor))),
            "returned_minor",
        )
        .into_model::<FeeTotals>()
        .one(&app.db.reads(merchant_id))
        .await?;
    Ok(totals.unwrap_or_default())
}

/// The payments of several orders; those that are not paid have none.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::OrderId, orders))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.order_id, row)).collect())
}
