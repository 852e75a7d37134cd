//! What was paid through channels today.

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;
use entity::channel_traffic::{Column, Entity, Grain};
use entity::{ChannelId, MerchantId, channel};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::sums::sum_of;
use crate::time_range::start_of_day;

/// What was paid today, in minor units, by channel.
pub type Used = HashMap<ChannelId, i64>;

/// What was paid today through those of these channels that have a limit for the day. Where none has, nothing
/// is asked. At most 24 rows a channel are summed up, each found by the primary key.
pub async fn used_today<'a>(
    app: &App,
    (merchant_id, zone): (MerchantId, Tz),
    channels: impl Iterator<Item = &'a channel::Model> + Send,
) -> Result<Used, Error> {
    let limited: Vec<ChannelId> = channels
        .filter(|channel| channel.daily_max_minor.is_some())
        .map(|channel| channel.id)
        .collect();
    if limited.is_empty() {
        return Ok(Used::new());
    }
    let today = app.clock.now().with_timezone(&zone).date_naive();
    let since = start_of_day(today, zone).timestamp_millis();
    let paid = sum_of(Expr::col(Column::PaidMinor));
    let rows: Vec<(ChannelId, i64)> = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::ChannelId, &limited))
        .filter(Column::Grain.eq(Grain::Hour))
        .filter(Column::StartsMs.gte(since))
        .select_only()
        .column(Column::ChannelId)
        .expr_as(paid, "paid")
        .group_by(Column::ChannelId)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().collect())
}

/// The same for all of a merchant's channels, as it was at most a second ago.
pub async fn used_lately<'a>(
    app: &App,
    (merchant_id, zone): (MerchantId, Tz),
    channels: impl Iterator<Item = &'a channel::Model> + Send,
) -> Result<Arc<Used>, Error> {
    if let Some(known) = app.used_today.get(&merchant_id) {
        return Ok(known);
    }
    let used = Arc::new(used_today(app, (merchant_id, zone), channels).await?);
    app.used_today.insert(merchant_id, Arc::clone(&used));
    Ok(used)
}
