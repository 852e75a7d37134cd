//! Decides how long nobody may try again after so many failures.

use chrono::TimeDelta;

/// Failures that cost nothing: people mistype.
const FREE: i64 = 3;

/// The longest delay.
const LONGEST: TimeDelta = TimeDelta::minutes(15);

/// From how many failures on the delay is the longest.
pub const LONGEST_AFTER: i64 = FREE + 11;

/// After how long without an attempt all failures are forgotten.
pub const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(1);

/// The delay after so many failures: none, then a second, then twice as long each time.
pub fn delay_after(failures: i64) -> TimeDelta {
    if failures <= FREE {
        return TimeDelta::zero();
    }
    let doublings = (failures - FREE - 1).min(LONGEST_AFTER - FREE - 1);
    TimeDelta::seconds(1 << doublings).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_are_free_and_each_further_one_doubles_the_delay() {
        let seconds: Vec<i64> = (0..=16).map(|n| delay_after(n).num_seconds()).collect();
        assert_eq!(
            seconds,
            [
                0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900
            ]
        );
        assert_eq!(delay_after(LONGEST_AFTER), LONGEST);
        assert!(delay_after(LONGEST_AFTER - 1) < LONGEST);
        assert_eq!(delay_after(i64::MAX), LONGEST);
    }
}
