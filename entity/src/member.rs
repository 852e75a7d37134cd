//! A member 会员: somebody whom the shop knows again.

use chrono::DateTime;
use sea_orm::entity::prelude::*;

use crate::channel::PaymentMethod;
use crate::{ChannelId, Day, Instant, MemberId, MerchantId, OrderId, TierId};

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
    /// Their orders of the last 30 days that were paid and not refunded in full. This and the next seven are sums of
    /// `member_days`, and hold from `windows_from` to the day before `windows_until`.
    #[sea_orm(column_name = "orders_30")]
    pub orders_30: i32,
    /// Those of the last 90 days.
    #[sea_orm(column_name = "orders_90")]
    pub orders_90: i32,
    /// Those of the last 180 days.
    #[sea_orm(column_name = "orders_180")]
    pub orders_180: i32,
    /// Those of the last 365 days.
    #[sea_orm(column_name = "orders_365")]
    pub orders_365: i32,
    /// What was paid for orders of the last 30 days, less what refunds gave back, in minor units.
    #[sea_orm(column_name = "spent_30_minor")]
    pub spent_30_minor: i64,
    /// For those of the last 90 days.
    #[sea_orm(column_name = "spent_90_minor")]
    pub spent_90_minor: i64,
    /// For those of the last 180 days.
    #[sea_orm(column_name = "spent_180_minor")]
    pub spent_180_minor: i64,
    /// For those of the last 365 days.
    #[sea_orm(column_name = "spent_365_minor")]
    pub spent_365_minor: i64,
    /// The day on which the windows were summed.
    pub windows_from: Day,
    /// The day on which one of them loses a day in which something was bought: from then on they are summed anew.
    pub windows_until: Day,
}

impl Model {
    /// Somebody of whom nothing is known but their number, and since when.
    #[must_use]
    pub fn nobody(merchant_id: MerchantId, id: MemberId, member_no: String) -> Self {
        Self {
            merchant_id,
            id,
            member_no,
            first_order_id: None,
            first_paid_at: None,
            first_channel_id: None,
            first_method: None,
            first_country: None,
            first_tier_id: None,
            joined_at: Instant(
                DateTime::from_timestamp_millis(id.made_at_ms()).unwrap_or_default(),
            ),
            tier_id: None,
            tier_since: None,
            tier_until: None,
            paid_orders: 0,
            spent_minor: 0,
            last_paid_at: None,
            points: 0,
            points_pending: 0,
            points_owed: 0,
            birthday: None,
            consented_at: None,
            locale: None,
            version: 1,
            merged_into: None,
            erased_at: None,
            orders_30: 0,
            orders_90: 0,
            orders_180: 0,
            orders_365: 0,
            spent_30_minor: 0,
            spent_90_minor: 0,
            spent_180_minor: 0,
            spent_365_minor: 0,
            windows_from: Day(0),
            windows_until: Day(0),
        }
    }
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
