//! What orders do to members' points: some are paid with them in part, paid ones earn some, and refunds undo both.

use std::sync::Arc;

use entity::point_entry::PointKind;
use entity::point_lot::PointOrigin;
use entity::{MemberId, MerchantId, OrderId, PointLotId, RefundId, TierId, order_point};

use super::Loyalty;
use super::card::Card;
use crate::checkout::model::points::{spend, usable};
use crate::checkout::model::{Cart, Price, Spending};
use crate::demo::history::instant;
use crate::demo::history::offers::mixed;
use crate::points::model::{
    EarnRule, Fresh, Move, ONE_PPM, Part, RESTORED_DAYS, clawed_total, earned, ends_after,
    parts_of, restored_total,
};

/// Of a hundred orders of members who have enough, so many are paid with points in part.
const PAYING: u64 = 17;
/// Members give points by so many, which are worth a yuan.
const BY: i64 = 100;

/// What an order has to do with its member's points.
#[derive(Debug)]
pub(super) struct OrderPoints {
    pub row: order_point::Model,
    /// The lot that it brought.
    lot: Option<PointLotId>,
    /// What it was paid with: from which lot, the last first.
    taken: Vec<Part>,
}

impl OrderPoints {
    fn new(merchant_id: MerchantId, order_id: OrderId, member_id: MemberId) -> Self {
        Self {
            row: order_point::Model {
                merchant_id,
                order_id,
                member_id,
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
            },
            lot: None,
            taken: Vec::new(),
        }
    }
}

/// What these moves have taken for an order, the last first.
fn taken(moves: &[Move]) -> Vec<Part> {
    let spent = moves
        .iter()
        .rev()
        .filter(|one| one.kind == PointKind::Spent);
    spent
        .map(|one| (one.lot_id, one.owed - one.points - one.pending))
        .collect()
}

impl Loyalty {
    /// Lets a member pay with points for a part of what offers leave of an order that is being made, where they feel
    /// like it and have enough.
    pub fn pay(
        &mut self,
        order_id: OrderId,
        member_id: MemberId,
        cart: &Cart,
        price: &Price,
    ) -> Option<Spending> {
        let store = Arc::clone(&self.store);
        let program = store.club.as_ref().map(|club| &club.program)?;
        let made_ms = order_id.made_at_ms();
        let now = instant(made_ms);
        self.live(made_ms);
        let has = self.cards.get(&member_id)?.available(now);
        let most = usable(price.payable_minor(), has, Some(program)) / BY * BY;
        if most == 0 || mixed(order_id.0) % 100 >= PAYING {
            return None;
        }
        let spending = spend(cart, price, most, Some(has), Some(program)).ok()?;
        let mut card = self.cards.remove(&member_id)?;
        let paid = card
            .purse
            .spend(spending.points, PointKind::Spent, now.0)
            .is_ok();
        if paid {
            let mut order = OrderPoints::new(store.merchant.id, order_id, member_id);
            order.taken = taken(&card.purse.moves);
            order.row.spent = spending.points;
            order.row.off_minor = spending.off_minor;
            order.row.shares = serde_json::to_string(&spending.shares).unwrap_or_default();
            order.row.held = true;
            self.orders.insert(order_id, order);
        }
        self.write(&mut card, made_ms, (Some(order_id.0), 0));
        self.cards.insert(member_id, card);
        paid.then_some(spending)
    }

    /// Gives the points of an order that is paid; none without a club. What it was paid with and gave back when it was
    /// closed is taken again.
    pub(super) fn earn(
        &mut self,
        card: &mut Card,
        at_ms: i64,
        order_id: OrderId,
        (minor, tier_id): (i64, Option<TierId>),
    ) -> i64 {
        let store = Arc::clone(&self.store);
        let Some(club) = &store.club else {
            return 0;
        };
        let tier = tier_id.and_then(|id| self.ladder.find(id));
        let multiplier_ppm = tier.map_or(ONE_PPM, |tier| tier.multiplier_ppm.into());
        let rule = EarnRule::of(&club.program, multiplier_ppm);
        let points = earned(minor, rule);
        let (now, zone) = (instant(at_ms).0, store.shop.time_zone);
        let days = club.program.valid_days;
        let lot_id = PointLotId(self.next_id(PointLotId::first_at(at_ms).0));
        let known = self.orders.remove(&order_id);
        let mut order =
            known.unwrap_or_else(|| OrderPoints::new(store.merchant.id, order_id, card.id()));
        let spent = order.row.spent;
        let again = spent > 0 && !order.row.held;
        card.purse.settle(now);
        if again {
            card.purse.spend_or_owe(spent, PointKind::Spent, now);
            order.taken = taken(&card.purse.moves);
        }
        card.purse.come(
            Fresh {
                id: lot_id,
                origin: PointOrigin::Order,
                source_id: Some(order_id.0),
                points,
                releases_at: None,
                expires_at: days.map(|days| ends_after(now, days, zone)),
            },
            PointKind::Earned,
        );
        self.write(card, at_ms, (Some(order_id.0), i32::from(again)));
        order.lot = Some(lot_id);
        order.row.held = spent > 0;
        order.row.base_minor = minor;
        order.row.earn_points = rule.points;
        order.row.earn_per_minor = rule.per_minor;
        order.row.multiplier_ppm = rule.multiplier_ppm;
        order.row.earned = points;
        self.orders.insert(order_id, order);
        points
    }

    /// Gives back what an order holds that is closed.
    pub(super) fn let_go(&mut self, card: &mut Card, at_ms: i64, order_id: OrderId) {
        let Some(mut order) = self.orders.remove(&order_id) else {
            return;
        };
        order.row.held = false;
        let parts = parts_of(&order.taken, 0, order.row.spent);
        self.give_back(card, at_ms, parts);
        self.write(card, at_ms, (Some(order_id.0), 0));
        self.orders.insert(order_id, order);
    }

    /// Undoes what an order has to do with points, as far as refunds have given it back; returns how many are taken back
    /// of those that it earned.
    pub(super) fn undo(
        &mut self,
        card: &mut Card,
        at_ms: i64,
        order_id: OrderId,
        (refund_id, refunded_minor): (RefundId, i64),
    ) -> i64 {
        let Some(mut order) = self.orders.remove(&order_id) else {
            return 0;
        };
        let row = &mut order.row;
        let rule = EarnRule {
            points: row.earn_points,
            per_minor: row.earn_per_minor,
            multiplier_ppm: row.multiplier_ppm,
        };
        let restored = restored_total(row.spent, refunded_minor, row.base_minor);
        let clawed = clawed_total(row.base_minor, refunded_minor, rule).clamp(0, row.earned);
        let change = clawed - row.clawed;
        let parts = parts_of(&order.taken, row.restored, restored - row.restored);
        (row.restored, row.clawed) = (restored, clawed);
        // First what comes, then what goes: less is owed.
        self.give_back(card, at_ms, parts);
        card.purse.claw_back(order.lot, change, instant(at_ms).0);
        self.write(card, at_ms, (Some(refund_id.0), 0));
        self.orders.insert(order_id, order);
        change
    }

    fn give_back(&mut self, card: &mut Card, at_ms: i64, parts: Vec<Part>) {
        let now = instant(at_ms).0;
        let until = ends_after(now, RESTORED_DAYS, self.store.shop.time_zone);
        for (lot_id, points) in parts {
            let next = PointLotId(self.next_id(PointLotId::first_at(at_ms).0));
            card.purse
                .give_back(lot_id, points, PointKind::Restored, (now, until), || next);
        }
    }
}
