//! What an order does to its member's points: it earns some when it is paid, and gives back what it held when it is closed.
//! What it is paid with is taken by the checkout.

use chrono_tz::Tz;
use entity::order_point::{self, Column, Entity};
use entity::point_entry::PointKind;
use entity::point_lot::PointOrigin;
use entity::{Instant, MerchantId, OrderId, TierId, member, order, tier};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect,
};

use super::book::{Booking, SYSTEM, open, write};
use super::program::find_program;
use super::wallet::{GiveBack, give_back};
use crate::app::App;
use crate::error::Error;
use crate::points::model::{EarnRule, Fresh, ONE_PPM, Purse, earned, ends_after, released_at};

fn nothing(member: &member::Model, order_id: OrderId) -> order_point::Model {
    order_point::Model {
        merchant_id: member.merchant_id,
        order_id,
        member_id: member.id,
        spent: 0,
        off_minor: 0,
        shares: "[]".to_owned(),
        held: false,
        restored: 0,
        base_minor: 0,
        earn_points: 0,
        earn_per_minor: 0,
        multiplier_ppm: 0,
        earned: 0,
        clawed: 0,
    }
}

/// What an order has to do with points; none where it has nothing.
pub(super) async fn find_of_order(
    db: &impl ConnectionTrait,
    merchant_id: MerchantId,
    order_id: OrderId,
) -> Result<Option<order_point::Model>, Error> {
    Ok(Entity::of(merchant_id)
        .filter(Column::OrderId.eq(order_id))
        .one(db)
        .await?)
}

/// Whether a locked order holds points.
pub async fn holds(txn: &DatabaseTransaction, order: &order::Model) -> Result<bool, Error> {
    if order.member_id.is_none() {
        return Ok(false);
    }
    let row = find_of_order(txn, order.merchant_id, order.id).await?;
    Ok(row.is_some_and(|row| row.held && row.spent > 0))
}

/// Gives back what a locked order holds, in the transaction that closes it.
pub async fn release_of_order(
    app: &App,
    txn: &DatabaseTransaction,
    order: &order::Model,
    member: &member::Model,
) -> Result<member::Model, Error> {
    let found = find_of_order(txn, order.merchant_id, order.id).await?;
    let Some(row) = found.filter(|row| row.held && row.spent > 0) else {
        return Ok(member.clone());
    };
    let back = GiveBack {
        spent_as: PointKind::Spent,
        spent_on: order.id.0,
        before: 0,
        points: row.spent,
        source_id: order.id.0,
        round: 0,
        actor: SYSTEM,
        note: None,
    };
    let after = give_back(app, txn, member, back).await?;
    let row = order_point::Model { held: false, ..row };
    update(txn, row).await?;
    Ok(after)
}

pub(super) async fn update(
    txn: &DatabaseTransaction,
    row: order_point::Model,
) -> Result<(), Error> {
    let (merchant_id, order_id) = (row.merchant_id, row.order_id);
    let mut all = row.into_active_model().reset_all();
    all.merchant_id = sea_orm::ActiveValue::NotSet;
    all.order_id = sea_orm::ActiveValue::NotSet;
    Entity::update_of(merchant_id)
        .filter(Column::OrderId.eq(order_id))
        .set(all)
        .exec(txn)
        .await?;
    Ok(())
}

/// A locked order of a locked member that becomes PAID.
#[derive(Clone, Copy, Debug)]
pub struct PaidFor<'a> {
    /// The order, as it was before.
    pub order: &'a order::Model,
    /// The member, as they are now.
    pub member: &'a member::Model,
    /// When it was paid.
    pub paid_at: Instant,
    /// The merchant's time zone.
    pub zone: Tz,
}

