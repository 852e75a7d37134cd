//! Reads payouts.

use std::collections::HashMap;

use entity::payout::{Column, Entity, Model, PayoutStatus};
use entity::{MerchantId, OrderId, PayoutId};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::app::App;
use crate::db::{any_of, newest_first};
use crate::error::Error;
use crate::filters::{any_value, begins_with};
use crate::orders::service::ids_that_begin_with;
use crate::paging::{Page, Paging};
use crate::payouts::model::PayoutFilter;
use crate::sums::sum_of;

/// One payout.
pub async fn find(app: &App, merchant_id: MerchantId, id: PayoutId) -> Result<Model, Error> {
    Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?
        .ok_or(Error::NotFound)
}

/// A page of a merchant's payouts, the newest first.
pub async fn list(
    app: &App,
    merchant_id: MerchantId,
    filter: &PayoutFilter,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let select = wanted(merchant_id, filter);
    let select = newest_first::<_, _, PayoutId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// How many payouts a filter wants.
pub async fn count(
    app: &App,
    merchant_id: MerchantId,
    filter: &PayoutFilter,
) -> Result<u64, Error> {
    Ok(wanted(merchant_id, filter)
        .count(&app.db.reads(merchant_id))
        .await?)
}

/// The sums over the payouts that a filter wants, in minor units.
#[derive(Clone, Copy, Debug, Default, FromQueryResult)]
pub struct Totals {
    /// What was asked for.
    pub amount_minor: Option<i64>,
    /// The fees in it.
    pub fee_minor: Option<i64>,
    /// What was to arrive.
    pub net_minor: Option<i64>,
}

/// Sums up the payouts that a filter wants.
pub async fn totals(
    app: &App,
    merchant_id: MerchantId,
    filter: &PayoutFilter,
) -> Result<Totals, Error> {
    let sum = |column: Column| sum_of(Expr::col((Entity, column)));
    let totals = wanted(merchant_id, filter)
        .select_only()
        .expr_as(sum(Column::AmountMinor), "amount_minor")
        .expr_as(sum(Column::FeeMinor), "fee_minor")
        .expr_as(sum(Column::NetMinor), "net_minor")
        .into_model::<Totals>()
        .one(&app.db.reads(merchant_id))
        .await?;
    Ok(totals.unwrap_or_default())
}

/// How many payouts are in a state.
pub type StateCount = (PayoutStatus, i64);

/// Counts the payouts that a filter wants by state.
pub async fn states(
    app: &App,
    merchant_id: MerchantId,
    filter: &PayoutFilter,
) -> Result<Vec<StateCount>, Error> {
    Ok(wanted(merchant_id, filter)
        .select_only()
        .column(Column::State)
        .expr_as(Expr::col((Entity, Column::Id)).count(), "payouts")
        .group_by(Expr::col((Entity, Column::State)))
        .order_by_asc(Column::State)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?)
}

/// Payouts by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[PayoutId],
) -> Result<HashMap<PayoutId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A merchant's payouts that a filter wants.
fn wanted(merchant_id: MerchantId, filter: &PayoutFilter) -> Select<Entity> {
    let mut all = Condition::all()
        .add_option(any_value(Column::State, filter.states.as_ref()))
        .add_option(any_value(Column::Origin, filter.origins.as_ref()))
        .add_option(any_value(
            Column::BankAccountId,
            filter.account_ids.as_ref(),
        ))
        .add_option(
            filter
                .requested_by
                .as_deref()
                .map(|actor| Column::RequestedBy.eq(actor)),
        )
        .add_option(
            filter
                .amount
                .min_minor
                .map(|min| Column::AmountMinor.gte(min)),
        )
        .add_option(
            filter
                .amount
                .max_minor
                .map(|max| Column::AmountMinor.lte(max)),
        )
        .add_option(
            filter
                .needs_attention
                .map(|needs| Column::NeedsAttention.eq(needs)),
        );
    if let Some(range) = &filter.requested {
        let first = |at: chrono::DateTime<chrono::Utc>| PayoutId::first_at(at.timestamp_millis());
        all = all
            .add(Column::Id.gte(first(range.from)))
            .add(Column::Id.lt(first(range.to)));
    }
    if let Some(range) = &filter.paid {
        all = all
            .add(Column::PaidAt.gte(range.from.timestamp_millis()))
            .add(Column::PaidAt.lt(range.to.timestamp_millis()));
    }
    if let Some(text) = &filter.search {
        all = all.add(search(text.trim()));
    }
    Entity::of(merchant_id).filter(all)
}

/// The beginning of our number of a payout, or of the platform's.
fn search(text: &str) -> Condition {
    let any = Condition::any().add(begins_with(Column::ProviderPayoutNo, text));
    match ids_that_begin_with(text) {
        Some((OrderId(first), OrderId(last))) => any.add(Column::Id.between(first, last)),
        None => any,
    }
}
