//! An import 导入 of members from a file.

use sea_orm::entity::prelude::*;

use crate::{MemberImportId, MerchantId};

/// An import 导入 of members from a file.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_imports")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id; it holds when it was made.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MemberImportId,
    /// Who did it.
    pub created_by: String,
    /// How many rows there were.
    pub total: i32,
    /// How many members were made.
    pub added: i32,
    /// How many were changed, or were so already.
    pub changed: i32,
    /// How many were said to agree who had withdrawn: they do not.
    pub consent_kept: i32,
    /// How many rows were refused.
    pub failed: i32,
    /// Which rows were refused, and why: JSON.
    #[sea_orm(column_type = "Text")]
    pub report: String,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
