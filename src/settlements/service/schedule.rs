//! Reads what becomes available when.

use entity::payment::{Column, Entity};
use entity::{ChannelId, Day, MerchantId};
use sea_orm::sea_query::{Expr, Func, NullOrdering, Order};
use sea_orm::{FromQueryResult, QueryOrder, QuerySelect};

use crate::app::App;
use crate::error::Error;
use crate::sums::sum_of;

/// What becomes available on one day through one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Scheduled {
    /// The merchant's day; none where the calendar does not know it yet.
    pub settles_on: Option<Day>,
    /// The channel.
    pub channel_id: ChannelId,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// Of how many payments.
    pub payments: i64,
}

/// What becomes available when, by day and channel, what has no day last: one statement, read from the
/// index of unsettled payments alone.
pub async fn schedule(app: &App, merchant_id: MerchantId) -> Result<Vec<Scheduled>, Error> {
    let sum = sum_of(Expr::col(Column::UnsettledMinor));
    Ok(Entity::unsettled_of(merchant_id)
        .select_only()
        .column(Column::SettlesOn)
        .column(Column::ChannelId)
        .expr_as(sum, "amount_minor")
        .expr_as(Func::count(Expr::cust("*")), "payments")
        .group_by(Column::SettlesOn)
        .group_by(Column::ChannelId)
        .order_by_with_nulls(Column::SettlesOn, Order::Asc, NullOrdering::Last)
        .order_by_asc(Column::ChannelId)
        .into_model::<Scheduled>()
        .all(&app.db.reads(merchant_id))
        .await?)
}
