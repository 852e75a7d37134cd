//! Sums in SQL, of one type whatever the database.

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, SimpleExpr};

/// The sum of a column or an expression, as an integer of 64 bits: PostgreSQL makes NUMERIC of it, which no `i64` is read
/// from. None where there is no row.
#[must_use]
pub fn sum_of(of: impl Into<SimpleExpr>) -> SimpleExpr {
    Expr::expr(Func::sum(of)).cast_as(Alias::new("BIGINT"))
}
