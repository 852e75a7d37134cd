//! The last minutes of a channel's traffic, and the hours in which it is remembered.

use chrono::{DateTime, Days, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

/// How long a minute is.
pub const MINUTE_MS: i64 = 60_000;
/// How many minutes are looked at, the current one among them.
pub const MINUTES: usize = 20;

/// What went through a channel, as far as it is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Payment codes that were asked for and not refused for reasons of business.
    pub attempts: i64,
    /// How many of them got no usable answer.
    pub errors: i64,
    /// How often the platform refused, for reasons of business: it answers, and nothing else is said.
    pub refused: i64,
    /// Payments that came in.
    pub paid: i64,
}

impl Counts {
    /// Payment codes that payers were shown.
    #[must_use]
    pub fn codes(self) -> i64 {
        (self.attempts - self.errors).max(0)
    }

    /// How often the platform answered, whatever it said.
    #[must_use]
    pub fn answers(self) -> i64 {
        self.codes() + self.refused
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            attempts: self.attempts + other.attempts,
            errors: self.errors + other.errors,
            refused: self.refused + other.refused,
            paid: self.paid + other.paid,
        }
    }
}

/// When the minute of an instant began.
#[must_use]
pub fn minute_of(at_ms: i64) -> i64 {
    at_ms - at_ms.rem_euclid(MINUTE_MS)
}

/// When the same hour of the merchant's clock began so many days apart, the newest first, the current one left
/// out. Where summer time skips it, it is left out, too.
#[must_use]
pub fn hours_before(at: DateTime<Utc>, zone: Tz, days: u64, count: u64) -> Vec<i64> {
    let local = at.with_timezone(&zone).naive_local();
    let hour = local.date().and_hms_opt(local.hour(), 0, 0);
    (1..=count)
        .filter_map(|back| hour?.checked_sub_days(Days::new(days * back)))
        .filter_map(|hour| zone.from_local_datetime(&hour).earliest())
        .map(|hour| hour.timestamp_millis())
        .collect()
}

/// The last minutes, the newest first. A minute's place is how many minutes it is old.
#[derive(Clone, Debug)]
pub struct Window {
    newest: i64,
    /// A ring: `first` is the newest minute's place in it.
    ring: [Counts; MINUTES],
    first: usize,
    total: Counts,
}

impl Window {
    /// An empty one.
    #[must_use]
    pub fn at(now_ms: i64) -> Self {
        Self {
            newest: minute_of(now_ms),
            ring: [Counts::default(); MINUTES],
            first: 0,
            total: Counts::default(),
        }
    }

    /// Time goes on: minutes that are too old are forgotten.
    pub fn advance(&mut self, now_ms: i64) {
        let target = minute_of(now_ms);
        if target - self.newest > MINUTE_MS * 2 * i64::try_from(MINUTES).unwrap_or(20) {
            *self = Self::at(now_ms);
        }
        while self.newest < target {
            self.newest += MINUTE_MS;
            self.first = (self.first + MINUTES - 1) % MINUTES;
            self.put(self.first, Counts::default());
        }
    }

    /// Says what went through in a minute, instead of what was known of it.
    pub fn set(&mut self, starts_ms: i64, counts: Counts) {
        if let Some(place) = self.place(starts_ms) {
            self.put(place, counts);
        }
    }

    /// Adds to a minute.
    pub fn add(&mut self, starts_ms: i64, counts: Counts) {
        if let Some(place) = self.place(starts_ms) {
            self.put(place, self.ring[place].plus(counts));
        }
    }

    fn put(&mut self, place: usize, counts: Counts) {
        let old = self.ring[place];
        self.ring[place] = counts;
        self.total = Counts {
            attempts: self.total.attempts - old.attempts + counts.attempts,
            errors: self.total.errors - old.errors + counts.errors,
            refused: self.total.refused - old.refused + counts.refused,
            paid: self.total.paid - old.paid + counts.paid,
        };
    }

    fn place(&self, starts_ms: i64) -> Option<usize> {
        let age = usize::try_from((self.newest - minute_of(starts_ms)) / MINUTE_MS).ok()?;
        (starts_ms < self.newest + MINUTE_MS && age < MINUTES).then(|| (self.first + age) % MINUTES)
    }

    /// When the newest minute began.
    #[must_use]
    pub fn newest(&self) -> i64 {
        self.newest
    }

    /// What went through in all of them.
    #[must_use]
    pub fn total(&self) -> Counts {
        self.total
    }

