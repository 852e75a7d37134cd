//! Counts what goes through channels, and writes it down by minute and by hour.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;
use entity::channel_latency::{self, Measure};
use entity::channel_traffic::{self, Grain};
use entity::{ChannelId, MerchantId, OrderId, channel};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter,
};

use crate::app::App;
use crate::channels::provider::{PaymentCode, ProviderError};
use crate::error::Error;
use crate::health::model::latency::bucket;
use crate::health::model::window::{MINUTE_MS, minute_of};
use crate::time_range::hour_of;
use crate::traffic::{Counts, Minute};

/// How long minutes are kept; hours are kept for good.
const KEPT: TimeDelta = TimeDelta::hours(48);
/// How long it is kept how long channels took: somewhat longer than [`MOST_DAYS`](crate::health::model::uptime::MOST_DAYS).
const LATENCIES_KEPT: TimeDelta = TimeDelta::days(400);
/// How many minutes of channels are written by one transaction.
const BATCH: usize = 500;
/// How many minutes are removed by one statement.
const REMOVED: i64 = 10 * MINUTE_MS;

fn minute(app: &App, channel: &channel::Model) -> Minute {
    Minute {
        merchant_id: channel.merchant_id,
        channel_id: channel.id,
        starts_ms: minute_of(app.clock.now().timestamp_millis()),
    }
}

/// Counts an attempt to get a payment code for so much, by the answer that came. It is in memory alone until the
/// next [`flush`].
pub fn count_attempt(
    app: &App,
    channel: &channel::Model,
    minor: i64,
    answer: &Result<PaymentCode, ProviderError>,
    took: Duration,
) {
    app.traffic.add(minute(app, channel), |counts| {
        counts.attempts += 1;
        // What is refused is no money that a channel could have brought.
        if !matches!(answer, Err(ProviderError::Refused { .. })) {
            counts.attempted_minor += minor;
        }
        match answer {
            Ok(_) => {
                let took = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
                counts.took(Measure::Create, bucket(took), 1);
            }
            Err(ProviderError::Refused { .. }) => counts.refused += 1,
            Err(ProviderError::Unavailable(_)) => counts.unavailable += 1,
            Err(ProviderError::Unreadable(_)) => counts.unreadable += 1,
            Err(ProviderError::Misconfigured(_)) => counts.misconfigured += 1,
        }
    });
}

/// Counts a payment that has just made an order PAID.
pub fn count_payment(app: &App, channel: &channel::Model, order_id: OrderId, minor: i64) {
    let took = app.clock.now().timestamp_millis() - order_id.made_at_ms();
    app.traffic.add(minute(app, channel), |counts| {
        counts.paid += 1;
        counts.paid_minor += minor;
        counts.took(Measure::Callback, bucket(took), 1);
    });
}

/// Writes down what was counted since the last time. What cannot be written is counted with what comes next;
/// where a commit's outcome is unknown, it may be counted twice.
pub async fn flush(app: &App) -> Result<(), Error> {
    let mut left = app.traffic.take();
    while !left.is_empty() {
        let rest = left.split_off(left.len().min(BATCH));
        if let Err(error) = write(app, &left).await {
            left.extend(rest);
            let lost = app.traffic.give_back(left);
            if lost > 0 {
                tracing::error!(lost, "minutes of traffic were too many to be kept");
            }
            return Err(error);
        }
        left = rest;
    }
    Ok(())
}

/// Rows in the order of their keys: instances that write the same ones wait for each other in one order.
#[derive(Default)]
struct Rows {
    traffic: BTreeMap<(bool, MerchantId, ChannelId, i64), Counts>,
    latencies: BTreeMap<(MerchantId, ChannelId, i64, bool, i16), i64>,
}

impl Rows {
    fn add(&mut self, minute: Minute, counts: &Counts, zone: Tz) {
        let (merchant_id, channel_id) = (minute.merchant_id, minute.channel_id);
        let starts = DateTime::from_timestamp_millis(minute.starts_ms).unwrap_or_default();
        let hour = hour_of(starts, zone);
        for (is_hour, starts_ms) in [(false, minute.starts_ms), (true, hour)] {
            let key = (is_hour, merchant_id, channel_id, starts_ms);
            self.traffic.entry(key).or_default().merge(counts);
        }
        for (measure, bucket, count) in &counts.took {
            let is_callback = *measure == Measure::Callback;
            let key = (merchant_id, channel_id, hour, is_callback, *bucket);
            *self.latencies.entry(key).or_default() += count;
        }
    }
}

/// A merchant's time zone. Where its settings cannot be understood its hours are UTC's, and nobody else's figures are
/// held up.
async fn zone(app: &App, id: MerchantId) -> Result<Tz, Error> {
    match crate::merchant::find(app, id).await {
        Ok(merchant) => Ok(merchant.zone),
        Err(error @ (Error::NotFound | Error::Internal(_))) => {
            tracing::warn!(merchant_id = %id, ?error, "a merchant's time zone is not known");
            Ok(Tz::UTC)
        }
        Err(error) => Err(error),
    }
}

