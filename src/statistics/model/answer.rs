//! Makes an answer of the rows that were read: sums, gaps, what it is compared with, the first and the rest.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use chrono_tz::Tz;
use entity::channel::PaymentMethod;
use entity::{ChannelId, Day};

use super::calendar::{Period, day_and_hour, first_day, periods, roughly};
use super::comparison::Shift;
use super::measures::Measures;
use super::query::{Answer, Dimension, Grain, Key, MOST_ROWS, Question, Row};
use crate::time_range::TimeRange;

/// A row that was read.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// The day since 1970, or the hour's first millisecond; 0 where rows are not by time.
    pub starts: i64,
    /// The channel, where rows are by channel or method.
    pub channel_id: Option<ChannelId>,
    /// The country, where rows are by country.
    pub country: Option<String>,
    /// The category, where rows are by category.
    pub category: Option<String>,
    /// Its figures.
    pub measures: Measures,
}

/// What was read of a time.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// From days.
    pub days: Vec<Read>,
    /// From hours.
    pub hours: Vec<Read>,
}

impl Readings {
    /// The sum of all of it.
    #[must_use]
    pub fn sum(&self) -> Measures {
        let mut sum = Measures::default();
        for read in self.days.iter().chain(&self.hours) {
            sum.add(&read.measures);
        }
        sum
    }
}

/// An answer would have too many rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyRows {
    /// The shortest grain with which it would not; none where none would do.
    pub fitting: Option<Grain>,
}

/// Where readings belong: their period, and what they are about.
struct Places<'a> {
    question: &'a Question,
    zone: Tz,
    methods: &'a HashMap<ChannelId, PaymentMethod>,
    by_number: HashMap<i64, usize>,
}

impl Places<'_> {
    fn key(&self, read: &Read) -> Key {
        let question = self.question;
        let channel = read.channel_id;
        Key {
            channel: channel.filter(|_| question.has(Dimension::Channel)),
            method: channel
                .filter(|_| question.has(Dimension::Method))
                .and_then(|id| self.methods.get(&id).copied()),
            country: read.country.clone(),
            category: read.category.clone(),
        }
    }

    fn period_of_day(&self, day: NaiveDate, grain: Grain) -> Option<usize> {
        let first = Day::from(first_day(day, grain));
        self.by_number.get(&i64::from(first.0)).copied()
    }

    fn period_of_hour(&self, hour: i64, grain: Grain) -> Option<usize> {
        if grain == Grain::Hour {
            return self.by_number.get(&hour).copied();
        }
        let (day, _) = day_and_hour(hour, self.zone);
        self.period_of_day(day.into(), grain)
    }

    /// The period of a reading; of an earlier one, that which it stands beside.
    fn period(&self, starts: i64, is_day: bool, shift: Option<Shift>) -> Option<usize> {
        let Some(grain) = self.question.grain else {
            return Some(0);
        };
        if is_day {
            let day: NaiveDate = Day(i32::try_from(starts).unwrap_or_default()).into();
            let day = match shift {
                Some(shift) => shift.day(day, grain)?,
                None => day,
            };
            return self.period_of_day(day, grain);
        }
        let hour = match shift {
            Some(shift) => shift.hour(starts, grain, self.zone)?,
            None => starts,
        };
        self.period_of_hour(hour, grain)
    }
}

/// Sums by what they are about, then by period.
type Table = BTreeMap<Key, BTreeMap<usize, Measures>>;

fn tabulate(places: &Places<'_>, read: &Readings, shift: Option<Shift>) -> (Table, Measures) {
    let mut table = Table::new();
    let mut totals = Measures::default();
    let days = read.days.iter().map(|one| (one, true));
    let hours = read.hours.iter().map(|one| (one, false));
    for (one, is_day) in days.chain(hours) {
        totals.add(&one.measures);
        let of_key = table.entry(places.key(one)).or_default();
        if let Some(period) = places.period(one.starts, is_day, shift) {
            of_key.entry(period).or_default().add(&one.measures);
        }
    }
    (table, totals)
}

