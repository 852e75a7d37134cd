//! How clients want a list of orders sorted.

use async_graphql::InputObject;

use super::enums::{OrderSortField, SortDirection};
use crate::orders::model::OrderSort;

/// How a list of orders is sorted.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct OrderSortInput {
    /// By what.
    #[graphql(default_with = "OrderSortField::CreatedAt")]
    pub field: OrderSortField,
    /// In which direction.
    #[graphql(default_with = "SortDirection::Desc")]
    pub direction: SortDirection,
}

impl From<OrderSortInput> for OrderSort {
    fn from(input: OrderSortInput) -> Self {
        Self {
            field: input.field.into(),
            direction: input.direction.into(),
        }
    }
}
