//! Reads members' lots, and writes what was done to them: lots, entries, members and events, in few statements however
//! many there are.

use std::collections::HashSet;

use entity::event::EventKind;
use entity::point_entry::{self, PointKind};
use entity::point_lot::{self, Column};
use entity::{MerchantId, PointLotId, member};
use sea_orm::sea_query::{CaseStatement, Expr, SimpleExpr};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::events;
use crate::points::model::{Move, Purse};

/// Who does what happens by itself.
pub(super) const SYSTEM: &str = "system";
/// How many rows one statement writes: SQLite binds 32,766 values at the most.
const MANY: usize = 1_000;

/// What entries say beside what happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Booking<'a> {
    /// The order, refund, reward redemption or gift that it is for.
    pub source_id: Option<i64>,
    /// Which time, where the same happens again.
    pub round: i32,
    /// Who does it.
    pub actor: &'a str,
    /// What they say of it.
    pub note: Option<&'a str>,
}

impl Booking<'_> {
    /// What happens by itself.
    pub const BY_ITSELF: Booking<'static> = Booking {
        source_id: None,
        round: 0,
        actor: SYSTEM,
        note: None,
    };
}

/// The purse of a locked member: all lots of which something is left, and these.
pub(super) async fn open(
    app: &App,
    txn: &DatabaseTransaction,
    member: &member::Model,
    also: &[PointLotId],
) -> Result<Purse, Error> {
    let mut lots = point_lot::Entity::of(member.merchant_id)
        .filter(Column::MemberId.eq(member.id))
        .filter(Expr::cust("point_lots.remaining > 0"))
        .all(txn)
        .await?;
    let known: HashSet<PointLotId> = lots.iter().map(|lot| lot.id).collect();
    let others = also.iter().filter(|id| !known.contains(id));
    let others: Vec<PointLotId> = others.copied().collect();
    if !others.is_empty() {
        let empty = point_lot::Entity::of(member.merchant_id)
            .filter(any_of(&app.db, Column::Id, &others))
            .filter(Column::MemberId.eq(member.id))
            .all(txn)
            .await?;
        lots.extend(empty);
    }
    Ok(Purse::of(member.clone(), lots))
}

/// Writes what was done to one purse; returns the member as they are now.
pub(super) async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    purse: Purse,
    booking: Booking<'_>,
) -> Result<member::Model, Error> {
    let merchant_id = purse.member.merchant_id;
    let purses = [purse];
    write_all(app, txn, merchant_id, &purses, booking).await?;
    let [purse] = purses;
    Ok(purse.member)
}

/// Writes what was done to purses of one merchant, and tells of each member once.
pub(super) async fn write_all(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    purses: &[Purse],
    booking: Booking<'_>,
) -> Result<(), Error> {
    write_each(app, txn, merchant_id, purses, &vec![booking; purses.len()]).await
}

