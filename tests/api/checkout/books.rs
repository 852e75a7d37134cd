//! What counters say is what redemptions sum up to, whatever happened.

use std::collections::HashMap;

use entity::coupon::{self, CouponState};
use entity::offer_counter::{self, CounterKind};
use entity::order::{self, PaymentState};
use entity::order_line;
use entity::redemption::{self, OfferKind, RedemptionState};

use super::scene::Counters;
use crate::support::Merchant;

/// Invariants 8 to 10 of campaigns and coupons, summed up from rows.
pub async fn counters_are_right(merchant: &Merchant) {
    let writer = merchant.app().db.writer();
    let redemptions = redemption::Entity::of(merchant.id)
        .all(writer)
        .await
        .expect("rows");
    let orders = order::Entity::of(merchant.id)
        .all(writer)
        .await
        .expect("rows");
    let lines = order_line::Entity::of(merchant.id)
        .all(writer)
        .await
        .expect("rows");
    let coupons = coupon::Entity::of(merchant.id)
        .all(writer)
        .await
        .expect("rows");
    let counters = offer_counter::Entity::of(merchant.id)
        .all(writer)
        .await
        .expect("rows");

    // Limits and budgets: no counter is beyond its own, and each is what is held of it.
    let mut held: Counters = HashMap::new();
    let holding = redemptions
        .iter()
        .filter(|it| it.counted && it.state != RedemptionState::RolledBack);
    for it in holding.clone() {
        let mut add = |kind, span: String| {
            let sum = held.entry((kind, it.offer_id, span)).or_default();
            *sum = (sum.0 + 1, sum.1 + it.off_minor);
        };
        match it.offer {
            OfferKind::Coupon => {
                add(CounterKind::CouponUse, String::new());
                if let Some(id) = it.member_id {
                    add(CounterKind::CouponUse, format!("m{}", id.0));
                }
            }
            OfferKind::Campaign => {
                add(CounterKind::Campaign, String::new());
                add(CounterKind::Campaign, format!("d{}", it.day.0));
                if let Some(id) = it.member_id {
                    add(CounterKind::Campaign, format!("m{}", id.0));
                }
            }
        }
    }
    for counter in counters
        .iter()
        .filter(|it| it.kind != CounterKind::CouponIssue)
    {
        let key = (counter.kind, counter.offer_id, counter.span.clone());
        let sum = held.remove(&key).unwrap_or_default();
        assert_eq!((counter.taken, counter.spent_minor), sum, "{key:?}");
        assert!(
            counter.most.is_none_or(|most| counter.taken <= most),
            "{counter:?}"
        );
        assert!(
            counter
                .budget_minor
                .is_none_or(|budget| counter.spent_minor <= budget),
            "{counter:?}"
        );
    }
    assert!(held.is_empty(), "held, and not counted: {held:?}");

    // A closed order holds nothing, a paid one is settled, and what came off is what was redeemed.
    for order in &orders {
        let mut of_order = redemptions
            .iter()
            .filter(|it| it.order_id == order.id)
            .peekable();
        if of_order.peek().is_none() {
            continue;
        }
        let off: i64 = of_order.clone().map(|it| it.off_minor).sum();
        assert_eq!(off, order.discount_minor, "order {}", order.id);
        let of_lines = lines.iter().filter(|line| line.order_id == order.id);
        let shares: i64 = of_lines.map(|line| line.discount_minor).sum();
        assert_eq!(shares, order.discount_minor, "order {}", order.id);
        for it in of_order {
            let shares: Vec<i64> = serde_json::from_str(&it.shares).expect("shares");
            assert_eq!(shares.iter().sum::<i64>(), it.off_minor);
            let fits = match order.payment_state {
                PaymentState::Pending | PaymentState::Failed => {
                    it.state == RedemptionState::Reserved
                }
                PaymentState::Closed => it.state == RedemptionState::RolledBack,
                PaymentState::Paid => it.state != RedemptionState::Reserved,
            };
            assert!(
                fits,
                "{:?} of an order that is {:?}",
                it.state, order.payment_state
            );
        }
    }

    // A coupon is where the one redemption is that holds it.
    for coupon in &coupons {
        let by: Vec<_> = holding
            .clone()
            .filter(|it| it.coupon_id == Some(coupon.id))
            .collect();
        match coupon.state {
            CouponState::Available | CouponState::Void => assert!(by.is_empty(), "{coupon:?}"),
            CouponState::Reserved | CouponState::Used => {
                assert_eq!(by.len(), 1, "{coupon:?}");
                assert_eq!(Some(by[0].order_id), coupon.order_id);
                let used = by[0].state == RedemptionState::Committed;
                assert_eq!(used, coupon.state == CouponState::Used);
            }
        }
    }
}
