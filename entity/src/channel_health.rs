//! How a channel is 渠道健康: its state, why, and what the next judgement rests on.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, Instant, MerchantId};

/// How a channel is 健康状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum HealthState {
    /// 正常: as ever.
    Healthy,
    /// 降级: worse than it should be.
    Degraded,
    /// 中断: next to nothing goes through.
    Down,
    /// 维护: it is being worked on, as announced.
    Maintenance,
    /// 未知: nothing says how it is.
    Unknown,
}

/// Why a channel is as it is 原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum HealthCause {
    /// 技术错误: too many attempts get no usable answer.
    TechnicalErrors,
    /// 成功率下降: far fewer pay than at this hour of the week.
    SuccessRate,
    /// 探测失败: probes get no answer.
    Probes,
    /// 人工设定: somebody said so.
    Manual,
    /// 维护窗口: a maintenance window.
    Maintenance,
    /// 恢复: what was wrong is over.
    Recovered,
    /// 无流量: nothing went through for long.
    NoTraffic,
}

/// How a channel is 渠道健康: its state, why, and what the next judgement rests on.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_health")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// Which channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: ChannelId,
    /// How it is.
    pub state: HealthState,
    /// Why.
    pub cause: Option<HealthCause>,
    /// Since when.
    pub since: Instant,
    /// When it was last judged.
    pub judged_at: Instant,
    /// Attempts that the last judgement looked at.
    pub attempts: i64,
    /// The share of technical errors among them, in millionths.
    pub error_ppm: Option<i32>,
    /// The share that was paid, in millionths.
    pub success_ppm: Option<i32>,
    /// The share that is paid at this hour of the week as a rule, in millionths.
    pub baseline_ppm: Option<i32>,
    /// The state that it may be about to take.
    pub candidate: Option<HealthState>,
    /// Since when figures speak for that.
    pub candidate_since: Option<Instant>,
    /// How often it has gone back and forth lately.
    pub flaps: i16,
    /// When it last did.
    pub flapped_at: Option<Instant>,
    /// The state that somebody set by hand.
    pub override_state: Option<HealthState>,
    /// Until when that holds.
    pub override_until: Option<Instant>,
    /// Who set it.
    pub override_by: Option<String>,
    /// Why.
    pub override_note: Option<String>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Rows of all merchants, for whoever judges.
    #[must_use]
    pub fn all() -> sea_orm::Select<Self> {
        Self::find()
    }
}
