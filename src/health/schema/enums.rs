//! States and kinds of channels' health.

use async_graphql::Enum;

use crate::graphql::plain::plain_scalars;

/// How a channel is 健康状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::channel_health::HealthState")]
pub enum HealthState {
    /// 正常: as ever.
    Healthy,
    /// 降级: worse than it should be.
    Degraded,
    /// 中断: next to nothing goes through.
    Down,
    /// 维护: it is being worked on, as announced.
    Maintenance,
    /// 未知: nothing says how it is, such as where nothing goes through.
    Unknown,
}

/// Why a channel is as it is 原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::channel_health::HealthCause")]
pub enum HealthCause {
    /// 技术错误: too many attempts get no usable answer.
    TechnicalErrors,
    /// 成功率下降: far fewer pay than at this hour of the week.
    SuccessRate,
    /// 探测失败: the payment platform does not answer when it is asked whether it is there.
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

/// What became of an incident 故障状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::incident::IncidentState")]
pub enum IncidentState {
    /// 未处理: nobody has said that they know.
    Open,
    /// 已确认: somebody has.
    Acknowledged,
    /// 已恢复: the channel works again.
    Resolved,
}

/// How bad an incident is, or was at its worst 严重程度.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::incident::Severity")]
pub enum IncidentSeverity {
    /// 降级: worse than it should be.
    Degraded,
    /// 中断: next to nothing goes through.
    Down,
}

/// Who plans a maintenance window 来源.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::maintenance_window::MaintenanceSource")]
pub enum MaintenanceSource {
    /// 商户: the merchant.
    Merchant,
    /// 支付平台: the payment platform has announced it.
    Provider,
}

plain_scalars!(
    HealthState,
    HealthCause,
    IncidentState,
    IncidentSeverity,
    MaintenanceSource,
);
