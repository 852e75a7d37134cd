//! Where the shop of an order is called back in 易支付's style, once it is paid.

use sea_orm::entity::prelude::*;

use crate::{MerchantId, OrderId};

/// Where the shop of an order is called back in 易支付's style, once it is paid.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_notify_urls")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: OrderId,
    /// The address.
    pub url: String,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// The orders of a merchant that are told of at a host.
    #[must_use]
    pub fn of_shop(merchant_id: MerchantId, host: &str) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, Condition, QueryFilter, QuerySelect};
        let mut there = Condition::any();
        for scheme in ["http", "https"] {
            for end in ['/', ':', '?'] {
                there = there.add(Column::Url.starts_with(format!("{scheme}://{host}{end}")));
            }
            there = there.add(Column::Url.eq(format!("{scheme}://{host}")));
        }
        Self::of(merchant_id)
            .filter(there)
            .select_only()
            .column(Column::OrderId)
    }

    /// Addresses by order, of all merchants: where the deliveries go that a worker takes up.
    #[must_use]
    pub fn of_deliveries(ids: impl IntoIterator<Item = OrderId>) -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::OrderId.is_in(ids))
    }
}
