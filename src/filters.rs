//! Conditions that lists share, each there only where a filter names it.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, LikeExpr, SimpleExpr};
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

/// A text that contains another, whatever the case of A to Z. SQLite knows no case of other letters and PostgreSQL does:
/// as they are written they are found on either.
#[must_use]
pub fn contains(column: impl ColumnTrait, text: &str) -> Condition {
    let text = text
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    let like = |text: String| {
        let pattern = LikeExpr::new(format!("%{text}%")).escape('\\');
        Expr::expr(Func::lower(Expr::col(column.as_column_ref()))).like(pattern)
    };
    let (everything, ascii) = (text.to_lowercase(), text.to_ascii_lowercase());
    let second = (everything != ascii).then(|| like(ascii));
    Condition::any().add(like(everything)).add_option(second)
}
