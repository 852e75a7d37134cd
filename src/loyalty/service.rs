//! Tells everything that hangs on a member what became of an order of theirs.

use chrono_tz::Tz;
use entity::{Day, Instant, MerchantId, RefundId, member, merchant, order};
use sea_orm::{DatabaseTransaction, DbErr};

use crate::app::App;
use crate::error::Error;
use crate::members::service::{self as members, Figures, Visit};
use crate::merchant::zone_of;
use crate::points::service::{self as points, PaidFor, RefundedOf};
use crate::tiers::service::{self as tiers, Look, Why};

/// An order that becomes PAID.
#[derive(Clone, Copy, Debug)]
pub struct PaidOrder<'a> {
    /// The order, locked, as it was before.
    pub order: &'a order::Model,
    /// When it was paid.
    pub paid_at: Instant,
    /// The merchant's time zone.
    pub zone: Tz,
}

/// A refund of an order that succeeded, or was returned by the bank.
#[derive(Clone, Copy, Debug)]
pub struct RefundedOrder<'a> {
    /// The order, locked, as it was before.
    pub order: &'a order::Model,
    /// The refund.
    pub refund_id: RefundId,
    /// Which attempt of it.
    pub round: i32,
    /// What refunds have given back of it now, in minor units.
    pub refunded_minor: i64,
}

/// Locks the member of a locked order, where it names one.
pub async fn lock_member(
    txn: &DatabaseTransaction,
    order: &order::Model,
) -> Result<Option<member::Model>, DbErr> {
    match order.member_id {
        Some(id) => members::lock(txn, order.merchant_id, id).await,
        None => Ok(None),
    }
}

/// An order of a locked member becomes PAID, in that transaction. Returns whether it is the first that they paid.
pub async fn paid(
    app: &App,
    txn: &DatabaseTransaction,
    paid: PaidOrder<'_>,
    member: &member::Model,
) -> Result<bool, Error> {
    let PaidOrder {
        order,
        paid_at,
        zone,
    } = paid;
    let newcomer = members::mark_paid(txn, order, paid_at).await?;
    let day = day_of(paid_at, zone);
    let visit = Visit {
        day,
        figures: Figures {
            orders: 1,
            spent_minor: order.amount_minor - order.discount_minor,
        },
        paid_at: Some(paid_at),
        today: day_of(app.clock.instant(), zone),
    };
    members::tally(txn, member, visit).await?;
    let paid_for = PaidFor {
        order,
        member,
        paid_at,
        zone,
    };
    let (_member, earned) = points::paid_for_order(app, txn, paid_for).await?;
    points::add_to_day(txn, member, day, earned).await?;
    let look = Look {
        member,
        zone,
        why: Why::Paid,
    };
    tiers::look_again(app, txn, look).await?;
    Ok(newcomer)
}

/// What refunds have given back of an order has changed, in that transaction. It counts where the order did: on the
/// day on which it was paid.
pub async fn refunded(
    app: &App,
    txn: &DatabaseTransaction,
    refunded: RefundedOrder<'_>,
) -> Result<(), Error> {
    let order = refunded.order;
    let (Some(member), Some(paid_at)) = (lock_member(txn, order).await?, order.paid_at) else {
        return Ok(());
    };
    let zone = read_zone(txn, order.merchant_id).await?;
    let is_full = |refunded_minor: i64| i64::from(refunded_minor == order.paid_minor);
    let day = day_of(paid_at, zone);
    let visit = Visit {
        day,
        figures: Figures {
            orders: is_full(order.refunded_minor) - is_full(refunded.refunded_minor),
            spent_minor: order.refunded_minor - refunded.refunded_minor,
        },
        paid_at: None,
        today: day_of(app.clock.instant(), zone),
    };
    members::tally(txn, &member, visit).await?;
    let refunded_of = RefundedOf {
        order,
        member: &member,
        refund_id: refunded.refund_id,
        round: refunded.round,
        refunded_minor: refunded.refunded_minor,
    };
    let (_member, earned) = points::refunded_of_order(app, txn, refunded_of).await?;
    points::add_to_day(txn, &member, day, earned).await?;
    let look = Look {
        member: &member,
        zone,
        why: Why::Refunded { paid_at },
    };
    Ok(tiers::look_again(app, txn, look).await?)
}

/// A locked order is being closed unpaid, in that transaction: the points that it was to be paid with go back.
pub async fn closed(
    app: &App,
    txn: &DatabaseTransaction,
    order: &order::Model,
) -> Result<(), Error> {
    if !points::holds(txn, order).await? {
        return Ok(());
    }
    if let Some(member) = lock_member(txn, order).await? {
        points::release_of_order(app, txn, order, &member).await?;
    }
    Ok(())
}

fn day_of(at: Instant, zone: Tz) -> Day {
    Day::from(at.0.with_timezone(&zone).date_naive())
}

/// Of the row at hand: a transaction that waits for a second connection may wait for itself.
async fn read_zone(txn: &DatabaseTransaction, merchant_id: MerchantId) -> Result<Tz, Error> {
    let row = merchant::Entity::of(merchant_id).one(txn).await?;
    zone_of(&row.ok_or(Error::NotFound)?)
}
