//! Takes offers off a cart, one after the other. Campaigns are worked out once, however many coupons are tried on
//! what they leave.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use chrono::Utc;

use super::{Applied, Cart, CartLine, NotApplied, Offer, OfferId, Price};
use crate::campaigns::model::Scope;
use crate::money::share_out;

/// An offer that is given to this buyer now, and on which lines.
#[derive(Debug)]
pub(crate) struct Fitting<'a> {
    offer: &'a Offer<'a>,
    lines: Lines,
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

/// On which lines an offer is given.
#[derive(Debug)]
enum Lines {
    All,
    Some(Vec<usize>),
}

/// Where the lines of a cart are found by what they are.
struct Shelf<'a> {
    count: usize,
    by_title: HashMap<&'a str, Vec<usize>>,
    by_category: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Shelf<'a> {
    fn of(lines: &'a [CartLine]) -> Self {
        let mut shelf = Self {
            count: lines.len(),
            by_title: HashMap::with_capacity(lines.len()),
            by_category: HashMap::new(),
        };
        for (place, line) in lines.iter().enumerate() {
            let title = shelf.by_title.entry(line.title.as_str());
            title.or_default().push(place);
            let category = shelf.by_category.entry(line.category.as_str());
            category.or_default().push(place);
        }
        shelf
    }

    /// The lines that a scope holds: as [`Scope::holds`] says of each.
    fn lines(&self, scope: &Scope) -> Lines {
        let all = scope.products.is_empty() && scope.categories.is_empty();
        if all && scope.without_products.is_empty() && scope.without_categories.is_empty() {
            return Lines::All;
        }
        let mut held = vec![all; self.count];
        let mut mark = |on: &HashMap<&str, Vec<usize>>, names: &[String], holds: bool| {
            for place in names
                .iter()
                .filter_map(|name| on.get(name.as_str()))
                .flatten()
            {
                held[*place] = holds;
            }
        };
        mark(&self.by_title, &scope.products, true);
        mark(&self.by_category, &scope.categories, true);
        mark(&self.by_title, &scope.without_products, false);
        mark(&self.by_category, &scope.without_categories, false);
        let lines = held.iter().enumerate().filter(|(_, held)| **held);
        Lines::Some(lines.map(|(place, _)| place).collect())
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
        after.give(campaigns.iter().filter(|it| !it.is_exclusive()));
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
            run.give(self.together().chain(together));
            run
        } else {
            let mut run = self.after.branch();
            run.give(together);
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
            run.give(self.together().chain(together()));
            run
        } else {
            let mut run = std::mem::replace(&mut self.after, self.fresh.branch());
            run.give(together());
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
        let every = self.campaigns.iter().chain(&coupons).map(Fitting::id);
        let shut_out = every.filter(|id| !named.contains(id));
        let shut_out = shut_out.map(|id| (id, NotApplied::Exclusive));
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
    let (rules, taken) = (offer.rules, &offer.taken);
    let (scope, limits) = (&rules.scope, &rules.limits);
    let now = cart.at.with_timezone(&Utc);
    let reached = |limit: Option<i64>, taken: i64| limit.is_some_and(|limit| taken >= limit);
    let unknown = cart.buyer.is_none();
    let has_paid = cart.buyer.is_some_and(|buyer| buyer.has_paid);
    let why = if now < offer.from {
        NotApplied::NotStarted
    } else if offer.to.is_some_and(|to| now >= to) {
        NotApplied::Ended
    } else if !rules.is_open(cart.at) {
        NotApplied::OutsideHours
    } else if !scope.holds_way(cart.channel, cart.method) {
        NotApplied::OtherChannel
    } else if unknown && rules.needs_member() {
        NotApplied::MembersOnly
    } else if rules.audience.newcomers && has_paid {
        NotApplied::NewcomersOnly
    } else if offer.held_out {
        NotApplied::HeldOut
    } else if reached(limits.total, taken.total) {
        NotApplied::UsedUp
    } else if reached(limits.per_day, taken.today) {
        NotApplied::UsedUpToday
    } else if reached(rules.per_member(), taken.by_member) {
        NotApplied::UsedUpByMember
    } else {
        return match shelf.lines(scope) {
            Lines::Some(lines) if lines.is_empty() => Err(NotApplied::NothingInScope),
            lines => Ok(lines),
        };
    };
    Err(why)
}

/// What offers have taken off so far.
struct Run {
    /// What is left of each line.
    left: Vec<i64>,
    payable_minor: i64,
    off_minor: i64,
    applied: Vec<Applied>,
    not_applied: Vec<(OfferId, NotApplied)>,
}

impl Run {
    fn of(cart: &Cart) -> Self {
        let left: Vec<i64> = cart.lines.iter().map(|line| line.amount_minor).collect();
        Self {
            payable_minor: left.iter().sum(),
            left,
            off_minor: 0,
            applied: Vec::new(),
            not_applied: Vec::new(),
        }
    }

