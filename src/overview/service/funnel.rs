//! From making an order to paying it.

use entity::order::{Column, Entity, RefundState};
use entity::{ChannelId, MerchantId, OrderId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QuerySelect};

use super::{bounded, in_time};
use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::sums::sum_of;
use crate::time_range::TimeRange;

/// How far the orders of a channel came. Each is among the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct FunnelRow {
    /// The channel.
    pub channel_id: ChannelId,
    /// How many were made.
    pub made: i64,
    /// For how many of them the platform gave a payment code.
    pub asked: i64,
    /// How many of them were paid.
    pub paid: i64,
    /// How many of them got a part or all of it back.
    pub refunded: i64,
}

/// How far the orders came that were made in a time, by channel, the one with most first. Reads each of these
/// orders, by the primary key.
pub async fn funnel(
    app: &App,
    merchant_id: MerchantId,
    range: TimeRange,
    channels: Option<&[ChannelId]>,
) -> Result<Vec<FunnelRow>, Error> {
    let range = bounded(range)?;
    let first = |at: chrono::DateTime<chrono::Utc>| OrderId::first_at(at.timestamp_millis());
    let is_asked = Column::PaymentCode
        .is_not_null()
        .or(Column::PaidAt.is_not_null());
    let is_refunded = Column::RefundState.ne(RefundState::None);
    let counted = |when: sea_orm::sea_query::SimpleExpr| {
        let one = Expr::case(when, Expr::value(1_i64)).finally(Expr::value(0_i64));
        sum_of(one)
    };
    let mut select = Entity::of(merchant_id)
        .select_only()
        .column(Column::ChannelId)
        .expr_as(Expr::col((Entity, Column::Id)).count(), "made")
        .expr_as(counted(is_asked), "asked")
        .expr_as(counted(Column::PaidAt.is_not_null()), "paid")
        .expr_as(counted(is_refunded), "refunded")
        .filter(Column::Id.gte(first(range.from)))
        .filter(Column::Id.lt(first(range.to)))
        .group_by(Column::ChannelId);
    if let Some(channels) = channels {
        select = select.filter(any_of(&app.db, Column::ChannelId, channels));
    }
    let reads = app.db.reads(merchant_id);
    let rows = select.into_model::<FunnelRow>().all(&reads);
    let mut rows = in_time(rows.await)?;
    rows.sort_by_key(|row| (std::cmp::Reverse(row.made), row.channel_id));
    Ok(rows)
}
