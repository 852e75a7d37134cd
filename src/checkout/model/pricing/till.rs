//! Works out campaigns once, however many coupons are tried on what they leave.

use std::cmp::Reverse;
use std::collections::HashSet;

use chrono::Utc;

use super::run::Run;
use super::shelf::{Lines, Shelf};
use super::{Buyer, Cart, NotApplied, Offer, OfferId, Price};

/// An offer that is given to this buyer now, and on which lines.
#[derive(Debug)]
pub(crate) struct Fitting<'a> {
    pub(super) offer: &'a Offer<'a>,
    pub(super) lines: Lines,
}

impl Fitting<'_> {
    /// Which it is.
    pub(crate) const fn id(&self) -> OfferId {
        self.offer.id
    }

    fn is_exclusive(&self) -> bool {
        self.offer.rules.stacking.exclusive
    }

    /// Its stacking group.
    pub(crate) fn group(&self) -> Option<&str> {
        self.offer.rules.stacking.group.as_deref()
    }
}

/// A cart whose campaigns are worked out.
pub(crate) struct Till<'a> {
    cart: &'a Cart,
    shelf: Shelf<'a>,
    fresh: Run,
    campaigns: Vec<Fitting<'a>>,
    refused: Vec<(OfferId, NotApplied)>,
    groups: HashSet<&'a str>,
    after: Run,
}

impl<'a> Till<'a> {
    /// Works out what campaigns take off a cart.
    pub(crate) fn open(cart: &'a Cart, campaigns: impl Iterator<Item = &'a Offer<'a>>) -> Self {
        let shelf = Shelf::of(&cart.lines);
        let fresh = Run::of(cart);
        let (campaigns, refused) = fitting(cart, &shelf, campaigns);
        let mut after = fresh.branch();
        after.give(&fresh, campaigns.iter().filter(|it| !it.is_exclusive()));
        let together = campaigns.iter().filter(|it| !it.is_exclusive());
        let groups = together.filter_map(|it| it.offer.rules.stacking.group.as_deref());
        Self {
            groups: groups.collect(),
            cart,
            shelf,
            fresh,
            campaigns,
            refused,
            after,
        }
    }

    /// Those of these coupons that are given to this buyer now, in their order.
    pub(crate) fn fitting(&self, coupons: impl Iterator<Item = &'a Offer<'a>>) -> Vec<Fitting<'a>> {
        fitting(self.cart, &self.shelf, coupons).0
    }

    /// What comes off with these coupons, in their order.
    pub(crate) fn off_with(&self, coupons: &[&Fitting<'a>]) -> i64 {
        let together = coupons.iter().copied().filter(|it| !it.is_exclusive());
        let run = if self.meets_group(coupons) {
            let mut run = self.fresh.branch();
            run.give(&self.fresh, self.together().chain(together));
            run
        } else {
            let mut run = self.after.branch();
            run.give(&self.fresh, together);
            run
        };
        let alone = self.best_alone(coupons.iter().copied());
        alone.map_or(0, |(_, off)| off).max(run.off_minor)
    }

    /// Prices the cart with the coupons that the buyer chose.
    pub(crate) fn price(mut self, coupons: impl Iterator<Item = &'a Offer<'a>>) -> Price {
        let (coupons, refused) = fitting(self.cart, &self.shelf, coupons);
        let chosen: Vec<&Fitting<'a>> = coupons.iter().collect();
        let together = || coupons.iter().filter(|it| !it.is_exclusive());
        let mut best = if self.meets_group(&chosen) {
            let mut run = self.fresh.branch();
            run.give(&self.fresh, self.together().chain(together()));
            run
        } else {
            let mut run = std::mem::replace(&mut self.after, self.fresh.branch());
            run.give(&self.fresh, together());
            run
        };
        if let Some((one, off)) = self.best_alone(coupons.iter())
            && off > best.off_minor
        {
            best = self.fresh.branch();
            best.take(one, Ok(off));
        }
        let named: HashSet<OfferId> = best
            .applied
            .iter()
            .map(|it| it.id)
            .chain(best.not_applied.iter().map(|(id, _)| *id))
            .collect();
        // What would take nothing off alone is not told that something else stands in its way.
        let every = self.campaigns.iter().chain(&coupons);
        let shut_out = every.filter(|it| !named.contains(&it.id()));
        let shut_out = shut_out.map(|it| {
            let why = self.fresh.off(it).err();
            (it.id(), why.unwrap_or(NotApplied::Exclusive))
        });
        best.not_applied.extend(shut_out);
        best.not_applied.append(&mut self.refused);
        best.not_applied.extend(refused);
        best.not_applied.sort_unstable_by_key(|(id, _)| *id);
        let lines = self.cart.lines.iter().zip(&best.left);
        Price {
            amount_minor: self.fresh.payable_minor,
            off_minor: best.off_minor,
            line_offs: lines.map(|(line, left)| line.amount_minor - left).collect(),
            applied: best.applied,
            not_applied: best.not_applied,
        }
    }

    fn together(&self) -> impl Iterator<Item = &Fitting<'a>> {
        self.campaigns.iter().filter(|it| !it.is_exclusive())
    }

    /// Whether a coupon is in a group with a campaign: then campaigns have to be worked out with it.
    fn meets_group(&self, coupons: &[&Fitting<'a>]) -> bool {
        let mut groups = coupons.iter().filter_map(|it| it.group());
        groups.any(|group| self.groups.contains(group))
    }

    /// Of the exclusive ones the first that takes most off.
    fn best_alone<'f>(
        &'f self,
        coupons: impl Iterator<Item = &'f Fitting<'a>>,
    ) -> Option<(&'f Fitting<'a>, i64)>
    where
        'a: 'f,
    {
        let alone = self.campaigns.iter().chain(coupons);
        let alone = alone.filter(|it| it.is_exclusive());
        let offs = alone.filter_map(|it| Some((it, self.fresh.off(it).ok()?)));
        offs.reduce(|best, next| if next.1 > best.1 { next } else { best })
    }
}

