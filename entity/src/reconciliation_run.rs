//! A reconciliation run 对账批次: one daily bill of one channel, compared with what is here.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, Day, Instant, MerchantId, ReconciliationRunId};

/// How a bill is written 账单格式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum BillFormat {
    /// 微信支付交易账单: CSV.
    WechatPay,
    /// 支付宝业务明细: CSV.
    Alipay,
    /// 易支付订单列表: JSON.
    Epay,
    /// 易支付代付记录: JSON.
    EpayTransfers,
}

/// A reconciliation run 对账批次: one daily bill of one channel, compared with what is here.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reconciliation_runs")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReconciliationRunId,
    /// The channel.
    pub channel_id: ChannelId,
    /// How the bill is written.
    pub format: BillFormat,
    /// The bill's day.
    pub bill_on: Day,
    /// SHA-256 of the bill: the same bill is compared once.
    pub file_hash: Vec<u8>,
    /// How many payments and refunds, or transfers, the bill lists.
    pub rows: i32,
    /// How many of them fit.
    pub matched: i32,
    /// How many differences were found.
    pub differences: i32,
    /// How many differences of earlier days it cleared.
    pub carried: i32,
    /// Who imported it.
    pub imported_by: String,
    /// When it was imported.
    pub imported_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
