//! Asks for a link to a picture.

use std::time::Duration;

use async_graphql::{Context, Enum, InputObject, InputType, Object, Value};

use crate::auth::model::Scope;
use crate::charts::model::{Kind, MOST_TIMES, Wish, too_many_times};
use crate::charts::service;
use crate::error::Error;
use crate::graphql::time_range::TimeRangeInput;
use crate::graphql::{Ask, Needs};
use crate::locale::Locale;
use crate::orders::schema::reading;
use crate::statistics::model::Grain;
use crate::statistics::model::calendar::fits;
use crate::statistics::schema::fits_a_heatmap;
use crate::statistics::schema::inputs::{
    StatisticsComparison, StatisticsDimension, StatisticsFilterInput, StatisticsGrain,
    StatisticsMeasure,
};

/// How long a link may be good for, in hours.
const LONGEST: i32 = 24 * 90;
/// And is, where nobody says so.
const USUAL: i32 = 24 * 7;

/// The form of a picture 图表类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub enum ChartKind {
    /// 折线图: lines over time.
    Line,
    /// 柱状图: columns over time, or bars by a dimension.
    Bar,
    /// 热力图: the hours of a week.
    Heatmap,
    /// 占比图: a ring of shares.
    Share,
}

/// What a picture looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ChartTheme {
    /// 浅色: dark on light.
    Light,
    /// 深色: light on dark.
    Dark,
}

/// The language of a picture's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Locale")]
pub enum ChartLocale {
    /// 简体中文.
    ZhCn,
    /// English.
    En,
}

/// A picture of statistics 图表: what `statistics` would be asked, and what it looks like.
#[derive(Clone, Debug, InputObject)]
pub struct ChartInput {
    /// The form.
    pub kind: ChartKind,
    /// Of which time. A named one moves on with the days: the link always shows the newest.
    pub range: TimeRangeInput,
    /// The figure; PAID where it is missing, and PAID_ORDERS in a heat map.
    pub measure: Option<StatisticsMeasure>,
    /// How long each time is; DAY in a line where it is missing. Not for a heat map or shares.
    pub grain: Option<StatisticsGrain>,
    /// What it is by, beside time. A ring of shares needs one.
    pub dimension: Option<StatisticsDimension>,
    /// What is counted; everything where it is missing.
    pub filter: Option<StatisticsFilterInput>,
    /// What it is compared with; for one series of lines or columns, and for bars.
    pub compare_to: Option<StatisticsComparison>,
    /// How many values of the dimension are told apart, from 1 to 8; 6 where it is missing.
    pub top: Option<i32>,
    /// How wide it is in pixels: 320 to 2,000, 900 where it is missing.
    pub width: Option<i32>,
    /// How high it is in pixels: 200 to 1,200, 420 where it is missing.
    pub height: Option<i32>,
    /// What it looks like; LIGHT where it is missing.
    pub theme: Option<ChartTheme>,
    /// The language of its words; the request's where it is missing.
    pub locale: Option<ChartLocale>,
    /// How many hours the link is good for: 1 to 2,160, 168 (a week) where it is missing.
    pub valid_for_hours: Option<i32>,
}

/// The queries of charts.
#[derive(Debug, Default)]
pub struct ChartQuery;

