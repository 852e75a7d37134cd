//! The states of webhooks, and what goes wrong with them.

use async_graphql::Enum;

use crate::graphql::plain::plain_scalars;

/// Whether a webhook endpoint is sent events 推送地址状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::webhook_endpoint::WebhookEndpointState")]
pub enum WebhookEndpointState {
    /// 已启用: it is.
    Enabled,
    /// 已停用: it is not.
    Disabled,
    /// 已删除: it is not, and never will be; it stays as history.
    Deleted,
}

/// Why a webhook endpoint is disabled 停用原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::webhook_endpoint::DisabledBecause")]
pub enum WebhookDisabledBecause {
    /// 手动停用: somebody of the merchant did it.
    Merchant,
    /// 对方返回 410: it answered that it is gone.
    Gone,
    /// 连续失败: it took nothing for five days.
    Failing,
}

/// What became of a delivery 推送状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::webhook_delivery::WebhookDeliveryState")]
pub enum WebhookDeliveryState {
    /// 待推送: it is sent, or waits to be sent again.
    Pending,
    /// 已送达: it was taken.
    Delivered,
    /// 失败: it was not taken, and is not sent again by itself.
    Failed,
}

/// What went wrong with an attempt 失败原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::webhook_attempt::WebhookFault")]
pub enum WebhookFault {
    /// 超时: no answer came within 15 seconds.
    TimedOut,
    /// 无法连接: nobody listens there, the name is unknown, or the certificate is not believed.
    NoConnection,
    /// 连接中断: the connection broke before an answer was there.
    ConnectionBroke,
    /// 指向内部网络: the name leads into a private network.
    PrivateAddress,
    /// 地址不可用: the address may not be called.
    NotAllowed,
    /// 重定向: the answer sends us elsewhere; nobody follows.
    Redirected,
    /// 状态码错误: another HTTP status than 2xx.
    WrongStatus,
    /// 已下线: HTTP 410; the endpoint is disabled.
    Gone,
    /// 未返回 success: the shop's answer does not contain the word.
    NoSuccess,
    /// 无法签名: there is no key, or it cannot be opened.
    NotSigned,
    /// 无法生成内容: what is to be sent could not be put together. That is our fault: it is tried again, and the
    /// endpoint is not disabled for it.
    NotComposed,
    /// 推送地址已停用: the endpoint was disabled or deleted before it took it.
    EndpointDisabled,
}

/// What a delivery is 推送类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum WebhookDeliveryKind {
    /// 事件推送: an event, to an endpoint.
    Event,
    /// 异步通知: a paid order, to its shop's own `notifyUrl`.
    NotifyUrl,
}

plain_scalars!(
    WebhookEndpointState,
    WebhookDisabledBecause,
    WebhookDeliveryState,
    WebhookFault,
    WebhookDeliveryKind,
);
