//! Quiet hours 免打扰时段: when nobody is written to.

use chrono::{DateTime, Days, LocalResult, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use entity::message::Model;

use crate::invalid::Invalid;

/// The minutes of a day.
const DAY: i32 = 1_440;

/// From one minute of the merchant's day until before another; that is on the next day where it is not later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// From this minute on.
    pub from: i32,
    /// Until before this one.
    pub until: i32,
}

impl Quiet {
    /// The quiet hours of a message; none where it has none.
    #[must_use]
    pub fn of(row: &Model) -> Option<Self> {
        Some(Self {
            from: row.quiet_from?,
            until: row.quiet_to?,
        })
    }

    /// Reads two times of the day; midnight is both its begin and its end.
    pub fn read(from: i32, until: i32) -> Result<Self, Invalid> {
        let quiet = Self {
            from: from.rem_euclid(DAY),
            until: until.rem_euclid(DAY),
        };
        if quiet.from == quiet.until {
            return Err(Invalid::new(
                "quietHours.until",
                "is the same time as `from`: nobody would ever be written to.",
                "与 `from` 相同，将导致全天不能发送。",
            ));
        }
        Ok(quiet)
    }

    fn holds(self, minute: i32) -> bool {
        if self.from < self.until {
            (self.from..self.until).contains(&minute)
        } else {
            minute >= self.from || minute < self.until
        }
    }

    /// When the quiet hours are over that it is in now; none where it is in none.
    #[must_use]
    pub fn over_at(self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let here = now.with_timezone(&zone);
        let minute = i32::try_from(here.hour() * 60 + here.minute()).unwrap_or(0);
        if !self.holds(minute) {
            return None;
        }
        let today = here.date_naive();
        let day = if minute < self.until {
            today
        } else {
            today + Days::new(1)
        };
        let until = u32::try_from(self.until).unwrap_or(0);
        let wall = day.and_hms_opt(until / 60, until % 60, 0)?;
        let over = match zone.from_local_datetime(&wall) {
            LocalResult::Single(at) => at,
            // The clocks are put back: the hour is there twice, and quiet until the second.
            LocalResult::Ambiguous(_, later) => later,
            // They are put forward over it: an hour on there is the next time that there is.
            LocalResult::None => zone
                .from_local_datetime(&(wall + TimeDelta::hours(1)))
                .earliest()?,
        };
        // Where the clocks were put back it may lie behind: it is looked again in a minute.
        Some(over.with_timezone(&Utc).max(now + TimeDelta::minutes(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHANGHAI: Tz = chrono_tz::Asia::Shanghai;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn quiet(from: i32, until: i32) -> Quiet {
        Quiet::read(from * 60, until * 60).expect("quiet hours")
    }

    #[test]
    fn hours_past_midnight_end_in_the_morning() {
        let night = quiet(21, 9);
        for (now, over) in [
            // 20:59, 21:00 and 23:30 in Shanghai.
            ("2026-11-23T12:59:00Z", None),
            ("2026-11-23T13:00:00Z", Some("2026-11-24T01:00:00Z")),
            ("2026-11-23T15:30:00Z", Some("2026-11-24T01:00:00Z")),
            // 00:30 and 08:59, then 09:00.
            ("2026-11-23T16:30:00Z", Some("2026-11-24T01:00:00Z")),
            ("2026-11-24T00:59:59Z", Some("2026-11-24T01:00:00Z")),
            ("2026-11-24T01:00:00Z", None),
        ] {
            let told = night.over_at(at(now), SHANGHAI);
            // Never less than a minute on.
            let wanted = over.map(|over| at(over).max(at(now) + TimeDelta::minutes(1)));
            assert_eq!(told, wanted, "{now}");
        }
    }

    #[test]
    fn hours_within_a_day_and_until_midnight() {
        let noon = quiet(12, 14);
        let over = Some(at("2026-11-23T06:00:00Z"));
        assert_eq!(noon.over_at(at("2026-11-23T04:00:00Z"), SHANGHAI), over);
        assert_eq!(noon.over_at(at("2026-11-23T06:00:00Z"), SHANGHAI), None);
        let evening = quiet(22, 24);
        assert_eq!(evening.until, 0);
        let over = Some(at("2026-11-23T16:00:00Z"));
        assert_eq!(evening.over_at(at("2026-11-23T14:30:00Z"), SHANGHAI), over);
        assert_eq!(evening.over_at(at("2026-11-23T16:00:00Z"), SHANGHAI), None);
        assert!(Quiet::read(60, 60).is_err());
        assert!(Quiet::read(0, 1_440).is_err(), "the whole day");
    }

    #[test]
    fn where_the_clocks_are_changed_they_end_at_a_time_that_there_is() {
        let berlin = chrono_tz::Europe::Berlin;
        let night = Quiet::read(22 * 60, 2 * 60 + 30).expect("quiet hours");
        // On 2026-03-29 there is no half past two.
        let over = night.over_at(at("2026-03-29T00:30:00Z"), berlin);
        assert_eq!(over, Some(at("2026-03-29T01:30:00Z")));
        // On 2026-10-25 there are two.
        let over = night.over_at(at("2026-10-25T00:10:00Z"), berlin);
        assert_eq!(over, Some(at("2026-10-25T01:30:00Z")));
    }
}
