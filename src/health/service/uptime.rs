//! Reads what some channels' days were like: four statements, however many days and channels, which sum by
//! themselves; three where nobody asks how long anything took.

use std::collections::HashMap;

use entity::channel_latency::{self, DayTook};
use entity::channel_traffic::{self, DayTraffic};
use entity::{ChannelId, Instant, MerchantId, channel_health_change, incident};
use sea_orm::{
    ColumnTrait, Condition, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::health::model::uptime::{Change, ChannelDay, DaySpan, Record, Through, Took, days};

/// The last days of some channels, the oldest first, today included; how long anything took where that is asked.
pub async fn uptime(
    app: &App,
    merchant_id: MerchantId,
    channels: &[ChannelId],
    count: u32,
    took: bool,
) -> Result<HashMap<ChannelId, Vec<ChannelDay>>, Error> {
    let merchant = crate::merchant::find(app, merchant_id).await?;
    let days = days(app.clock.now(), merchant.zone, count);
    let mut records: HashMap<ChannelId, Record> = channels
        .iter()
        .map(|channel| (*channel, Record::default()))
        .collect();
    if !channels.is_empty()
        && let Some(first) = days.first()
    {
        let wanted = Wanted {
            app,
            merchant_id,
            channels,
            from_ms: first.from_ms,
            starts_ms: days.iter().map(|day| day.from_ms).collect(),
        };
        wanted.changes(&mut records).await?;
        wanted.through(&mut records).await?;
        if took {
            wanted.took(&mut records).await?;
        }
        wanted.incidents(&mut records).await?;
    }
    Ok(told(&records, &days))
}

fn told(
    records: &HashMap<ChannelId, Record>,
    days: &[DaySpan],
) -> HashMap<ChannelId, Vec<ChannelDay>> {
    records
        .iter()
        .map(|(channel, record)| (*channel, record.tell(days)))
        .collect()
}

/// Which channels' records are read, and from when on.
struct Wanted<'a> {
    app: &'a App,
    merchant_id: MerchantId,
    channels: &'a [ChannelId],
    from_ms: i64,
    /// When each day begins.
    starts_ms: Vec<i64>,
}

impl Wanted<'_> {
    fn from(&self) -> Instant {
        let at = chrono::DateTime::from_timestamp_millis(self.from_ms);
        Instant(at.unwrap_or_default())
    }

    /// The changes since, and the last one before of each channel.
    async fn changes(&self, records: &mut HashMap<ChannelId, Record>) -> Result<(), Error> {
        use channel_health_change::{Column, Entity};
        let of_these = || any_of(&self.app.db, Column::ChannelId, self.channels);
        let last = Entity::of(self.merchant_id)
            .filter(of_these())
            .filter(Column::ChangedAt.lt(self.from()))
            .select_only()
            .expr(Column::Id.max())
            .group_by(Column::ChannelId)
            .into_query();
        let rows = Entity::of(self.merchant_id)
            .filter(of_these())
            .filter(
                Condition::any()
                    .add(Column::ChangedAt.gte(self.from()))
                    .add(Column::Id.in_subquery(last)),
            )
            .order_by_asc(Column::ChangedAt)
            .order_by_asc(Column::Id)
            .all(&self.app.db.reads(self.merchant_id))
            .await?;
        for row in rows {
            let record = records.entry(row.channel_id).or_default();
            record.changes.push(Change {
                at_ms: row.changed_at.0.timestamp_millis(),
                from: row.from_state,
                to: row.to_state,
            });
        }
        Ok(())
    }

    async fn through(&self, records: &mut HashMap<ChannelId, Record>) -> Result<(), Error> {
        let backend = self.app.db.backend();
        let (channels, starts_ms) = (self.channels, &self.starts_ms);
        let by_day =
            channel_traffic::Entity::by_day(backend, self.merchant_id, channels, starts_ms);
        let rows = DayTraffic::find_by_statement(by_day);
        for row in rows.all(&self.app.db.reads(self.merchant_id)).await? {
            let record = records.entry(row.channel_id).or_default();
            record.through.push(Through {
                day: usize::try_from(row.place).unwrap_or(usize::MAX),
                attempts: row.attempts,
                paid: row.paid,
            });
        }
        Ok(())
    }

    async fn took(&self, records: &mut HashMap<ChannelId, Record>) -> Result<(), Error> {
        let backend = self.app.db.backend();
        let (channels, starts_ms) = (self.channels, &self.starts_ms);
        let by_day =
            channel_latency::Entity::by_day(backend, self.merchant_id, channels, starts_ms);
        let rows = DayTook::find_by_statement(by_day);
        for row in rows.all(&self.app.db.reads(self.merchant_id)).await? {
            let record = records.entry(row.channel_id).or_default();
            record.took.push(Took {
                day: usize::try_from(row.place).unwrap_or(usize::MAX),
                measure: row.measure,
                bucket: row.bucket,
                count: row.count,
            });
        }
        Ok(())
    }

    async fn incidents(&self, records: &mut HashMap<ChannelId, Record>) -> Result<(), Error> {
        use incident::{Column, Entity};
        let rows: Vec<(ChannelId, Instant)> = Entity::of(self.merchant_id)
            .filter(any_of(&self.app.db, Column::ChannelId, self.channels))
            .filter(Column::OpenedAt.gte(self.from()))
            .select_only()
            .columns([Column::ChannelId, Column::OpenedAt])
            .into_tuple()
            .all(&self.app.db.reads(self.merchant_id))
            .await?;
        for (channel, opened_at) in rows {
            let record = records.entry(channel).or_default();
            record.incidents_ms.push(opened_at.0.timestamp_millis());
        }
        Ok(())
    }
}
