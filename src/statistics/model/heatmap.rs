//! The hours of a week, each with what was counted in it.

use chrono::{Datelike, Timelike};
use chrono_tz::Tz;
use entity::Instant;

use super::calendar::instant;
use super::measures::Measures;
use crate::time_range::TimeRange;

/// An hour of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The day of the week, from 1 for Monday to 7 for Sunday.
    pub weekday: u32,
    /// The hour of the day, from 0 to 23.
    pub hour: u32,
    /// What was counted in it.
    pub measures: Measures,
}

/// The hours of a week over a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heatmap {
    /// Everything that happened before this is in it; none where the statistics are being built for the first
    /// time.
    pub as_of: Option<Instant>,
    /// The time zone that its hours follow.
    pub zone: Tz,
    /// Of which time, widened to whole hours.
    pub range: TimeRange,
    /// All 168.
    pub cells: Vec<Cell>,
}

/// All hours of the week, from Monday at midnight on, of hours by their first millisecond.
#[must_use]
pub fn heatmap(hours: impl IntoIterator<Item = (i64, Measures)>, zone: Tz) -> Vec<Cell> {
    let mut cells: Vec<Cell> = (0..7 * 24)
        .map(|place| Cell {
            weekday: place / 24 + 1,
            hour: place % 24,
            measures: Measures::default(),
        })
        .collect();
    for (starts, measures) in hours {
        let local = instant(starts).with_timezone(&zone);
        let place = local.weekday().num_days_from_monday() * 24 + local.hour();
        if let Some(cell) = cells.get_mut(usize::try_from(place).unwrap_or(usize::MAX)) {
            cell.measures.add(&measures);
        }
    }
    cells
}
