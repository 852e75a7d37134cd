//! The states and kinds of orders.

use async_graphql::Enum;

use crate::graphql::plain::plain_scalars;
use crate::orders::model;

/// The payment axis of an order 支付状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::order::PaymentState")]
pub enum PaymentState {
    /// 待支付: waiting for the payer.
    Pending,
    /// 已支付: for good.
    Paid,
    /// 支付失败: the payment platform refused; a new attempt opens it again.
    Failed,
    /// 已关闭: no payment is expected any more.
    Closed,
}

/// The refund axis of an order 退款状态. A partial refund never takes an order out of sales.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::order::RefundState")]
pub enum RefundState {
    /// 无退款.
    None,
    /// 部分退款.
    Partial,
    /// 全额退款.
    Full,
}

/// The fulfilment axis of an order 履约状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::order::FulfillmentState")]
pub enum FulfillmentState {
    /// 未发货: nothing was delivered.
    Unfulfilled,
    /// 部分发货: some of it was delivered.
    Partial,
    /// 已发货: everything was delivered.
    Fulfilled,
    /// 无需发货: there is nothing to deliver.
    NotRequired,
}

/// How the payer's device uses a payment code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::order::PaymentCodeKind")]
pub enum PaymentCodeKind {
    /// A link to open.
    Url,
    /// The text of a QR code 二维码 to show.
    QrCode,
    /// A link that opens an app.
    Scheme,
    /// A page of the payment platform; render it in a sandboxed frame alone.
    Html,
}

/// What happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::order_timeline::TimelineKind")]
pub enum OrderTimelineKind {
    /// 下单: the shop made it.
    Created,
    /// 发起支付: the payment platform gave a payment code.
    PaymentRequested,
    /// 支付失败: the payment platform refused.
    PaymentFailed,
    /// 支付成功: it was paid.
    Paid,
    /// 迟到支付: it was paid after it had been closed.
    PaidLate,
    /// 关闭: no payment is expected any more.
    Closed,
    /// 部分发货: some of it was delivered.
    PartlyFulfilled,
    /// 发货: everything was delivered.
    Fulfilled,
    /// 金额不符: somebody paid another amount; nothing was credited.
    AmountMismatch,
    /// 重复支付: it was paid twice; the second payment is to be refunded.
    SecondPayment,
    /// 申请退款: a refund was asked for.
    RefundRequested,
    /// 退款审批通过: a second person agreed to a refund.
    RefundApproved,
    /// 退款驳回: a second person said no to a refund.
    RefundRejected,
    /// 退款成功: the payer has money back.
    RefundSucceeded,
    /// 退款失败: the payment platform refused a refund.
    RefundFailed,
    /// 退款结果未知: the payment platform gave no clear answer about a refund.
    RefundUnknown,
    /// 退款异常: the payment platform cannot bring the money to the payer.
    RefundAbnormal,
    /// 重试退款: a refund was sent again under its number.
    RefundRetried,
    /// 退款退回: the bank returned a refund.
    RefundReversed,
}

/// What a list of orders is sorted by. Ties are broken by creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "model::SortField")]
pub enum OrderSortField {
    /// When it was made.
    CreatedAt,
    /// When it was paid; unpaid orders are left out.
    PaidAt,
    /// The sum of the lines.
    Amount,
}

/// In which direction a list runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Direction")]
pub enum SortDirection {
    /// Smallest or oldest first.
    Asc,
    /// Largest or newest first.
    Desc,
}

/// What the payer holds in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "crate::channels::provider::Device")]
pub enum PayerDevice {
    /// A desktop browser: shows a QR code or a page.
    Desktop,
    /// A phone's browser: follows a link or opens an app.
    Mobile,
}

plain_scalars!(
    PaymentState,
    RefundState,
    FulfillmentState,
    PaymentCodeKind,
    OrderTimelineKind,
    PayerDevice,
);