/// The same, where entries of each purse say something of their own.
pub(super) async fn write_each(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    purses: &[Purse],
    bookings: &[Booking<'_>],
) -> Result<(), Error> {
    write_lots(app, txn, merchant_id, purses).await?;
    let moves = purses.iter().zip(bookings).flat_map(|(purse, booking)| {
        let of = purse.member.id;
        purse.moves.iter().map(move |step| (of, *step, *booking))
    });
    let entries: Vec<point_entry::ActiveModel> = moves
        .map(|(member_id, step, booking)| entry(app, merchant_id, member_id, step, booking))
        .collect();
    for some in entries.chunks(MANY) {
        point_entry::Entity::insert_many(some.to_vec())
            .exec_without_returning(txn)
            .await?;
    }
    let moved = purses.iter().filter(|purse| !purse.moves.is_empty());
    let members: Vec<&member::Model> = moved.map(|purse| &purse.member).collect();
    write_members(app, txn, merchant_id, &members).await?;
    let told: Vec<i64> = members.iter().map(|member| member.id.0).collect();
    let (now, kind) = (app.clock.instant(), EventKind::MemberPointsChanged);
    Ok(events::record_many(txn, &app.ids, now, merchant_id, kind, &told).await?)
}

fn entry(
    app: &App,
    merchant_id: MerchantId,
    member_id: entity::MemberId,
    step: Move,
    booking: Booking<'_>,
) -> point_entry::ActiveModel {
    // What is due is done on the way, whoever comes by.
    let by_itself = matches!(step.kind, PointKind::Expired | PointKind::Released);
    let booking = if by_itself {
        Booking::BY_ITSELF
    } else {
        booking
    };
    point_entry::Model {
        merchant_id,
        id: app.ids.next(),
        member_id,
        lot_id: step.lot_id,
        kind: step.kind,
        points: step.points,
        pending: step.pending,
        owed: step.owed,
        balance: step.balance,
        source_id: booking.source_id,
        round: booking.round,
        actor: booking.actor.to_owned(),
        note: booking.note.map(str::to_owned),
    }
    .into_active_model()
}

async fn write_lots(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    purses: &[Purse],
) -> Result<(), Error> {
    let (mut fresh, mut changed, mut released) = (Vec::new(), Vec::new(), Vec::new());
    for purse in purses {
        let touched: HashSet<PointLotId> =
            purse.moves.iter().filter_map(|step| step.lot_id).collect();
        for lot in &purse.lots {
            if purse.fresh.contains(&lot.id) {
                fresh.push(lot.clone().into_active_model());
            } else if touched.contains(&lot.id) {
                changed.push((lot.id, lot.remaining));
            }
        }
        released.extend(purse.released.iter().copied());
    }
    for some in fresh.chunks(MANY) {
        point_lot::Entity::insert_many(some.to_vec())
            .exec_without_returning(txn)
            .await?;
    }
    for some in changed.chunks(MANY) {
        let ids: Vec<PointLotId> = some.iter().map(|(id, _)| *id).collect();
        let rows = some.iter().map(|(id, remaining)| (id.0, *remaining));
        point_lot::Entity::update_of(merchant_id)
            .filter(any_of(&app.db, Column::Id, &ids))
            .col_expr(
                Column::Remaining,
                by_id(Column::Id, Column::Remaining, rows),
            )
            .exec(txn)
            .await?;
    }
    for some in released.chunks(MANY) {
        point_lot::Entity::update_of(merchant_id)
            .filter(any_of(&app.db, Column::Id, some))
            .col_expr(Column::ReleasesAt, Expr::value(None::<i64>))
            .exec(txn)
            .await?;
    }
    Ok(())
}

async fn write_members(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    members: &[&member::Model],
) -> Result<(), Error> {
    use member::Column as Of;
    for some in members.chunks(MANY) {
        let ids: Vec<entity::MemberId> = some.iter().map(|member| member.id).collect();
        let each = |read: fn(&member::Model) -> i64| {
            some.iter().map(move |member| (member.id.0, read(member)))
        };
        let points = each(|member| member.points);
        let pending = each(|member| member.points_pending);
        let owed = each(|member| member.points_owed);
        member::Entity::update_of(merchant_id)
            .filter(any_of(&app.db, Of::Id, &ids))
            .col_expr(Of::Points, by_id(Of::Id, Of::Points, points))
            .col_expr(Of::PointsPending, by_id(Of::Id, Of::PointsPending, pending))
            .col_expr(Of::PointsOwed, by_id(Of::Id, Of::PointsOwed, owed))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// A value for each id: one statement for many rows. The one that is alone is written as it is.
fn by_id<C: ColumnTrait>(id: C, column: C, rows: impl Iterator<Item = (i64, i64)>) -> SimpleExpr {
    let rows: Vec<(i64, i64)> = rows.collect();
    if let [(_, value)] = rows.as_slice() {
        return Expr::value(*value);
    }
    let cases = rows
        .into_iter()
        .fold(CaseStatement::new(), |cases, (key, value)| {
            cases.case(id.eq(key), value)
        });
    cases.finally(Expr::col(column)).into()
}
