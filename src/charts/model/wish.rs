//! What somebody wants to see, read from an address.

use chrono::{DateTime, FixedOffset};
use entity::{ChannelId, TierId};
use serde_json::{Map, Value, json};

use super::measure::Measure;
use super::picture::Look;
use crate::error::Error;
use crate::locale::Locale;
use crate::statistics::model::Grain;

/// The form of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Lines over time.
    Line,
    /// Columns over time, or bars where there is none.
    Bar,
    /// The hours of a week.
    Heatmap,
    /// A ring of shares.
    Share,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Line, Self::Bar, Self::Heatmap, Self::Share];

    /// Its name in an address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Bar => "bar",
            Self::Heatmap => "heatmap",
            Self::Share => "share",
        }
    }

    /// The form of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What somebody wants to see.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    /// The form.
    pub kind: Kind,
    /// The figure.
    pub measure: Measure,
    /// How long each of the times is; none where it is not by time.
    pub grain: Option<String>,
    /// What it is by, beside time.
    pub dimension: Option<String>,
    /// With what it is compared.
    pub compare_to: Option<String>,
    /// What it looks like.
    pub look: Look,
    pub(super) range: Value,
    pub(super) filter: Map<String, Value>,
    pub(super) top: Option<i64>,
}

/// What is counted: said once, several times, or in a list.
const LISTS: [&str; 5] = [
    "channelIds",
    "methods",
    "countries",
    "categories",
    "memberTierIds",
];
/// Times that have a name.
const RANGES: [&str; 12] = [
    "TODAY",
    "YESTERDAY",
    "LAST_3_DAYS",
    "LAST_7_DAYS",
    "LAST_30_DAYS",
    "LAST_90_DAYS",
    "LAST_365_DAYS",
    "THIS_WEEK",
    "THIS_MONTH",
    "LAST_MONTH",
    "THIS_QUARTER",
    "THIS_YEAR",
];
const DIMENSIONS: [&str; 5] = ["CHANNEL", "METHOD", "COUNTRY", "CATEGORY", "MEMBER_TIER"];
const COMPARISONS: [&str; 2] = ["PREVIOUS_PERIOD", "SAME_PERIOD_LAST_YEAR"];
/// How many of a dimension's values are told apart, where nobody says how many, and at the most.
pub(super) const TOP: (i64, i64) = (6, 8);
/// How wide and how high a picture may be, and is where nobody says so.
const WIDTH: (u16, u16, u16) = (320, 900, 2_000);
const HEIGHT: (u16, u16, u16) = (200, 420, 1_200);

