//! A merchant 商户: the tenant that every other row belongs to.

use sea_orm::entity::prelude::*;

use super::membership::Role;
use crate::{Instant, MerchantId};

/// Whether a merchant may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum MerchantStatus {
    /// Everything works.
    Active,
    /// Reads only: no new orders.
    Suspended,
    /// Nobody signs in.
    Closed,
}

/// What becomes of a payment that comes after its order was closed 迟到支付.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum LatePaymentPolicy {
    /// The order becomes PAID, flagged as late.
    Accept,
    /// The order becomes PAID, flagged as late, and is listed to be refunded.
    AutoRefund,
}

/// A merchant 商户: the tenant that every other row belongs to.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "merchants")]
pub struct Model {
    /// Its id; `merchant_id` everywhere else.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MerchantId,
    /// Its name, as its staff know it.
    pub name: String,
    /// An IANA time zone; days, weeks and months follow it.
    pub time_zone: String,
    /// ISO 4217; every order of the merchant is in it.
    pub currency: String,
    /// The language of what it is told: `zh-CN` or `en`.
    pub locale: String,
    /// Whether it may act.
    pub status: MerchantStatus,
    /// What becomes of a payment that comes after its order was closed.
    pub late_payment_policy: LatePaymentPolicy,
    /// When it joined.
    pub created_at: Instant,
    /// How the days until a settlement are counted, where a channel says nothing else.
    pub settlement_cycle: super::channel::SettlementCycle,
    /// How many of these days.
    pub settlement_days: i16,
    /// Refunds above this amount wait for a second person, in minor units; none where none do.
    pub refund_approval_above_minor: Option<i64>,
    /// The roles whose refunds always wait for a second person, separated by spaces.
    pub refund_approval_roles: String,
    /// Payouts above this amount wait for a second person, in minor units; none where none do.
    pub payout_approval_above_minor: Option<i64>,
    /// Above which amount they waited before that was raised or taken away, in minor units.
    pub payout_approval_before_minor: Option<i64>,
    /// Until when that holds beside it.
    pub payout_approval_before_until: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The roles whose refunds always wait for a second person.
    #[must_use]
    pub fn approval_roles(&self) -> Vec<Role> {
        let listed = |role: &Role| {
            let mut names = self.refund_approval_roles.split(' ');
            names.any(|name| name == role.name())
        };
        Role::ALL.into_iter().filter(listed).collect()
    }
}

impl Entity {
    /// One merchant's own row.
    #[must_use]
    pub fn of(id: MerchantId) -> sea_orm::Select<Self> {
        Self::find().filter(Column::Id.eq(id))
    }

    /// An update of one merchant's own row.
    #[must_use]
    pub fn update_of(id: MerchantId) -> sea_orm::UpdateMany<Self> {
        Self::update_many().filter(Column::Id.eq(id))
    }

    /// Every merchant, for what happens to all of them by itself.
    #[must_use]
    pub fn all() -> sea_orm::Select<Self> {
        Self::find()
    }
}