    /// From here on, without what was told so far.
    fn branch(&self) -> Self {
        Self {
            left: self.left.clone(),
            payable_minor: self.payable_minor,
            off_minor: self.off_minor,
            applied: Vec::new(),
            not_applied: Vec::new(),
        }
    }

    /// Applies offers in their order, each on what those before have left; a group where its first one comes.
    fn give<'f, 'a: 'f>(&mut self, offers: impl Iterator<Item = &'f Fitting<'a>>) {
        let offers: Vec<&Fitting<'a>> = offers.collect();
        let mut groups: HashMap<&str, Vec<&Fitting<'a>>> = HashMap::new();
        for one in &offers {
            if let Some(group) = one.group() {
                groups.entry(group).or_default().push(one);
            }
        }
        for one in offers {
            match one.group() {
                None => {
                    let off = self.off(one);
                    self.take(one, off);
                }
                Some(group) => {
                    if let Some(group) = groups.remove(group) {
                        self.give_one_of(&group);
                    }
                }
            }
        }
    }

    /// Of a group the first of those that take most off.
    fn give_one_of(&mut self, group: &[&Fitting<'_>]) {
        let offs: Vec<_> = group.iter().map(|one| self.off(one)).collect();
        let most = offs.iter().filter_map(|off| off.as_ref().ok()).max();
        let winner = most.and_then(|most| offs.iter().position(|off| off.as_ref() == Ok(most)));
        let better = winner.map(|place| NotApplied::BetterInGroup(group[place].id()));
        for (place, (one, off)) in group.iter().zip(&offs).enumerate() {
            match (off, better) {
                (Ok(_), Some(why)) if Some(place) != winner => {
                    self.not_applied.push((one.id(), why));
                }
                _ => self.take(one, *off),
            }
        }
    }

    /// What an offer would take off now.
    fn off(&self, fitting: &Fitting<'_>) -> Result<i64, NotApplied> {
        let rules = fitting.offer.rules;
        let amount: i64 = match &fitting.lines {
            Lines::All => self.payable_minor,
            Lines::Some(lines) => lines.iter().map(|line| self.left[*line]).sum(),
        };
        let off = rules.benefit.off(amount);
        if off == 0 {
            return Err(match rules.benefit.missing(amount) {
                Some(missing) => NotApplied::BelowThreshold(missing),
                None => NotApplied::NothingLeft,
            });
        }
        // Something remains to be paid.
        let off = off.min(self.payable_minor - 1);
        if off <= 0 {
            return Err(NotApplied::NothingLeft);
        }
        let budget = rules.limits.budget_minor;
        let rest = budget.map(|budget| budget - fitting.offer.taken.spent_minor);
        if rest.is_some_and(|rest| off > rest) {
            return Err(NotApplied::OverBudget);
        }
        Ok(off)
    }

    fn take(&mut self, fitting: &Fitting<'_>, off: Result<i64, NotApplied>) {
        let id = fitting.id();
        let off_minor = match off {
            Ok(off) => off,
            Err(why) => return self.not_applied.push((id, why)),
        };
        let shares = match &fitting.lines {
            Lines::All => share_out(off_minor, &self.left),
            Lines::Some(lines) => {
                let weights: Vec<i64> = lines.iter().map(|line| self.left[*line]).collect();
                let mut shares = vec![0; self.left.len()];
                for (line, share) in lines.iter().zip(share_out(off_minor, &weights)) {
                    shares[*line] = share;
                }
                shares
            }
        };
        for (left, share) in self.left.iter_mut().zip(&shares) {
            *left -= share;
        }
        self.payable_minor -= off_minor;
        self.off_minor += off_minor;
        self.applied.push(Applied {
            id,
            off_minor,
            shares,
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names() -> impl Strategy<Value = Vec<String>> {
        let name = prop::sample::select(vec!["a", "b", "c", "d"]).prop_map(str::to_owned);
        prop::collection::vec(name, 0..3)
    }

    proptest! {
        #[test]
        fn a_shelf_finds_the_lines_that_a_scope_holds(
            lines in prop::collection::vec((names(), names()), 1..8),
            (products, categories) in (names(), names()),
            (without_products, without_categories) in (names(), names()),
        ) {
            let text = |names: &[String]| names.first().cloned().unwrap_or_default();
            let lines: Vec<CartLine> = lines.iter().map(|(titles, categories)| CartLine {
                title: text(titles),
                category: text(categories),
                amount_minor: 1,
            }).collect();
            let scope = Scope { products, categories, without_products, without_categories, ..Scope::default() };
            let held: Vec<usize> = (0..lines.len())
                .filter(|place| scope.holds(&lines[*place].title, &lines[*place].category))
                .collect();
            let found = match Shelf::of(&lines).lines(&scope) {
                Lines::All => (0..lines.len()).collect(),
                Lines::Some(lines) => lines,
            };
            prop_assert_eq!(found, held);
        }
    }
}
