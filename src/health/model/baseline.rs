//! What is usual for a channel at this hour: which share of attempts is paid, and how many payments come in.

use super::rate::{self, Interval, ONE, Sureness};

/// So many attempts make what is usual known.
const ENOUGH: i64 = 50;
/// How sure of a usual share one has to be.
const SURENESS: Sureness = Sureness(1_960);

/// What went through a channel in an hour of the past.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hour {
    /// How many such hours ago it was; the last one is 1.
    pub back: usize,
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
    /// this hour of the week, then this hour of any day, then all hours. Since the first of them, those in which
    /// nothing happened count, too, whether they are given or not.
    #[must_use]
    pub fn of(hours: &[Hour]) -> Option<Self> {
        let attempts: i64 = hours.iter().map(|hour| hour.attempts).sum();
        if attempts < ENOUGH {
            return None;
        }
        // A payment counts where it came in, which may be the hour after its attempt.
        let paid: i64 = hours.iter().map(|hour| hour.paid).sum();
        let Interval { lower, .. } = rate::wilson(paid.min(attempts), attempts, SURENESS);
        let count = hours.iter().map(|hour| hour.back).max().unwrap_or(1);
        let count = i64::try_from(count).unwrap_or(i64::MAX).max(1);
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
        let hours: Vec<Hour> = (1..=8)
            .map(|back| Hour {
                back,
                attempts: 10,
                paid: 7,
            })
            .collect();
        assert_eq!(Baseline::of(&[]), None);
        assert_eq!(Baseline::of(&hours[..4]), None);
        let known = Baseline::of(&hours).unwrap();
        assert_eq!(known.share_ppm, 700_000);
        assert!((590_000..600_000).contains(&known.lower_ppm), "{known:?}");
        assert_eq!(known.paid_per_hour_milli, 7_000);
        assert_eq!(known.paid_in_milli(15), 1_750);
        // More payments than attempts: they belong to the hour before.
        let late = Hour {
            back: 1,
            attempts: 60,
            paid: 61,
        };
        assert_eq!(Baseline::of(&[late]).unwrap().share_ppm, ONE);
    }

    #[test]
    fn hours_in_which_nothing_happened_count() {
        // A shop that is open three hours of twenty-four.
        let active = [1, 2, 3, 25, 26, 27].map(|back| Hour {
            back,
            attempts: 20,
            paid: 18,
        });
        let known = Baseline::of(&active).unwrap();
        assert_eq!(known.paid_per_hour_milli, 4_000, "108 in 27 hours");
        let all: Vec<Hour> = (1..=27)
            .map(|back| Hour {
                back,
                ..Hour::default()
            })
            .chain(active)
            .collect();
        assert_eq!(Baseline::of(&all), Some(known));
    }
}
