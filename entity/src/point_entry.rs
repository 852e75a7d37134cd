//! An entry of the points' ledger 积分流水. It is never edited.

use sea_orm::entity::prelude::*;

use crate::{MemberId, MerchantId, PointEntryId, PointLotId};

/// What happened to points 变动类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum PointKind {
    /// 获得: an order was paid.
    Earned,
    /// 解冻: they can be spent from now on.
    Released,
    /// 抵扣: an order was paid with them.
    Spent,
    /// 退回: what was spent on an order or a reward came back.
    Restored,
    /// 扣回: an order that earned them was refunded.
    ClawedBack,
    /// 恢复: a refund that had clawed them back was returned by the bank.
    Returned,
    /// 过期: they ended.
    Expired,
    /// 人工调整: somebody gave or took them.
    Adjusted,
    /// 赠送: a birthday or an anniversary.
    Granted,
    /// 兑换: a reward was taken.
    Redeemed,
    /// 合并: they came from, or went to, another member.
    Merged,
    /// 补扣: they went against what was owed.
    Repaid,
}

/// An entry of the points' ledger 积分流水. It is never edited.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "point_entries")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id; it holds when it was made.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PointEntryId,
    /// Whose points.
    pub member_id: MemberId,
    /// Of which lot; none where it is of what is owed alone.
    pub lot_id: Option<PointLotId>,
    /// What happened.
    pub kind: PointKind,
    /// By how many those that can be spent have changed.
    pub points: i64,
    /// By how many those that cannot be spent yet have changed.
    pub pending: i64,
    /// By how many those that are owed have changed.
    pub owed: i64,
    /// How many could be spent afterwards.
    pub balance: i64,
    /// The order, refund, reward redemption or gift that it is for.
    pub source_id: Option<i64>,
    /// Which time, where the same happens again.
    pub round: i32,
    /// Who did it.
    pub actor: String,
    /// What they said of it.
    pub note: Option<String>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
