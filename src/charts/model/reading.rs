//! Makes a picture of an answer of the statistics.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::labels::{label, span};
use super::measure::Counted;
use super::picture::{Picture, Plot, Strand, Unit};
use super::scale::{percent, written};
use super::wish::{Kind, Wish};
use super::words;
use crate::locale::Locale;
use crate::money::Currency;

/// How many times a picture can show.
pub const MOST_TIMES: usize = 800;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    statistics: Statistics,
    hourly_heatmap: Option<Heatmap>,
}

#[derive(Debug, Deserialize)]
struct Range {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statistics {
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
    measures: Value,
    previous: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Channel {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Heatmap {
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

/// Makes a picture of an answer to a wish's document, in the merchant's currency and zone.
pub fn picture_of(
    wish: &Wish,
    answer: Value,
    currency: Currency,
    zone: Tz,
) -> Result<Picture, NoPicture> {
    let answer: Answer = serde_json::from_value(answer).map_err(|_| NoPicture::NoAnswer)?;
    let unit = Unit {
        counted: wish.measure.counted(),
        currency,
    };
    let locale = wish.look.locale;
    let statistics = answer.statistics;
    let total = value(wish, &statistics.totals);
    let before = statistics.previous_totals.as_ref();
    let before = before.and_then(|totals| value(wish, totals));
    let plot = match answer.hourly_heatmap {
        Some(heatmap) => Plot::Week(cells(wish, &heatmap.cells)),
        None => plot(wish, &statistics.rows, zone),
    };
    if let Plot::Lines(labels, _) | Plot::Columns(labels, _) = &plot
        && labels.len() > MOST_TIMES
    {
        return Err(NoPicture::TooManyTimes);
    }
    let range = statistics.range;
    let mut note = vec![
        span(range.from, range.to, zone, locale),
        zone.name().to_owned(),
    ];
    note.extend(summed(wish, unit, total, before));
    Ok(Picture {
        look: wish.look,
        title: words::title(wish),
        note: note.join(" · "),
        unit,
        plot,
    })
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

fn plot(wish: &Wish, rows: &[Row], zone: Tz) -> Plot {
    let measure = |row: &Row| value(wish, &row.measures);
    if wish.kind == Kind::Share {
        let slices = rows
            .iter()
            .map(|row| (name(wish, row), measure(row).unwrap_or_default()));
        return Plot::Ring(slices.collect());
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
        return Plot::Bars(rows.iter().map(|row| name(wish, row)).collect(), pair(&all));
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
        by_name(wish, rows, &starts)
    };
    match wish.kind {
        Kind::Line => Plot::Lines(labels, strands),
        _ => Plot::Columns(labels, strands),
    }
}

/// A strand for each value of the dimension, in the order in which they first come; a time at which one has no
/// row is zero where it adds up. Everything else comes last.
fn by_name(wish: &Wish, rows: &[Row], starts: &[DateTime<Utc>]) -> Vec<Strand> {
    let nothing = wish.measure.adds_up().then_some(Decimal::ZERO);
    let mut strands: Vec<(bool, Strand)> = Vec::new();
    for row in rows {
        let Some(place) = starts.iter().position(|at| Some(*at) == row.starts_at) else {
            continue;
        };
        let name = name(wish, row);
        let known = strands
            .iter()
            .position(|(is_other, strand)| *is_other == row.is_other && strand.name == name);
        let known = known.unwrap_or_else(|| {
            let values = vec![nothing; starts.len()];
            let is_before = false;
            strands.push((
                row.is_other,
                Strand {
                    name,
                    values,
                    is_before,
                },
            ));
            strands.len() - 1
        });
        if let Some(slot) = strands[known].1.values.get_mut(place) {
            *slot = value(wish, &row.measures).or(nothing);
        }
    }
    strands.sort_by_key(|(is_other, _)| *is_other);
    strands.into_iter().map(|(_, strand)| strand).collect()
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
        _ => row.category.as_deref(),
    };
    let text = text.filter(|text| !text.is_empty());
    let columns = if wish.look.width < 700 { 14 } else { 28 };
    words::shortened(text.unwrap_or(words::unknown(locale)), columns)
}

/// The hours of a week, from Monday at midnight on.
fn cells(wish: &Wish, cells: &[Value]) -> Vec<Decimal> {
    let cells = cells
        .iter()
        .map(|cell| value(wish, cell).unwrap_or_default());
    cells.collect()
}
