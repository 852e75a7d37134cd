//! What is planted into a month: outages of every kind, and what looks like one and is none.

use super::dice::Dice;

/// What is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing is answered.
    Full,
    /// Everything is answered after ten seconds, which is too late.
    Hanging,
    /// Everything is answered with a no, probes as ever.
    Refused,
    /// Three in ten are not answered.
    Partial,
    /// Payments are made, but reported when it is over.
    LostCallbacks,
    /// Payers cannot pay.
    Unpayable,
    /// Nothing is answered for three minutes, everything for the next three, and so on.
    Flapping,
    /// Nothing is answered; after a quarter of an hour eight in ten are.
    Limping,
    /// No outage: many times as many payers as ever.
    Rush,
    /// No outage: the platform refuses two hundred orders of one customer.
    Refusals,
    /// No outage: one user asks for a code again and again, and never pays.
    Retrying,
}

impl Kind {
    pub fn is_outage(self) -> bool {
        !matches!(self, Self::Rush | Self::Refusals | Self::Retrying)
    }
}

/// Something planted, in seconds since the month began.
#[derive(Clone, Copy, Debug)]
pub struct Planted {
    pub kind: Kind,
    pub from: u64,
    pub to: u64,
}

impl Planted {
    pub fn holds(&self, at: u64) -> bool {
        (self.from..self.to).contains(&at)
    }

    /// How often nothing is answered then, in millionths.
    pub fn fails_ppm(&self, at: u64) -> u64 {
        let after = at - self.from;
        match self.kind {
            Kind::Full | Kind::Hanging => 1_000_000,
            Kind::Flapping if (after / 180).is_multiple_of(2) => 1_000_000,
            Kind::Limping if after < 900 => 1_000_000,
            Kind::Limping => 200_000,
            Kind::Partial => 300_000,
            _ => 0,
        }
    }
}

/// One thing a day for a month, at any minute between `first_hour` and `last_hour`, every kind as often.
pub fn plan(dice: &mut Dice, kinds: &[Kind], (first_hour, last_hour): (u64, u64)) -> Vec<Planted> {
    (0..30)
        .map(|day| {
            let kind = kinds[usize::try_from(day).unwrap() % kinds.len()];
            let minutes = match kind {
                Kind::Flapping => 120,
                Kind::Limping => 40,
                Kind::Rush => 45,
                Kind::Refusals | Kind::Retrying => 12,
                _ => 15 + dice.below(30),
            };
            let second = dice.below((last_hour - first_hour) * 3_600);
            let from = day * 86_400 + first_hour * 3_600 + second;
            Planted {
                kind,
                from,
                to: from + minutes * 60,
            }
        })
        .collect()
}
