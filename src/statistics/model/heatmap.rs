//! The hours of a week, each with what was counted in it.

use chrono::{Datelike, Timelike};
use chrono_tz::Tz;

use super::calendar::instant;
use super::measures::Measures;

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
