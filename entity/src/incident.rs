//! An incident 渠道故障: a channel that does not work as it should, from the first sign until it does.

use sea_orm::entity::prelude::*;

use crate::channel_health::HealthCause;
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
    /// Attempts to pay since it began.
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
}
