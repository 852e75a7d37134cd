//! Makes a picture of an answer of the statistics.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::labels::{label, span};
use super::measure::Counted;
use super::picture::{Picture, Plot, Strand, Unit};
use super::scale::{Scale, percent, written};
use super::wish::{Kind, Wish};
use super::words;
use crate::error::Error;
use crate::locale::Locale;
use crate::money::Currency;

/// How many times a picture can show.
pub const MOST_TIMES: usize = 800;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Answer {
    Statistics(Statistics),
    HourlyHeatmap(Heatmap),
}

#[derive(Debug, Deserialize)]
struct Range {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statistics {
    as_of: Option<DateTime<Utc>>,
    time_zone: String,
    range: Range,
    totals: Value,
    previous_totals: Option<Value>,
    #[serde(default)]
    rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    starts_at: Option<DateTime<Utc>>,
    starts_on: Option<NaiveDate>,
    is_other: bool,
    channel: Option<Channel>,
    method: Option<String>,
    country: Option<String>,
    category: Option<String>,
    member_tier: Option<Tier>,
    measures: Value,
    previous: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tier {
    id: String,
    name: String,
    name_en: Option<String>,
}

impl Tier {
    fn called(&self, locale: Locale) -> &str {
        locale.pick(&self.name, self.name_en.as_deref())
    }
}

#[derive(Debug, Deserialize)]
struct Channel {
    id: String,
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Heatmap {
    time_zone: String,
    range: Range,
    cells: Vec<Value>,
}

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPicture {
    /// It would show more times than there is room for.
    TooManyTimes,
    /// The answer is none to the wish's document.
    NoAnswer,
}

/// What is said where there are too many times.
#[must_use]
pub fn too_many_times() -> Error {
    Error::bad_input(
        "grain",
        format!("makes more than {MOST_TIMES} points: take a longer one, or a shorter range."),
        format!("超过 {MOST_TIMES} 个时间点：请使用更大的粒度或缩短时间范围。"),
    )
}

/// Makes a picture of an answer to a wish's document, in the merchant's currency. Times are those of the zone
/// that the answer follows.
pub fn picture_of(wish: &Wish, answer: Value, currency: Currency) -> Result<Picture, NoPicture> {
    let answer: Answer = serde_json::from_value(answer).map_err(|_| NoPicture::NoAnswer)?;
    let unit = Unit {
        counted: wish.measure.counted(),
        currency,
    };
    let locale = wish.look.locale;
    let (zone, range, plot, total, before) = match answer {
        Answer::HourlyHeatmap(week) => {
            let cells = cells(wish, &week.cells);
            let total = cells.iter().sum();
            (
                zone_of(&week.time_zone)?,
                week.range,
                Plot::Week(cells),
                Some(total),
                None,
            )
        }
        Answer::Statistics(told) => {
            let before = told.previous_totals.as_ref();
            let zone = zone_of(&told.time_zone)?;
            (
                zone,
                told.range,
                plot(wish, &told.rows, zone, told.as_of),
                value(wish, &told.totals),
                before.and_then(|totals| value(wish, totals)),
            )
        }
    };
    if let Plot::Lines(labels, _) | Plot::Columns(labels, _) = &plot
        && labels.len() > MOST_TIMES
    {
        return Err(NoPicture::TooManyTimes);
    }
    let mut note = vec![
        span(range.from, range.to, zone, locale),
        zone.name().to_owned(),
    ];
    note.extend(summed(wish, unit, total, before));
    if let Plot::Week(_) = &plot {
        // Cells have no room for more than a number.
        note.extend(Scale::of(unit, plot.reach(), locale).word(locale));
    }
    Ok(Picture {
        look: wish.look,
        title: words::title(wish),
        note: note.join(" · "),
        unit,
        plot,
    })
}

fn zone_of(name: &str) -> Result<Tz, NoPicture> {
    name.parse().map_err(|_| NoPicture::NoAnswer)
}

/// The figure of a set of them.
fn value(wish: &Wish, measures: &Value) -> Option<Decimal> {
    let found = measures.get(wish.measure.field())?;
    let number = match wish.measure.counted() {
        Counted::Money => found.get("amount")?,
        _ => found,
    };
    match number {
        Value::Number(number) => number.as_i64().map(Decimal::from),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// The sum, and by how much it has changed.
fn summed(wish: &Wish, unit: Unit, total: Option<Decimal>, before: Option<Decimal>) -> Vec<String> {
    let locale = wish.look.locale;
    let Some(total) = total else {
        return Vec::new();
    };
    let word = match (wish.measure.adds_up(), locale) {
        (true, Locale::En) => "total",
        (true, Locale::ZhCn) => "合计",
        (false, Locale::En) => "overall",
        (false, Locale::ZhCn) => "整体",
    };
    let mut told = vec![format!("{word} {}", written(total, unit, locale))];
    let change = before.filter(|before| *before > Decimal::ZERO);
    if let Some(change) = change.and_then(|before| (total - before).checked_div(before)) {
        let sign = if change.is_sign_negative() && !change.is_zero() {
            ""
        } else {
            "+"
        };
        let (_, before) = words::periods(wish);
        told.push(match locale {
            Locale::En => format!("{sign}{} ({})", percent(change), before.to_lowercase()),
            Locale::ZhCn => format!("较{before} {sign}{}", percent(change)),
        });
    }
    told
}

/// What rows show. A time that had not begun when they were counted shows nothing, which is not zero.
fn plot(wish: &Wish, rows: &[Row], zone: Tz, as_of: Option<DateTime<Utc>>) -> Plot {
    let is_ahead = |row: &Row| {
        as_of
            .zip(row.starts_at)
            .is_some_and(|(as_of, at)| as_of < at)
    };
    let measure = |row: &Row| value(wish, &row.measures).filter(|_| !is_ahead(row));
    if wish.kind == Kind::Share {
        let values = rows.iter().map(|row| measure(row).unwrap_or_default());
        return Plot::Ring(names(wish, rows).into_iter().zip(values).collect());
    }
    let (now, before) = words::periods(wish);
    let compares = wish.compare_to.is_some();
    let pair = |of: &[&Row]| {
        let strand = |name: &str, is_before, values| Strand {
            name: name.to_owned(),
            values,
            is_before,
        };
        let mut strands = vec![strand(
            now,
            false,
            of.iter().map(|row| measure(row)).collect(),
        )];
        if compares {
            let previous = of
                .iter()
                .map(|row| row.previous.as_ref().and_then(|it| value(wish, it)));
            strands.push(strand(before, true, previous.collect()));
        }
        strands
    };
    let all: Vec<&Row> = rows.iter().collect();
    let Some(grain) = wish.grain.as_deref() else {
        return Plot::Bars(names(wish, rows), pair(&all));
    };
    let mut starts: Vec<DateTime<Utc>> = rows.iter().filter_map(|row| row.starts_at).collect();
    starts.dedup();
    let labels = starts.iter().filter_map(|at| {
        let row = rows.iter().find(|row| row.starts_at == Some(*at))?;
        Some(label(grain, *at, row.starts_on?, zone, wish.look.locale))
    });
    let labels: Vec<String> = labels.collect();
    let strands = if wish.dimension.is_none() {
        pair(&all)
    } else {
        by_value(wish, rows, &starts, measure)
    };
    match wish.kind {
        Kind::Line => Plot::Lines(labels, strands),
        _ => Plot::Columns(labels, strands),
    }
}

/// A strand for each value of the dimension, in the order in which they first come; a time at which one has no
/// row is zero where it adds up. Everything else comes last.
fn by_value(
    wish: &Wish,
    rows: &[Row],
    starts: &[DateTime<Utc>],
    measure: impl Fn(&Row) -> Option<Decimal>,
) -> Vec<Strand> {
    let nothing = wish.measure.adds_up().then_some(Decimal::ZERO);
    let mut strands: Vec<(&Row, Vec<Option<Decimal>>)> = Vec::new();
    for row in rows {
        let Some(place) = starts.iter().position(|at| Some(*at) == row.starts_at) else {
            continue;
        };
        let known = strands.iter().position(|(first, _)| row.is_beside(first));
        let known = known.unwrap_or_else(|| {
            strands.push((row, vec![nothing; starts.len()]));
            strands.len() - 1
        });
        if let Some(slot) = strands[known].1.get_mut(place) {
            *slot = measure(row);
        }
    }
    strands.sort_by_key(|(row, _)| row.is_other);
    let names = names(wish, strands.iter().map(|(row, _)| *row));
    let strands = names.into_iter().zip(strands);
    let strands = strands.map(|(name, (_, values))| Strand {
        name,
        values,
        is_before: false,
    });
    strands.collect()
}

impl Row {
    /// Whether it is about the same as another, at whatever time. Names do not say it: two channels may have
    /// one.
    fn is_beside(&self, other: &Self) -> bool {
        let id = |row: &Self| row.channel.as_ref().map(|channel| channel.id.clone());
        let tier = |row: &Self| row.member_tier.as_ref().map(|tier| tier.id.clone());
        self.is_other == other.is_other
            && id(self) == id(other)
            && self.method == other.method
            && self.country == other.country
            && self.category == other.category
            && tier(self) == tier(other)
    }
}

/// What rows are about, each one told apart from the others.
fn names<'a>(wish: &Wish, rows: impl IntoIterator<Item = &'a Row>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for row in rows {
        let plain = name(wish, row);
        let mut told = plain.clone();
        for turn in 2.. {
            if !names.contains(&told) {
                break;
            }
            told = format!("{plain} ({turn})");
        }
        names.push(told);
    }
    names
}

/// What a row is about.
fn name(wish: &Wish, row: &Row) -> String {
    let locale = wish.look.locale;
    if row.is_other {
        return words::other(locale).to_owned();
    }
    let text = match wish.dimension.as_deref() {
        Some("CHANNEL") => row.channel.as_ref().map(|channel| channel.name.as_str()),
        Some("METHOD") => row
            .method
            .as_deref()
            .map(|method| words::method(method, locale)),
        Some("COUNTRY") => row.country.as_deref(),
        Some("MEMBER_TIER") => row.member_tier.as_ref().map(|tier| tier.called(locale)),
        _ => row.category.as_deref(),
    };
    let text = text.filter(|text| !text.is_empty());
    let unknown = match wish.dimension.as_deref() {
        Some("MEMBER_TIER") => words::no_tier(locale),
        _ => words::unknown(locale),
    };
    let columns = if wish.look.width < 700 { 14 } else { 28 };
    words::shortened(text.unwrap_or(unknown), columns)
}

/// The hours of a week, from Monday at midnight on.
fn cells(wish: &Wish, cells: &[Value]) -> Vec<Decimal> {
    let cells = cells
        .iter()
        .map(|cell| value(wish, cell).unwrap_or_default());
    cells.collect()
}

#[cfg(test)]
mod tests;
