//! A member in a snapshot of a segment.

use sea_orm::entity::prelude::*;

use crate::{MemberId, MerchantId, SegmentId};

/// A member in a snapshot of a segment.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "segment_members")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The segment.
    #[sea_orm(primary_key, auto_increment = false)]
    pub segment_id: SegmentId,
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: MemberId,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
