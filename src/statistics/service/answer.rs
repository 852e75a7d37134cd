//! Answers questions from the buckets.

use std::collections::HashMap;
use std::sync::Arc;

use chrono_tz::Tz;
use entity::channel::PaymentMethod;
use entity::{ChannelId, MerchantId, channel, statistics_position};
use sea_orm::QuerySelect;

use super::people::Counting;
use super::read::Reading;
use super::serve::{Served, served};
use crate::app::App;
use crate::error::Error;
use crate::statistics::model::calendar::whole_hours;
use crate::statistics::model::{
    self, Answer, Dimension, Filter, Grain, Heatmap, MOST_ROWS, Question, Readings, Shift,
    TooManyRows, Wanted, spans,
};
use crate::time_range::TimeRange;

/// What a question is answered from.
#[derive(Debug)]
pub struct Source<'a> {
    /// Where it is read.
    pub app: &'a App,
    /// Whose figures they are.
    pub merchant_id: MerchantId,
    /// Which build, and how far it has come: read before the question is answered.
    pub served: Served,
    /// The merchant's channels; they may be a second old.
    pub channels: Arc<Vec<Arc<channel::Model>>>,
}

impl<'a> Source<'a> {
    /// What a merchant's questions are answered from now.
    pub async fn of(app: &'a App, merchant_id: MerchantId) -> Result<Self, Error> {
        Ok(Self {
            app,
            merchant_id,
            served: served(app, merchant_id).await?,
            channels: crate::channels::service::list_shown(app, merchant_id).await?,
        })
    }

    /// What the merchant's questions are answered from now, where that is another build. A build is removed only
    /// behind the switch to another: where there was none, everything was read whole.
    async fn replaced(&self) -> Result<Option<Source<'a>>, Error> {
        let now: Option<i16> = statistics_position::Entity::of(self.merchant_id)
            .select_only()
            .column(statistics_position::Column::Generation)
            .into_tuple()
            .one(&self.app.db.reads(self.merchant_id))
            .await?;
        if self.served.generation.is_none() || now == self.served.generation {
            return Ok(None);
        }
        Ok(Some(Self::of(self.app, self.merchant_id).await?))
    }

    /// The merchant's channels and what they are paid with, where a question needs it.
    fn methods(&self, question: &Question) -> HashMap<ChannelId, PaymentMethod> {
        if question.filter.methods.is_none() && !question.has(Dimension::Method) {
            return HashMap::new();
        }
        let channels = self.channels.iter();
        channels.map(|row| (row.id, row.method)).collect()
    }
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
    answer_from(&Source::of(app, merchant_id).await?, question).await
}

/// Answers a question from what is served. Where another build took its place meanwhile, what was read may have
/// been half removed: it is read once more.
pub async fn answer_from(source: &Source<'_>, question: &Question) -> Result<Answer, Error> {
    let read = read_answer(source, question).await?;
    match source.replaced().await? {
        None => Ok(read),
        Some(source) => read_answer(&source, question).await,
    }
}

async fn read_answer(source: &Source<'_>, question: &Question) -> Result<Answer, Error> {
    let (app, merchant_id, served) = (source.app, source.merchant_id, &source.served);
    let question = &Question {
        range: whole_hours(question.range, served.zone),
        ..question.clone()
    };
    // Before anything is read: a span of centuries by the day.
    model::fits(question, served.zone).map_err(|many| too_many(question, many))?;
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
    let methods = source.methods(question);
    let channels = counted(&question.filter, &methods);
    let generation = served.generation_for(question);
    let (now, before, part) = match generation {
        Some(generation) => {
            let reading = Reading {
                app,
                merchant_id,
                generation,
                channels: channels.clone(),
            };
            read(&reading, question, served.zone, shift, so_far).await?
        }
        None => <(Readings, Readings, Readings)>::default(),
    };
    let earlier = shift.map(|(shift, range)| (shift, range, &before));
    let made = model::answer(question, served.zone, &methods, &now, earlier);
    let made = made.map_err(|many| too_many(question, many))?;
    let mut answer = Answer {
        as_of: served.as_of.filter(|_| generation.is_some()),
        seq: served.seq,
        previous_totals: so_far
            .filter(|_| question.grain.is_some())
            .map(|_| part.sum())
            .or(made.previous_totals),
        previous_totals_range: so_far.or(made.previous_totals_range),
        ..made
    };
    let counting = Counting {
        app,
        merchant_id,
        zone: served.zone,
        question,
        channels: channels.as_deref(),
    };
    let totals_before = answer.previous_totals_range;
    counting.fill(&mut answer, shift, totals_before).await?;
    Ok(answer)
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
    futures_util::try_join!(
        reading.spans(question, &now),
        reading.spans(question, &before),
        reading.spans(&whole, &part)
    )
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
    source: &Source<'_>,
    range: TimeRange,
    filter: Filter,
    wanted: Wanted,
) -> Result<Heatmap, Error> {
    let question = Question {
        grain: Some(Grain::Hour),
        filter,
        wanted,
        ..Question::of(range)
    };
    let read = read_heatmap(source, &question).await?;
    match source.replaced().await? {
        None => Ok(read),
        Some(source) => read_heatmap(&source, &question).await,
    }
}

async fn read_heatmap(source: &Source<'_>, question: &Question) -> Result<Heatmap, Error> {
    let (app, merchant_id, served) = (source.app, source.merchant_id, &source.served);
    let question = Question {
        range: whole_hours(question.range, served.zone),
        ..question.clone()
    };
    let methods = source.methods(&question);
    let channels = counted(&question.filter, &methods);
    let generation = served.generation_for(&question);
    let read = match generation {
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
        as_of: served.as_of.filter(|_| generation.is_some()),
        zone: served.zone,
        range: question.range,
        cells: model::heatmap(hours, served.zone),
    })
}
