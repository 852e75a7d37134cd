//! Which of a buyer's coupons serve them best.

use std::cmp::Reverse;

use entity::CouponId;

use super::pricing::{Fitting, Till};
use super::{Cart, MOST_COUPONS, Offer, OfferId, price};

/// How many sets of coupons are tried at the most, so that a buyer with many is not waited for.
const MOST_SETS: usize = 256;

/// The coupons that take most off beside campaigns. All sets of them are tried where there are not too many; else it
/// begins with the best single one, and adds each of the next best that adds something, so it is never worse than any
/// of them alone. Of those that are worth the same it takes the fewest, and what ends first. Only what takes something
/// off is named.
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
        if !(grouped && kept.iter().any(copy)) {
            kept.push(coupon);
        }
    }
    let fitting = till.fitting(kept.iter().copied());
    // As they end: `fitting` is in the order in which they are applied.
    let ends = |id: OfferId| kept.iter().position(|coupon| coupon.id == id);
    let mut by_end: Vec<usize> = (0..fitting.len()).collect();
    by_end.sort_unstable_by_key(|place| ends(fitting[*place].id()));
    let mut choice = Choice {
        till: &till,
        fitting: &fitting,
        most: till.off_with(&[]),
        chosen: Vec::new(),
    };
    let lots = lots(&fitting, &by_end);
    let sets = lots
        .iter()
        .fold(1_usize, |sets, lot| sets.saturating_mul(lot.len() + 1));
    if sets <= MOST_SETS {
        choice.try_all(&lots, &mut Vec::new());
    } else {
        choice.add_one_by_one(by_end);
    }
    let chosen = choice.chosen;
    let ids = chosen.iter().map(|place| fitting[*place].id());
    let ids: Vec<OfferId> = ids.collect();
    let mut all = campaigns.to_vec();
    all.extend(kept.into_iter().filter(|coupon| ids.contains(&coupon.id)));
    let applied = price(cart, &all).applied.into_iter();
    let coupons = applied.filter_map(|it| match it.id {
        OfferId::Coupon(id) => Some(id),
        OfferId::Campaign(_) | OfferId::Tier(_) => None,
    });
    coupons.collect()
}

/// Places of coupons of which one is given: those of a group together, each other one by itself.
fn lots(fitting: &[Fitting<'_>], places: &[usize]) -> Vec<Vec<usize>> {
    let mut lots: Vec<Vec<usize>> = Vec::new();
    for place in places {
        let group = fitting[*place].group();
        let same = |lot: &&mut Vec<usize>| group.is_some() && fitting[lot[0]].group() == group;
        match lots.iter_mut().find(same) {
            Some(lot) => lot.push(*place),
            None => lots.push(vec![*place]),
        }
    }
    lots
}

/// The best set of coupons so far.
struct Choice<'c, 'a> {
    till: &'c Till<'a>,
    fitting: &'c [Fitting<'a>],
    most: i64,
    chosen: Vec<usize>,
}

impl Choice<'_, '_> {
    /// Keeps a set that takes more off, or as much with fewer coupons.
    fn consider(&mut self, set: &[usize]) {
        let mut set = set.to_vec();
        set.sort_unstable();
        let all: Vec<_> = set.iter().map(|place| &self.fitting[*place]).collect();
        let off = self.till.off_with(&all);
        if off > self.most || (off == self.most && set.len() < self.chosen.len()) {
            (self.most, self.chosen) = (off, set);
        }
    }

    /// Tries each set that begins with one, with one or none of each lot.
    fn try_all(&mut self, lots: &[Vec<usize>], begun: &mut Vec<usize>) {
        let Some((lot, others)) = lots.split_first() else {
            return self.consider(begun);
        };
        if begun.len() < MOST_COUPONS {
            for place in lot {
                begun.push(*place);
                self.try_all(others, begun);
                begun.pop();
            }
        }
        self.try_all(others, begun);
    }

    /// Adds those that add something, those first that take most off alone. What makes nothing cheaper alone is not
    /// tried beside others.
    fn add_one_by_one(&mut self, places: Vec<usize>) {
        let alone = places.into_iter();
        let alone = alone.map(|place| (self.till.off_with(&[&self.fitting[place]]), place));
        let mut alone: Vec<(i64, usize)> = alone.filter(|(off, _)| *off > self.most).collect();
        alone.sort_by_key(|(off, _)| Reverse(*off));
        for (_, place) in alone {
            let group = self.fitting[place].group();
            let same = |other: &usize| group.is_some() && self.fitting[*other].group() == group;
            if self.chosen.len() < MOST_COUPONS && !self.chosen.iter().any(same) {
                let mut with = self.chosen.clone();
                with.push(place);
                self.consider(&with);
            }
        }
    }
}