impl Wish {
    /// Reads the parameters of an address. `locale` is the reader's, where they say no other.
    pub fn read<'a>(
        kind: Kind,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        locale: Locale,
    ) -> Result<Self, Error> {
        let mut wish = Self::plain(kind, locale);
        let mut times = Times::default();
        let mut seen = Vec::new();
        for (name, value) in pairs {
            if seen.contains(&name) && !LISTS.contains(&name) {
                return Err(Error::bad_input(name, "is said twice.", "重复给出。"));
            }
            seen.push(name);
            let text = || Some(value.to_owned());
            match name {
                "range" => times.preset = known(name, value, &RANGES)?,
                "from" => times.from = text(),
                "to" => times.to = text(),
                _ => wish.set(name, value)?,
            }
        }
        wish.range = times.read()?;
        wish.check()?;
        Ok(wish)
    }

    /// What is drawn where nothing is said.
    fn plain(kind: Kind, locale: Locale) -> Self {
        Self {
            kind,
            measure: match kind {
                Kind::Heatmap => Measure::PaidOrders,
                _ => Measure::Paid,
            },
            grain: None,
            dimension: None,
            compare_to: None,
            look: Look {
                width: WIDTH.1,
                height: HEIGHT.1,
                is_dark: false,
                locale,
            },
            range: Value::Null,
            filter: Map::new(),
            top: None,
        }
    }

    /// Takes a parameter that is not about time.
    fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        match name {
            "grain" => self.grain = known(name, value, &Grain::ALL.map(Grain::name))?,
            "dimension" => self.dimension = known(name, value, &DIMENSIONS)?,
            "compareTo" => self.compare_to = known(name, value, &COMPARISONS)?,
            "channelIds" if value.split(',').any(|id| id.parse::<ChannelId>().is_err()) => {
                let (en, zh) = (
                    "holds something that is not an id of a channel.",
                    "包含无效的渠道 ID。",
                );
                return Err(Error::bad_input(name, en, zh));
            }
            "memberTierIds" if value.split(',').any(|id| id.parse::<TierId>().is_err()) => {
                let (en, zh) = (
                    "holds something that is not an id of a tier.",
                    "包含无效的等级 ID。",
                );
                return Err(Error::bad_input(name, en, zh));
            }
            "measure" => self.measure = measure(value)?,
            _ if LISTS.contains(&name) => self.add(name, value),
            "countryUnknown" | "memberTierNone" => {
                let is_so = one_of(name, value, "true", "false")?;
                self.filter.insert(name.to_owned(), is_so.into());
            }
            "top" => {
                let most = u16::try_from(TOP.1).unwrap_or_default();
                self.top = Some(number(name, value, 1, most)?.into());
            }
            "width" => self.look.width = number(name, value, WIDTH.0, WIDTH.2)?,
            "height" => self.look.height = number(name, value, HEIGHT.0, HEIGHT.2)?,
            "theme" => self.look.is_dark = one_of(name, value, "dark", "light")?,
            "locale" => {
                let is_english = one_of(name, value, "en", "zh-CN")?;
                self.look.locale = if is_english { Locale::En } else { Locale::ZhCn };
            }
            _ => {
                let (en, zh) = ("is no parameter of charts.", "不是图表参数。");
                return Err(Error::bad_input(name, en, zh));
            }
        }
        Ok(())
    }

    /// Adds to what is counted. A category may hold a comma, so each is said by itself.
    fn add(&mut self, name: &str, value: &str) {
        let list = self.filter.entry(name).or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            if name == "categories" {
                list.push(value.into());
            } else {
                list.extend(value.split(',').map(Value::from));
            }
        }
    }

    /// Refuses what cannot be drawn.
    fn check(&mut self) -> Result<(), Error> {
        if self.kind == Kind::Line && self.grain.is_none() {
            self.grain = Some("DAY".to_owned());
        }
        let by_category = self.dimension.as_deref() == Some("CATEGORY");
        if self.measure == Measure::AverageOrderValue
            && (by_category || self.filter.contains_key("categories"))
        {
            return Err(Error::bad_input(
                "measure",
                "averageOrderValue is of whole orders: not by category, nor of some categories.",
                "客单价以整笔订单计算，不能按商品分类统计或筛选。",
            ));
        }
        let has_time = matches!(self.kind, Kind::Heatmap | Kind::Share) && self.grain.is_some();
        if has_time {
            return Err(Error::bad_input(
                "grain",
                "is for `line` and `bar` alone.",
                "仅适用于 `line` 与 `bar`。",
            ));
        }
        match self.kind {
            Kind::Heatmap => self.check_heatmap(),
            Kind::Share if self.dimension.is_none() || !self.measure.adds_up() => {
                Err(Error::bad_input(
                    if self.dimension.is_none() {
                        "dimension"
                    } else {
                        "measure"
                    },
                    "A share is of a `dimension`, and of a figure whose parts add up.",
                    "占比图需要 `dimension`，且指标须可累加。",
                ))
            }
            Kind::Share if self.compare_to.is_some() => Err(compared("a share", "占比图")),
            Kind::Bar if self.grain.is_none() && self.dimension.is_none() => Err(Error::bad_input(
                "grain",
                "Bars are by `grain`, by `dimension`, or by both.",
                "柱状图需要 `grain` 或 `dimension`。",
            )),
            Kind::Line | Kind::Bar
                if self.compare_to.is_some()
                    && self.grain.is_some()
                    && self.dimension.is_some() =>
            {
                Err(compared("several series over time", "多条时间序列"))
            }
            Kind::Bar
                if self.grain.is_some() && self.dimension.is_some() && !self.measure.adds_up() =>
            {
                Err(Error::bad_input(
                    "measure",
                    "does not add up, so it is no stack: ask for `line`.",
                    "不可累加，不能堆叠：请使用 `line`。",
                ))
            }
            _ => Ok(()),
        }
    }

    fn check_heatmap(&self) -> Result<(), Error> {
        if !matches!(
            self.measure,
            Measure::Orders | Measure::PaidOrders | Measure::Paid
        ) {
            return Err(Error::bad_input(
                "measure",
                "of a heat map is orders, paidOrders or paid.",
                "热力图的指标须为 orders、paidOrders 或 paid。",
            ));
        }
        if self.dimension.is_some() {
            return Err(Error::bad_input(
                "dimension",
                "A heat map is by weekday and hour alone.",
                "热力图仅按星期与小时展示。",
            ));
        }
        if self.compare_to.is_some() {
            return Err(compared("a heat map", "热力图"));
        }
        Ok(())
    }
}

