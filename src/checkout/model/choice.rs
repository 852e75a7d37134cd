//! Which of a buyer's coupons serve them best.

use std::cmp::Reverse;

use entity::CouponId;

use super::pricing::Till;
use super::{Cart, MOST_COUPONS, Offer, OfferId, price};

/// The coupons that take most off beside campaigns: begins with the best single one, and adds each of the next best
/// that adds something, so it is never worse than any of them alone. Of those that are worth the same it takes what
/// ends first. Only what takes something off is named.
#[must_use]
pub fn choose(cart: &Cart, campaigns: &[Offer<'_>], coupons: &[Offer<'_>]) -> Vec<CouponId> {
    let till = Till::open(cart, campaigns.iter());
    let mut coupons: Vec<&Offer<'_>> = coupons.iter().collect();
    coupons.sort_unstable_by_key(|coupon| (coupon.to, coupon.id));
    // Copies of one coupon in one group serve alike: the one that ends first stands for all.
    let mut kept: Vec<&Offer<'_>> = Vec::with_capacity(coupons.len());
    for coupon in coupons {
        let grouped = coupon.rules.stacking.group.is_some();
        let copy = |other: &&Offer<'_>| std::ptr::eq(other.rules, coupon.rules);
        if !(grouped && kept.iter().any(|other| copy(&other))) {
            kept.push(coupon);
        }
    }
    let fitting = till.fitting(kept.iter().copied());
    // As they end: `fitting` is in the order in which they are applied.
    let ends = |id: OfferId| kept.iter().position(|coupon| coupon.id == id);
    let mut by_end: Vec<usize> = (0..fitting.len()).collect();
    by_end.sort_unstable_by_key(|place| ends(fitting[*place].id()));
    // What makes nothing cheaper alone is not tried beside others.
    let mut most = till.off_with(&[]);
    let alone = by_end.into_iter();
    let alone = alone.map(|place| (till.off_with(&[&fitting[place]]), place));
    let mut alone: Vec<(i64, usize)> = alone.filter(|(off, _)| *off > most).collect();
    alone.sort_by_key(|(off, _)| Reverse(*off));
    let mut chosen: Vec<usize> = Vec::new();
    for (_, place) in alone {
        let group = fitting[place].group();
        let same = |other: &usize| group.is_some() && fitting[*other].group() == group;
        if chosen.len() == MOST_COUPONS || chosen.iter().any(same) {
            continue;
        }
        let mut with = chosen.clone();
        with.push(place);
        with.sort_unstable();
        let all: Vec<_> = with.iter().map(|place| &fitting[*place]).collect();
        let off = till.off_with(&all);
        if off > most {
            (most, chosen) = (off, with);
        }
    }
    let ids = chosen.iter().map(|place| fitting[*place].id());
    let ids: Vec<OfferId> = ids.collect();
    let mut all = campaigns.to_vec();
    all.extend(kept.into_iter().filter(|coupon| ids.contains(&coupon.id)));
    let applied = price(cart, &all).applied.into_iter();
    let coupons = applied.filter_map(|it| match it.id {
        OfferId::Coupon(id) => Some(id),
        OfferId::Campaign(_) => None,
    });
    coupons.collect()
}
