//! How long a channel took 渠道耗时: a histogram for each hour.

use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, FromQueryResult, Statement};

use crate::channel_traffic::{ids, spans};
use crate::{ChannelId, MerchantId};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Measure {
    /// From asking for a payment code until it was there.
    Create,
    /// From making the order until its payment was reported.
    Callback,
}

/// How many in an hour fell into one bucket of a histogram.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_latencies")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// Which channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: ChannelId,
    /// When the hour begins, in milliseconds since 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub starts_ms: i64,
    /// What is measured.
    #[sea_orm(primary_key, auto_increment = false)]
    pub measure: Measure,
    /// Which bucket.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bucket: i16,
    /// How many.
    pub count: i64,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// How many on each of some days of some channels fell into one bucket. Days are told by when they begin, and
    /// the last one has no end. Answers with [`DayTook`].
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
             SELECT t.channel_id, CAST(d.place AS BIGINT) AS place, t.measure, t.bucket, \
             CAST(SUM(t.count) AS BIGINT) AS count FROM days d \
             JOIN channel_latencies t ON t.merchant_id = {merchant_id} AND t.channel_id IN ({ids}) \
             AND t.starts_ms >= d.from_ms AND t.starts_ms < d.to_ms \
             GROUP BY t.channel_id, d.place, t.measure, t.bucket"
        );
        Statement::from_string(backend, sql)
    }

    /// Channels of all merchants that have more before an instant, for whoever removes it.
    #[must_use]
    pub fn channels_before(backend: DbBackend, starts_ms: i64) -> Statement {
        let sql = format!(
            "SELECT c.merchant_id, c.id AS channel_id FROM channels c WHERE EXISTS \
             (SELECT 1 FROM channel_latencies t WHERE t.merchant_id = c.merchant_id \
             AND t.channel_id = c.id AND t.starts_ms < {starts_ms})"
        );
        Statement::from_string(backend, sql)
    }
}

/// How many on a day of a channel fell into one bucket of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct DayTook {
    /// Which channel.
    pub channel_id: ChannelId,
    /// Which of the days.
    pub place: i64,
    /// What is measured.
    pub measure: Measure,
    /// Which bucket.
    pub bucket: i16,
    /// How many.
    pub count: i64,
}
