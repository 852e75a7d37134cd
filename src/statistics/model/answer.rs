//! Makes an answer of the rows that were read: sums, gaps, what it is compared with, the first and the rest.

use std::collections::{BTreeMap, HashMap};

use chrono_tz::Tz;
use entity::channel::PaymentMethod;
use entity::{ChannelId, TierId};

use super::calendar::{Period, periods, roughly};
use super::comparison::Shift;
use super::measures::Measures;
use super::query::{Answer, Dimension, Grain, Key, MOST_ROWS, Question, Row};
use super::times::Times;
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
    /// The tier, where rows are by tier.
    pub tier: Option<TierId>,
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
    methods: &'a HashMap<ChannelId, PaymentMethod>,
    times: Times,
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
            tier: read.tier,
        }
    }
}

/// Sums by period, in order.
#[derive(Clone, Debug, Default)]
struct Line(Vec<(usize, Measures)>);

impl Line {
    /// Adds to a period. What is read comes mostly in order.
    fn add(&mut self, period: usize, measures: &Measures) {
        let place = match self.0.last() {
            Some((last, _)) if *last < period => Err(self.0.len()),
            Some((last, _)) if *last == period => Ok(self.0.len() - 1),
            _ => self.0.binary_search_by_key(&period, |(of, _)| *of),
        };
        match place {
            Ok(place) => self.0[place].1.add(measures),
            Err(place) => self.0.insert(place, (period, *measures)),
        }
    }

    fn at(&self, period: usize) -> Option<&Measures> {
        let place = self.0.binary_search_by_key(&period, |(of, _)| *of).ok()?;
        self.0.get(place).map(|(_, measures)| measures)
    }
}

/// Sums by what they are about, then by period.
type Table = BTreeMap<Key, Line>;

fn tabulate(places: &Places<'_>, read: &Readings, shift: Option<Shift>) -> (Table, Measures) {
    let mut table = Table::new();
    let mut totals = Measures::default();
    let days = read.days.iter().map(|one| (one, true));
    let hours = read.hours.iter().map(|one| (one, false));
    for (one, is_day) in days.chain(hours) {
        totals.add(&one.measures);
        let of_key = table.entry(places.key(one)).or_default();
        if let Some(period) = places.times.period(one.starts, is_day, shift) {
            of_key.add(period, &one.measures);
        }
    }
    (table, totals)
}

/// The keys, those with most first; behind `top` of them the others are one.
fn ranked(question: &Question, now: &Table, before: &Table) -> Vec<(Vec<Key>, bool)> {
    let sum = |table: &Table, key: &Key| {
        let mut sum = Measures::default();
        for (_, measures) in table.get(key).into_iter().flat_map(|line| &line.0) {
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
        return is_few(groups)
            .then_some(())
            .ok_or(TooManyRows { fitting: None });
    };
    let rows = |grain: Grain| {
        if is_few(about(range, grain).saturating_mul(groups)) {
            count(grain).saturating_mul(groups)
        } else {
            usize::MAX
        }
    };
    if is_few(rows(wanted)) {
        return Ok(());
    }
    let coarser = Grain::ALL.into_iter().filter(|grain| *grain > wanted);
    let fitting = coarser.into_iter().find(|grain| is_few(rows(*grain)));
    Err(TooManyRows { fitting })
}

/// Refuses a question whose time alone makes too many rows.
pub fn fits(question: &Question, zone: Tz) -> Result<(), TooManyRows> {
    let range = question.range;
    let count = |grain| periods(range, grain, zone).len();
    bounded(range, question.grain, 1, count)
}

/// How many periods a span has, about.
fn about(range: TimeRange, grain: Grain) -> usize {
    usize::try_from(roughly(range, grain)).unwrap_or(usize::MAX)
}

fn is_few(rows: usize) -> bool {
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
    // Before anything is laid out: a span of centuries by the day.
    let is_short = question
        .grain
        .is_none_or(|grain| is_few(about(range, grain)));
    let timeline = match question.grain {
        Some(grain) if is_short => periods(range, grain, zone),
        _ => Vec::new(),
    };
    let count = |grain| match question.grain {
        Some(wanted) if wanted == grain && is_short => timeline.len(),
        _ => periods(range, grain, zone).len(),
    };
    bounded(range, question.grain, 1, count)?;
    let places = Places {
        question,
        methods,
        times: Times::of(question.grain, zone, &timeline),
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
        people: None,
        previous_people: None,
        rows: rows(&timeline, &groups, &now, before),
    })
}

/// Keys that share rows, with what was counted of them.
struct Group<'a> {
    key: Key,
    is_other: bool,
    now: Vec<&'a Line>,
    before: Option<Vec<&'a Line>>,
}

impl<'a> Group<'a> {
    fn new((keys, is_other): &(Vec<Key>, bool), now: &'a Table, before: Option<&'a Table>) -> Self {
        let lines = |table: &'a Table| keys.iter().filter_map(|key| table.get(key)).collect();
        Self {
            key: keys
                .first()
                .filter(|_| !is_other)
                .cloned()
                .unwrap_or_default(),
            is_other: *is_other,
            now: lines(now),
            before: before.map(lines),
        }
    }

    fn row(&self, place: usize, period: Option<&Period>) -> Row {
        let sum = |lines: &Vec<&Line>| {
            let mut sum = Measures::default();
            for measures in lines.iter().filter_map(|line| line.at(place)) {
                sum.add(measures);
            }
            sum
        };
        Row {
            starts_at: period.map(|period| period.starts_at),
            starts_on: period.map(|period| period.starts_on),
            key: self.key.clone(),
            is_other: self.is_other,
            measures: sum(&self.now),
            previous: self.before.as_ref().map(sum),
            people: None,
            previous_people: None,
        }
    }
}

fn rows(
    timeline: &[Period],
    groups: &[(Vec<Key>, bool)],
    now: &Table,
    before: Option<&Table>,
) -> Vec<Row> {
    let groups = groups.iter().map(|group| Group::new(group, now, before));
    let groups: Vec<Group<'_>> = groups.collect();
    if timeline.is_empty() {
        return groups.iter().map(|group| group.row(0, None)).collect();
    }
    let timeline = timeline.iter().enumerate();
    timeline
        .flat_map(|(place, period)| {
            groups
                .iter()
                .map(move |group| group.row(place, Some(period)))
        })
        .collect()
}
