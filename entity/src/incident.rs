//! An incident 渠道故障: a channel that does not work as it should, from the first sign until it does.

use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, FromQueryResult, Statement};

use crate::channel_health::{HealthCause, HealthState};
use crate::{ChannelId, IncidentId, Instant, MerchantId};

/// What became of an incident 故障状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum IncidentState {
    /// 未处理: nobody has said that they know.
    Open,
    /// 已确认: somebody has.
    Acknowledged,
    /// 已恢复: the channel works again.
    Resolved,
}

/// How bad it is or was at its worst 严重程度.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Severity {
    /// 降级: worse than it should be.
    Degraded,
    /// 中断: next to nothing goes through.
    Down,
}

/// An incident 渠道故障: a channel that does not work as it should, from the first sign until it does.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "incidents")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IncidentId,
    /// Which channel.
    pub channel_id: ChannelId,
    /// What became of it.
    pub state: IncidentState,
    /// How bad it is or was at its worst.
    pub severity: Severity,
    /// What gave it away.
    pub cause: HealthCause,
    /// Since when.
    pub opened_at: Instant,
    /// When it became worse.
    pub worsened_at: Option<Instant>,
    /// When somebody said that they know.
    pub acknowledged_at: Option<Instant>,
    /// Who: an id of staff or of an API key.
    pub acknowledged_by: Option<String>,
    /// What they noted.
    pub note: Option<String>,
    /// When the channel worked again.
    pub resolved_at: Option<Instant>,
    /// Attempts to pay since it began, as far as the platform did not refuse them.
    pub attempts: i64,
    /// How many of them failed for technical reasons.
    pub failed: i64,
    /// How many would have been paid as a rule.
    pub expected_paid: i64,
    /// How many were.
    pub paid: i64,
    /// What was to be paid as a rule and was not, in minor units.
    pub at_risk_minor: i64,
    /// The channel to offer instead.
    pub fallback_channel_id: Option<ChannelId>,
    /// The share of attempts that is paid there, in millionths.
    pub fallback_success_ppm: Option<i32>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Incidents that are not over, of all merchants, for whoever measures them.
    #[must_use]
    pub fn open() -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::ResolvedAt.is_null())
    }

    /// What went through the channels of incidents that are not over, since what gave each away: of
    /// all merchants, or of one incident. Answers with [`Passed`].
    #[must_use]
    pub fn passed(backend: DbBackend, only: Option<(MerchantId, IncidentId)>) -> Statement {
        let one = only.map_or_else(String::new, |(merchant_id, id)| {
            format!(" AND i.merchant_id = {} AND i.id = {}", merchant_id.0, id.0)
        });
        let sql = PASSED.replace("{one}", &one);
        Statement::from_string(backend, sql)
    }

    /// Channels that may be offered instead, with what went through them since an instant: of all merchants
    /// with an incident that is not over, or of one. Answers with [`Offered`].
    #[must_use]
    pub fn offered(backend: DbBackend, since: Instant, only: Option<MerchantId>) -> Statement {
        let whose = only.map_or_else(
            || "(SELECT merchant_id FROM incidents WHERE resolved_at IS NULL)".to_owned(),
            |merchant_id| format!("({})", merchant_id.0),
        );
        let since_ms = since.0.timestamp_millis();
        let sql = format!(
            "SELECT c.merchant_id, c.id AS channel_id, COALESCE(MAX(h.state), 'UNKNOWN') AS state, \
             CAST(COALESCE(SUM(t.attempts), 0) AS BIGINT) AS attempts, \
             CAST(COALESCE(SUM(t.paid), 0) AS BIGINT) AS paid FROM channels c \
             LEFT JOIN channel_health h ON h.merchant_id = c.merchant_id AND h.channel_id = c.id \
             LEFT JOIN channel_traffic t ON t.merchant_id = c.merchant_id AND t.channel_id = c.id \
             AND t.grain = 'HOUR' AND t.starts_ms >= {since_ms} \
             WHERE c.enabled AND c.merchant_id IN {whose} GROUP BY c.merchant_id, c.id"
        );
        Statement::from_string(backend, sql)
    }
}