/// Puts offers into their order, and tells apart what is given to this buyer now.
fn fitting<'a>(
    cart: &Cart,
    shelf: &Shelf<'_>,
    offers: impl Iterator<Item = &'a Offer<'a>>,
) -> (Vec<Fitting<'a>>, Vec<(OfferId, NotApplied)>) {
    let mut offers: Vec<&'a Offer<'a>> = offers.collect();
    offers.sort_unstable_by_key(|offer| (Reverse(offer.rules.stacking.priority), offer.id));
    let (mut fitting, mut refused) = (Vec::with_capacity(offers.len()), Vec::new());
    for offer in offers {
        match fits(cart, shelf, offer) {
            Ok(lines) => fitting.push(Fitting { offer, lines }),
            Err(why) => refused.push((offer.id, why)),
        }
    }
    (fitting, refused)
}

/// On which lines an offer is given, whatever else is.
fn fits(cart: &Cart, shelf: &Shelf<'_>, offer: &Offer<'_>) -> Result<Lines, NotApplied> {
    let (rules, scope) = (offer.rules, &offer.rules.scope);
    let now = cart.at.with_timezone(&Utc);
    let buyer = cart.buyer.as_ref();
    let unknown = buyer.is_none();
    let has_paid = buyer.is_some_and(|buyer| buyer.has_paid);
    let why = if now < offer.from {
        NotApplied::NotStarted
    } else if offer.to.is_some_and(|to| now >= to) {
        NotApplied::Ended
    } else if !rules.is_open(cart.at) {
        NotApplied::OutsideHours
    } else if !scope.holds_way(cart.channel, cart.method) {
        NotApplied::OtherChannel
    } else if rules.audience.newcomers && (unknown || has_paid) {
        NotApplied::NewcomersOnly
    } else if unknown && rules.needs_member() {
        NotApplied::MembersOnly
    } else if let Some(why) = Buyer::kept_out(buyer, &rules.audience) {
        why
    } else if offer.held_out {
        NotApplied::HeldOut
    } else {
        return match shelf.lines(scope) {
            Lines::Some(lines) if lines.is_empty() => Err(NotApplied::NothingInScope),
            lines => Ok(lines),
        };
    };
    Err(why)
}
