//! An order 订单. When it was made is in its id, which is why lists of orders need no other index.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{ChannelId, Instant, MemberId, MerchantId, OrderId, TierId};

/// The payment axis of an order 支付状态.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentState {
    /// 待支付: waiting for the payer.
    Pending,
    /// 已支付: for good.
    Paid,
    /// 支付失败: the provider refused; a new attempt opens it again.
    Failed,
    /// 已关闭: no payment is expected any more.
    Closed,
}

/// The refund axis of an order 退款状态.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefundState {
    /// 无退款: nothing was refunded.
    None,
    /// 部分退款: a part was refunded.
    Partial,
    /// 全额退款: everything was refunded.
    Full,
}

/// The fulfilment axis of an order 履约状态.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum PaymentCodeKind {
    /// A link to open.
    Url,
    /// The text of a QR code 二维码 to show.
    QrCode,
    /// A link that opens an app.
    Scheme,
    /// A page to render.
    Html,
}

/// An order 订单. When it was made is in its id, which is why lists of orders need no other index.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id, time-ordered; its decimal digits are our order number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrderId,
    /// The shop's own number, unique in the merchant.
    pub merchant_order_no: String,
    /// What was bought, in a line.
    pub title: String,
    /// ISO 4217.
    pub currency: String,
    /// The sum of the lines, in minor units.
    pub amount_minor: i64,
    /// What was taken off, in minor units.
    pub discount_minor: i64,
    /// What was paid, in minor units; 0 until paid, then amount − discount.
    pub paid_minor: i64,
    /// The channel it is paid through.
    pub channel_id: ChannelId,
    /// What the payer pays with.
    pub method: super::channel::PaymentMethod,
    /// The buyer's country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The payment axis.
    pub payment_state: PaymentState,
    /// The refund axis, derived from succeeded refunds.
    pub refund_state: RefundState,
    /// The fulfilment axis.
    pub fulfillment_state: FulfillmentState,
    /// Whether it was paid after it had been closed.
    pub late: bool,
    /// The provider's own number, unique in the channel.
    pub provider_trade_no: Option<String>,
    /// When it was paid.
    pub paid_at: Option<Instant>,
    /// When it closes if unpaid.
    pub expires_at: Instant,
    /// When it was closed.
    pub closed_at: Option<Instant>,
    /// When everything had been delivered.
    pub fulfilled_at: Option<Instant>,
    /// How the payment code is used.
    pub payment_code_kind: Option<PaymentCodeKind>,
    /// What the payer is shown.
    #[sea_orm(column_type = "Text", nullable)]
    pub payment_code: Option<String>,
    /// Name and telephone of the buyer, sealed.
    #[sea_orm(nullable)]
    pub sealed_buyer: Option<Vec<u8>>,
    /// When the provider is asked next whether it was paid.
    pub next_query_at: Option<Instant>,
    /// How often it was asked.
    pub query_attempts: i16,
    /// When anything last changed.
    pub updated_at: Instant,
    /// What succeeded refunds have given back, in minor units.
    pub refunded_minor: i64,
    /// What refunds in flight will give back, in minor units.
    pub refunding_minor: i64,
    /// Who buys, where the shop named a member.
    pub member_id: Option<MemberId>,
    /// The tier that they had when it was made.
    pub tier_id: Option<TierId>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Unpaid orders whose provider is to be asked, of all merchants: the payment worker's list.
    #[must_use]
    pub fn due(now: Instant) -> sea_orm::Select<Self> {
        Self::find().filter(Column::NextQueryAt.lte(now))
    }

    /// Orders whose buyer is known, of all merchants: what is sealed again when the master key changes.
    #[must_use]
    pub fn sealed() -> sea_orm::Select<Self> {
        Self::find().filter(Column::SealedBuyer.is_not_null())
    }
}
