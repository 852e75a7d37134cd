//! Says when a payout arrives: working days, counted from the cut-off on.

use chrono::{DateTime, Days, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;

use super::Terms;
use crate::working_days::Calendar;

/// The days between which a payout is expected 预计到账.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// At the earliest.
    pub from: NaiveDate,
    /// At the latest.
    pub to: NaiveDate,
}

/// When a payout arrives that is asked for now; none where the calendar does not reach so far.
#[must_use]
pub fn expected(
    calendar: &Calendar,
    terms: &Terms,
    zone: Tz,
    now: DateTime<Utc>,
) -> Option<Arrival> {
    let local = now.with_timezone(&zone);
    let today = local.date_naive();
    let minute = local.hour() * 60 + local.minute();
    let is_late = minute >= u32::try_from(terms.cutoff_minute).unwrap_or(0);
    // A day that is not worked on has no cut-off: all of it counts as the next one that is.
    let asked_on = match calendar.is_working(today)? {
        true if is_late => calendar.after(today, 1)?,
        _ => calendar.after(today, 0)?,
    };
    let after = |days: i16| calendar.after(asked_on, u32::try_from(days).unwrap_or(0));
    Some(Arrival {
        from: after(terms.arrival_days.0)?,
        to: after(terms.arrival_days.1)?,
    })
}

/// How many working days lie between two days: those after the first, up to the second. None where the calendar
/// does not know one of them.
#[must_use]
pub fn working_days(calendar: &Calendar, from: NaiveDate, to: NaiveDate) -> Option<u32> {
    let (mut day, mut count) = (from, 0);
    while day < to {
        day = day.checked_add_days(Days::new(1))?;
        count += u32::from(calendar.is_working(day)?);
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Payouts;

    fn shanghai(text: &str) -> DateTime<Utc> {
        let local: DateTime<chrono::FixedOffset> = format!("{text}:00+08:00").parse().unwrap();
        local.with_timezone(&Utc)
    }

    fn told(asked: &str, cutoff_minute: i16) -> Option<(String, String)> {
        let terms = Terms {
            cutoff_minute,
            arrival_days: (1, 2),
            ..Terms::of_settings(&Payouts::default())
        };
        let calendar = Calendar::read(None).unwrap();
        let arrival = expected(
            &calendar,
            &terms,
            chrono_tz::Asia::Shanghai,
            shanghai(asked),
        )?;
        Some((arrival.from.to_string(), arrival.to.to_string()))
    }

    #[test]
    fn working_days_are_counted_from_the_cut_off_over_weekends_and_holidays() {
        for (asked, from, to) in [
            ("2026-11-23T16:59", "2026-11-24", "2026-11-25"),
            ("2026-11-23T17:00", "2026-11-25", "2026-11-26"),
            ("2026-11-26T12:00", "2026-11-27", "2026-11-30"),
            // A Saturday counts as the Monday after it, whatever the hour.
            ("2026-11-28T20:00", "2026-12-01", "2026-12-02"),
            // The national holiday, and the Saturday that makes up for it.
            ("2026-09-30T18:00", "2026-10-09", "2026-10-10"),
            ("2026-10-09T12:00", "2026-10-10", "2026-10-12"),
        ] {
            let expected = (from.to_owned(), to.to_owned());
            assert_eq!(told(asked, 1_020), Some(expected), "{asked}");
        }
    }

    #[test]
    fn beyond_the_calendar_nothing_is_guessed() {
        assert_eq!(told("2026-12-30T12:00", 1_020), None);
        assert_eq!(told("2027-01-04T12:00", 1_020), None);
        assert!(told("2026-12-29T12:00", 1_020).is_some());
    }

    #[test]
    fn working_days_between_two_days_are_counted() {
        let calendar = Calendar::read(None).unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (from, to, days) in [
            ("2026-11-23", "2026-11-23", 0),
            ("2026-11-27", "2026-11-30", 1),
            ("2026-09-30", "2026-10-09", 2),
        ] {
            assert_eq!(
                working_days(&calendar, day(from), day(to)),
                Some(days),
                "{from}"
            );
        }
    }
}
