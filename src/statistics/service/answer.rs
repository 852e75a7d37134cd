//! Answers questions from the buckets.

use std::collections::HashMap;

use chrono_tz::Tz;
use entity::channel::PaymentMethod;
use entity::{ChannelId, MerchantId};

use super::read::Reading;
use super::serve::served;
use crate::app::App;
use crate::error::Error;
use crate::statistics::model::calendar::whole_hours;
use crate::statistics::model::{
    self, Answer, Dimension, Filter, Grain, Heatmap, MOST_ROWS, Question, Readings, Shift,
    TooManyRows, Wanted, spans,
};
use crate::time_range::TimeRange;

/// The merchant's channels and what they are paid with, where a question needs it.
async fn methods(
    app: &App,
    merchant_id: MerchantId,
    question: &Question,
) -> Result<HashMap<ChannelId, PaymentMethod>, Error> {
    if question.filter.methods.is_none() && !question.has(Dimension::Method) {
        return Ok(HashMap::new());
    }
    let channels = crate::channels::service::list_shown(app, merchant_id).await?;
    Ok(channels.iter().map(|row| (row.id, row.method)).collect())
}

/// The channels that a filter counts; none where it counts all.
fn counted(filter: &Filter, methods: &HashMap<ChannelId, PaymentMethod>) -> Option<Vec<ChannelId>> {
    let Some(wanted) = &filter.methods else {
        return filter.channels.clone();
    };
    let fits = |id: &ChannelId| {
        methods
            .get(id)
            .is_some_and(|method| wanted.contains(method))
    };
    let mut of_methods: Vec<ChannelId> = match &filter.channels {
        Some(channels) => channels.iter().copied().filter(|id| fits(id)).collect(),
        None => methods.keys().copied().filter(|id| fits(id)).collect(),
    };
    of_methods.sort_unstable();
    Some(of_methods)
}

/// Answers a question: how far the statistics have come, and one statement for its time, one for the time
/// that it is compared with, and one more for each where an end is no midnight. Where rows are by time and it has
/// not ended, one or two more for the sums of what they are compared with.
pub async fn answer(
    app: &App,
    merchant_id: MerchantId,
    question: &Question,
) -> Result<Answer, Error> {
    let served = served(app, merchant_id).await?;
    let question = &Question {
        range: whole_hours(question.range, served.zone),
        ..question.clone()
    };
    let shift = question.compare_to.map(|to| {
        let shift = to.shift(question.range, question.grain, served.zone);
        (shift, shift.before(question.range, served.zone))
    });
    let so_far =
        shift.and_then(|(shift, _)| shift.so_far(question.range, app.clock.now(), served.zone));
    // Rows that are not by time are of the same time as the sums.
    let shift = shift.map(|(shift, whole)| match (question.grain, so_far) {
        (None, Some(part)) => (shift, part),
        _ => (shift, whole),
    });
    let methods = methods(app, merchant_id, question).await?;
    let channels = counted(&question.filter, &methods);
    let (now, before, part) = match served.generation {
        Some(generation) => {
            let reading = Reading {
                app,
                merchant_id,
                generation,
                channels,
            };
            read(&reading, question, served.zone, shift, so_far).await?
        }
        None => <(Readings, Readings, Readings)>::default(),
    };
    let earlier = shift.map(|(shift, range)| (shift, range, &before));
    let made = model::answer(question, served.zone, &methods, &now, earlier);
    let made = made.map_err(|many| too_many(question, many))?;
    Ok(Answer {
        as_of: served.as_of,
        seq: served.seq,
        previous_totals: so_far
            .filter(|_| question.grain.is_some())
            .map(|_| part.sum())
            .or(made.previous_totals),
        previous_totals_range: so_far.or(made.previous_totals_range),
        ..made
    })
}

async fn read(
    reading: &Reading<'_>,
    question: &Question,
    zone: Tz,
    shift: Option<(Shift, TimeRange)>,
    so_far: Option<TimeRange>,
) -> Result<(Readings, Readings, Readings), Error> {
    let now = spans(question.range, question.grain, zone);
    let before = shift.map(|(_, range)| spans(range, question.grain, zone));
    let before = before.unwrap_or_default();
    let part = so_far.filter(|_| question.grain.is_some());
    let part = part.map(|range| spans(range, None, zone));
    let part = part.unwrap_or_default();
    let whole = Question {
        grain: None,
        dimensions: Vec::new(),
        ..question.clone()
    };
    Ok(futures_util::try_join!(
        reading.spans(question, &now),
        reading.spans(question, &before),
        reading.spans(&whole, &part)
    )?)
}

/// An answer with too many rows is refused, with the grain that fits.
fn too_many(question: &Question, many: TooManyRows) -> Error {
    match many.fitting {
        Some(grain) => Error::bad_input(
            "grain",
            format!(
                "makes more than {MOST_ROWS} rows; {} fits, or a shorter range, or `top`.",
                grain.name()
            ),
            format!(
                "结果超过 {MOST_ROWS} 行；可改用 {}，或缩短时间范围，或使用 `top`。",
                grain.name()
            ),
        ),
        None => Error::bad_input(
            if question.grain.is_some() {
                "range"
            } else {
                "dimensions"
            },
            format!(
                "makes more than {MOST_ROWS} rows with any grain; use `top` or a shorter range."
            ),
            format!("任何粒度下都超过 {MOST_ROWS} 行；请使用 `top` 或缩短时间范围。"),
        ),
    }
}

/// The hours of a week over a time.
pub async fn heatmap(
    app: &App,
    merchant_id: MerchantId,
    range: TimeRange,
    filter: Filter,
    wanted: Wanted,
) -> Result<Heatmap, Error> {
    let served = served(app, merchant_id).await?;
    let question = Question {
        grain: Some(Grain::Hour),
        filter,
        wanted,
        ..Question::of(whole_hours(range, served.zone))
    };
    let methods = methods(app, merchant_id, &question).await?;
    let channels = counted(&question.filter, &methods);
    let read = match served.generation {
        Some(generation) => {
            let reading = Reading {
                app,
                merchant_id,
                generation,
                channels,
            };
            let spans = spans(question.range, question.grain, served.zone);
            reading.spans(&question, &spans).await?
        }
        None => Readings::default(),
    };
    let hours = read.hours.into_iter();
    let hours = hours.map(|hour| (hour.starts, hour.measures));
    Ok(Heatmap {
        as_of: served.as_of,
        zone: served.zone,
        range: question.range,
        cells: model::heatmap(hours, served.zone),
    })
}
