//! Gathers what a daily brief tells.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use entity::incident::{Column, Entity};
use entity::{ChannelId, Instant, MerchantId};
use sea_orm::{ColumnTrait, Condition, QueryFilter};

use super::waiting::waiting;
use crate::app::App;
use crate::auth::model::{Actor, Scope};
use crate::error::Error;
use crate::overview::model::{self, Brief, DayFigures, WEEKS, Waiting};
use crate::statistics::model::{Answer, Dimension, Grain, Measures, Question, Row};
use crate::statistics::service;
use crate::time_range::{TimeRange, start_of_day};

/// The first day that is counted here.
const EARLIEST: NaiveDate = match NaiveDate::from_ymd_opt(1970, 6, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A brief.
#[derive(Clone, Debug)]
pub struct Told {
    /// Of which day.
    pub on: NaiveDate,
    /// From its beginning to its end.
    pub range: TimeRange,
    /// Everything that happened before this is in its figures; none while the statistics are built.
    pub as_of: Option<Instant>,
    /// The figures.
    pub brief: Brief,
    /// How many incidents channels had on the day; none where the reader may not see them.
    pub incidents: Option<HashMap<ChannelId, usize>>,
    /// What waits to be done, now.
    pub waiting: Waiting,
}

/// Tells of a day; yesterday where none is named.
pub async fn brief(app: &App, actor: &Actor, on: Option<NaiveDate>) -> Result<Told, Error> {
    let day = read(app, actor.merchant_id, on).await?;
    let (incidents, waiting) =
        futures_util::try_join!(incidents(app, actor, day.range), waiting(app, actor))?;
    let (all, channels) = gathered(&day.answer.rows, day.on, day.is_over);
    Ok(Told {
        on: day.on,
        range: day.range,
        as_of: day.answer.as_of,
        brief: model::brief(&all, channels),
        incidents,
        waiting,
    })
}

/// A day, and what the statistics say of it and of weeks before.
struct DayRead {
    on: NaiveDate,
    range: TimeRange,
    is_over: bool,
    answer: Answer,
}

/// Reads a day in the zone that the statistics follow: after a change of the merchant's, the old one until they
/// are built anew. A day of one zone in figures of another would lack some hours.
async fn read(app: &App, merchant_id: MerchantId, on: Option<NaiveDate>) -> Result<DayRead, Error> {
    let mut zone = service::served(app, merchant_id).await?.zone;
    loop {
        let today = app.clock.now().with_timezone(&zone).date_naive();
        let on = on.unwrap_or(today - Days::new(1));
        if on > today || on < EARLIEST {
            return Err(Error::bad_input(
                "on",
                "is a day from 1970 to today.",
                "须为 1970 年至今天之间的日期。",
            ));
        }
        let back = u64::try_from(WEEKS * 7).unwrap_or(56);
        let day = TimeRange {
            from: start_of_day(on, zone),
            to: start_of_day(on + Days::new(1), zone),
        };
        let question = Question {
            grain: Some(Grain::Day),
            dimensions: vec![Dimension::Channel],
            ..Question::of(TimeRange {
                from: start_of_day(on - Days::new(back), zone),
                ..day
            })
        };
        let answer = service::answer(app, merchant_id, &question).await?;
        if answer.zone == zone {
            return Ok(DayRead {
                on,
                range: day,
                is_over: on < today,
                answer,
            });
        }
        // Another build has taken its place meanwhile.
        zone = answer.zone;
    }
}

/// The figures of a day and of the same weekdays before, of everything and of each channel. Days before the
/// first order are no days to compare with, and a day that is not over is compared with none.
fn gathered(
    rows: &[Row],
    on: NaiveDate,
    is_over: bool,
) -> (DayFigures, Vec<(ChannelId, DayFigures)>) {
    let mut days: HashMap<(Option<ChannelId>, NaiveDate), Measures> = HashMap::new();
    let mut began: HashMap<Option<ChannelId>, NaiveDate> = HashMap::new();
    for row in rows {
        let Some(day) = row.starts_on else { continue };
        for whose in [None, row.key.channel] {
            days.entry((whose, day)).or_default().add(&row.measures);
            if !row.measures.is_zero() {
                let first = began.entry(whose).or_insert(day);
                *first = day.min(*first);
            }
            if row.key.channel.is_none() {
                break;
            }
        }
    }
    let of = |whose: Option<ChannelId>| {
        let since = began.get(&whose).copied();
        let figures = |day| days.get(&(whose, day)).copied().unwrap_or_default();
        let before = (1..=WEEKS).filter_map(|week| {
            let day = on - Days::new(u64::try_from(week * 7).unwrap_or(7));
            (is_over && since? <= day).then(|| figures(day))
        });
        DayFigures {
            day: figures(on),
            before: before.collect(),
        }
    };
    let channels = began.keys().flatten().map(|id| (*id, of(Some(*id))));
    (of(None), channels.collect())
}

/// How many incidents each channel had in a time: begun, or not over before.
async fn incidents(
    app: &App,
    actor: &Actor,
    day: TimeRange,
) -> Result<Option<HashMap<ChannelId, usize>>, Error> {
    if !actor.may(Scope::ChannelsRead) {
        return Ok(None);
    }
    let merchant_id: MerchantId = actor.merchant_id;
    let lasted = Condition::any()
        .add(Column::ResolvedAt.is_null())
        .add(Column::ResolvedAt.gte(Instant(day.from)));
    let rows = Entity::of(merchant_id)
        .filter(Column::OpenedAt.lt(Instant(day.to)))
        .filter(lasted)
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut counts = HashMap::new();
    for row in rows {
        *counts.entry(row.channel_id).or_insert(0) += 1;
    }
    Ok(Some(counts))
}
