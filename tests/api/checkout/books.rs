//! What counters say is what redemptions sum up to, whatever happened.

use std::collections::HashMap;

use entity::coupon::{self, CouponState};
use entity::offer_counter::{self, CounterKind};
use entity::order::{self, PaymentState};
use entity::redemption::{self, OfferKind, RedemptionState};
use entity::{campaign_version, order_line, order_point};
use yigate::campaigns::model::Rules;

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
    let points = order_point::Entity::of(merchant.id)
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
            OfferKind::Tier => {}
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
    limits_are_those_of_versions(merchant, &redemptions, &counters).await;

    // A closed order holds nothing, a paid one is settled, and what came off is what was redeemed.
    for order in &orders {
        let mut of_order = redemptions
            .iter()
            .filter(|it| it.order_id == order.id)
            .peekable();
        if of_order.peek().is_none() {
            continue;
        }
        let by_points = points.iter().find(|it| it.order_id == order.id);
        let by_points = by_points.map_or(0, |it| it.off_minor);
        let by_offers: i64 = of_order.clone().map(|it| it.off_minor).sum();
        let off = by_offers + by_points;
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

/// The limits that a campaign's counter was taken under last are those of the version that was redeemed last in its
/// span, or of a later one, under which a late payment came: never of one before.
async fn limits_are_those_of_versions(
    merchant: &Merchant,
    redemptions: &[redemption::Model],
    counters: &[offer_counter::Model],
) {
    let versions = campaign_version::Entity::of(merchant.id)
        .all(merchant.app().db.writer())
        .await
        .expect("rows");
    for counter in counters
        .iter()
        .filter(|it| it.kind == CounterKind::Campaign)
    {
        let in_span = |it: &&redemption::Model| {
            it.offer == OfferKind::Campaign
                && it.offer_id == counter.offer_id
                && match counter.span.split_at_checked(1) {
                    Some(("d", day)) => it.day.0.to_string() == day,
                    Some(("m", id)) => it.member_id.is_some_and(|it| it.0.to_string() == id),
                    _ => true,
                }
        };
        let last = redemptions.iter().filter(in_span).map(|it| it.version);
        let last = last.max().expect("who took it");
        let since = versions
            .iter()
            .filter(|it| it.campaign_id.0 == counter.offer_id && it.version >= last);
        let mut limits = since.map(|version| {
            let rules = Rules::of_text(&version.rules).expect("rules");
            match counter.span.chars().next() {
                Some('d') => (rules.limits.per_day, None),
                Some('m') => (rules.per_member(), None),
                _ => (rules.limits.total, rules.limits.budget_minor),
            }
        });
        let taken_under = (counter.most, counter.budget_minor);
        assert!(
            limits.any(|limits| limits == taken_under),
            "{counter:?} since version {last}"
        );
    }
}
