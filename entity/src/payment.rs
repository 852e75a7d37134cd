//! A payment 收款: what an order's payment costs, and when its money becomes available.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, Day, FeeRuleId, Instant, MerchantId, OrderId, SettlementId};

/// A payment 收款: the fee as it was taken, and how much of the rest still waits for its settlement.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The order that was paid.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: OrderId,
    /// The channel that it came through.
    pub channel_id: ChannelId,
    /// What it was paid with.
    pub method: super::channel::PaymentMethod,
    /// The buyer's country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// ISO 4217.
    pub currency: String,
    /// What was paid, in minor units; the fee's base.
    pub paid_minor: i64,
    /// When it was credited here, and the fee was taken.
    pub credited_at: Instant,
    /// Where the money went.
    pub funds_mode: super::channel::FundsMode,
    /// The rule that the fee follows; none where no rule fitted.
    pub fee_rule_id: Option<FeeRuleId>,
    /// The rule's version.
    pub fee_rule_version: Option<i32>,
    /// The rate, in millionths.
    pub fee_rate_ppm: i64,
    /// The fixed part, in minor units.
    pub fee_fixed_minor: i64,
    /// The least fee, in minor units.
    pub fee_min_minor: Option<i64>,
    /// The largest fee, in minor units.
    pub fee_max_minor: Option<i64>,
    /// The fee 手续费, in minor units.
    pub fee_minor: i64,
    /// Whether refunds return the fee, as the channel's terms said then.
    pub returns_fee: bool,
    /// How much of the fee succeeded refunds have returned, in minor units.
    pub fee_returned_minor: i64,
    /// The merchant's day on which it becomes available; none while the calendar does not know it.
    pub settles_on: Option<Day>,
    /// What is still to become available, in minor units.
    pub unsettled_minor: i64,
    /// What refunds in flight hold of what was not settled, in minor units.
    pub pending_reserved_minor: i64,
    /// The settlement that made it available.
    pub settlement_id: Option<SettlementId>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

/// What `payments_unsettled` says of its rows, in its own words: behind a parameter no database finds it.
const UNSETTLED: &str = "\"payments\".\"unsettled_minor\" > 0";

impl Entity {
    /// A merchant's payments with money that still waits for its settlement.
    #[must_use]
    pub fn unsettled_of(merchant_id: MerchantId) -> sea_orm::Select<Self> {
        use sea_orm::QueryFilter;
        use sea_orm::sea_query::Expr;
        Self::of(merchant_id).filter(Expr::cust(UNSETTLED))
    }

    /// Every merchant with its time zone, the first day up to `day` on which money of it is due, and
    /// whether some has no day yet: the settlement worker's list. Two looks into the index of unsettled
    /// payments for each merchant.
    #[must_use]
    pub fn waiting(day: Day) -> sea_orm::Select<super::merchant::Entity> {
        use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
        use sea_orm::{EntityTrait, QuerySelect};
        let unsettled = |condition: Expr| -> SelectStatement {
            let of_merchant = Expr::col((Self, Column::MerchantId))
                .equals((super::merchant::Entity, super::merchant::Column::Id));
            Query::select()
                .from(Self)
                .and_where(of_merchant)
                .and_where(Expr::cust(UNSETTLED))
                .and_where(condition)
                .limit(1)
                .to_owned()
        };
        let first = unsettled(Column::SettlesOn.lte(day))
            .column(Column::SettlesOn)
            .order_by(Column::SettlesOn, sea_orm::Order::Asc)
            .to_owned();
        let nameless = unsettled(Column::SettlesOn.is_null())
            .expr(Expr::value(1))
            .to_owned();
        super::merchant::Entity::find()
            .select_only()
            .column(super::merchant::Column::Id)
            .column(super::merchant::Column::TimeZone)
            .expr_as(Expr::SubQuery(None, Box::new(first.into())), "first_day")
            .expr_as(Expr::exists(nameless), "nameless")
    }
}
