//! Compares a merchant's buckets with everything that was ever written of its orders, month by month.

use std::collections::{BTreeMap, HashSet};

use chrono_tz::Tz;
use entity::statistic::{Cut, Grain};
use entity::{
    ChannelId, EventId, MerchantId, event, statistic, statistic_product, statistics_position,
    statistics_skip,
};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use super::facts::Facts;
use super::months::{Counting, Month, months, returned};
use super::project::fold;
use super::serve::read_zone;
use crate::app::App;
use crate::error::Error;
use crate::statistics::model::{Bucket, Buckets, CUTS, Measures, ProductBucket, Sold};

/// How many events are read at once.
const EVENTS: u64 = 2_000;
/// How many rows are read at once, about.
const ROWS: u64 = 20_000;

/// A bucket that does not hold what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub bucket: Bucket,
    /// What it should hold.
    pub expected: Measures,
    /// What it holds, with what events will add that were not counted yet.
    pub found: Measures,
}

/// What was sold of a product where a row does not hold what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductDifference {
    /// Which row.
    pub bucket: ProductBucket,
    /// What it should hold.
    pub expected: Sold,
    /// What it holds, with what events will add that were not counted yet.
    pub found: Sold,
}

/// Every bucket that differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// By time, channel, country and category.
    pub buckets: Vec<Difference>,
    /// By product.
    pub products: Vec<ProductDifference>,
}

/// Counts everything again in one picture, a month at a time, and names each bucket of what is served that differs. It may run at
/// any time: events that were not counted yet are taken into account. None where nothing is built yet.
pub async fn check(app: &App, merchant_id: MerchantId) -> Result<Option<Differences>, Error> {
    app.db
        .snapshot_of(merchant_id, |txn| async move {
            let facts = Facts {
                app,
                db: &*txn,
                merchant_id,
            };
            compare(&facts).await
        })
        .await
}

/// What a check compares of one month.
struct Comparison<'a> {
    facts: &'a Facts<'a, DatabaseTransaction>,
    generation: i16,
    month: Month,
    /// What should have been counted.
    expected: Buckets,
    /// What events will add that were not counted yet.
    told: Buckets,
}

async fn compare(facts: &Facts<'_, DatabaseTransaction>) -> Result<Option<Differences>, Error> {
    let position = statistics_position::Entity::of(facts.merchant_id)
        .one(facts.db)
        .await?;
    let Some(position) = position else {
        return Ok(None);
    };
    let zone = read_zone(&position.time_zone)?;
    let counting = Counting {
        facts,
        zone,
        returned: &returned(facts).await?,
    };
    let mut told = uncounted(facts, position.seq, zone).await?;
    let has_tiers = position.shape >= statistics_position::WITH_TIERS;
    let mut differences = Differences::default();
    for month in months(facts, zone).await? {
        let comparison = Comparison {
            facts,
            generation: position.generation,
            expected: counting.of(&month).await?,
            told: told.take_before(month.days.end),
            month,
        };
        let cuts = CUTS.into_iter();
        for (grain, cut) in cuts.filter(|(_, cut)| has_tiers || !is_by_tier(*cut)) {
            let found = comparison.buckets(grain, cut).await?;
            differences.buckets.extend(found);
        }
        // A build that holds no products, or no tiers, is built anew, and nobody is told of what it lacks.
        if position.shape >= statistics_position::WITH_PRODUCTS {
            differences.products.extend(comparison.products().await?);
        }
    }
    Ok(Some(differences))
}

