//! Sums what members have bought in the windows that are asked for most into their own rows.
//!
//! A window loses a day by itself, at midnight. So a row says from which day to which its sums hold: who reads them
//! elsewhere adds up the days (`member_days`) instead, and is right as well. Whoever changes a member's days sums that
//! member anew in the same transaction; those of whom a day has left a window are summed by the worker.

use entity::member::{Column, Entity};
use entity::{Day, MemberId, MerchantId, member_day};
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, Func, IntoCondition, LockBehavior, LockType, SelectStatement,
    SimpleExpr, TableRef,
};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, RelationDef, UpdateMany,
};

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::sums::sum_of;

/// How many members are summed in one transaction.
const BATCH: u64 = 2_000;
/// The name of what rows are set to.
const SUMS: &str = "sums";
const ID: &str = "id";
const UNTIL: &str = "until";

/// A window that is summed ahead.
#[derive(Clone, Copy, Debug)]
pub struct SummedWindow {
    /// How many days, the last of which is today.
    pub days: i32,
    /// Where the orders of these days are.
    pub orders: Column,
    /// Where what was spent in them is.
    pub spent: Column,
}

/// The windows that are summed ahead, the narrowest first.
pub const SUMMED_WINDOWS: [SummedWindow; 4] = [
    SummedWindow {
        days: 30,
        orders: Column::Orders30,
        spent: Column::Spent30Minor,
    },
    SummedWindow {
        days: 90,
        orders: Column::Orders90,
        spent: Column::Spent90Minor,
    },
    SummedWindow {
        days: 180,
        orders: Column::Orders180,
        spent: Column::Spent180Minor,
    },
    SummedWindow {
        days: 365,
        orders: Column::Orders365,
        spent: Column::Spent365Minor,
    },
];

/// That a row's sums hold on a day.
#[must_use]
pub fn hold_on(today: Day) -> SimpleExpr {
    Column::WindowsFrom
        .lte(today)
        .and(Column::WindowsUntil.gt(today))
}

/// Sets the sums of some members, as of a day: the statement may set more of them.
pub(super) fn summed(
    merchant_id: MerchantId,
    which: impl Fn(Column) -> SimpleExpr,
    today: Day,
) -> UpdateMany<Entity> {
    let from = |name: &str| Expr::col((Alias::new(SUMS), Alias::new(name)));
    let mut update = Entity::update_of(merchant_id)
        .filter(which(Column::Id))
        .filter(Expr::col((Entity, Column::Id)).equals((Alias::new(SUMS), Alias::new(ID))))
        .col_expr(Column::WindowsFrom, Expr::value(today))
        .col_expr(Column::WindowsUntil, from(UNTIL));
    for window in &SUMMED_WINDOWS {
        update = update
            .col_expr(window.orders, from(&orders_in(window)))
            .col_expr(window.spent, from(&spent_in(window)));
    }
    let sums = sums(merchant_id, which(Column::Id), today);
    QueryTrait::query(&mut update)
        .from(TableRef::SubQuery(Box::new(sums), Alias::new(SUMS).into()));
    update
}

fn orders_in(window: &SummedWindow) -> String {
    format!("orders_{}", window.days)
}

fn spent_in(window: &SummedWindow) -> String {
    format!("spent_{}", window.days)
}

/// What members have bought in each window; nothing where they have not.
fn sums(merchant_id: MerchantId, which: SimpleExpr, today: Day) -> SelectStatement {
    use member_day::Column as Of;
    let mut select = Entity::of(merchant_id)
        .join(JoinType::LeftJoin, days_since(first_of(WIDEST, today)))
        .filter(which)
        .select_only()
        .column_as(Column::Id, ID)
        .group_by(Column::Id);
    let day = || Expr::col((member_day::Entity, Of::Day));
    let mut leaves = Expr::case(day().is_null(), Expr::val(i32::MAX));
    for window in &SUMMED_WINDOWS {
        let is_in = || day().gte(first_of(window.days, today));
        let sum = |of: Of, width: &'static str| -> SimpleExpr {
            let part = Expr::case(is_in(), Expr::col((member_day::Entity, of))).finally(0);
            let sum = Func::coalesce([sum_of(part), Expr::val(0_i64)]);
            Expr::expr(sum).cast_as(Alias::new(width))
        };
        select = select
            .expr_as(sum(Of::Orders, "INTEGER"), orders_in(window))
            .expr_as(sum(Of::SpentMinor, "BIGINT"), spent_in(window));
        // The narrowest window that it is in is the first that it leaves.
        leaves = leaves.case(is_in(), day().add(window.days));
    }
    let first: SimpleExpr = leaves.finally(i32::MAX).into();
    select.expr_as(Func::min(first), UNTIL).into_query()
}

/// The widest window.
const WIDEST: i32 = SUMMED_WINDOWS[SUMMED_WINDOWS.len() - 1].days;

fn first_of(days: i32, today: Day) -> Day {
    Day(today.0.saturating_sub(days - 1))
}

fn days_since(first: Day) -> RelationDef {
    use member_day::Column as Of;
    let mut days: RelationDef = Entity::belongs_to(member_day::Entity)
        .from((Column::MerchantId, Column::Id))
        .to((Of::MerchantId, Of::MemberId))
        .into();
    days = days
        .on_condition(move |_members, days| Expr::col((days, Of::Day)).gte(first).into_condition());
    days
}

/// Sums anew some members of a merchant of whom a day has left a window, as their day goes; returns how many. Whoever
/// orders is not waited for: they are summed with the order.
pub async fn sum_windows(app: &App, merchant_id: MerchantId) -> Result<u64, Error> {
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let today = Day::from(app.clock.now().with_timezone(&zone).date_naive());
    app.write(merchant_id, |txn| async move {
        let mut moved = Entity::of(merchant_id)
            .filter(Column::LastPaidAt.is_not_null())
            .filter(Column::WindowsUntil.lte(today))
            .order_by_asc(Column::WindowsUntil)
            .order_by_asc(Column::Id)
            .limit(BATCH)
            .select_only()
            .column(Column::Id);
        if app.db.backend() == DbBackend::Postgres {
            moved = moved.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked);
        }
        let ids: Vec<MemberId> = moved.into_tuple().all(&*txn).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        summed(merchant_id, |id| any_of(&app.db, id, &ids), today)
            .exec(&*txn)
            .await?;
        Ok::<_, Error>(ids.len() as u64)
    })
    .await
}
