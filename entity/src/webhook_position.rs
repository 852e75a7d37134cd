//! How far a merchant's events have been made into deliveries.

use sea_orm::entity::prelude::*;

use crate::MerchantId;

/// How far a merchant's events have been made into deliveries.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_positions")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The number of the last event that was looked at.
    pub seq: i64,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Of all merchants with webhooks, those with events that were not looked at: the worker's list.
    #[must_use]
    pub fn behind() -> sea_orm::Select<Self> {
        use crate::event_head;
        use sea_orm::sea_query::{Expr, ExprTrait};
        use sea_orm::{EntityTrait, JoinType, QueryFilter, QuerySelect};
        let to_head = Self::belongs_to(event_head::Entity)
            .from(Column::MerchantId)
            .to(event_head::Column::MerchantId)
            .into();
        let last = Expr::col((event_head::Entity, event_head::Column::LastSeq));
        Self::find()
            .join(JoinType::InnerJoin, to_head)
            .filter(last.gt(Expr::col((Self, Column::Seq))))
    }
}
