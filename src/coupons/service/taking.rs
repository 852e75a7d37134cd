//! What the checkout does with coupons: finds them, holds them for an order, uses them up, gives them back.

use std::sync::Arc;

use entity::coupon::{Column, CouponState, Entity, Model};
use entity::event::EventKind;
use entity::{CouponId, Instant, MemberId, MerchantId, OrderId, coupon_template};
use sea_orm::sea_query::{Condition, Expr, LockType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, QueryFilter, QueryOrder, QuerySelect,
    Select, UpdateMany,
};

use crate::app::App;
use crate::coupons::model::read_code;
use crate::db::{Db, any_of, any_text_of};
use crate::events;

/// How many of a member's coupons are looked at, those that end first.
const MOST: u64 = 100;

/// A coupon with what it is one of.
#[derive(Clone, Debug)]
pub struct Held {
    /// The coupon.
    pub coupon: Model,
    /// Its template, whose `rules` say what it gives.
    pub template: Arc<coupon_template::Model>,
}

/// A merchant's coupons of these codes, as people type them, whatever state they are in; codes that are none are
/// missing. In the order of their ids.
pub async fn find_by_codes(
    db: &Db,
    connection: &impl ConnectionTrait,
    merchant_id: MerchantId,
    codes: &[String],
) -> Result<Vec<Held>, DbErr> {
    let codes: Vec<String> = codes.iter().filter_map(|code| read_code(code)).collect();
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let select = Entity::of(merchant_id).filter(any_text_of(db, Column::Code, &codes));
    with_templates(db, connection, merchant_id, select.order_by_asc(Column::Id)).await
}

/// The coupons that a member could use now, those that end first; at most a hundred.
pub async fn available_of(
    db: &Db,
    connection: &impl ConnectionTrait,
    merchant_id: MerchantId,
    member_id: MemberId,
    now: Instant,
) -> Result<Vec<Held>, DbErr> {
    let select = Entity::of(merchant_id)
        .filter(Column::MemberId.eq(member_id))
        .filter(Column::State.eq(CouponState::Available))
        .filter(Column::ValidFrom.lte(now))
        .filter(Column::ValidUntil.gt(now))
        .order_by_asc(Column::ValidUntil)
        .order_by_asc(Column::Id)
        .limit(MOST);
    with_templates(db, connection, merchant_id, select).await
}

async fn with_templates(
    db: &Db,
    connection: &impl ConnectionTrait,
    merchant_id: MerchantId,
    select: Select<Entity>,
) -> Result<Vec<Held>, DbErr> {
    let coupons = select.all(connection).await?;
    let mut ids: Vec<_> = coupons.iter().map(|coupon| coupon.template_id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let templates = coupon_template::Entity::of(merchant_id)
        .filter(any_of(db, coupon_template::Column::Id, &ids))
        .all(connection)
        .await?;
    let templates: Vec<_> = templates.into_iter().map(Arc::new).collect();
    let held = coupons.into_iter().map(|coupon| {
        let template = templates.iter().find(|it| it.id == coupon.template_id);
        let missing = || DbErr::RecordNotFound("the template of a coupon".to_owned());
        Ok(Held {
            template: Arc::clone(template.ok_or_else(missing)?),
            coupon,
        })
    });
    held.collect()
}

/// Holds a coupon for an order that is not paid yet. False where somebody was faster, it was voided, is another
/// member's, or does not hold now. Belongs into the transaction that makes the order.
pub async fn reserve(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: CouponId,
    order_id: OrderId,
    buyer: Option<MemberId>,
    now: Instant,
) -> Result<bool, DbErr> {
    let whose = Condition::any()
        .add(Column::MemberId.is_null())
        .add_option(buyer.map(|member_id| Column::MemberId.eq(member_id)));
    let taken = Entity::update_of(merchant_id)
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(CouponState::Available))
        .filter(Column::ValidFrom.lte(now))
        .filter(Column::ValidUntil.gt(now))
        .filter(whose)
        .col_expr(Column::State, Expr::value(CouponState::Reserved))
        .col_expr(Column::OrderId, Expr::value(order_id))
        .exec(txn)
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Uses up those of these coupons that an order holds, and tells of it: it is paid. Says how many those were.
pub async fn use_(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    order_id: OrderId,
    ids: &[CouponId],
    paid_at: Instant,
) -> Result<u64, DbErr> {
    let reserved = &[CouponState::Reserved];
    let held = lock_of(txn, merchant_id, order_id, ids, reserved).await?;
    if held.is_empty() {
        return Ok(0);
    }
    let used = these(merchant_id, &held)
        .col_expr(Column::State, Expr::value(CouponState::Used))
        .col_expr(Column::UsedAt, Expr::value(paid_at))
        .exec(txn)
        .await?;
    tell(app, txn, merchant_id, EventKind::CouponUsed, &held).await?;
    Ok(used.rows_affected)
}

/// Gives back those of these coupons that an order holds or has, and tells of it: it was closed, or refunded in full.
/// They end when they did before. Says how many those were.
pub async fn give_back(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    order_id: OrderId,
    ids: &[CouponId],
) -> Result<u64, DbErr> {
    let taken = &[CouponState::Reserved, CouponState::Used];
    let held = lock_of(txn, merchant_id, order_id, ids, taken).await?;
    if held.is_empty() {
        return Ok(0);
    }
    let back = these(merchant_id, &held)
        .col_expr(Column::State, Expr::value(CouponState::Available))
        .col_expr(Column::OrderId, Expr::value(None::<OrderId>))
        .col_expr(Column::UsedAt, Expr::value(None::<Instant>))
        .exec(txn)
        .await?;
    tell(app, txn, merchant_id, EventKind::CouponReturned, &held).await?;
    Ok(back.rows_affected)
}

/// Those of these coupons that are an order's and stand so: nobody changes them until the transaction ends.
async fn lock_of(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    order_id: OrderId,
    ids: &[CouponId],
    states: &[CouponState],
) -> Result<Vec<CouponId>, DbErr> {
    Entity::of(merchant_id)
        .filter(Column::Id.is_in(ids.iter().copied()))
        .filter(Column::OrderId.eq(order_id))
        .filter(Column::State.is_in(states.iter().copied()))
        .order_by_asc(Column::Id)
        .select_only()
        .column(Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple()
        .all(txn)
        .await
}

fn these(merchant_id: MerchantId, ids: &[CouponId]) -> UpdateMany<Entity> {
    Entity::update_of(merchant_id).filter(Column::Id.is_in(ids.iter().copied()))
}

async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    kind: EventKind,
    ids: &[CouponId],
) -> Result<(), DbErr> {
    let subjects: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let now = app.clock.instant();
    events::record_many(txn, &app.ids, now, merchant_id, kind, &subjects).await
}
