//! What is usual for a channel at this hour: which share of attempts is paid, and how many payments come in.

use super::rate::{self, Interval, ONE, Sureness};

/// So many attempts make what is usual known.
const ENOUGH: i64 = 50;
/// How sure of a usual share one has to be.
const SURENESS: Sureness = Sureness(1_960);

/// What went through a channel in an hour of the past.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hour {
    /// Payment codes that were asked for and not refused for reasons of business.
    pub attempts: i64,
    /// Payments that came in.
    pub paid: i64,
}

/// What is usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// The share of attempts that is paid, in millionths.
    pub share_ppm: i64,
    /// It is hardly less than that.
    pub lower_ppm: i64,
    /// How many payments come in during an hour, in thousandths.
    pub paid_per_hour_milli: i64,
}

impl Baseline {
    /// What is usual in hours that are alike; none where too little went through them to know. The caller tries
    /// this hour of the week, then this hour of any day, then all hours.
    #[must_use]
    pub fn of(hours: &[Hour]) -> Option<Self> {
        let attempts: i64 = hours.iter().map(|hour| hour.attempts).sum();
        if attempts < ENOUGH {
            return None;
        }
        // A payment counts where it came in, which may be the hour after its attempt.
        let paid: i64 = hours.iter().map(|hour| hour.paid).sum();
        let Interval { lower, .. } = rate::wilson(paid.min(attempts), attempts, SURENESS);
        let count = i64::try_from(hours.len()).unwrap_or(i64::MAX).max(1);
        Some(Self {
            share_ppm: rate::share(paid, attempts).unwrap_or(ONE),
            lower_ppm: lower,
            paid_per_hour_milli: paid.saturating_mul(1_000) / count,
        })
    }

    /// How many payments come in during so many minutes, in thousandths.
    #[must_use]
    pub fn paid_in_milli(&self, minutes: usize) -> i64 {
        let minutes = i64::try_from(minutes).unwrap_or(0);
        self.paid_per_hour_milli.saturating_mul(minutes) / 60
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_is_known_from_enough_attempts() {
        let hour = Hour {
            attempts: 10,
            paid: 7,
        };
        assert_eq!(Baseline::of(&[]), None);
        assert_eq!(Baseline::of(&[hour; 4]), None);
        let known = Baseline::of(&[hour; 8]).unwrap();
        assert_eq!(known.share_ppm, 700_000);
        assert!((590_000..600_000).contains(&known.lower_ppm), "{known:?}");
        assert_eq!(known.paid_per_hour_milli, 7_000);
        assert_eq!(known.paid_in_milli(15), 1_750);
        // More payments than attempts: they belong to the hour before.
        let late = Hour {
            attempts: 60,
            paid: 61,
        };
        assert_eq!(Baseline::of(&[late]).unwrap().share_ppm, ONE);
    }
}
