//! A refund 退款: money back to the payer. Its id's digits are its number at the payment platform.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{ChannelId, Instant, MemberId, MerchantId, OrderId, ReconciliationItemId, RefundId};

/// What a refund gives back.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefundKind {
    /// 退款: a part or all of an order's payment.
    Order,
    /// 多付退回: a payment that the order did not need; it does not count against the order.
    ExtraPayment,
}

/// Where a refund stands 退款状态.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefundStatus {
    /// 待审批: a second person has to agree.
    AwaitingApproval,
    /// 已驳回: the second person said no.
    Rejected,
    /// 退款中: the payment platform is asked, or works on it.
    Processing,
    /// 结果未知: the payment platform gave no clear answer; nothing is assumed.
    Unknown,
    /// 退款异常: the payment platform cannot bring the money to the payer.
    Abnormal,
    /// 退款成功.
    Succeeded,
    /// 退款失败: the payment platform refused; it may be retried under the same number.
    Failed,
    /// 退款退回: it had succeeded, and the bank returned it.
    Reversed,
}

/// Why a refund is made 退款原因.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefundReason {
    /// 买家要求.
    CustomerRequest,
    /// 缺货.
    OutOfStock,
    /// 与描述不符或质量问题.
    NotAsDescribed,
    /// 未收到货.
    NotReceived,
    /// 差价.
    PriceAdjustment,
    /// 重复支付.
    DuplicatePayment,
    /// 关单后支付.
    LatePayment,
    /// 疑似欺诈.
    Fraud,
    /// 其他.
    Other,
}

/// A refund 退款: money back to the payer. Its id's digits are its number at the payment platform.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refunds")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id, time-ordered; its decimal digits are the refund number.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RefundId,
    /// What it gives back.
    pub kind: RefundKind,
    /// The order.
    pub order_id: OrderId,
    /// The member who made the order; it follows the order's own.
    pub member_id: Option<MemberId>,
    /// The channel that the payment came through.
    pub channel_id: ChannelId,
    /// What was paid with.
    pub method: super::channel::PaymentMethod,
    /// The provider's own number of the payment.
    pub provider_trade_no: Option<String>,
    /// The item that asked for it, where no person did.
    pub reconciliation_item_id: Option<ReconciliationItemId>,
    /// ISO 4217.
    pub currency: String,
    /// What the payer gets, in minor units.
    pub amount_minor: i64,
    /// Where it stands.
    pub state: RefundStatus,
    /// Why.
    pub reason: RefundReason,
    /// Why, in words.
    pub reason_text: Option<String>,
    /// Who asked for it: an id of staff or of an API key, `system`.
    pub requested_by: String,
    /// Who approved or rejected it.
    pub decided_by: Option<String>,
    /// When it was approved or rejected.
    pub decided_at: Option<Instant>,
    /// How often money was set aside for it: once, and once for each retry.
    pub round: i16,
    /// How often the provider may have been asked in this round.
    pub attempts: i32,
    /// Counts the claims: an outcome counts only from the claim that is the last.
    pub lease: i32,
    /// When it was last sent to the provider, or may have been; written before it is sent.
    pub sent_at: Option<Instant>,
    /// A hash of the platform and the account there that it was first sent through: no other is asked about it. None
    /// where it was never sent.
    pub sent_through: Option<Vec<u8>>,
    /// When a worker takes it up next.
    pub next_attempt_at: Option<Instant>,
    /// Whether a person has to look at it.
    pub needs_attention: bool,
    /// The provider's own number of the refund.
    pub provider_refund_no: Option<String>,
    /// The provider's code of what went wrong.
    pub error_code: Option<String>,
    /// What went wrong, in the provider's words.
    pub error: Option<String>,
    /// How much of the fee came back with it, in minor units.
    pub fee_returned_minor: i64,
    /// When it succeeded.
    pub succeeded_at: Option<Instant>,
    /// When anything last changed.
    pub updated_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Refunds that a worker has to take up, of all merchants: the refund worker's list.
    #[must_use]
    pub fn due(now: Instant) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::NextAttemptAt.lte(now))
    }
}
