//! The balances of a merchant's accounts at a moment in the past. Never edited.

use sea_orm::entity::prelude::*;

use crate::{LedgerTransactionId, MerchantId};

/// The balances of a merchant's accounts after all transactions with smaller ids. Never edited.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_checkpoints")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// Transactions with smaller ids are in it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub before_id: LedgerTransactionId,
    /// 待结算, credits less debits, in minor units.
    pub pending_minor: i64,
    /// 可用余额, credits less debits, in minor units.
    pub available_minor: i64,
    /// 冻结, credits less debits, in minor units.
    pub reserved_minor: i64,
    /// 预付手续费, credits less debits, in minor units.
    pub prepaid_minor: i64,
    /// 渠道清算, credits less debits, in minor units.
    pub channel_clearing_minor: i64,
    /// 手续费收入, credits less debits, in minor units.
    pub fee_income_minor: i64,
    /// 提现清算, credits less debits, in minor units.
    pub payout_clearing_minor: i64,
    /// 调账, credits less debits, in minor units.
    pub adjustment_minor: i64,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
