//! What went through a channel 渠道流量, counted by minute and by hour.

use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, FromQueryResult, Statement};

use crate::{ChannelId, MerchantId};

/// How long a count reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Grain {
    /// A minute.
    Minute,
    /// An hour of the merchant's clock.
    Hour,
}

/// What went through a channel 渠道流量 in a minute or an hour. A payment counts where it came in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_traffic")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// Which channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: ChannelId,
    /// A minute or an hour.
    #[sea_orm(primary_key, auto_increment = false)]
    pub grain: Grain,
    /// When it begins, in milliseconds since 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub starts_ms: i64,
    /// Payment codes that were asked for.
    pub attempts: i64,
    /// What those that were not refused were asked for, in minor units.
    pub attempted_minor: i64,
    /// Payments that came in.
    pub paid: i64,
    /// What came in, in minor units.
    pub paid_minor: i64,
    /// Attempts that the platform refused, for reasons of business.
    pub refused: i64,
    /// Attempts without an answer: timeouts, resets, 5xx.
    pub unavailable: i64,
    /// Attempts whose answer could not be read.
    pub unreadable: i64,
    /// Attempts that failed because the channel is configured wrongly.
    pub misconfigured: i64,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Minutes from one on, of all merchants, for whoever judges.
    #[must_use]
    pub fn minutes_from(starts_ms: i64) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find()
            .filter(Column::Grain.eq(Grain::Minute))
            .filter(Column::StartsMs.gte(starts_ms))
    }

    /// The oldest minute of all merchants, for whoever removes it.
    #[must_use]
    pub fn oldest_minute() -> sea_orm::Select<Self> {
        use sea_orm::{QueryOrder, QuerySelect};
        Self::minutes_from(0)
            .order_by_asc(Column::StartsMs)
            .limit(1)
    }

    /// Removes minutes before one, of all merchants.
    #[must_use]
    pub fn delete_minutes_before(starts_ms: i64) -> sea_orm::DeleteMany<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::delete_many()
            .filter(Column::Grain.eq(Grain::Minute))
            .filter(Column::StartsMs.lt(starts_ms))
    }
}

impl Entity {
    /// What went through some channels on each of some days. Days are told by when they begin, and the last one
    /// has no end. Answers with [`DayTraffic`].
    #[must_use]
    pub fn by_day(
        backend: DbBackend,
        merchant_id: MerchantId,
        channels: &[ChannelId],
        starts_ms: &[i64],
    ) -> Statement {
        let (spans, ids, merchant_id) = (spans(starts_ms), ids(channels), merchant_id.0);
        let sql = format!(
            "WITH days (place, from_ms, to_ms) AS (VALUES {spans}) \
             SELECT t.channel_id, CAST(d.place AS BIGINT) AS place, \
             CAST(SUM(t.attempts) AS BIGINT) AS attempts, CAST(SUM(t.paid) AS BIGINT) AS paid FROM days d \
             JOIN channel_traffic t ON t.merchant_id = {merchant_id} AND t.channel_id IN ({ids}) \
             AND t.grain = 'HOUR' AND t.starts_ms >= d.from_ms AND t.starts_ms < d.to_ms \
             GROUP BY t.channel_id, d.place"
        );
        Statement::from_string(backend, sql)
    }
}

/// Days as rows of VALUES: each ends where the next one begins.
pub(crate) fn spans(starts_ms: &[i64]) -> String {
    let ends = starts_ms.iter().skip(1).copied().chain([i64::MAX]);
    let rows = starts_ms.iter().zip(ends).enumerate();
    let rows = rows.map(|(place, (from, to))| format!("({place}, {from}, {to})"));
    rows.collect::<Vec<_>>().join(", ")
}

/// Channels as a list.
pub(crate) fn ids(channels: &[ChannelId]) -> String {
    let ids = channels.iter().map(|id| id.0.to_string());
    ids.collect::<Vec<_>>().join(", ")
}

/// What went through a channel on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct DayTraffic {
    /// Which channel.
    pub channel_id: ChannelId,
    /// Which of the days.
    pub place: i64,
    /// Payment codes that were asked for.
    pub attempts: i64,
    /// Payments that came in.
    pub paid: i64,
}
