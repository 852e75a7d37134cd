//! What a member was given for a year 赠礼记录.

use sea_orm::entity::prelude::*;

use crate::grant_rule::GrantKind;
use crate::{CouponId, MemberGrantId, MemberId, MerchantId};

/// What a member was given for a year 赠礼记录.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_grants")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: MemberId,
    /// For which day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: GrantKind,
    /// Of which year.
    #[sea_orm(primary_key, auto_increment = false)]
    pub year: i32,
    /// The id; it holds when it was given.
    pub id: MemberGrantId,
    /// How many points.
    pub points: Option<i64>,
    /// Which coupon.
    pub coupon_id: Option<CouponId>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
