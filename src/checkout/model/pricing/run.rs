//! Takes offers off a cart, one after the other, each on what those before have left.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::shelf::Lines;
use super::till::Fitting;
use super::{Applied, Cart, NotApplied, OfferId};
use crate::money::share_out;

/// What offers have taken off so far.
pub(super) struct Run {
    /// What is left of each line.
    pub(super) left: Vec<i64>,
    /// What is to be paid, in minor units.
    pub(super) payable_minor: i64,
    /// What came off, in minor units.
    pub(super) off_minor: i64,
    /// What took something off, in its order.
    pub(super) applied: Vec<Applied>,
    /// What did not, and why.
    pub(super) not_applied: Vec<(OfferId, NotApplied)>,
}

impl Run {
    /// A cart from which nothing is taken off yet.
    pub(super) fn of(cart: &Cart) -> Self {
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
    pub(super) fn branch(&self) -> Self {
        Self {
            left: self.left.clone(),
            payable_minor: self.payable_minor,
            off_minor: self.off_minor,
            applied: Vec::new(),
            not_applied: Vec::new(),
        }
    }

    /// Applies offers in their order, each on what those before have left; of a group one alone, at its own place: the
    /// one that would take most off the cart as it is at first, or the next of them where that one takes nothing off
    /// any more. What is not applied changes nothing: whoever asks without it finds the same.
    pub(super) fn give<'f, 'a: 'f>(
        &mut self,
        fresh: &Self,
        offers: impl Iterator<Item = &'f Fitting<'a>>,
    ) {
        let offers: Vec<&Fitting<'a>> = offers.collect();
        let mut groups = self.rank(fresh, &offers);
        let run = loop {
            let mut run = self.branch();
            if run.give_first_of(&offers, &mut groups, &mut self.not_applied) {
                break run;
            }
        };
        self.left = run.left;
        self.payable_minor = run.payable_minor;
        self.off_minor = run.off_minor;
        self.applied.extend(run.applied);
        self.not_applied.extend(run.not_applied);
        for ranked in groups.into_values() {
            if let Some((best, others)) = ranked.split_first() {
                let why = NotApplied::BetterInGroup(offers[*best].id());
                let others = others.iter().map(|place| (offers[*place].id(), why));
                self.not_applied.extend(others);
            }
        }
    }

    /// The places of each group's offers that would take something off the cart as it is at first, those that take
    /// most off before the others. Of the rest it is told why.
    fn rank<'f>(
        &mut self,
        fresh: &Self,
        offers: &[&'f Fitting<'_>],
    ) -> HashMap<&'f str, Vec<usize>> {
        let mut groups: HashMap<&str, Vec<(i64, usize)>> = HashMap::new();
        for (place, one) in offers.iter().enumerate() {
            let Some(group) = one.group() else { continue };
            match fresh.off(one) {
                Ok(off) => groups.entry(group).or_default().push((off, place)),
                Err(why) => self.not_applied.push((one.id(), why)),
            }
        }
        let ranked = groups.into_iter().map(|(group, mut offs)| {
            offs.sort_unstable_by_key(|(off, place)| (Reverse(*off), *place));
            (group, offs.into_iter().map(|(_, place)| place).collect())
        });
        ranked.collect()
    }

    /// Applies what is in no group, and the first of each group, in their order. One of a group that takes nothing off
    /// any more makes room for the next of it; false where that one's place has been passed: all of it is to be done
    /// again. Why they made room is told in `fallen`.
    fn give_first_of<'f>(
        &mut self,
        offers: &[&'f Fitting<'_>],
        groups: &mut HashMap<&'f str, Vec<usize>>,
        fallen: &mut Vec<(OfferId, NotApplied)>,
    ) -> bool {
        for (place, one) in offers.iter().enumerate() {
            let Some(group) = one.group() else {
                let off = self.off(one);
                self.take(one, off);
                continue;
            };
            let Some(ranked) = groups.get_mut(group) else {
                continue;
            };
            if ranked.first() != Some(&place) {
                continue;
            }
            match self.off(one) {
                Ok(off) => self.take(one, Ok(off)),
                Err(why) => {
                    ranked.remove(0);
                    fallen.push((one.id(), why));
                    if ranked.first().is_some_and(|next| *next < place) {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// What an offer would take off now.
    pub(super) fn off(&self, fitting: &Fitting<'_>) -> Result<i64, NotApplied> {
        let rules = fitting.offer.rules;
        let amount: i64 = match &fitting.lines {
            Lines::All => self.payable_minor,
            Lines::Some(lines) => lines.iter().map(|line| self.left[*line]).sum(),
        };
        let off = rules.benefit.off(amount);
        if off == 0 {
            return Err(match rules.benefit.missing(amount) {
                Some(missing) if self.off_minor > 0 => NotApplied::BelowThresholdOfRest(missing),
                Some(missing) => NotApplied::BelowThreshold(missing),
                None => NotApplied::NothingLeft,
            });
        }
        // Of what would not be given anyway it does not matter that it is used up.
        if let Some(why) = fitting.offer.used_up() {
            return Err(why);
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

    /// Takes off what an offer would.
    pub(super) fn take(&mut self, fitting: &Fitting<'_>, off: Result<i64, NotApplied>) {
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
