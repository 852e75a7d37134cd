//! Reads what all channels are judged by: a statement for each kind of thing, however many channels there are.

use std::collections::{HashMap, HashSet};

use entity::{
    ChannelId, Instant, MerchantId, channel, channel_health, channel_probe, channel_traffic,
    maintenance_window,
};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QuerySelect};

use crate::app::App;
use crate::error::Error;
use crate::health::model::signs::Probe;
use crate::health::model::window::Counts;

/// A channel of a merchant.
pub(super) type Key = (MerchantId, ChannelId);

/// What all channels are judged by, beside their traffic.
pub(super) struct Facts {
    /// All channels, and whether new orders may use them.
    pub channels: Vec<(Key, bool)>,
    /// How they are.
    pub rows: HashMap<Key, channel_health::Model>,
    /// What their last probes said.
    pub probes: HashMap<Key, Probe>,
    /// Those that are being worked on.
    pub maintenance: HashSet<Key>,
}

impl Facts {
    pub async fn read(app: &App, now: Instant) -> Result<Self, Error> {
        let db = app.db.reads_across();
        let channels: Vec<(MerchantId, ChannelId, bool)> = channel::Entity::all()
            .select_only()
            .columns([
                channel::Column::MerchantId,
                channel::Column::Id,
                channel::Column::Enabled,
            ])
            .into_tuple()
            .all(db)
            .await?;
        let rows = channel_health::Entity::all().all(db).await?;
        let probes = channel_probe::Entity::all()
            .filter(channel_probe::Column::ProbedAt.is_not_null())
            .select_only()
            .columns([
                channel_probe::Column::MerchantId,
                channel_probe::Column::ChannelId,
                channel_probe::Column::Failures,
                channel_probe::Column::FailingSince,
                channel_probe::Column::AnsweredAt,
                channel_probe::Column::ProbedAt,
            ])
            .into_model::<ProbeRow>()
            .all(db)
            .await?;
        let windows: Vec<(MerchantId, ChannelId)> = maintenance_window::Entity::current(now)
            .select_only()
            .columns([
                maintenance_window::Column::MerchantId,
                maintenance_window::Column::ChannelId,
            ])
            .into_tuple()
            .all(db)
            .await?;
        Ok(Self {
            channels: channels
                .into_iter()
                .map(|(merchant_id, id, enabled)| ((merchant_id, id), enabled))
                .collect(),
            rows: rows
                .into_iter()
                .map(|row| ((row.merchant_id, row.channel_id), row))
                .collect(),
            probes: probes
                .into_iter()
                .map(|row| ((row.merchant_id, row.channel_id), row.probe()))
                .collect(),
            maintenance: windows.into_iter().collect(),
        })
    }
}

#[derive(FromQueryResult)]
struct ProbeRow {
    merchant_id: MerchantId,
    channel_id: ChannelId,
    failures: i32,
    failing_since: Option<Instant>,
    answered_at: Option<Instant>,
    probed_at: Instant,
}

impl ProbeRow {
    fn probe(&self) -> Probe {
        Probe {
            failures: self.failures,
            failing_ms: self.failing_since.map(|since| since.timestamp_millis()),
            answered_once: self.answered_at.is_some(),
            probed_ms: self.probed_at.timestamp_millis(),
        }
    }
}

#[derive(FromQueryResult)]
struct MinuteRow {
    merchant_id: MerchantId,
    channel_id: ChannelId,
    starts_ms: i64,
    attempts: i64,
    paid: i64,
    refused: i64,
    unavailable: i64,
    unreadable: i64,
    misconfigured: i64,
}

/// What went through channels in each minute from one on, as far as they are judged by it.
pub(super) async fn minutes_from(
    app: &App,
    starts_ms: i64,
) -> Result<Vec<(Key, i64, Counts)>, Error> {
    use channel_traffic::Column;

    let rows = channel_traffic::Entity::minutes_from(starts_ms)
        .select_only()
        .columns([
            Column::MerchantId,
            Column::ChannelId,
            Column::StartsMs,
            Column::Attempts,
            Column::Paid,
            Column::Refused,
            Column::Unavailable,
            Column::Unreadable,
            Column::Misconfigured,
        ])
        .into_model::<MinuteRow>()
        .all(app.db.reads_across())
        .await?;
    let told = rows.into_iter().map(|row| {
        let counts = Counts {
            attempts: row.attempts - row.refused,
            errors: row.unavailable + row.unreadable + row.misconfigured,
            refused: row.refused,
            paid: row.paid,
        };
        ((row.merchant_id, row.channel_id), row.starts_ms, counts)
    });
    Ok(told.collect())
}
