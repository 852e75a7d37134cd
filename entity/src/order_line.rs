//! A line of an order 订单明细.

use sea_orm::entity::prelude::*;

use crate::{MerchantId, OrderId, ProductId};

/// A line of an order 订单明细.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_lines")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: OrderId,
    /// Its place in the order, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub line_no: i16,
    /// The product, for searching.
    pub product_id: ProductId,
    /// Its title when it was sold.
    pub title: String,
    /// Its category when it was sold.
    pub category: String,
    /// How many.
    pub quantity: i32,
    /// How many of them were delivered.
    pub fulfilled_quantity: i32,
    /// The price of one, in minor units.
    pub unit_price_minor: i64,
    /// This line's share of the order's discount, in minor units.
    pub discount_minor: i64,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
