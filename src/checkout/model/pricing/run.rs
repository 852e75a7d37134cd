//! Takes offers off a cart, one after the other, each on what those before have left.

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

    /// Applies offers in their order, each on what those before have left; a group where its first one comes.
    pub(super) fn give<'f, 'a: 'f>(&mut self, offers: impl Iterator<Item = &'f Fitting<'a>>) {
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
