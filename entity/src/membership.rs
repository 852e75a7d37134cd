//! A membership: the role that a member of staff has in one merchant.

use sea_orm::entity::prelude::*;

use crate::{Instant, MerchantId, StaffId};

/// What a member of staff may do in a merchant 角色.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Role {
    /// 所有者: everything.
    Owner,
    /// 财务: money, and everything to read.
    Finance,
    /// 客服: orders and members, personal data included.
    Support,
    /// 营销: campaigns and members.
    Marketing,
    /// 只读: everything to read, personal data masked.
    Viewer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Owner,
        Self::Finance,
        Self::Support,
        Self::Marketing,
        Self::Viewer,
    ];

    /// Its name, as tables keep it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "OWNER",
            Self::Finance => "FINANCE",
            Self::Support => "SUPPORT",
            Self::Marketing => "MARKETING",
            Self::Viewer => "VIEWER",
        }
    }
}

/// A membership: the role that a member of staff has in one merchant.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "memberships")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    pub staff_id: StaffId,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub created_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// The memberships of one member of staff, over all merchants.
    #[must_use]
    pub fn of_staff(staff_id: StaffId) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::StaffId.eq(staff_id))
    }
}
