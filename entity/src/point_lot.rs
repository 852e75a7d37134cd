//! A lot 积分批次: points that came together, and end together. What is left lies within what came.

use sea_orm::entity::prelude::*;

use sea_orm::sea_query::Expr;

use crate::{Instant, MemberId, MerchantId, PointLotId};

/// Where points came from 积分来源.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum PointOrigin {
    /// 消费: an order.
    Order,
    /// 人工调整: somebody gave them.
    Adjustment,
    /// 生日礼: the birthday.
    Birthday,
    /// 入会周年礼: the day on which they joined.
    Anniversary,
    /// 退回: they were spent, given back, and had ended meanwhile.
    Restored,
    /// 导入: a balance from elsewhere.
    Import,
}

/// A lot 积分批次: points that came together, and end together. What is left lies within what came.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "point_lots")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id; it holds when it came.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PointLotId,
    /// Whose they are.
    pub member_id: MemberId,
    /// Where they came from.
    pub origin: PointOrigin,
    /// The order, the gift or the entry that they came from.
    pub source_id: Option<i64>,
    /// How many came.
    pub earned: i64,
    /// How many are left.
    pub remaining: i64,
    /// From when they can be spent; none once they can.
    pub releases_at: Option<Instant>,
    /// When they end; none for never.
    pub expires_at: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Lots that have ended with something left, of all merchants: the worker's list.
    #[must_use]
    pub fn ended(now: Instant) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find()
            .filter(Expr::cust(LEFT))
            .filter(Column::ExpiresAt.is_not_null())
            .filter(Column::ExpiresAt.lte(now))
    }

    /// Lots that can be spent from now on, of all merchants: the worker's list.
    #[must_use]
    pub fn releasable(now: Instant) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find()
            .filter(Column::ReleasesAt.is_not_null())
            .filter(Column::ReleasesAt.lte(now))
    }
}

/// Something is left: in the words of the indexes, which a bound value would not be.
pub const LEFT: &str = "point_lots.remaining > 0";
