//! A ledger transaction 记账凭证: entries whose debits equal their credits. Never edited.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Instant, LedgerTransactionId, MerchantId};

/// What a ledger transaction is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LedgerSource {
    /// 收款: a payment; the id is the order's.
    Payment,
    /// 多付: a payment that belongs to no order; the id is the reconciliation item's.
    ExtraPayment,
    /// 结算: money that became available; the id is the settlement's.
    Settlement,
    /// 退款: the id is the refund's.
    Refund,
    /// 提现: the id is the payout's.
    Payout,
    /// 账户验证: the small amount that checks a bank account; the id is the account's.
    BankAccount,
    /// 调账: a correction by the platform's staff.
    Adjustment,
}

/// Which step of it. A step of a source is posted once a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum LedgerStep {
    /// 入账: the payment arrived.
    Credited,
    /// 解冻: pending money became available.
    Released,
    /// 冻结: money was set aside.
    Reserved,
    /// 出账: what was set aside has left.
    Settled,
    /// 退回: what was set aside came back.
    Canceled,
    /// 冲正: what had left came back.
    Reversed,
    /// 调账: corrected.
    Adjusted,
}

/// A ledger transaction 记账凭证: entries whose debits equal their credits. Never edited.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_transactions")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id, time-ordered.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LedgerTransactionId,
    /// What it is about.
    pub source: LedgerSource,
    /// The row that it is about; the source says in which table.
    pub source_id: i64,
    /// Which step of it.
    pub step: LedgerStep,
    /// Which time, from 1: a refund that is retried is set aside again.
    pub round: i16,
    /// ISO 4217.
    pub currency: String,
    /// The sum of its debits, which is that of its credits, in minor units.
    pub amount_minor: i64,
    /// When it was posted; the instant in its id.
    pub posted_at: Instant,
    /// Why, in words, where a person decided it.
    pub note: Option<String>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// What is no payment: the few among the many, which have an index of their own.
    #[must_use]
    pub fn but_payments(merchant_id: MerchantId) -> sea_orm::Select<Self> {
        use sea_orm::QueryFilter;
        use sea_orm::sea_query::Expr;
        // The index's own words: behind a parameter no database finds it.
        let words = "\"ledger_transactions\".\"source\" <> 'PAYMENT'";
        Self::of(merchant_id).filter(Expr::cust(words))
    }
}
