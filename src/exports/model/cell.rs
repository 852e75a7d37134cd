//! A cell of a row: what it holds, before a format writes it.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;

use crate::locale::Locale;
use crate::money::{Currency, Money};

/// How the cells of a file are written.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The merchant's zone: times are its own.
    pub zone: Tz,
    /// The language of headings and words.
    pub language: Locale,
    /// The merchant's currency.
    pub currency: Currency,
}

impl Style {
    /// What a clock in the merchant's zone shows.
    #[must_use]
    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.zone).naive_local()
    }

    /// One of two texts, by the language.
    #[must_use]
    pub const fn say(&self, en: &'static str, zh: &'static str) -> &'static str {
        match self.language {
            Locale::En => en,
            Locale::ZhCn => zh,
        }
    }
}

/// A word of a fixed set: what programs know it by, and what people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// As GraphQL names it.
    pub code: &'static str,
    /// English.
    pub en: &'static str,
    /// Chinese.
    pub zh: &'static str,
}

/// One of several things in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// It, in a few words.
    pub text: String,
    /// Its fields, for programs.
    pub fields: Vec<(&'static str, Cell)>,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text, numbers of orders among them; whatever it is, it stays one.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// An amount.
    Money(Money),
    /// A rate, in millionths.
    Rate(i64),
    /// An instant.
    Time(DateTime<Utc>),
    /// A day.
    Day(NaiveDate),
    /// Yes or no.
    Flag(bool),
    /// A word of a fixed set.
    Word(Word),
    /// Several things.
    Parts(Vec<Part>),
}

impl Cell {
    /// A text, where there is one.
    #[must_use]
    pub fn text(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.to_owned()))
    }

    /// An instant, where there is one.
    #[must_use]
    pub fn time(at: Option<entity::Instant>) -> Self {
        at.map_or(Self::Empty, |at| Self::Time(at.0))
    }

    /// The instant inside an id.
    #[must_use]
    pub fn made_at(ms: i64) -> Self {
        DateTime::from_timestamp_millis(ms).map_or(Self::Empty, Self::Time)
    }

    /// An amount in minor units.
    #[must_use]
    pub const fn money(minor: i64, currency: Currency) -> Self {
        Self::Money(Money::of_minor(minor, currency))
    }
}

/// A rate as a decimal: 6000 is `0.006`.
#[must_use]
pub fn rate(ppm: i64) -> Decimal {
    Decimal::new(ppm, 6).normalize()
}

/// Several things in one text.
#[must_use]
pub fn joined(parts: &[Part]) -> String {
    let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    texts.join("; ")
}
