//! What members are given on a day of theirs every year 赠礼规则.

use sea_orm::entity::prelude::*;

use crate::{CouponTemplateId, Instant, MerchantId};

/// On which day members are given something 赠礼类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum GrantKind {
    /// 生日礼: the birthday.
    Birthday,
    /// 入会周年礼: the day on which they joined.
    Anniversary,
}

/// What members are given on a day of theirs every year 赠礼规则.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grant_rules")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// On which day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: GrantKind,
    /// How often it was set.
    pub version: i32,
    /// Whether it is given.
    pub enabled: bool,
    /// Points, where it is some.
    pub points: Option<i64>,
    /// A coupon, where it is one.
    pub template_id: Option<CouponTemplateId>,
    /// How many days before.
    pub days_before: i32,
    /// When it was set.
    pub updated_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Rules that give something where nobody looks which days are kept, of all merchants.
    #[must_use]
    pub fn unseen() -> sea_orm::Select<Self> {
        use sea_orm::sea_query::Expr;
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find()
            .filter(Column::Enabled.eq(true))
            .filter(Expr::cust(
                "NOT EXISTS (SELECT 1 FROM loyalty_runs WHERE loyalty_runs.merchant_id = grant_rules.merchant_id \
                 AND loyalty_runs.kind = grant_rules.kind)",
            ))
    }
}
