//! Compares a merchant's buckets with everything that was ever written of its orders.

use std::collections::BTreeMap;

use entity::{EventId, MerchantId, event, statistic, statistics_position, statistics_skip};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, QueryFilter, QueryOrder, QuerySelect};

use super::facts::Facts;
use super::project::fold;
use super::scan::Scan;
use super::serve::read_zone;
use crate::app::App;
use crate::error::Error;
use crate::statistics::model::{Bucket, Buckets, Measures};

/// How many events are read at once.
const EVENTS: usize = 2_000;

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

/// Counts everything again in one picture, and names each bucket of what is served that differs. It may run at
/// any time: events that were not counted yet are taken into account. None where nothing is built yet.
pub async fn check(app: &App, merchant_id: MerchantId) -> Result<Option<Vec<Difference>>, Error> {
    app.db
        .snapshot(|txn| async move {
            let facts = Facts {
                app,
                db: &*txn,
                merchant_id,
            };
            compare(&facts).await
        })
        .await
}

type Rows = BTreeMap<Bucket, Measures>;

async fn compare(facts: &Facts<'_, DatabaseTransaction>) -> Result<Option<Vec<Difference>>, Error> {
    let position = statistics_position::Entity::of(facts.merchant_id)
        .one(facts.db)
        .await?;
    let Some(position) = position else {
        return Ok(None);
    };
    let zone = read_zone(&position.time_zone)?;
    let mut expected = Buckets::default();
    let mut scan = Scan::new(zone);
    while scan.next(facts, &mut expected).await? {}
    let mut expected = expected.rows();
    let mut found = stored(facts, position.generation).await?;
    for events in uncounted(facts, position.seq).await?.chunks(EVENTS) {
        for (bucket, measures) in fold(facts, events, zone).await?.rows() {
            found.entry(bucket).or_default().add(&measures);
        }
    }
    let buckets: Vec<Bucket> = expected.keys().chain(found.keys()).cloned().collect();
    let mut differences = Vec::new();
    for bucket in buckets {
        let expected = expected.remove(&bucket).unwrap_or_default();
        let found = found.remove(&bucket).unwrap_or_default();
        if expected != found {
            differences.push(Difference {
                bucket,
                expected,
                found,
            });
        }
    }
    Ok(Some(differences))
}

async fn stored(facts: &Facts<'_, DatabaseTransaction>, generation: i16) -> Result<Rows, Error> {
    let rows = statistic::Entity::of(facts.merchant_id)
        .filter(statistic::Column::Generation.eq(generation))
        .all(facts.db)
        .await?;
    Ok(rows.into_iter().map(Bucket::read).collect())
}

/// The events that the buckets do not hold yet.
async fn uncounted(
    facts: &Facts<'_, DatabaseTransaction>,
    seq: i64,
) -> Result<Vec<event::Model>, Error> {
    let skips: Vec<EventId> = statistics_skip::Entity::of(facts.merchant_id)
        .select_only()
        .column(statistics_skip::Column::EventId)
        .into_tuple()
        .all(facts.db)
        .await?;
    let ahead = Condition::any()
        .add(event::Column::Seq.gt(seq))
        .add(event::Column::Seq.is_null());
    let events = event::Entity::of(facts.merchant_id)
        .filter(ahead)
        .order_by_asc(event::Column::Id)
        .all(facts.db)
        .await?;
    let events = events.into_iter();
    Ok(events.filter(|event| !skips.contains(&event.id)).collect())
}
