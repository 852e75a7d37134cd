//! A tier 会员等级: what it takes, and what it brings.

use sea_orm::entity::prelude::*;

use crate::{CouponTemplateId, Instant, MerchantId, TierId};

/// What becomes of who does not reach a tier any more 降级规则.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum DowngradeRule {
    /// 按实际降级: they have the tier that they reach.
    Qualified,
    /// 逐级降级: they have the next lower tier.
    OneStep,
}

/// A tier 会员等级: what it takes, and what it brings.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tiers")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TierId,
    /// Its place; the higher, the better.
    pub rank: i32,
    /// Its name.
    pub name: String,
    /// Its name in English.
    pub name_en: Option<String>,
    /// How often it was set.
    pub version: i32,
    /// Who has spent so much reaches it, in minor units.
    pub spend_minor: Option<i64>,
    /// Who has earned so many points reaches it.
    pub points: Option<i64>,
    /// Who has paid for so many orders reaches it.
    pub orders: Option<i64>,
    /// In so many days, today included; none for all time.
    pub window_days: Option<i32>,
    /// How many days it is kept once reached; none for ever.
    pub retention_days: Option<i32>,
    /// What becomes of who does not reach it any more, when it is kept no longer.
    pub downgrade: DowngradeRule,
    /// What comes off at the checkout, in millionths.
    pub discount_ppm: i32,
    /// Whether that comes off only where nothing else does.
    pub discount_exclusive: bool,
    /// How many points are earned, in millionths of the usual ones.
    pub multiplier_ppm: i32,
    /// Points on the birthday.
    pub birthday_points: Option<i64>,
    /// A coupon on the birthday.
    pub birthday_template_id: Option<CouponTemplateId>,
    /// Whether they are served first.
    pub priority: bool,
    /// What else it brings, in words.
    pub perks: Option<String>,
    /// The same in English.
    pub perks_en: Option<String>,
    /// When it was set.
    pub updated_at: Instant,
    /// When it was taken away.
    pub removed_at: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Tiers that bring something on the birthday, of all merchants that have set nothing about birthdays themselves and
    /// where nobody looks for them yet.
    #[must_use]
    pub fn with_unseen_birthdays() -> sea_orm::Select<Self> {
        use sea_orm::sea_query::Expr;
        use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
        let brings = Condition::any()
            .add(Column::BirthdayPoints.is_not_null())
            .add(Column::BirthdayTemplateId.is_not_null());
        Self::find()
            .filter(Column::RemovedAt.is_null())
            .filter(brings)
            .filter(Expr::cust(
                "NOT EXISTS (SELECT 1 FROM grant_rules WHERE grant_rules.merchant_id = tiers.merchant_id \
                 AND grant_rules.kind = 'BIRTHDAY')",
            ))
            .filter(Expr::cust(
                "NOT EXISTS (SELECT 1 FROM loyalty_runs WHERE loyalty_runs.merchant_id = tiers.merchant_id \
                 AND loyalty_runs.kind = 'BIRTHDAY')",
            ))
    }

    /// Tiers of all merchants where nobody looks at night who has them.
    #[must_use]
    pub fn unseen() -> sea_orm::Select<Self> {
        use sea_orm::sea_query::Expr;
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find()
            .filter(Column::RemovedAt.is_null())
            .filter(Expr::cust(
                "NOT EXISTS (SELECT 1 FROM loyalty_runs WHERE loyalty_runs.merchant_id = tiers.merchant_id \
                 AND loyalty_runs.kind = 'TIERS')",
            ))
    }
}