    /// What went through in the minutes of these ages, `0..2` being the current one and the one before, as far
    /// as they began at `since_ms` or later.
    #[must_use]
    pub fn sum(&self, ages: std::ops::Range<usize>, since_ms: i64) -> Counts {
        let mut sum = Counts::default();
        let mut starts = self.newest - i64::try_from(ages.start).unwrap_or(0) * MINUTE_MS;
        for age in ages.start..ages.end.min(MINUTES) {
            if starts < since_ms {
                break;
            }
            sum = sum.plus(self.ring[(self.first + age) % MINUTES]);
            starts -= MINUTE_MS;
        }
        sum
    }

    /// When the newest minute in which something failed was over; none where nothing did.
    #[must_use]
    pub fn failed_until(&self) -> Option<i64> {
        if self.total.errors == 0 {
            return None;
        }
        (0..MINUTES)
            .zip((0..).map(|age| self.newest - age * MINUTE_MS))
            .find(|(age, _)| self.ring[(self.first + age) % MINUTES].errors > 0)
            .map(|(_, starts)| starts + MINUTE_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts(count: i64) -> Counts {
        Counts {
            attempts: count,
            ..Counts::default()
        }
    }

    #[test]
    fn minutes_are_summed_by_their_age_and_forgotten_in_time() {
        let start = 1_800_000_000_000_i64 / MINUTE_MS * MINUTE_MS;
        let mut window = Window::at(start + 5);
        for minute in 0..30_i64 {
            window.advance(start + minute * MINUTE_MS + 59_999);
            window.add(start + minute * MINUTE_MS, attempts(minute));
        }
        assert_eq!(window.sum(0..1, 0), attempts(29));
        assert_eq!(window.sum(0..2, 0), attempts(29 + 28));
        assert_eq!(window.sum(2..4, 0), attempts(27 + 26));
        assert_eq!(window.total(), attempts((10..30).sum()));
        assert_eq!(window.sum(0..MINUTES, 0), window.total());
        // What began before is left out, whole minutes at a time.
        let since = start + 28 * MINUTE_MS;
        assert_eq!(window.sum(0..MINUTES, since), attempts(29 + 28));
        assert_eq!(window.sum(0..MINUTES, since + 1), attempts(29));
        // Too old, or yet to come: nothing to remember.
        window.set(start, attempts(1_000));
        window.set(start + 40 * MINUTE_MS, attempts(1_000));
        assert_eq!(window.total(), attempts((10..30).sum()));
        window.set(start + 29 * MINUTE_MS, attempts(1));
        assert_eq!(window.sum(0..1, 0), attempts(1));
        window.advance(start + 1_000 * MINUTE_MS);
        assert_eq!(window.total(), Counts::default());
    }

    #[test]
    fn an_hour_begins_where_the_merchants_clock_says_so() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        for (instant, zone, starts) in [
            (
                "2026-11-23T04:59:59.999Z",
                chrono_tz::Asia::Shanghai,
                "2026-11-23T04:00:00Z",
            ),
            (
                "2026-11-23T04:29:00Z",
                chrono_tz::Asia::Kolkata,
                "2026-11-23T03:30:00Z",
            ),
            (
                "2026-11-23T04:30:00Z",
                chrono_tz::Asia::Kolkata,
                "2026-11-23T04:30:00Z",
            ),
            (
                "2026-11-23T04:20:07.5Z",
                chrono_tz::Asia::Kathmandu,
                "2026-11-23T04:15:00Z",
            ),
            // The hour that the end of summer time repeats is two hours.
            (
                "2026-10-25T00:30:00Z",
                chrono_tz::Europe::Berlin,
                "2026-10-25T00:00:00Z",
            ),
            (
                "2026-10-25T01:30:00Z",
                chrono_tz::Europe::Berlin,
                "2026-10-25T01:00:00Z",
            ),
        ] {
            let told = crate::time_range::hour_of(at(instant), zone);
            assert_eq!(told, at(starts).timestamp_millis(), "{instant} in {zone}");
        }
    }

    #[test]
    fn the_same_hour_of_other_days_follows_the_merchants_clock() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let told = hours_before(at("2026-04-01T10:40:00Z"), chrono_tz::Europe::Berlin, 7, 2);
        // 12:00 in summer time, and 12:00 in winter time a week before.
        let expected = ["2026-03-25T11:00:00Z", "2026-03-18T11:00:00Z"];
        assert_eq!(told, expected.map(|text| at(text).timestamp_millis()));
        let skipped = hours_before(at("2026-03-30T00:40:00Z"), chrono_tz::Europe::Berlin, 1, 2);
        assert_eq!(skipped, [at("2026-03-28T01:00:00Z").timestamp_millis()]);
    }
}