/// An order is paid: it earns points by the merchant's program and the tier that the member had when they
/// ordered. Where it had been closed, the
/// points that it was paid with are taken again as far as they are there; the rest is owed. Returns the member as they
/// are afterwards, and how many points it earned.
pub async fn paid_for_order(
    app: &App,
    txn: &DatabaseTransaction,
    paid: PaidFor<'_>,
) -> Result<(member::Model, i64), Error> {
    let PaidFor { order, member, .. } = paid;
    let merchant_id = order.merchant_id;
    let known = find_of_order(txn, merchant_id, order.id).await?;
    let again = known.as_ref().filter(|row| row.spent > 0 && !row.held);
    let mut purse = match again {
        Some(row) => {
            let mut purse = open(app, txn, member, &[]).await?;
            purse.spend_or_owe(row.spent, PointKind::Spent, app.clock.now());
            purse
        }
        // Nothing but the new lot has a part in it.
        None => Purse::of(member.clone(), Vec::new()),
    };
    let round = i32::from(again.is_some());
    let is_known = known.is_some();
    let row = known.unwrap_or_else(|| nothing(member, order.id));
    let row = order_point::Model {
        held: row.spent > 0,
        ..row
    };
    let row = earn(app, txn, paid, row, &mut purse).await?;
    let points = row.earned;
    if is_known {
        update(txn, row).await?;
    } else if points > 0 {
        Entity::insert(row.into_active_model())
            .exec_without_returning(txn)
            .await?;
    }
    let booking = Booking {
        source_id: Some(order.id.0),
        round,
        actor: SYSTEM,
        note: None,
    };
    Ok((write(app, txn, purse, booking).await?, points))
}

/// Lets an order earn points, and keeps by which rule.
async fn earn(
    app: &App,
    txn: &DatabaseTransaction,
    paid: PaidFor<'_>,
    row: order_point::Model,
    purse: &mut Purse,
) -> Result<order_point::Model, Error> {
    let order = paid.order;
    let found = find_program(txn, order.merchant_id).await?;
    let Some(program) = found.filter(|program| program.enabled) else {
        return Ok(row);
    };
    // What the buyer was told: by the tier that they had when they ordered.
    let multiplier_ppm = multiplier_of(txn, order.merchant_id, order.tier_id).await?;
    let rule = EarnRule::of(&program, multiplier_ppm);
    let base_minor = order.amount_minor - order.discount_minor;
    let points = earned(base_minor, rule);
    let days = program.valid_days;
    let fresh = Fresh {
        id: app.ids.next(),
        origin: PointOrigin::Order,
        source_id: Some(order.id.0),
        points,
        releases_at: released_at(paid.paid_at.0, &program).filter(|at| at.0 > app.clock.now()),
        expires_at: days.map(|days| ends_after(paid.paid_at.0, days, paid.zone)),
    };
    purse.come(fresh, PointKind::Earned);
    Ok(order_point::Model {
        base_minor,
        earn_points: rule.points,
        earn_per_minor: rule.per_minor,
        multiplier_ppm: rule.multiplier_ppm,
        earned: points,
        ..row
    })
}

/// How many points a tier earns, in millionths of the usual ones; one that was removed since as well.
async fn multiplier_of(
    db: &impl ConnectionTrait,
    merchant_id: MerchantId,
    tier_id: Option<TierId>,
) -> Result<i64, Error> {
    let Some(id) = tier_id else {
        return Ok(ONE_PPM);
    };
    let found: Option<i32> = tier::Entity::of(merchant_id)
        .filter(tier::Column::Id.eq(id))
        .select_only()
        .column(tier::Column::MultiplierPpm)
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.map_or(ONE_PPM, i64::from))
}

/// Adds points to what a member has earned on a day of the merchant; no day goes below nothing.
pub async fn add_to_day(
    txn: &DatabaseTransaction,
    member: &member::Model,
    day: entity::Day,
    points: i64,
) -> Result<(), Error> {
    use entity::member_day::{self, Column as Of};
    use sea_orm::sea_query::ExprTrait;
    if points == 0 {
        return Ok(());
    }
    let sum = Expr::col(Of::Points).add(points);
    let never_below = Expr::case(sum.clone().gt(0), sum).finally(0_i64);
    member_day::Entity::update_of(member.merchant_id)
        .filter(Of::MemberId.eq(member.id))
        .filter(Of::Day.eq(day))
        .col_expr(Of::Points, never_below.into())
        .exec(txn)
        .await?;
    Ok(())
}
