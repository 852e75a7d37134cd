//! A member 会员: somebody whom the shop knows again.

use sea_orm::entity::prelude::*;

use crate::channel::PaymentMethod;
use crate::{ChannelId, Instant, MemberId, MerchantId, OrderId};

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
    /// The channel that it was paid through. This and the next two are the order's, kept where new members are counted.
    pub first_channel_id: Option<ChannelId>,
    /// What it was paid with.
    pub first_method: Option<PaymentMethod>,
    /// The buyer's country in it, where it was known.
    pub first_country: Option<String>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
