//! A segment 会员分群: members of whom something is true.

use sea_orm::entity::prelude::*;

use crate::{Instant, MerchantId, SegmentId};

/// Whether a segment follows its rules 分群类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum SegmentKind {
    /// 动态: whoever the rules hold for when it is asked.
    Rules,
    /// 静态: whoever they held for when it was taken.
    Snapshot,
}

/// A segment 会员分群: members of whom something is true.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "segments")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SegmentId,
    /// Its name, unique in the merchant while it is there.
    pub name: String,
    /// Whether it follows its rules.
    pub kind: SegmentKind,
    /// How often it was set.
    pub version: i32,
    /// Its rules: JSON.
    #[sea_orm(column_type = "Text")]
    pub rules: String,
    /// How many are in a snapshot.
    pub members: Option<i64>,
    /// When a snapshot was taken.
    pub snapshot_at: Option<Instant>,
    /// Who made it.
    pub created_by: String,
    /// When it was changed.
    pub updated_at: Instant,
    /// When it was taken away.
    pub removed_at: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
