//! A question to the statistics, and its answer, in plain words.

use chrono::NaiveDate;
use chrono_tz::Tz;
use entity::channel::PaymentMethod;
use entity::{ChannelId, Instant, TierId};

use super::comparison::Comparison;
use super::measures::{Measure, Measures, Wanted};
use super::people::People;
use crate::time_range::TimeRange;

/// How many rows an answer has at the most.
pub const MOST_ROWS: usize = 10_000;

/// How long a row's time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    /// An hour of the merchant's clock.
    Hour,
    /// A day.
    Day,
    /// A week, from Monday.
    Week,
    /// A month.
    Month,
    /// A quarter.
    Quarter,
    /// A year.
    Year,
}

impl Grain {
    /// All of them, the shortest first.
    pub const ALL: [Self; 6] = [
        Self::Hour,
        Self::Day,
        Self::Week,
        Self::Month,
        Self::Quarter,
        Self::Year,
    ];

    /// Its name in the schema.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "HOUR",
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::Month => "MONTH",
            Self::Quarter => "QUARTER",
            Self::Year => "YEAR",
        }
    }
}

/// What there is a row for each of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Each channel.
    Channel,
    /// Each method of paying.
    Method,
    /// Each country of buyers.
    Country,
    /// Each category of what was bought.
    Category,
    /// Each tier that buyers had.
    MemberTier,
}

/// What is counted; everything where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these channels.
    pub channels: Option<Vec<ChannelId>>,
    /// Only these methods.
    pub methods: Option<Vec<PaymentMethod>>,
    /// Only buyers of these countries; the empty text means those whose country is unknown.
    pub countries: Option<Vec<String>>,
    /// Only what was bought of these categories; the empty text means what has none.
    pub categories: Option<Vec<String>>,
    /// Only what was bought by members of these tiers; 0 means who had none.
    pub tiers: Option<Vec<TierId>>,
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// Of which time; widened to whole hours of the merchant's clock.
    pub range: TimeRange,
    /// How long a row's time is; none where rows are not by time.
    pub grain: Option<Grain>,
    /// What there is a row for each of, beside time: two at the most.
    pub dimensions: Vec<Dimension>,
    /// What is counted.
    pub filter: Filter,
    /// What it is compared with.
    pub compare_to: Option<Comparison>,
    /// How many values of the dimensions have rows; the others share one.
    pub top: Option<usize>,
    /// What makes a value of the dimensions come before another.
    pub order_by: Measure,
    /// Which figures are read; the others are zero.
    pub wanted: Wanted,
    /// Whether it is counted how many members bought.
    pub people: bool,
}

impl Question {
    /// The whole of a time, with every figure.
    #[must_use]
    pub fn of(range: TimeRange) -> Self {
        Self {
            range,
            grain: None,
            dimensions: Vec::new(),
            filter: Filter::default(),
            compare_to: None,
            top: None,
            order_by: Measure::default(),
            wanted: Wanted::ALL,
            people: false,
        }
    }

    /// Whether rows are by something.
    #[must_use]
    pub fn has(&self, dimension: Dimension) -> bool {
        self.dimensions.contains(&dimension)
    }

    /// Whether buyers' tiers are asked about.
    #[must_use]
    pub fn by_tier(&self) -> bool {
        self.has(Dimension::MemberTier) || self.filter.tiers.is_some()
    }
}

/// What a row is about, beside its time. What rows are not by is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The channel.
    pub channel: Option<ChannelId>,
    /// The method.
    pub method: Option<PaymentMethod>,
    /// The country; the empty text where it is unknown.
    pub country: Option<String>,
    /// The category; the empty text where there is none.
    pub category: Option<String>,
    /// The tier; 0 where there was none.
    pub tier: Option<TierId>,
}

/// A row of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// When its time begins; none where rows are not by time.
    pub starts_at: Option<Instant>,
    /// The merchant's day on which its time begins.
    pub starts_on: Option<NaiveDate>,
    /// What it is about.
    pub key: Key,
    /// Whether it holds everything beyond the first values.
    pub is_other: bool,
    /// Its figures.
    pub measures: Measures,
    /// The figures of the time that it is compared with; none where nothing is compared.
    pub previous: Option<Measures>,
    /// How many members bought; none where that is not asked, or cannot be told.
    pub people: Option<People>,
    /// How many did in the time that it is compared with.
    pub previous_people: Option<People>,
}

/// An answer. Its rows sum exactly to its totals, save that who bought in several rows is one buyer of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Everything that happened before this is in it; none where the statistics are being built for the
    /// first time, and every figure is zero.
    pub as_of: Option<Instant>,
    /// The number of the last event that is in it for certain; 0 where there is no build.
    pub seq: i64,
    /// The time zone that hours and days follow.
    pub zone: Tz,
    /// Of which time, widened to whole hours.
    pub range: TimeRange,
    /// With which time it is compared.
    pub previous_range: Option<TimeRange>,
    /// With which time the sums are: of a time that has not ended, with the part before as far as it has come.
    pub previous_totals_range: Option<TimeRange>,
    /// The sums.
    pub totals: Measures,
    /// The sums of the time that they are compared with.
    pub previous_totals: Option<Measures>,
    /// How many members bought, each counted once; none where that is not asked, or cannot be told.
    pub people: Option<People>,
    /// How many did in the time that the sums are compared with.
    pub previous_people: Option<People>,
    /// The rows, by time, and then those with most first.
    pub rows: Vec<Row>,
}
