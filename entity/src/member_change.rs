//! A change 变更 of who a member is.

use sea_orm::entity::prelude::*;

use crate::{MemberChangeId, MemberId, MerchantId};

/// What was done with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum MemberChangeKind {
    /// 新增: they were made by name, not by an order.
    Created,
    /// 修改: their profile was changed.
    Updated,
    /// 同意营销: they agreed to be written to.
    Consented,
    /// 撤回同意: they do not want to be written to.
    Withdrawn,
    /// 导入: a file made or changed them.
    Imported,
    /// 合并: another member became a part of this one.
    Merged,
    /// 删除个人信息: what named them was erased.
    Erased,
}

/// A change 变更 of who a member is.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_changes")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id; it holds when it was made.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MemberChangeId,
    /// The member.
    pub member_id: MemberId,
    /// What was done.
    pub kind: MemberChangeKind,
    /// Which fields were changed: names alone, separated by commas.
    pub fields: String,
    /// Who did it.
    pub actor: String,
    /// What is worth knowing beside it.
    pub note: Option<String>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