async fn write(app: &App, counted: &[(Minute, Counts)]) -> Result<(), Error> {
    let mut zones = HashMap::new();
    let mut rows = Rows::default();
    for (minute, counts) in counted {
        let id = minute.merchant_id;
        if let std::collections::hash_map::Entry::Vacant(place) = zones.entry(id) {
            place.insert(zone(app, id).await?);
        }
        rows.add(*minute, counts, zones[&id]);
    }
    let rows = &rows;
    app.db
        .transaction_across(|txn| async move {
            write_traffic(&txn, rows).await?;
            write_latencies(&txn, rows).await?;
            Ok::<_, Error>(())
        })
        .await
}

async fn write_traffic(txn: &DatabaseTransaction, rows: &Rows) -> Result<(), DbErr> {
    use channel_traffic::Column;

    let models = rows.traffic.iter().map(|(key, counts)| {
        let (is_hour, merchant_id, channel_id, starts_ms) = *key;
        let row = channel_traffic::Model {
            merchant_id,
            channel_id,
            grain: if is_hour { Grain::Hour } else { Grain::Minute },
            starts_ms,
            attempts: counts.attempts,
            attempted_minor: counts.attempted_minor,
            paid: counts.paid,
            paid_minor: counts.paid_minor,
            refused: counts.refused,
            unavailable: counts.unavailable,
            unreadable: counts.unreadable,
            misconfigured: counts.misconfigured,
        };
        row.into_active_model()
    });
    let mut more = OnConflict::columns([
        Column::MerchantId,
        Column::ChannelId,
        Column::Grain,
        Column::StartsMs,
    ]);
    for column in [
        Column::Attempts,
        Column::AttemptedMinor,
        Column::Paid,
        Column::PaidMinor,
        Column::Refused,
        Column::Unavailable,
        Column::Unreadable,
        Column::Misconfigured,
    ] {
        let known = Expr::col((channel_traffic::Entity, column));
        more.value(
            column,
            known.add(Expr::col((Alias::new("excluded"), column))),
        );
    }
    channel_traffic::Entity::insert_many(models)
        .on_conflict(more)
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

async fn write_latencies(txn: &DatabaseTransaction, rows: &Rows) -> Result<(), DbErr> {
    use channel_latency::Column;

    let models: Vec<channel_latency::ActiveModel> = rows
        .latencies
        .iter()
        .map(|(key, count)| {
            let (merchant_id, channel_id, starts_ms, is_callback, bucket) = *key;
            let row = channel_latency::Model {
                merchant_id,
                channel_id,
                starts_ms,
                measure: if is_callback {
                    Measure::Callback
                } else {
                    Measure::Create
                },
                bucket,
                count: *count,
            };
            row.into_active_model()
        })
        .collect();
    let known = Expr::col((channel_latency::Entity, Column::Count));
    let sum = known.add(Expr::col((Alias::new("excluded"), Column::Count)));
    let more = OnConflict::columns([
        Column::MerchantId,
        Column::ChannelId,
        Column::StartsMs,
        Column::Measure,
        Column::Bucket,
    ])
    .value(Column::Count, sum)
    .to_owned();
    // SQLite binds 32,766 values at the most.
    for some in models.chunks(4_000) {
        channel_latency::Entity::insert_many(some.to_vec())
            .on_conflict(more.clone())
            .exec_without_returning(txn)
            .await?;
    }
    Ok(())
}

/// Removes minutes that are older than they are kept, some at a time, and how long channels took where no day is
/// told of any more.
pub async fn prune_minutes(app: &App) -> Result<(), Error> {
    let before = (app.clock.now() - KEPT).timestamp_millis();
    while !app.shutdown.is_cancelled() {
        let oldest = channel_traffic::Entity::oldest_minute()
            .one(app.db.reads_across())
            .await?;
        let Some(oldest) = oldest.filter(|row| row.starts_ms < before) else {
            break;
        };
        let until = std::cmp::min(before, oldest.starts_ms + REMOVED);
        channel_traffic::Entity::delete_minutes_before(until)
            .exec(app.db.writer())
            .await?;
    }
    let before = (app.clock.now() - LATENCIES_KEPT).timestamp_millis();
    let old = channel_latency::Entity::channels_before(app.db.backend(), before);
    let old = Old::find_by_statement(old)
        .all(app.db.reads_across())
        .await?;
    for channel in old {
        if app.shutdown.is_cancelled() {
            break;
        }
        channel_latency::Entity::delete_of(channel.merchant_id)
            .filter(channel_latency::Column::ChannelId.eq(channel.channel_id))
            .filter(channel_latency::Column::StartsMs.lt(before))
            .exec(app.db.writer())
            .await?;
    }
    Ok(())
}

/// A channel with more than is kept.
#[derive(FromQueryResult)]
struct Old {
    merchant_id: MerchantId,
    channel_id: ChannelId,
}
