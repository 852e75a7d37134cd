//! What members bought who were given a campaign, against those who were held out of it by a hash.
//!
//! Both groups are of members who were known before it began, whether they came or not: whoever came because of
//! it is not told apart from whoever would have come anyway. Chance alone divides them, so a difference beyond chance is the
//! campaign's.

use super::spread::{NORMAL, ONE, root};
use super::{Estimate, narrow, rounded};

/// So many buyers are needed in each group.
pub const FEWEST_BUYERS: i64 = 30;
/// More than any member buys: what is above counts as this, so that no square overflows.
const MOST_OF_A_MEMBER: i64 = 100_000_000_000;

/// What the members of a group bought while it ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buying {
    buyers: i64,
    sum: i128,
    squares: i128,
}

impl Buying {
    /// Adds what one member bought in all, in minor units.
    pub fn add(&mut self, paid_minor: i64) {
        let paid = i128::from(paid_minor.clamp(0, MOST_OF_A_MEMBER));
        self.buyers += 1;
        self.sum += paid;
        self.squares += paid * paid;
    }
}

/// One of the two groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// How many members there are.
    pub members: i64,
    /// How many of them bought.
    pub buyers: i64,
    /// What they paid, in minor units.
    pub paid_minor: i64,
    /// What that is for each member, in minor units.
    pub per_member_minor: i64,
}

/// One of the groups has fewer buyers than are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFewBuyers;

/// Those who were given it, and those who were not 对照组.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldOut {
    /// Those who were given it.
    pub given: Group,
    /// Those who were held out.
    pub held_out: Group,
    /// How much more a member bought who was given it, in minor units; none where there are too few buyers.
    pub difference_minor: Result<Estimate, TooFewBuyers>,
}

/// Compares the two groups: so many members in each, and what those of them bought who did.
#[must_use]
pub fn compare(given: (i64, Buying), held_out: (i64, Buying)) -> HeldOut {
    let group = |(members, of): &(i64, Buying)| Group {
        members: *members,
        buyers: of.buyers,
        paid_minor: narrow(of.sum),
        per_member_minor: narrow(rounded(of.sum, i128::from(*members).max(1))),
    };
    let few = [&given, &held_out]
        .iter()
        .any(|(members, of)| of.buyers.min(*members) < FEWEST_BUYERS);
    HeldOut {
        given: group(&given),
        held_out: group(&held_out),
        difference_minor: if few {
            Err(TooFewBuyers)
        } else {
            Ok(difference(&given, &held_out))
        },
    }
}

/// The difference of the means by Welch; with so many members the normal distribution is as good as Student's.
fn difference(given: &(i64, Buying), held_out: &(i64, Buying)) -> Estimate {
    // Both in millionths.
    let mean = |(members, of): &(i64, Buying)| of.sum * ONE / i128::from(*members);
    let variance_of_mean = |(members, of): &(i64, Buying)| {
        let members = i128::from(*members);
        let residual = (of.squares - of.sum * of.sum / members).max(0);
        residual * ONE / (members * (members - 1)).max(1)
    };
    let value = mean(given) - mean(held_out);
    // The root of millionths is in thousandths.
    let off = root(variance_of_mean(given) + variance_of_mean(held_out)) * NORMAL / 1_000;
    let minor = |value: i128| narrow(rounded(value, ONE));
    Estimate {
        value: minor(value),
        low: minor(value - off),
        high: minor(value + off),
    }
}
