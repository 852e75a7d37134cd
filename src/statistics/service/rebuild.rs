//! Builds a merchant's statistics anew beside what is served, from one picture of everything.

use entity::{
    EventId, Instant, MerchantId, event, event_head, statistics_position, statistics_skip,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect,
};

use super::facts::Facts;
use super::remove::{remove, remove_all_but};
use super::scan::{Scan, merchant_row};
use super::turn::Turn;
use super::write::add;
use crate::app::App;
use crate::error::Error;
use crate::merchant::zone_of;
use crate::statistics::model::Buckets;

/// How many sums are kept in memory before they are written.
const KEPT: usize = 20_000;
/// How many events without a number are written by one statement.
const SKIPS: usize = 4_000;

/// A build under way.
struct Build<'a> {
    turn: &'a Turn<'a>,
    /// What is served meanwhile.
    served: Option<i16>,
    generation: i16,
}

/// What a build read first.
struct Picture {
    seq: i64,
    skips: Vec<EventId>,
    time_zone: String,
    at: Instant,
}

/// Builds a merchant's statistics anew: what is served stays until it is done. False where somebody else is
/// building them, or took over. Whoever breaks off leaves what is served as it was, and rows that the next build
/// removes.
pub async fn rebuild(app: &App, merchant_id: MerchantId) -> Result<bool, Error> {
    let Some(turn) = Turn::take(app, merchant_id).await? else {
        return Ok(false);
    };
    let built = build(&turn).await;
    turn.end().await?;
    built
}

async fn build(turn: &Turn<'_>) -> Result<bool, Error> {
    let served = statistics_position::Entity::of(turn.merchant_id)
        .one(&turn.app.db.reads(turn.merchant_id))
        .await?
        .map(|position| position.generation);
    let build = &Build {
        turn,
        served,
        generation: match served {
            Some(last) if last < i16::MAX => last + 1,
            _ => 1,
        },
    };
    if !remove_all_but(turn, served).await? {
        return Ok(false);
    }
    let picture = turn
        .app
        .db
        .snapshot_of(
            turn.merchant_id,
            |txn| async move { build.read(&txn).await },
        )
        .await?;
    let Some(picture) = picture else {
        return Ok(false);
    };
    if !build.switch(&picture).await? {
        return Ok(false);
    }
    if let Some(old) = served {
        remove(turn, old, Some(build.generation)).await?;
    }
    Ok(true)
}

impl Build<'_> {
    /// Reads everything and writes the build; none where another builds instead.
    async fn read(&self, txn: &DatabaseTransaction) -> Result<Option<Picture>, Error> {
        let facts = Facts {
            app: self.turn.app,
            db: txn,
            merchant_id: self.turn.merchant_id,
        };
        let at = self.turn.app.clock.instant();
        let picture = picture(&facts, at).await?;
        let mut scan = Scan::new(zone_of(&merchant_row(&facts).await?)?);
        let mut buckets = Buckets::default();
        loop {
            let more = scan.next(&facts, &mut buckets).await?;
            if !self.turn.goes_on().await? {
                return Ok(None);
            }
            if !more || buckets.len() > KEPT {
                if !self.write(&buckets).await? {
                    return Ok(None);
                }
                buckets = Buckets::default();
            }
            if !more {
                return Ok(Some(picture));
            }
        }
    }

    /// Adds to the build, as long as nobody else builds.
    async fn write(&self, buckets: &Buckets) -> Result<bool, Error> {
        let turn = self.turn;
        turn.app
            .db
            .transaction_of(turn.merchant_id, |txn| async move {
                if !turn.goes_on_in(&txn, self.served).await? {
                    return Ok(false);
                }
                add(&txn, turn.merchant_id, self.generation, buckets).await?;
                Ok::<_, Error>(true)
            })
            .await
    }

    /// Lets the build be served, as long as nobody else builds. What has no number yet was read all the same.
    async fn switch(&self, picture: &Picture) -> Result<bool, Error> {
        use statistics_position::{Column, Entity, Model};
        let (turn, merchant_id) = (self.turn, self.turn.merchant_id);
        let position = &Model {
            merchant_id,
            generation: self.generation,
            seq: picture.seq,
            time_zone: picture.time_zone.clone(),
            as_of: picture.at,
            built_at: picture.at,
            shape: statistics_position::SHAPE,
        };
        turn.app
            .db
            .transaction_of(merchant_id, |txn| async move {
                if !turn.goes_on_in(&txn, self.served).await? {
                    return Ok(false);
                }
                // The projector waits, and finds another build.
                Entity::of(merchant_id).lock_exclusive().one(&*txn).await?;
                Entity::delete_of(merchant_id)
                    .filter(Column::MerchantId.eq(merchant_id))
                    .exec(&*txn)
                    .await?;
                Entity::insert(position.clone().into_active_model())
                    .exec_without_returning(&*txn)
                    .await?;
                self.write_skips(&txn, &picture.skips).await?;
                Ok::<_, Error>(true)
            })
            .await
    }

    async fn write_skips(&self, txn: &DatabaseTransaction, ids: &[EventId]) -> Result<(), Error> {
        use statistics_skip::{Entity, Model};
        let merchant_id = self.turn.merchant_id;
        Entity::delete_of(merchant_id).exec(txn).await?;
        for some in ids.chunks(SKIPS) {
            let rows = some.iter().map(|event_id| Model {
                merchant_id,
                event_id: *event_id,
            });
            Entity::insert_many(rows.map(IntoActiveModel::into_active_model))
                .exec_without_returning(txn)
                .await?;
        }
        Ok(())
    }
}

/// How far the events have come, and which have no number yet: what a build reads first.
async fn picture<C: ConnectionTrait>(facts: &Facts<'_, C>, at: Instant) -> Result<Picture, Error> {
    let head = event_head::Entity::of(facts.merchant_id)
        .one(facts.db)
        .await?;
    let skips: Vec<EventId> = event::Entity::of(facts.merchant_id)
        .filter(event::Column::Seq.is_null())
        .select_only()
        .column(event::Column::Id)
        .into_tuple()
        .all(facts.db)
        .await?;
    Ok(Picture {
        seq: head.map_or(0, |head| head.last_seq),
        skips,
        time_zone: merchant_row(facts).await?.time_zone,
        at,
    })
}
