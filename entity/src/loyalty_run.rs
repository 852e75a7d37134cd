//! How far what is done with all members of a merchant every day has come.

use sea_orm::entity::prelude::*;

use crate::{Day, Instant, MerchantId};

/// What is done with all members every day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum LoyaltyRunKind {
    /// Tiers are looked at again.
    Tiers,
    /// Gifts for birthdays are handed out.
    Birthday,
    /// Gifts for the day on which members joined are.
    Anniversary,
}

/// How far what is done with all members of a merchant every day has come.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "loyalty_runs")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// What is done.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: LoyaltyRunKind,
    /// The day that it is done for.
    pub day: Day,
    /// The last member that it was done with; 0 at the beginning.
    pub after_id: i64,
    /// When it is gone on with.
    pub next_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Runs of a kind that are to be gone on with, of all merchants: the worker's list.
    #[must_use]
    pub fn due(kind: LoyaltyRunKind, now: Instant) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find()
            .filter(Column::NextAt.lte(now))
            .filter(Column::Kind.eq(kind))
    }
}
