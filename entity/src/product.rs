//! A product or service 商品 as it was sold: the small dictionary behind order lines, and what free text is searched in.

use sea_orm::entity::prelude::*;

use crate::{MerchantId, ProductId};

/// A product or service 商品 as it was sold: the small dictionary behind order lines, and what free text is searched in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProductId,
    /// Its title.
    pub title: String,
    /// Its category; empty where the shop gives none.
    pub category: String,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();
