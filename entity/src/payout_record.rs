//! An entry of what happened to a payout: append-only.

use sea_orm::entity::prelude::*;

use crate::{Instant, MerchantId, PayoutId};

/// What happened to a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum PayoutRecordKind {
    /// 申请: it was asked for.
    Requested,
    /// 审批通过: a second person agreed.
    Approved,
    /// 驳回: a second person said no.
    Rejected,
    /// 取消: it was called off.
    Canceled,
    /// 已提交: it was about to be sent to the payment platform.
    Sent,
    /// 结果未知: the platform gave no clear answer.
    Unknown,
    /// 到账: the bank had it.
    Paid,
    /// 失败: it failed.
    Failed,
    /// 退票: the bank returned it.
    Returned,
}

/// An entry of what happened to a payout: append-only.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payout_records")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The payout.
    #[sea_orm(primary_key, auto_increment = false)]
    pub payout_id: PayoutId,
    /// Which of its entries it is, from 1 on.
    #[sea_orm(primary_key, auto_increment = false)]
    pub no: i32,
    /// What happened.
    pub kind: PayoutRecordKind,
    /// When it happened.
    pub happened_at: Instant,
    /// Who did it: an id of staff, or `platform`; none where the payment platform did.
    pub actor: Option<String>,
    /// What was said.
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