fn measure(name: &str) -> Result<Measure, Error> {
    Measure::of_name(name).ok_or_else(|| {
        let all: Vec<&str> = Measure::ALL.iter().map(|measure| measure.field()).collect();
        let all = all.join(", ");
        Error::bad_input(
            "measure",
            format!("is one of {all}."),
            format!("须为以下之一：{all}。"),
        )
    })
}

/// One of some names.
fn known(field: &str, text: &str, names: &[&str]) -> Result<Option<String>, Error> {
    if names.contains(&text) {
        return Ok(Some(text.to_owned()));
    }
    let all = names.join(", ");
    Err(Error::bad_input(
        field,
        format!("is one of {all}."),
        format!("须为以下之一：{all}。"),
    ))
}

/// An instant as it is written.
fn instant(field: &str, text: &str) -> Result<DateTime<FixedOffset>, Error> {
    DateTime::parse_from_rfc3339(text).map_err(|_| {
        Error::bad_input(
            field,
            "is an instant such as 2026-11-01T00:00:00Z.",
            "须为时间点，例如 2026-11-01T00:00:00Z。",
        )
    })
}

fn number(field: &str, text: &str, least: u16, most: u16) -> Result<u16, Error> {
    let number = text
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| {
        Error::bad_input(
            field,
            format!("is a number from {least} to {most}."),
            format!("须为 {least} 至 {most} 的整数。"),
        )
    })
}

/// Whether it is the first of two.
fn one_of(field: &str, text: &str, first: &str, second: &str) -> Result<bool, Error> {
    match text {
        _ if text == first => Ok(true),
        _ if text == second => Ok(false),
        _ => Err(Error::bad_input(
            field,
            format!("is `{second}` or `{first}`."),
            format!("须为 `{second}` 或 `{first}`。"),
        )),
    }
}

/// Of which time, as it is said.
#[derive(Default)]
struct Times {
    preset: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

impl Times {
    fn read(self) -> Result<Value, Error> {
        match (self.preset, self.from, self.to) {
            (Some(preset), None, None) => Ok(json!({ "preset": preset })),
            (None, Some(from), Some(to)) if instant("from", &from)? < instant("to", &to)? => {
                Ok(json!({ "custom": { "from": from, "to": to } }))
            }
            (None, Some(_), Some(_)) => Err(Error::bad_input(
                "from",
                "must lie before `to`.",
                "必须早于 `to`。",
            )),
            _ => Err(Error::bad_input(
                "range",
                "is missing: give `range=LAST_30_DAYS`, or `from` and `to`, not both.",
                "缺失：请给出 `range=LAST_30_DAYS`，或 `from` 与 `to`，两者取一。",
            )),
        }
    }
}

fn compared(en: &str, zh: &str) -> Error {
    Error::bad_input(
        "compareTo",
        format!("is not drawn in {en}."),
        format!("不适用于{zh}。"),
    )
}

#[cfg(test)]
mod tests;
