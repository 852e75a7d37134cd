//! A change of a member's tier 等级变更. It is never edited.

use sea_orm::entity::prelude::*;

use crate::{Instant, MemberId, MerchantId, TierChangeId, TierId};

/// Why a member has another tier 变更原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum TierChangeReason {
    /// 升级: they reached it.
    Reached,
    /// 保级: they reached it again when it was due.
    Retained,
    /// 降级: they did not reach it again when it was due.
    Lapsed,
    /// 退款: what they had reached it with was refunded.
    Refunded,
    /// 人工调整: somebody gave it to them.
    Assigned,
    /// 合并: another member became a part of this one.
    Merged,
    /// 等级取消: the tier was taken away.
    Removed,
}

/// A change of a member's tier 等级变更. It is never edited.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tier_changes")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id; it holds when it was made.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TierChangeId,
    /// The member.
    pub member_id: MemberId,
    /// The tier before; none where there was none.
    pub from_tier_id: Option<TierId>,
    /// The tier since; none where there is none.
    pub to_tier_id: Option<TierId>,
    /// Why.
    pub reason: TierChangeReason,
    /// Until when the new one is kept at least.
    pub until: Option<Instant>,
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