/// It begins with what gave the incident away: the first minute in which something failed, up to 15 minutes
/// before it was opened and after the one before was over; where there is none, the minute in which it was
/// opened. Attempts that the platform refused are neither here nor in a baseline. Where none is known, the
/// four weeks before say what is paid as a rule.
const PASSED: &str = "SELECT i.merchant_id, i.id, \
     CAST(COALESCE(SUM(t.attempts - t.refused), 0) AS BIGINT) AS attempts, \
     CAST(COALESCE(SUM(t.attempted_minor), 0) AS BIGINT) AS attempted_minor, \
     CAST(COALESCE(SUM(t.unavailable + t.unreadable + t.misconfigured), 0) AS BIGINT) AS failed, \
     CAST(COALESCE(SUM(t.paid), 0) AS BIGINT) AS paid, \
     CAST(COALESCE(SUM(t.paid_minor), 0) AS BIGINT) AS paid_minor, \
     CAST(COALESCE(MAX(h.baseline_ppm), \
     (SELECT SUM(b.paid) * 1000000 / NULLIF(SUM(b.attempts - b.refused), 0) FROM channel_traffic b \
     WHERE b.merchant_id = i.merchant_id AND b.channel_id = i.channel_id AND b.grain = 'HOUR' \
     AND b.starts_ms >= i.opened_at - 2419200000 AND b.starts_ms < i.opened_at - 3600000)) \
     AS BIGINT) AS baseline_ppm FROM \
     (SELECT i.merchant_id, i.id, i.channel_id, i.opened_at, \
     COALESCE(MIN(f.starts_ms), i.opened_at - i.opened_at % 60000) AS from_ms FROM incidents i \
     LEFT JOIN channel_traffic f ON f.merchant_id = i.merchant_id AND f.channel_id = i.channel_id \
     AND f.grain = 'MINUTE' AND f.starts_ms >= i.opened_at - i.opened_at % 60000 - 900000 \
     AND f.starts_ms <= i.opened_at AND f.unavailable + f.unreadable + f.misconfigured > 0 \
     AND NOT EXISTS (SELECT 1 FROM incidents p WHERE p.merchant_id = i.merchant_id \
     AND p.channel_id = i.channel_id AND p.resolved_at > f.starts_ms) \
     WHERE i.resolved_at IS NULL{one} GROUP BY i.merchant_id, i.id, i.channel_id, i.opened_at) i \
     LEFT JOIN channel_health h ON h.merchant_id = i.merchant_id AND h.channel_id = i.channel_id \
     LEFT JOIN channel_traffic t ON t.merchant_id = i.merchant_id AND t.channel_id = i.channel_id \
     AND t.grain = 'MINUTE' AND t.starts_ms >= i.from_ms \
     GROUP BY i.merchant_id, i.id, i.channel_id, i.opened_at";

/// What went through the channel of an incident since it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Passed {
    /// Whose incident.
    pub merchant_id: MerchantId,
    /// Which.
    pub id: IncidentId,
    /// Attempts to pay that the platform did not refuse.
    pub attempts: i64,
    /// What they were for, in minor units.
    pub attempted_minor: i64,
    /// Attempts that failed for technical reasons.
    pub failed: i64,
    /// Payments.
    pub paid: i64,
    /// What was paid, in minor units.
    pub paid_minor: i64,
    /// The share that is paid as a rule, in millionths.
    pub baseline_ppm: Option<i64>,
}

/// A channel that may be offered instead of a broken one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Offered {
    /// Whose.
    pub merchant_id: MerchantId,
    /// Which.
    pub channel_id: ChannelId,
    /// How it is.
    pub state: HealthState,
    /// Attempts to pay.
    pub attempts: i64,
    /// Payments.
    pub paid: i64,
}
