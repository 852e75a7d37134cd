//! A reconciliation item 对账差异: what does not fit between a payment platform and us, kept for a person.

use sea_orm::entity::prelude::*;

use crate::{
    ChannelId, Instant, MerchantId, OrderId, PayoutId, ReconciliationItemId, ReconciliationRunId,
    RefundId,
};

/// What does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ReconciliationKind {
    /// 金额不符: another amount was paid, refunded or paid out.
    AmountMismatch,
    /// 重复支付: a paid order was paid again.
    SecondPayment,
    /// 迟到支付: a closed order was paid, and the policy is to refund.
    LatePayment,
    /// 流水号重复: the provider reports a number that it gave to another order.
    DuplicateTradeNo,
    /// 平台有本地无: the provider's bill lists what is not known here.
    MissingHere,
    /// 本地有平台无: the provider's bill lacks what is here.
    MissingThere,
    /// 状态不符: paid, refunded or paid out there, and not here, or the other way round.
    StatusMismatch,
    /// 手续费不符: the provider took another fee.
    FeeMismatch,
}

/// How an item was settled 处理方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Resolution {
    /// 已退款: the money went back to the payer.
    Refunded,
    /// 已更正: it was put right here or at the payment platform.
    Corrected,
    /// 跨日: the next day's bill has it.
    Carried,
    /// 已确认: nothing is to be done.
    Accepted,
    /// 核销: it was given up.
    WrittenOff,
}

/// A reconciliation item 对账差异: what does not fit between a payment platform and us, kept for a person.
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
    /// What it is about, so that it is listed once: an order, refund or payout and the provider's number.
    pub reference: String,
    /// The channel.
    pub channel_id: ChannelId,
    /// The order, where one is known.
    pub order_id: Option<OrderId>,
    /// The refund, where it is about one.
    pub refund_id: Option<RefundId>,
    /// The payout, where it is about one.
    pub payout_id: Option<PayoutId>,
    /// The comparison that found it; none where a notification did.
    pub run_id: Option<ReconciliationRunId>,
    /// The provider's own number of the payment; empty where it gave none.
    pub provider_trade_no: String,
    /// What is known here, in minor units.
    pub expected_minor: Option<i64>,
    /// What the provider reports, in minor units.
    pub received_minor: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    /// What else is worth knowing: both states.
    pub detail: Option<String>,
    /// Whether it lies so near midnight that the next day's bill may clear it.
    pub carried: bool,
    /// When it was found.
    pub created_at: Instant,
    /// When it was settled.
    pub resolved_at: Option<Instant>,
    /// Who settled it.
    pub resolved_by: Option<String>,
    /// How it was settled.
    pub resolution: Option<Resolution>,
    /// Why so, in words.
    pub resolution_note: Option<String>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Open items whose payment is to go back to its payer and has no refund yet, of all merchants: the
    /// refund worker's list.
    #[must_use]
    pub fn to_refund() -> sea_orm::Select<Self> {
        use sea_orm::sea_query::{Expr, ExprTrait, Query};
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        let refunds = Query::select()
            .expr(Expr::value(1))
            .from(super::refund::Entity)
            .and_where(
                Expr::col((super::refund::Entity, super::refund::Column::MerchantId))
                    .equals((Self, Column::MerchantId)),
            )
            .and_where(
                Expr::col((
                    super::refund::Entity,
                    super::refund::Column::ReconciliationItemId,
                ))
                .equals((Self, Column::Id)),
            )
            .to_owned();
        Self::find()
            .filter(Column::ResolvedAt.is_null())
            .filter(Column::OrderId.is_not_null())
            .filter(Column::Kind.is_in([
                ReconciliationKind::SecondPayment,
                ReconciliationKind::LatePayment,
            ]))
            .filter(Expr::exists(refunds).not())
    }
}
