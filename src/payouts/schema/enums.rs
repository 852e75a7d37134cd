//! The states and kinds of payouts.

use async_graphql::Enum;

use crate::graphql::plain::plain_scalars;
use crate::payouts::model;

/// Where a payout stands 提现状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::payout::PayoutStatus")]
pub enum PayoutStatus {
    /// 待审批: a second person has to agree.
    AwaitingApproval,
    /// 已驳回: the second person said no; the money is back.
    Rejected,
    /// 处理中: the payment platform is asked, or works on it.
    Processing,
    /// 结果未知: the payment platform gave no clear answer. The money stays set aside; nothing is assumed.
    Unknown,
    /// 已到账: the bank has it.
    Paid,
    /// 失败: the payment platform refused; the money is back.
    Failed,
    /// 已取消: called off before it was sent; the money is back.
    Canceled,
    /// 退票: the bank returned it; the money is back.
    Returned,
}

/// Who or what asked for a payout 来源.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::payout::PayoutOrigin")]
pub enum PayoutOrigin {
    /// 手动: a member of staff.
    Person,
    /// 自动: the merchant's schedule.
    Schedule,
}

/// How often a payout schedule runs 频率.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::payout_schedule::PayoutCadence")]
pub enum PayoutCadence {
    /// 每日.
    Daily,
    /// 每周.
    Weekly,
    /// 每月.
    Monthly,
}

/// Why a payout schedule ran and nothing left 未执行原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Skip")]
pub enum PayoutSkipReason {
    /// The merchant is suspended.
    MerchantSuspended,
    /// Who set it was let go, or may not set it any more: somebody who may sets it anew.
    SetterNotAllowed,
    /// The bank account is not verified, was unbound, or is too new.
    AccountNotPayable,
    /// No enabled channel pays out.
    NoChannel,
    /// No money leaves yet through the channel that would pay out: see `Channel.paysOutFrom`.
    ChannelNotReady,
    /// What is available beyond the retained amount is below the minimum.
    BelowMinimum,
    /// The day's limit is used up.
    DailyLimit,
}

/// What happened to a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::payout_record::PayoutRecordKind")]
pub enum PayoutRecordKind {
    /// 申请: it was asked for.
    Requested,
    /// 审批通过: a second person agreed.
    Approved,
    /// 驳回: a second person said no.
    Rejected,
    /// 取消: it was called off.
    Canceled,
    /// 已提交: it was about to be sent to the payment platform; each time anew, under the same number.
    Sent,
    /// 结果未知: the platform gave no clear answer.
    Unknown,
    /// 到账: the bank had it.
    Paid,
    /// 失败: the payment platform refused.
    Failed,
    /// 退票: the bank returned it.
    Returned,
}

plain_scalars!(PayoutStatus, PayoutOrigin, PayoutCadence, PayoutRecordKind);
