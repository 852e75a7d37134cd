//! What members of a made-up coffee chain paid with points, and what their tiers took off.

use std::collections::HashMap;

use entity::point_entry::{self, PointKind};
use entity::redemption::{OfferKind, RedemptionState};
use entity::{MemberId, TierId, member, order_point, redemption};

use super::*;
use crate::demo::shop::MUMIAN;

/// A year of the coffee chain, told to its end.
fn tell() -> (Arc<Store>, Vec<Plan>, Ending) {
    let opened_at = until() - TimeDelta::days(366);
    let crew = Crew::alone(StaffId(9));
    let name = MUMIAN.name.to_owned();
    let id = MerchantId(7);
    let store = Store::open(&MUMIAN, id, name, opened_at, until(), crew, Vec::new());
    let store = Arc::new(store.with_club(&mut ChaCha8Rng::seed_from_u64(21)));
    let from = until() - TimeDelta::days(365);
    let to = until();
    let mut history = History::new(Arc::clone(&store), &calendar(), from, to, 20_000, 21, 0);
    let plans = history.by_ref().collect();
    (store, plans, history.end())
}

/// How many points entries of a kind took or brought, for that and by that round.
fn moved(entries: &[point_entry::Model], kind: PointKind, source_id: i64, round: i32) -> i64 {
    let of = entries.iter().filter(|entry| {
        (entry.kind, entry.source_id, entry.round) == (kind, Some(source_id), round)
    });
    of.map(|entry| entry.points + entry.pending - entry.owed)
        .sum()
}

/// Entries by what they are for.
fn by_source(entries: &[point_entry::Model]) -> HashMap<i64, Vec<point_entry::Model>> {
    let mut by: HashMap<i64, Vec<point_entry::Model>> = HashMap::new();
    for entry in entries {
        let of = entry.source_id.unwrap_or_default();
        by.entry(of).or_default().push(entry.clone());
    }
    by
}

/// An order that was paid with points in part: what entries say of it is what its row says, and what became of it.
fn check_points(
    plan: &Plan,
    row: &order_point::Model,
    entries: &HashMap<i64, Vec<point_entry::Model>>,
    left_minor: i64,
) {
    let order = &plan.order;
    // A hundred points are worth a yuan, and pay for half of what the tier leaves at the most.
    assert_eq!((row.spent, row.spent % 100), (row.off_minor, 0));
    assert!(row.off_minor * 2 <= left_minor);
    let none = Vec::new();
    let of_order = entries.get(&order.id.0).unwrap_or(&none);
    let of_order = |kind, round| moved(of_order, kind, order.id.0, round);
    assert_eq!(of_order(PointKind::Spent, 0), -row.spent);
    let closed = order.closed_at.is_some();
    let returned = of_order(PointKind::Restored, 0);
    assert_eq!(returned, if closed { row.spent } else { 0 });
    let late = if order.late { -row.spent } else { 0 };
    assert_eq!(of_order(PointKind::Spent, 1), late);
    assert_eq!(row.held, !closed || order.late);
    let refunds = plan.refunds.iter().map(|refund| {
        let of_refund = entries.get(&refund.id.0).unwrap_or(&none);
        moved(of_refund, PointKind::Restored, refund.id.0, 0)
    });
    assert_eq!(refunds.sum::<i64>(), row.restored);
    if order.refund_state == RefundState::Full {
        assert_eq!(row.restored, row.spent);
    }
}

#[test]
fn members_pay_with_points_and_get_the_discount_of_their_tier_as_at_the_till() {
    let (store, plans, ending) = tell();
    let rows = ending.remembered.orders.iter();
    let rows: HashMap<OrderId, &order_point::Model> = rows.map(|row| (row.order_id, row)).collect();
    let redeemed = ending.redeemed.redemptions.iter();
    let redeemed: HashMap<OrderId, &redemption::Model> =
        redeemed.map(|row| (row.order_id, row)).collect();
    let entries = by_source(&ending.remembered.entries);
    let mut of_tiers: HashMap<i64, usize> = HashMap::new();
    let (mut with_points, mut let_go, mut again, mut back) = (0, 0, 0, 0);
    for plan in &plans {
        check_money(plan);
        let (order, row) = (&plan.order, rows.get(&plan.order.id));
        let row = row.filter(|row| row.spent > 0);
        let of_tier = redeemed.get(&order.id);
        if let Some(of_tier) = of_tier {
            assert_eq!(of_tier.offer, OfferKind::Tier);
            assert_eq!(order.tier_id, Some(TierId(of_tier.offer_id)));
            let is_paid = order.payment_state == PaymentState::Paid;
            let is_back = order.refund_state == RefundState::Full;
            let committed = of_tier.state == RedemptionState::Committed;
            assert_eq!(committed, is_paid && !is_back);
            *of_tiers.entry(of_tier.offer_id).or_default() += 1;
        }
        let off_of_tier = of_tier.map_or(0, |row| row.off_minor);
        let off_of_points = row.map_or(0, |row| row.off_minor);
        if off_of_tier + off_of_points > 0 {
            assert_eq!(order.discount_minor, off_of_tier + off_of_points);
        }
        let Some(row) = row else { continue };
        with_points += 1;
        check_points(plan, row, &entries, order.amount_minor - off_of_tier);
        let_go += usize::from(!row.held);
        again += usize::from(order.late);
        back += usize::from(row.restored > 0);
    }
    let tiers = &store.club.as_ref().unwrap().tiers;
    let of_tier = |place: usize| of_tiers.get(&tiers[place].id.0).copied().unwrap_or(0);
    let counts = [
        of_tier(0),
        of_tier(1),
        of_tier(2),
        with_points,
        let_go,
        again,
        back,
    ];
    let enough = [0, 100, 30, 300, 10, 0, 2];
    assert_eq!(counts[0], 0, "the first tier has no discount");
    let is_enough = counts
        .iter()
        .zip(enough)
        .all(|(count, least)| *count >= least);
    assert!(is_enough, "{counts:?}");
}

#[test]
fn points_of_members_are_what_is_left_of_their_lots_and_the_sum_of_their_entries() {
    let (_, _, ending) = tell();
    let mut sums: HashMap<MemberId, (i64, i64, i64)> = HashMap::new();
    for entry in &ending.remembered.entries {
        let sum = sums.entry(entry.member_id).or_default();
        sum.0 += entry.points;
        sum.1 += entry.pending;
        sum.2 += entry.owed;
        assert_eq!(entry.balance, sum.0);
    }
    let mut left: HashMap<MemberId, i64> = HashMap::new();
    for lot in &ending.remembered.lots {
        assert!((0..=lot.earned).contains(&lot.remaining));
        *left.entry(lot.member_id).or_default() += lot.remaining;
    }
    for row in &ending.members {
        let member::Model {
            id,
            points,
            points_pending,
            points_owed,
            ..
        } = row;
        let sum = sums.get(id).copied().unwrap_or_default();
        assert_eq!((*points, *points_pending, *points_owed), sum);
        let left = left.get(id).copied().unwrap_or_default();
        assert_eq!(points + points_pending, left);
    }
}
