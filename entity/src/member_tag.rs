//! A tag 标签 that a merchant has put on a member.

use sea_orm::entity::prelude::*;

use crate::{MemberId, MerchantId};

/// A tag 标签 that a merchant has put on a member.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_tags")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: MemberId,
    /// The tag.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag: String,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
