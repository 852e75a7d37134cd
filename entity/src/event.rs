//! An event: one change of state, written in its transaction and numbered after its commit.

use sea_orm::entity::prelude::*;

use crate::{EventId, Instant, MerchantId};

/// What happened, as subscribers are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum EventKind {
    /// 下单: an order was made.
    OrderCreated,
    /// 发起支付: an order has a payment code.
    OrderPaymentRequested,
    /// 支付失败: a provider refused an order.
    OrderPaymentFailed,
    /// 支付成功: an order was paid.
    OrderPaid,
    /// 关闭: an order was closed unpaid.
    OrderClosed,
    /// 发货: some or all of an order was delivered.
    OrderFulfilled,
    /// 对账差异: a payment does not fit its order.
    ReconciliationItemOpened,
}

/// An event: one change of state, written in its transaction and numbered after its commit.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EventId,
    /// Its number in the merchant, without gaps; none until it is numbered.
    pub seq: Option<i64>,
    /// What happened.
    pub kind: EventKind,
    /// The row that it happened to; the kind says in which table.
    pub subject_id: i64,
    /// When it happened.
    pub occurred_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Events that no transaction has numbered yet, of all merchants.
    #[must_use]
    pub fn unnumbered() -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::Seq.is_null())
    }
}
