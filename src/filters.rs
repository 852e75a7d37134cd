//! Conditions that lists share, each there only where a filter names it.

use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, Value};

/// A column that holds any of these values; none where all are wanted.
#[must_use]
pub fn any_value<V>(column: impl ColumnTrait, values: Option<&Vec<V>>) -> Option<SimpleExpr>
where
    V: Clone + Into<Value>,
{
    values.map(|values| column.is_in(values.iter().cloned()))
}

/// A text that begins with another: by its index, on either database.
#[must_use]
pub fn begins_with(column: impl ColumnTrait, text: &str) -> SimpleExpr {
    column.gte(text).and(column.lt(format!("{text}\u{10FFFF}")))
}
