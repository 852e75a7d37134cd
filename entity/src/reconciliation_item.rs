//! A reconciliation item 对账差异: a payment that does not fit its order, kept for a person.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, Instant, MerchantId, OrderId, ReconciliationItemId};

/// What does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ReconciliationKind {
    /// 金额不符: another amount was paid.
    AmountMismatch,
    /// 重复支付: a paid order was paid again.
    SecondPayment,
    /// 迟到支付: a closed order was paid, and the policy is to refund.
    LatePayment,
    /// 流水号重复: the provider reports a number that it gave to another order.
    DuplicateTradeNo,
}

/// A reconciliation item 对账差异: a payment that does not fit its order, kept for a person.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reconciliation_items")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReconciliationItemId,
    /// What does not fit.
    pub kind: ReconciliationKind,
    /// The order.
    pub order_id: OrderId,
    /// The channel that reported the payment.
    pub channel_id: ChannelId,
    /// The provider's own number of the payment.
    pub provider_trade_no: String,
    /// What the order asks for, in minor units.
    pub expected_minor: i64,
    /// What the provider reports, in minor units.
    pub received_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// When it was found.
    pub created_at: Instant,
    /// When a person settled it.
    pub resolved_at: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
