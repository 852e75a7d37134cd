//! A line of a refund 退款明细: how many of an order's line are given back. Never edited.

use sea_orm::entity::prelude::*;

use crate::{MerchantId, RefundId};

/// A line of a refund 退款明细: how many of an order's line are given back. Never edited.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refund_lines")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The refund.
    #[sea_orm(primary_key, auto_increment = false)]
    pub refund_id: RefundId,
    /// The order's line.
    #[sea_orm(primary_key, auto_increment = false)]
    pub line_no: i16,
    /// How many.
    pub quantity: i32,
    /// Their share of the refund, in minor units.
    pub amount_minor: i64,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
