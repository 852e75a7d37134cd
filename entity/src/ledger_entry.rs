//! A ledger entry 分录: a positive amount with a direction in one account. Never edited.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{LedgerTransactionId, MerchantId};

/// An account of the ledger 账户. The first four are the merchant's, the others the platform's with it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LedgerAccount {
    /// 待结算: paid, not settled yet.
    Pending,
    /// 可用余额: may be refunded and paid out.
    Available,
    /// 冻结: set aside for refunds and payouts in flight.
    Reserved,
    /// 预付手续费: what fees of direct-settlement channels are taken from.
    Prepaid,
    /// 渠道清算: what channels owe.
    ChannelClearing,
    /// 手续费收入: fees taken.
    FeeIncome,
    /// 提现清算: what was paid out.
    PayoutClearing,
    /// 调账: the other side of corrections.
    Adjustment,
}

/// The side of an account 借贷方向.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Direction {
    /// 借.
    Debit,
    /// 贷.
    Credit,
}

/// A ledger entry 分录: a positive amount with a direction in one account. Never edited.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_entries")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The transaction.
    #[sea_orm(primary_key, auto_increment = false)]
    pub transaction_id: LedgerTransactionId,
    /// The account.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account: LedgerAccount,
    /// The side.
    pub direction: Direction,
    /// How much, in minor units; always positive.
    pub amount_minor: i64,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
