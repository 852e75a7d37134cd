//! The balances of a merchant's accounts now, save for what is in `ledger_unfolded`.

use sea_orm::entity::prelude::*;

use crate::MerchantId;

/// The balances of a merchant's accounts now, save for what is in `ledger_unfolded`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_balances")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// 待结算, credits less debits, in minor units.
    pub pending_minor: i64,
    /// 可用余额, credits less debits, in minor units.
    pub available_minor: i64,
    /// How far below zero late outcomes have taken what is available, in minor units; 0 or less.
    pub available_floor_minor: i64,
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

impl Entity {
    /// The merchants that have a ledger: whose balances are written down every hour.
    #[must_use]
    pub fn merchants() -> sea_orm::Select<Self> {
        use sea_orm::{EntityTrait, QuerySelect};
        Self::find().select_only().column(Column::MerchantId)
    }
}