impl Comparison<'_> {
    /// Where the rows of one cut differ. They are read by stretches, and what was compared is let go.
    async fn buckets(&self, grain: Grain, cut: Cut) -> Result<Vec<Difference>, Error> {
        use statistic::Column;
        let mut rest = Rest {
            expected: self.expected.rows_of(grain, cut),
            told: self.told.rows_of(grain, cut),
            differing: Vec::new(),
        };
        let starts = match grain {
            Grain::Day => &self.month.days,
            Grain::Hour => &self.month.ms,
        };
        let of_cut = || {
            statistic::Entity::of(self.facts.merchant_id)
                .filter(Column::Generation.eq(self.generation))
                .filter(Column::Grain.eq(grain))
                .filter(Column::Cut.eq(cut))
                .filter(Column::Starts.lt(starts.end))
        };
        let mut from = starts.start;
        loop {
            let beyond = of_cut().filter(Column::Starts.gte(from));
            let last = last_of_stretch(self.facts, beyond.clone(), Column::Starts).await?;
            let stretch = beyond.filter(Column::Starts.lte(last.unwrap_or(i64::MAX)));
            for row in stretch.all(self.facts.db).await? {
                let (bucket, found) = Bucket::read(row);
                rest.compare(bucket, found, Measures::add);
            }
            match last {
                Some(last) => from = last.saturating_add(1),
                None => break,
            }
        }
        let differing = rest.finish().into_iter();
        let named = differing.map(|(bucket, expected, found)| Difference {
            bucket,
            expected,
            found,
        });
        Ok(named.collect())
    }

    /// Where the rows of products differ, read by stretches of each channel.
    async fn products(&self) -> Result<Vec<ProductDifference>, Error> {
        use statistic_product::{Column, Entity, Grain};
        let mut rest = Rest {
            expected: self.expected.products.rows(),
            told: self.told.products.rows(),
            differing: Vec::new(),
        };
        let days = &self.month.days;
        for grain in [Grain::Day, Grain::Month] {
            let of_grain = || {
                Entity::of(self.facts.merchant_id)
                    .filter(Column::Generation.eq(self.generation))
                    .filter(Column::Grain.eq(grain))
            };
            // A channel, and from where on it is to be read.
            let mut at = (ChannelId(i64::MIN), days.start);
            loop {
                let beyond = of_grain()
                    .filter(Column::ChannelId.eq(at.0))
                    .filter(Column::Starts.gte(at.1))
                    .filter(Column::Starts.lt(days.end));
                let last = last_of_stretch(self.facts, beyond.clone(), Column::Starts).await?;
                let stretch = beyond.filter(Column::Starts.lte(last.unwrap_or(i64::MAX)));
                for row in stretch.all(self.facts.db).await? {
                    let (bucket, found) = ProductBucket::read(&row);
                    rest.compare(bucket, found, Sold::add);
                }
                if let Some(last) = last {
                    at.1 = last.saturating_add(1);
                    continue;
                }
                let next: Option<ChannelId> = of_grain()
                    .filter(Column::ChannelId.gt(at.0))
                    .order_by_asc(Column::ChannelId)
                    .select_only()
                    .column(Column::ChannelId)
                    .limit(1)
                    .into_tuple()
                    .one(self.facts.db)
                    .await?;
                let Some(next) = next else { break };
                at = (next, days.start);
            }
        }
        let differing = rest.finish().into_iter();
        let named = differing.map(|(bucket, expected, found)| ProductDifference {
            bucket,
            expected,
            found,
        });
        Ok(named.collect())
    }
}

const fn is_by_tier(cut: Cut) -> bool {
    matches!(cut, Cut::Tier | Cut::FullTier)
}

/// Where a stretch of about so many rows ends; none where it is the last one.
async fn last_of_stretch<E: EntityTrait>(
    facts: &Facts<'_, DatabaseTransaction>,
    rows: Select<E>,
    starts: E::Column,
) -> Result<Option<i64>, Error> {
    Ok(rows
        .order_by_asc(starts)
        .select_only()
        .column(starts)
        .offset(ROWS)
        .limit(1)
        .into_tuple()
        .one(facts.db)
        .await?)
}

/// What is left to be compared, and what has differed.
struct Rest<K, V> {
    expected: BTreeMap<K, V>,
    told: BTreeMap<K, V>,
    differing: Vec<(K, V, V)>,
}

impl<K: Ord, V: Copy + Default + PartialEq> Rest<K, V> {
    /// Compares what is stored; what is missing is nothing.
    fn compare(&mut self, key: K, stored: V, add: impl Fn(&mut V, &V)) {
        let mut found = stored;
        if let Some(told) = self.told.remove(&key) {
            add(&mut found, &told);
        }
        let expected = self.expected.remove(&key).unwrap_or_default();
        if expected != found {
            self.differing.push((key, expected, found));
        }
    }

    /// Everything that differs, with what is stored nowhere.
    fn finish(mut self) -> Vec<(K, V, V)> {
        for (key, expected) in self.expected {
            let found = self.told.remove(&key).unwrap_or_default();
            if expected != found {
                self.differing.push((key, expected, found));
            }
        }
        let nothing = V::default();
        let told = self.told.into_iter().filter(|(_, told)| *told != nothing);
        self.differing
            .extend(told.map(|(key, told)| (key, nothing, told)));
        self.differing
    }
}

/// What the events count that the buckets do not hold yet, some events at a time.
async fn uncounted(
    facts: &Facts<'_, DatabaseTransaction>,
    seq: i64,
    zone: Tz,
) -> Result<Buckets, Error> {
    let skips: Vec<EventId> = statistics_skip::Entity::of(facts.merchant_id)
        .select_only()
        .column(statistics_skip::Column::EventId)
        .into_tuple()
        .all(facts.db)
        .await?;
    let skips: HashSet<EventId> = skips.into_iter().collect();
    let ahead = Condition::any()
        .add(event::Column::Seq.gt(seq))
        .add(event::Column::Seq.is_null());
    let mut told = Buckets::default();
    let mut after = EventId(i64::MIN);
    loop {
        let mut events = event::Entity::of(facts.merchant_id)
            .filter(ahead.clone())
            .filter(event::Column::Id.gt(after))
            .order_by_asc(event::Column::Id)
            .limit(EVENTS)
            .all(facts.db)
            .await?;
        let Some(last) = events.last() else {
            return Ok(told);
        };
        after = last.id;
        events.retain(|event| !skips.contains(&event.id));
        fold(facts, &events, zone, &mut told).await?;
    }
}
