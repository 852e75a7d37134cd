//! Leases: of all instances one does what only one has to, and another goes on when it is gone.

use chrono::TimeDelta;
use entity::{Instant, lease};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter,
};

use crate::app::App;
use crate::error::Error;

/// How long a lease is held unless it is renewed. Whoever holds one renews it every two seconds; clocks of
/// instances may differ by less than this, or two do the same for a while.
pub(super) const HELD: TimeDelta = TimeDelta::seconds(6);

/// Takes a lease, or renews it; false where another instance holds it.
pub async fn hold(app: &App, name: &str, holder: &str) -> Result<bool, Error> {
    let now = app.clock.instant();
    let until = Instant(now.0 + HELD);
    let is_free = Condition::any()
        .add(lease::Column::Holder.eq(holder))
        .add(lease::Column::Until.lte(now));
    let renewed = lease::Entity::update_of(name)
        .filter(is_free)
        .col_expr(lease::Column::Holder, Expr::value(holder))
        .col_expr(lease::Column::Until, Expr::value(until))
        .exec(app.db.writer())
        .await?;
    if renewed.rows_affected > 0 {
        return Ok(true);
    }
    let first = lease::Model {
        name: name.to_owned(),
        holder: holder.to_owned(),
        until,
    };
    let made = lease::Entity::insert(first.into_active_model())
        .on_conflict(
            OnConflict::column(lease::Column::Name)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(app.db.writer())
        .await?;
    Ok(made > 0)
}

/// Renews a lease, and never takes it: false where another has it, or had it since.
pub async fn renew(app: &App, name: &str, holder: &str) -> Result<bool, Error> {
    renew_on(app, app.db.writer(), name, holder).await
}

/// Gives a lease up, so that nobody has to wait until it is over.
pub async fn release(app: &App, name: &str, holder: &str) -> Result<(), Error> {
    lease::Entity::update_of(name)
        .filter(lease::Column::Holder.eq(holder))
        .col_expr(lease::Column::Until, Expr::value(app.clock.instant()))
        .exec(app.db.writer())
        .await?;
    Ok(())
}

/// Renews a lease in a transaction, which nobody takes it over from until its end; false where another has it.
pub async fn renew_in(
    app: &App,
    txn: &DatabaseTransaction,
    name: &str,
    holder: &str,
) -> Result<bool, Error> {
    renew_on(app, txn, name, holder).await
}

async fn renew_on<C: ConnectionTrait>(
    app: &App,
    db: &C,
    name: &str,
    holder: &str,
) -> Result<bool, Error> {
    let until = Instant(app.clock.now() + HELD);
    let renewed = lease::Entity::update_of(name)
        .filter(lease::Column::Holder.eq(holder))
        .col_expr(lease::Column::Until, Expr::value(until))
        .exec(db)
        .await?;
    Ok(renewed.rows_affected > 0)
}
