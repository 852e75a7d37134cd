//! Adds up what counts, by hour, and makes rows of every cut of it.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use entity::statistic::{self, Cut, Grain};
use entity::{ChannelId, MerchantId, TierId};

use super::calendar::day_and_hour;
use super::measures::Measures;
use super::products::Products;

/// The cuts that are kept.
pub const CUTS: [(Grain, Cut); 9] = [
    (Grain::Day, Cut::Channel),
    (Grain::Day, Cut::Country),
    (Grain::Day, Cut::Category),
    (Grain::Day, Cut::Full),
    (Grain::Hour, Cut::Channel),
    (Grain::Hour, Cut::Full),
    (Grain::Day, Cut::Tier),
    (Grain::Day, Cut::FullTier),
    (Grain::Hour, Cut::FullTier),
];

/// Where something counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The day since 1970.
    pub day: i64,
    /// The hour's first millisecond.
    pub hour: i64,
    /// The channel.
    pub channel_id: ChannelId,
    /// The country; empty where it is unknown.
    pub country: String,
    /// The category; empty where there is none.
    pub category: String,
    /// The tier; 0 where there is none.
    pub tier_id: TierId,
}

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bucket {
    /// An hour or a day.
    pub grain: Grain,
    /// Which dimensions are kept.
    pub cut: Cut,
    /// The hour's first millisecond, or the day.
    pub starts: i64,
    /// The channel.
    pub channel_id: ChannelId,
    /// The country, where it is kept.
    pub country: String,
    /// The category, where it is kept.
    pub category: String,
    /// The tier, where it is kept.
    pub tier_id: TierId,
}

/// What was counted, by hour and every dimension. Every other row is a sum of these.
#[derive(Clone, Debug, Default)]
pub struct Buckets {
    places: BTreeMap<Place, Measures>,
    /// What was sold of each product.
    pub products: Products,
}

impl Buckets {
    /// Adds what counts at an instant.
    pub fn add(
        &mut self,
        at_ms: i64,
        zone: Tz,
        (channel_id, country, category, tier_id): (ChannelId, &str, &str, TierId),
        measures: &Measures,
    ) {
        if measures.is_zero() {
            return;
        }
        let (day, hour) = day_and_hour(at_ms, zone);
        let place = Place {
            day: i64::from(day.0),
            hour,
            channel_id,
            country: country.to_owned(),
            category: category.to_owned(),
            tier_id,
        };
        self.places.entry(place).or_default().add(measures);
    }

    /// Takes out what counts before a day.
    #[must_use]
    pub fn take_before(&mut self, day: i64) -> Self {
        let rest = self.places.split_off(&Place::first_of(day));
        Self {
            places: std::mem::replace(&mut self.places, rest),
            products: self.products.take_before(day),
        }
    }

    /// How many sums there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len() + self.products.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty() && self.products.is_empty()
    }

    /// Every row that these make, in the order of the table's key. What sums to nothing has none.
    #[must_use]
    pub fn rows(&self) -> BTreeMap<Bucket, Measures> {
        let cuts = CUTS.into_iter();
        cuts.flat_map(|(grain, cut)| self.rows_of(grain, cut))
            .collect()
    }

    /// The rows of one cut.
    #[must_use]
    pub fn rows_of(&self, grain: Grain, cut: Cut) -> BTreeMap<Bucket, Measures> {
        let mut rows: BTreeMap<Bucket, Measures> = BTreeMap::new();
        for (place, measures) in &self.places {
            rows.entry(place.bucket(grain, cut))
                .or_default()
                .add(measures);
        }
        rows.retain(|_, measures| !measures.is_zero());
        rows
    }
}

impl Place {
    /// The place before which those of earlier days stand.
    const fn first_of(day: i64) -> Self {
        Self {
            day,
            hour: i64::MIN,
            channel_id: ChannelId(i64::MIN),
            country: String::new(),
            category: String::new(),
            tier_id: TierId(i64::MIN),
        }
    }

    fn bucket(&self, grain: Grain, cut: Cut) -> Bucket {
        let kept = |keeps: bool, text: &String| {
            if keeps { text.clone() } else { String::new() }
        };
        Bucket {
            grain,
            cut,
            starts: match grain {
                Grain::Hour => self.hour,
                Grain::Day => self.day,
            },
            channel_id: self.channel_id,
            country: kept(
                matches!(cut, Cut::Country | Cut::Full | Cut::FullTier),
                &self.country,
            ),
            category: kept(
                matches!(cut, Cut::Category | Cut::Full | Cut::FullTier),
                &self.category,
            ),
            tier_id: match cut {
                Cut::Tier | Cut::FullTier => self.tier_id,
                _ => TierId(0),
            },
        }
    }
}

impl Bucket {
    /// The table's row.
    #[must_use]
    pub fn row(
        self,
        merchant_id: MerchantId,
        generation: i16,
        measures: &Measures,
    ) -> statistic::Model {
        statistic::Model {
            merchant_id,
            generation,
            grain: self.grain,
            cut: self.cut,
            starts: self.starts,
            channel_id: self.channel_id,
            country: self.country,
            category: self.category,
            tier_id: self.tier_id,
            orders: measures.orders,
            converted: measures.converted,
            paid_orders: measures.paid_orders,
            gross_minor: measures.gross_minor,
            discount_minor: measures.discount_minor,
            refunds: measures.refunds,
            refunded_minor: measures.refunded_minor,
            fee_minor: measures.fee_minor,
            pay_ms: measures.pay_ms,
        }
    }

    /// What a row of the table is about, and what was counted in it.
    #[must_use]
    pub fn read(row: statistic::Model) -> (Self, Measures) {
        let measures = Measures {
            orders: row.orders,
            converted: row.converted,
            paid_orders: row.paid_orders,
            gross_minor: row.gross_minor,
            discount_minor: row.discount_minor,
            refunds: row.refunds,
            refunded_minor: row.refunded_minor,
            fee_minor: row.fee_minor,
            pay_ms: row.pay_ms,
        };
        let bucket = Self {
            grain: row.grain,
            cut: row.cut,
            starts: row.starts,
            channel_id: row.channel_id,
            country: row.country,
            category: row.category,
            tier_id: row.tier_id,
        };
        (bucket, measures)
    }
}