#[Object]
impl ChartQuery {
    /// A link to a picture of statistics 图表链接, as SVG, for a mail or a chat. It holds no token: whoever has
    /// it sees this picture, until it ends, and nothing else. It is void after the master key was changed. Needs
    /// `orders:read`, and `ledger:read` where the figure tells what payments cost.
    #[graphql(guard = "Needs(Scope::OrdersRead)")]
    async fn chart_url(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shows.")] input: ChartInput,
    ) -> Result<String, Error> {
        let (app, actor) = (ctx.app(), ctx.actor()?);
        let hours = input.valid_for_hours.unwrap_or(USUAL);
        if !(1..=LONGEST).contains(&hours) {
            return Err(Error::bad_input(
                "input.validForHours",
                format!("is from 1 to {LONGEST}."),
                format!("须为 1 至 {LONGEST}。"),
            ));
        }
        let kind = Kind::from(input.kind);
        drawable(ctx, &input, kind).await.map_err(of_input)?;
        let pairs = pairs(&input, ctx.locale());
        let named = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let wish = Wish::read(kind, named, ctx.locale()).map_err(of_input)?;
        if wish.measure.tells_fees() && !actor.may(Scope::LedgerRead) {
            return Err(Error::Forbidden {
                scope: Scope::LedgerRead.name(),
            });
        }
        let hours = u64::try_from(hours).unwrap_or(1);
        let valid_for = Duration::from_secs(hours * 3_600);
        Ok(service::sign(
            app,
            actor.merchant_id,
            kind,
            &pairs,
            valid_for,
        ))
    }
}

/// Refuses what would never be drawn, and a filter that the address cannot say: a link cannot be taken back.
async fn drawable(ctx: &Context<'_>, input: &ChartInput, kind: Kind) -> Result<(), Error> {
    if let Some(filter) = input.filter.clone() {
        filter.read()?;
    }
    let reading = reading(ctx).await?;
    let range = input.range.read("range", reading.now, reading.zone)?;
    let by_day = (kind == Kind::Line).then_some(Grain::Day);
    match input.grain.map(Grain::from).or(by_day) {
        _ if kind == Kind::Heatmap => fits_a_heatmap(range),
        Some(grain) if !fits(range, grain, MOST_TIMES, reading.zone) => Err(too_many_times()),
        _ => Ok(()),
    }
}

/// The parameters of the picture's address.
fn pairs(input: &ChartInput, locale: Locale) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        pairs.extend(value.map(|value| (name.to_owned(), value)));
    };
    match input.range.to_value() {
        Value::Object(range) => {
            for (key, value) in range {
                match value {
                    Value::Object(custom) => {
                        for (name, at) in &custom {
                            add(name, text_of(at));
                        }
                    }
                    preset if key.as_str() == "preset" => add("range", text_of(&preset)),
                    _ => {}
                }
            }
        }
        _ => add("range", None),
    }
    add(
        "measure",
        input.measure.and_then(|it| text_of(&it.to_value())),
    );
    add("grain", input.grain.and_then(|it| text_of(&it.to_value())));
    add(
        "dimension",
        input.dimension.and_then(|it| text_of(&it.to_value())),
    );
    add(
        "compareTo",
        input.compare_to.and_then(|it| text_of(&it.to_value())),
    );
    if let Some(Value::Object(filter)) = input.filter.as_ref().map(InputType::to_value) {
        for (name, values) in &filter {
            match values {
                Value::List(values) => values.iter().for_each(|value| add(name, text_of(value))),
                value => add(name, text_of(value)),
            }
        }
    }
    let numbers = [
        ("top", input.top),
        ("width", input.width),
        ("height", input.height),
    ];
    for (name, number) in numbers {
        add(name, number.map(|number| number.to_string()));
    }
    let theme = input.theme.map(|theme| match theme {
        ChartTheme::Light => "light",
        ChartTheme::Dark => "dark",
    });
    add("theme", theme.map(str::to_owned));
    let locale = input.locale.map_or(locale, Locale::from);
    let locale = match locale {
        Locale::ZhCn => "zh-CN",
        Locale::En => "en",
    };
    add("locale", Some(locale.to_owned()));
    pairs
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Enum(name) => Some(name.to_string()),
        Value::Boolean(is_so) => Some(is_so.to_string()),
        _ => None,
    }
}

/// An error that names its parameter as the input's field.
fn of_input(error: Error) -> Error {
    match error {
        Error::BadInput { field, problem } => Error::BadInput {
            field: format!("input.{field}"),
            problem,
        },
        other => other,
    }
}
