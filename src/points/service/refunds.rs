//! What refunds do to points: what an order earned with that money is taken back, and what it was paid with comes back.

use entity::order_point;
use entity::point_entry::PointKind;
use entity::point_lot::{self, PointOrigin};
use entity::{PointLotId, RefundId, member, order};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, QueryFilter, QuerySelect};

use super::book::{Booking, SYSTEM, open, write};
use super::orders::{find_of_order, update};
use super::program::lot_end_in;
use super::wallet::taken_for;
use crate::app::App;
use crate::error::Error;
use crate::points::model::{
    EarnRule, Purse, RESTORED_DAYS, clawed_total, parts_of, restored_total,
};

/// What refunds have given back of a locked order of a locked member has changed.
#[derive(Clone, Copy, Debug)]
pub struct RefundedOf<'a> {
    /// The order, as it was before.
    pub order: &'a order::Model,
    /// The member.
    pub member: &'a member::Model,
    /// The refund.
    pub refund_id: RefundId,
    /// Which attempt of it.
    pub round: i32,
    /// What refunds have given back of the order now, in minor units.
    pub refunded_minor: i64,
}

/// A refund succeeded, or was returned by the bank: what the order earned with that money is taken back, or returned, and
/// what it was paid with in points comes back, or is taken again. Returns the member as they are afterwards, and by how
/// many points what the order has earned changes.
pub async fn refunded_of_order(
    app: &App,
    txn: &DatabaseTransaction,
    refunded: RefundedOf<'_>,
) -> Result<(member::Model, i64), Error> {
    let RefundedOf { order, member, .. } = refunded;
    let unchanged = (member.clone(), 0);
    let Some(row) = find_of_order(txn, order.merchant_id, order.id).await? else {
        return Ok(unchanged);
    };
    let (restored, clawed) = totals(&row, order, refunded.refunded_minor);
    if (restored, clawed) == (row.restored, row.clawed) {
        return Ok(unchanged);
    }
    let purse = shift(app, txn, refunded, &row, (restored, clawed)).await?;
    let change = row.clawed - clawed;
    let row = order_point::Model {
        restored,
        clawed,
        ..row
    };
    update(txn, row).await?;
    let booking = Booking {
        source_id: Some(refunded.refund_id.0),
        round: refunded.round,
        actor: SYSTEM,
        note: None,
    };
    Ok((write(app, txn, purse, booking).await?, change))
}

/// How many points come back, and how many are taken back, of an order of which refunds have given back so much.
fn totals(row: &order_point::Model, order: &order::Model, refunded_minor: i64) -> (i64, i64) {
    let restored = restored_total(row.spent, refunded_minor, order.paid_minor);
    let rule = EarnRule {
        points: row.earn_points,
        per_minor: row.earn_per_minor,
        multiplier_ppm: row.multiplier_ppm,
    };
    let clawed = clawed_total(row.base_minor, refunded_minor, rule);
    (restored, clawed.clamp(0, row.earned))
}

async fn shift(
    app: &App,
    txn: &DatabaseTransaction,
    refunded: RefundedOf<'_>,
    row: &order_point::Model,
    (restored, clawed): (i64, i64),
) -> Result<Purse, Error> {
    let RefundedOf { order, member, .. } = refunded;
    let merchant_id = order.merchant_id;
    let own = own_lot(txn, order).await?;
    let parts = if restored > row.restored {
        let taken = taken_for(txn, merchant_id, PointKind::Spent, order.id.0).await?;
        parts_of(&taken, row.restored, restored - row.restored)
    } else {
        Vec::new()
    };
    let lots = parts.iter().filter_map(|part| part.0).chain(own);
    let lots: Vec<PointLotId> = lots.collect();
    let mut purse = open(app, txn, member, &lots).await?;
    let now = app.clock.now();
    let when = (now, lot_end_in(app, txn, merchant_id, RESTORED_DAYS).await?);
    // First what comes, then what goes: less is owed.
    if clawed < row.clawed {
        let points = row.clawed - clawed;
        let next_id = || app.ids.next();
        purse.give_back(own, points, PointKind::Returned, when, next_id);
    }
    for (lot_id, points) in parts {
        let next_id = || app.ids.next();
        purse.give_back(lot_id, points, PointKind::Restored, when, next_id);
    }
    if restored < row.restored {
        purse.spend_or_owe(row.restored - restored, PointKind::Spent, now);
    }
    if clawed > row.clawed {
        purse.claw_back(own, clawed - row.clawed, now);
    }
    Ok(purse)
}

/// The lot that an order brought.
async fn own_lot(
    txn: &DatabaseTransaction,
    order: &order::Model,
) -> Result<Option<PointLotId>, Error> {
    Ok(point_lot::Entity::of(order.merchant_id)
        .filter(point_lot::Column::SourceId.eq(order.id.0))
        .filter(point_lot::Column::Origin.eq(PointOrigin::Order))
        .select_only()
        .column(point_lot::Column::Id)
        .into_tuple()
        .one(txn)
        .await?)
}

/// What a refund would do to points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefundEffect {
    /// How many that the order earned would be taken back.
    pub clawed_back: i64,
    /// How many that it was paid with would come back.
    pub restored: i64,
}

/// What a refund of an order would do to points: from what refunds have given back before it, to what they have after.
pub async fn refund_effect(
    db: &impl ConnectionTrait,
    order: &order::Model,
    (before_minor, after_minor): (i64, i64),
) -> Result<RefundEffect, Error> {
    let Some(row) = find_of_order(db, order.merchant_id, order.id).await? else {
        return Ok(RefundEffect::default());
    };
    let (before, after) = (
        totals(&row, order, before_minor),
        totals(&row, order, after_minor),
    );
    Ok(RefundEffect {
        clawed_back: after.1 - before.1,
        restored: after.0 - before.0,
    })
}
