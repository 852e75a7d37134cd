//! A payout schedule 自动提现: what leaves by itself, when, and how much stays.

use sea_orm::entity::prelude::*;

use crate::{BankAccountId, Instant, MerchantId};

/// How often a schedule runs 频率.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum PayoutCadence {
    /// 每日.
    Daily,
    /// 每周.
    Weekly,
    /// 每月.
    Monthly,
}

/// A payout schedule 自动提现: what leaves by itself, when, and how much stays.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payout_schedules")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// Where the money goes.
    pub bank_account_id: BankAccountId,
    /// How often.
    pub cadence: PayoutCadence,
    /// The day of the week (1 Monday to 7 Sunday) or of the month (1 to 31, the last where it is shorter).
    pub day: Option<i16>,
    /// The minute of the day, in the merchant's zone.
    pub at_minute: i16,
    /// What stays available, in minor units.
    pub retained_minor: i64,
    /// What is not worth a payout: below it nothing leaves, in minor units.
    pub min_minor: i64,
    /// Counts changes.
    pub version: i32,
    /// Who set it.
    pub set_by: String,
    /// When.
    pub set_at: Instant,
    /// Whether it rests.
    pub paused: bool,
    /// When it runs next.
    pub next_at: Option<Instant>,
    /// When it ran last.
    pub last_at: Option<Instant>,
    /// What came of the last run: a payout's id, or why there was none.
    pub last_outcome: Option<String>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Schedules that are to run, of all merchants: the worker's list.
    #[must_use]
    pub fn due(now: Instant) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::NextAt.lte(now))
    }
}
