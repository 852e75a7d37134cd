//! The states and kinds of refunds.

use async_graphql::Enum;

use crate::graphql::plain::plain_scalars;
use crate::refunds::model;

/// Where a refund stands 退款状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::refund::RefundStatus")]
pub enum RefundStatus {
    /// 待审批: a second person has to agree.
    AwaitingApproval,
    /// 已驳回: the second person said no.
    Rejected,
    /// 退款中: the payment platform is asked, or works on it.
    Processing,
    /// 结果未知: the payment platform gave no clear answer. It counts as in flight; nothing is assumed.
    Unknown,
    /// 退款异常: the payment platform cannot bring the money to the payer; look there.
    Abnormal,
    /// 退款成功: the payer has the money.
    Succeeded,
    /// 退款失败: the payment platform refused. It may be retried under the same number.
    Failed,
    /// 退款退回: it had succeeded, and the bank returned it.
    Reversed,
}

/// What a refund gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::refund::RefundKind")]
pub enum RefundKind {
    /// 退款: a part or all of an order's payment.
    Order,
    /// 多付退回: a payment that the order did not need; it does not count against the order.
    ExtraPayment,
}

/// Why a refund is made 退款原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::refund::RefundReason")]
pub enum RefundReason {
    /// 买家要求: the buyer asked.
    CustomerRequest,
    /// 缺货: it cannot be delivered.
    OutOfStock,
    /// 与描述不符或质量问题: it is not what was described.
    NotAsDescribed,
    /// 未收到货: it did not arrive.
    NotReceived,
    /// 差价: it is cheaper now.
    PriceAdjustment,
    /// 重复支付: it was paid twice.
    DuplicatePayment,
    /// 关单后支付: it was paid after closing.
    LatePayment,
    /// 疑似欺诈: the payer may not be who they say.
    Fraud,
    /// 其他: say why in words.
    Other,
}

/// What a person says became of a refund 人工核定.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Resolution")]
pub enum RefundResolution {
    /// 已到账: the payer has the money.
    Succeeded,
    /// 未退: the payer got nothing.
    Failed,
    /// 被退回: the payer had the money, and the bank returned it.
    Reversed,
}

plain_scalars!(RefundStatus, RefundKind, RefundReason);
