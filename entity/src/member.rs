//! A member 会员: somebody whom the shop knows again.

use sea_orm::entity::prelude::*;

use crate::channel::PaymentMethod;
use crate::{ChannelId, Instant, MemberId, MerchantId, OrderId, TierId};

/// A member 会员: somebody whom the shop knows again.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "members")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id; it holds when the member was first named here.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MemberId,
    /// The shop's own number 会员号, unique in the merchant.
    pub member_no: String,
    /// The first of their orders that was paid.
    pub first_order_id: Option<OrderId>,
    /// When it was paid.
    pub first_paid_at: Option<Instant>,
    /// The channel that it was paid through. This and the next three are the order's, kept where new members are counted.
    pub first_channel_id: Option<ChannelId>,
    /// What it was paid with.
    pub first_method: Option<PaymentMethod>,
    /// The buyer's country in it, where it was known.
    pub first_country: Option<String>,
    /// The tier that they had when it was made.
    pub first_tier_id: Option<TierId>,
    /// When they joined: first named here, or as they were imported.
    pub joined_at: Instant,
    /// Their tier; none where they have reached none.
    pub tier_id: Option<TierId>,
    /// Since when they have it.
    pub tier_since: Option<Instant>,
    /// Until when it is kept at least; none for ever.
    pub tier_until: Option<Instant>,
    /// How many of their orders were paid and not refunded in full.
    pub paid_orders: i64,
    /// What was paid for their orders, less what refunds gave back, in minor units.
    pub spent_minor: i64,
    /// When the last of their orders was paid.
    pub last_paid_at: Option<Instant>,
    /// Points that can be spent: the sum of what is left of their lots.
    pub points: i64,
    /// Points that cannot be spent yet.
    pub points_pending: i64,
    /// Points that were to be taken back when they were spent already; what is earned next goes against them.
    pub points_owed: i64,
    /// The birthday: a hundred times the month, and the day. The year is sealed in the profile.
    pub birthday: Option<i32>,
    /// Since when they agree to be written to; none where they do not.
    pub consented_at: Option<Instant>,
    /// The language that they are written to in.
    pub locale: Option<String>,
    /// How often the profile was set.
    pub version: i32,
    /// The member that they have become a part of.
    pub merged_into: Option<MemberId>,
    /// When what named them was erased.
    pub erased_at: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
