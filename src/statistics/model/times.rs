//! Which period of an answer a day or an hour belongs to, also one of the time that it is compared with.

use std::collections::HashMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use entity::Day;

use super::calendar::{Period, day_and_hour, first_day};
use super::comparison::Shift;
use super::query::Grain;

/// The periods of an answer, by what begins them.
pub(super) struct Times {
    grain: Option<Grain>,
    zone: Tz,
    by_number: HashMap<i64, usize>,
}

impl Times {
    /// Of these periods; without a grain there is one.
    pub fn of(grain: Option<Grain>, zone: Tz, timeline: &[Period]) -> Self {
        let numbered = timeline.iter().enumerate();
        Self {
            grain,
            zone,
            by_number: numbered.map(|(at, period)| (period.number, at)).collect(),
        }
    }

    fn of_day(&self, day: NaiveDate, grain: Grain) -> Option<usize> {
        let first = Day::from(first_day(day, grain));
        self.by_number.get(&i64::from(first.0)).copied()
    }

    fn of_hour(&self, hour: i64, grain: Grain) -> Option<usize> {
        if grain == Grain::Hour {
            return self.by_number.get(&hour).copied();
        }
        let (day, _) = day_and_hour(hour, self.zone);
        self.of_day(day.into(), grain)
    }

    /// The period of a day or an hour; of an earlier one, that which it stands beside.
    pub fn period(&self, starts: i64, is_day: bool, shift: Option<Shift>) -> Option<usize> {
        let Some(grain) = self.grain else {
            return Some(0);
        };
        if is_day {
            let day: NaiveDate = Day(i32::try_from(starts).unwrap_or_default()).into();
            let day = match shift {
                Some(shift) => shift.day(day, grain)?,
                None => day,
            };
            return self.of_day(day, grain);
        }
        let hour = match shift {
            Some(shift) => shift.hour(starts, grain, self.zone)?,
            None => starts,
        };
        self.of_hour(hour, grain)
    }
}