/// The keys, those with most first; behind `top` of them the others are one.
fn ranked(question: &Question, now: &Table, before: &Table) -> Vec<(Vec<Key>, bool)> {
    let sum = |table: &Table, key: &Key| {
        let mut sum = Measures::default();
        for measures in table.get(key).into_iter().flat_map(BTreeMap::values) {
            sum.add(measures);
        }
        question.order_by.weight(&sum)
    };
    let mut keys: Vec<&Key> = now.keys().chain(before.keys()).collect();
    if question.dimensions.is_empty() {
        return vec![(vec![Key::default()], false)];
    }
    keys.sort();
    keys.dedup();
    keys.sort_by_cached_key(|key| std::cmp::Reverse((sum(now, key), sum(before, key))));
    let keys: Vec<Key> = keys.into_iter().cloned().collect();
    let top = question.top.unwrap_or(keys.len()).min(keys.len());
    let (first, rest) = keys.split_at(top);
    let mut groups: Vec<_> = first.iter().map(|key| (vec![key.clone()], false)).collect();
    if !rest.is_empty() {
        groups.push((rest.to_vec(), true));
    }
    groups
}

/// Refuses more rows than an answer may have.
fn bounded(
    range: TimeRange,
    grain: Option<Grain>,
    groups: usize,
    count: impl Fn(Grain) -> usize,
) -> Result<(), TooManyRows> {
    let Some(wanted) = grain else {
        return fits(groups)
            .then_some(())
            .ok_or(TooManyRows { fitting: None });
    };
    let rows = |grain: Grain| {
        let roughly = usize::try_from(roughly(range, grain)).unwrap_or(usize::MAX);
        if fits(roughly.saturating_mul(groups)) {
            count(grain).saturating_mul(groups)
        } else {
            usize::MAX
        }
    };
    if fits(rows(wanted)) {
        return Ok(());
    }
    let coarser = Grain::ALL.into_iter().filter(|grain| *grain > wanted);
    let fitting = coarser.into_iter().find(|grain| fits(rows(*grain)));
    Err(TooManyRows { fitting })
}

fn fits(rows: usize) -> bool {
    rows <= MOST_ROWS
}

/// Makes an answer of what was read of its time, and of the time that it is compared with.
pub fn answer(
    question: &Question,
    zone: Tz,
    methods: &HashMap<ChannelId, PaymentMethod>,
    read: &Readings,
    earlier: Option<(Shift, TimeRange, &Readings)>,
) -> Result<Answer, TooManyRows> {
    let range = question.range;
    let count = |grain| periods(range, grain, zone).len();
    // Before anything is laid out: a span of centuries by the day.
    bounded(range, question.grain, 1, count)?;
    let timeline = match question.grain {
        Some(grain) => periods(range, grain, zone),
        None => Vec::new(),
    };
    let numbered = timeline.iter().enumerate();
    let places = Places {
        question,
        zone,
        methods,
        by_number: numbered.map(|(at, period)| (period.number, at)).collect(),
    };
    let (now, totals) = tabulate(&places, read, None);
    let compared = earlier.map(|(shift, range, read)| {
        let (table, totals) = tabulate(&places, read, Some(shift));
        (range, table, totals)
    });
    let nothing = Table::new();
    let before = compared.as_ref().map(|(_, table, _)| table);
    let groups = ranked(question, &now, before.unwrap_or(&nothing));
    bounded(range, question.grain, groups.len(), count)?;
    Ok(Answer {
        as_of: None,
        seq: 0,
        zone,
        range,
        previous_range: compared.as_ref().map(|(range, _, _)| *range),
        previous_totals_range: compared.as_ref().map(|(range, _, _)| *range),
        totals,
        previous_totals: compared.as_ref().map(|(_, _, totals)| *totals),
        rows: rows(&timeline, &groups, &now, before),
    })
}

fn rows(
    timeline: &[Period],
    groups: &[(Vec<Key>, bool)],
    now: &Table,
    before: Option<&Table>,
) -> Vec<Row> {
    let sum = |table: &Table, keys: &[Key], period: usize| {
        let mut sum = Measures::default();
        for key in keys {
            if let Some(measures) = table.get(key).and_then(|of_key| of_key.get(&period)) {
                sum.add(measures);
            }
        }
        sum
    };
    let at = |place: usize, period: Option<&Period>| {
        let row = move |(keys, is_other): &(Vec<Key>, bool)| Row {
            starts_at: period.map(|period| period.starts_at),
            starts_on: period.map(|period| period.starts_on),
            key: if *is_other {
                Key::default()
            } else {
                keys[0].clone()
            },
            is_other: *is_other,
            measures: sum(now, keys, place),
            previous: before.map(|before| sum(before, keys, place)),
        };
        groups.iter().map(row).collect::<Vec<_>>()
    };
    if timeline.is_empty() {
        return at(0, None);
    }
    let timeline = timeline.iter().enumerate();
    timeline
        .flat_map(|(place, period)| at(place, Some(period)))
        .collect()
}
