//! Reads what is usual for a channel at this hour.

use chrono::{DateTime, TimeDelta, Utc};
use entity::channel_traffic::{self, Column, Grain};
use entity::{ChannelId, MerchantId};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QuerySelect};

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::health::model::baseline::{Baseline, Hour};
use crate::health::model::window::hours_before;
use crate::time_range::hour_of;

/// How many days back it is looked.
const DAYS: u64 = 56;
const HOUR_MS: i64 = 3_600_000;

#[derive(FromQueryResult)]
struct Row {
    starts_ms: i64,
    attempts: i64,
    refused: i64,
    paid: i64,
}

/// What is usual for a channel at this hour of the week, else at this hour of any day, else at any hour of the last
/// eight weeks: eight rows as a rule. The current hour does not count.
pub(super) async fn usual(
    app: &App,
    merchant_id: MerchantId,
    channel_id: ChannelId,
    now: DateTime<Utc>,
) -> Result<Option<Baseline>, Error> {
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let key = (merchant_id, channel_id);
    for (days, count) in [(7, DAYS / 7), (1, DAYS)] {
        let starts = hours_before(now, zone, days, count);
        let alike = any_of(&app.db, Column::StartsMs, &starts);
        let back = |at: i64| 1 + starts.iter().filter(|starts| **starts > at).count();
        if let Some(known) = Baseline::of(&read(app, key, alike, back).await?) {
            return Ok(Some(known));
        }
    }
    let from = (now - TimeDelta::days(DAYS.cast_signed())).timestamp_millis();
    let until = hour_of(now, zone);
    let all = Column::StartsMs.between(from, until - 1);
    let back = |at: i64| usize::try_from((until - at) / HOUR_MS).unwrap_or(1);
    Ok(Baseline::of(&read(app, key, all, back).await?))
}

async fn read(
    app: &App,
    (merchant_id, channel_id): (MerchantId, ChannelId),
    hours: SimpleExpr,
    back: impl Fn(i64) -> usize,
) -> Result<Vec<Hour>, Error> {
    let rows = channel_traffic::Entity::of(merchant_id)
        .filter(Column::ChannelId.eq(channel_id))
        .filter(Column::Grain.eq(Grain::Hour))
        .filter(hours)
        .select_only()
        .columns([
            Column::StartsMs,
            Column::Attempts,
            Column::Refused,
            Column::Paid,
        ])
        .into_model::<Row>()
        .all(&app.db.reads(merchant_id))
        .await?;
    let hours = rows.into_iter().map(|row| Hour {
        back: back(row.starts_ms),
        attempts: row.attempts - row.refused,
        paid: row.paid,
    });
    Ok(hours.collect())
}
