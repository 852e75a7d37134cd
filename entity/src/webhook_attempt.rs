//! An attempt 推送尝试: a delivery was sent once, and this came back.

use sea_orm::entity::prelude::*;

use crate::{Instant, MerchantId, WebhookDeliveryId};

/// What went wrong with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum WebhookFault {
    /// 超时: no answer came in time.
    TimedOut,
    /// 无法连接: nobody listens there, the name is unknown, or the certificate is not believed.
    NoConnection,
    /// 连接中断: the connection broke before an answer was there.
    ConnectionBroke,
    /// 指向内部网络: the name leads into a private network.
    PrivateAddress,
    /// 地址不可用: the address may not be called any more.
    NotAllowed,
    /// 重定向: the answer sends us elsewhere, where nobody follows.
    Redirected,
    /// 状态码错误: another HTTP status than 2xx.
    WrongStatus,
    /// 已下线: HTTP 410.
    Gone,
    /// 未返回 success: the shop did not answer with the word.
    NoSuccess,
    /// 无法签名: there is no key, or it cannot be opened.
    NotSigned,
    /// 无法生成内容: what is to be sent could not be put together.
    NotComposed,
    /// 推送地址已停用: the endpoint was disabled or deleted before it was taken.
    EndpointDisabled,
}

/// An attempt 推送尝试: a delivery was sent once, and this came back.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_attempts")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// Of which delivery.
    #[sea_orm(primary_key, auto_increment = false)]
    pub delivery_id: WebhookDeliveryId,
    /// Counts the delivery's attempts from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub no: i32,
    /// When it was sent.
    pub attempted_at: Instant,
    /// How long the answer took, in milliseconds.
    pub took_ms: i32,
    /// The HTTP status; none where no answer came.
    pub status: Option<i32>,
    /// What went wrong; none where it was taken.
    pub error: Option<WebhookFault>,
    /// The beginning of the answer's body.
    pub answer: Option<String>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
