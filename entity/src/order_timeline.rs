//! An entry of an order's timeline: append-only.

use sea_orm::entity::prelude::*;

use crate::{Instant, MerchantId, OrderId, TimelineEntryId};

/// What happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum TimelineKind {
    /// 下单: the shop made it.
    Created,
    /// 发起支付: the provider gave a payment code.
    PaymentRequested,
    /// 支付失败: the provider refused.
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
    /// 重复支付: it was paid twice; the second is to be refunded.
    SecondPayment,
    /// 申请退款: a refund was asked for.
    RefundRequested,
    /// 退款审批通过: a second person agreed.
    RefundApproved,
    /// 退款驳回: a second person said no.
    RefundRejected,
    /// 退款成功: the payer has money back.
    RefundSucceeded,
    /// 退款失败: the provider refused.
    RefundFailed,
    /// 退款结果未知: the provider gave no clear answer.
    RefundUnknown,
    /// 退款异常: the provider cannot bring the money to the payer.
    RefundAbnormal,
    /// 重试退款: it was sent again under its number.
    RefundRetried,
    /// 退款退回: the bank returned it.
    RefundReversed,
}

/// An entry of an order's timeline: append-only.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_timeline")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: OrderId,
    /// The id, time-ordered.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TimelineEntryId,
    /// What happened.
    pub kind: TimelineKind,
    /// Who did it: an id of staff or of an API key, `provider`, `system`.
    pub actor: String,
    /// What is worth knowing beside it: a tracking number, a reason.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    /// When it happened.
    pub occurred_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
