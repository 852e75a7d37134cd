//! Keeps what members have bought: in all, by day, and in windows of days.

use entity::member::{self, Column};
use entity::{Day, Instant, member_day};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, SimpleExpr};
use sea_orm::{ActiveValue, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

use super::windows::summed;

/// By how much what a member has bought changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Orders that were paid and not refunded in full.
    pub orders: i64,
    /// What was paid, less what was refunded, in minor units.
    pub spent_minor: i64,
}

/// What an order, or a refund of one, changes.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// The day of the merchant on which the order was paid.
    pub day: Day,
    /// By how much.
    pub figures: Figures,
    /// When it was paid, where it is being paid.
    pub paid_at: Option<Instant>,
    /// The day of the merchant that it is now.
    pub today: Day,
}

/// Counts what a locked member has bought, or given back.
pub async fn tally(
    txn: &DatabaseTransaction,
    member: &member::Model,
    visit: Visit,
) -> Result<(), DbErr> {
    let Figures {
        orders,
        spent_minor,
    } = visit.figures;
    if visit.paid_at.is_some() {
        add_to_day(txn, member, visit).await?;
    } else {
        change_day(txn, member, visit).await?;
    }
    let visits = [member.last_paid_at, visit.paid_at].into_iter().flatten();
    let last_paid_at = visits.max_by_key(|at| at.0);
    summed(member.merchant_id, |id| id.eq(member.id), visit.today)
        .col_expr(
            Column::PaidOrders,
            Expr::value(Ord::max(member.paid_orders + orders, 0)),
        )
        .col_expr(
            Column::SpentMinor,
            Expr::value(Ord::max(member.spent_minor + spent_minor, 0)),
        )
        .col_expr(Column::LastPaidAt, Expr::value(last_paid_at))
        .exec(txn)
        .await?;
    Ok(())
}

async fn add_to_day(
    txn: &DatabaseTransaction,
    member: &member::Model,
    visit: Visit,
) -> Result<(), DbErr> {
    use member_day::Column as Of;
    let known = |column: Of| Expr::col((member_day::Entity, column));
    let row = member_day::ActiveModel {
        merchant_id: ActiveValue::Set(member.merchant_id),
        member_id: ActiveValue::Set(member.id),
        day: ActiveValue::Set(visit.day),
        orders: ActiveValue::Set(visit.figures.orders),
        spent_minor: ActiveValue::Set(visit.figures.spent_minor),
        points: ActiveValue::Set(0),
    };
    let sums = OnConflict::columns([Of::MerchantId, Of::MemberId, Of::Day])
        .value(Of::Orders, known(Of::Orders).add(visit.figures.orders))
        .value(
            Of::SpentMinor,
            known(Of::SpentMinor).add(visit.figures.spent_minor),
        )
        .to_owned();
    member_day::Entity::insert(row)
        .on_conflict(sums)
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// Where the merchant's time zone has changed since, the order may have been counted on the day beside: no day goes
/// below nothing.
async fn change_day(
    txn: &DatabaseTransaction,
    member: &member::Model,
    visit: Visit,
) -> Result<(), DbErr> {
    use member_day::Column as Of;
    let changed = |column: Of, by: i64| -> SimpleExpr {
        let sum = Expr::col(column).add(by);
        Expr::case(sum.clone().gt(0), sum).finally(0).into()
    };
    member_day::Entity::update_of(member.merchant_id)
        .filter(Of::MemberId.eq(member.id))
        .filter(Of::Day.eq(visit.day))
        .col_expr(Of::Orders, changed(Of::Orders, visit.figures.orders))
        .col_expr(
            Of::SpentMinor,
            changed(Of::SpentMinor, visit.figures.spent_minor),
        )
        .exec(txn)
        .await?;
    Ok(())
}
