//! What is to be drawn, in plain values.

use rust_decimal::Decimal;

use super::measure::Counted;
use crate::locale::Locale;
use crate::money::Currency;

/// What a picture looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// In pixels.
    pub width: u16,
    /// In pixels.
    pub height: u16,
    /// Whether it is light on dark.
    pub is_dark: bool,
    /// The language of its words.
    pub locale: Locale,
}

/// What values are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Pieces, money, shares, seconds.
    pub counted: Counted,
    /// The merchant's currency.
    pub currency: Currency,
}

/// Values along an axis; none where there is no such value, which is not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strand {
    /// What the legend says.
    pub name: String,
    /// As many as there are labels.
    pub values: Vec<Option<Decimal>>,
    /// Whether it is the time that another is compared with.
    pub is_before: bool,
}

impl Strand {
    /// Whether there is a value with none before and none after it.
    #[must_use]
    pub fn has_lone_value(&self) -> bool {
        let is_there = |place: Option<usize>| {
            place.is_some_and(|place| matches!(self.values.get(place), Some(Some(_))))
        };
        let mut places = 0..self.values.len();
        places.any(|place| {
            is_there(Some(place)) && !is_there(place.checked_sub(1)) && !is_there(Some(place + 1))
        })
    }
}

/// The form of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plot {
    /// Lines over time.
    Lines(Vec<String>, Vec<Strand>),
    /// Columns over time, in stacks where there are several.
    Columns(Vec<String>, Vec<Strand>),
    /// Bars from the left, one for each label.
    Bars(Vec<String>, Vec<Strand>),
    /// A ring, in slices that sum to the whole.
    Ring(Vec<(String, Decimal)>),
    /// The hours of a week, from Monday at midnight on: 168 values.
    Week(Vec<Decimal>),
}

/// A picture, before it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What it looks like.
    pub look: Look,
    /// What it shows.
    pub title: String,
    /// Of which time, and the sum.
    pub note: String,
    /// What its values are in.
    pub unit: Unit,
    /// Its form and its values.
    pub plot: Plot,
}

impl Plot {
    /// Every value.
    pub fn values(&self) -> Vec<Decimal> {
        match self {
            Self::Lines(_, strands) | Self::Columns(_, strands) | Self::Bars(_, strands) => {
                let values = strands.iter().flat_map(|strand| &strand.values);
                values.copied().flatten().collect()
            }
            Self::Ring(slices) => slices.iter().map(|(_, value)| *value).collect(),
            Self::Week(values) => values.clone(),
        }
    }

    /// Whether there is nothing to see.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values().iter().all(Decimal::is_zero)
    }

    /// The largest distance from zero that the axis has to reach.
    #[must_use]
    pub fn reach(&self) -> Decimal {
        match self {
            // Stacks are as high as their parts together.
            Self::Columns(labels, strands) => (0..labels.len())
                .map(|place| {
                    let parts = strands.iter().filter(|strand| !strand.is_before);
                    let parts = parts.filter_map(|strand| strand.values.get(place).copied()?);
                    parts.map(|value| value.abs()).sum()
                })
                .chain(self.values().iter().map(Decimal::abs))
                .max()
                .unwrap_or_default(),
            _ => self
                .values()
                .iter()
                .map(Decimal::abs)
                .max()
                .unwrap_or_default(),
        }
    }
}
