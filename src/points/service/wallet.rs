//! Gives, takes and gives back points of a locked member. Each returns the member as they are afterwards, and tells of
//! them once.

use entity::point_entry::{self, PointKind};
use entity::point_lot::PointOrigin;
use entity::{Instant, MerchantId, PointLotId, member};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder};

use super::book::{Booking, open, write};
use super::program::lot_end_in;
use crate::app::App;
use crate::error::Error;
use crate::points::model::{Fresh, NotEnough, Part, Purse, RESTORED_DAYS, parts_of};

/// Points that come to a member.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    /// What the entry says: GRANTED, ADJUSTED, EARNED.
    pub kind: PointKind,
    /// Where they come from.
    pub origin: PointOrigin,
    /// How many.
    pub points: i64,
    /// The order, gift or entry that they come from.
    pub source_id: Option<i64>,
    /// From when they can be spent; none for at once.
    pub releases_at: Option<Instant>,
    /// When they end: see [`super::lot_end`].
    pub expires_at: Option<Instant>,
    /// Who gives them.
    pub actor: &'a str,
    /// What they say of it.
    pub note: Option<&'a str>,
}

/// Points that a member gives for something.
#[derive(Clone, Copy, Debug)]
pub struct Spend<'a> {
    /// What the entries say: SPENT, REDEEMED, ADJUSTED.
    pub kind: PointKind,
    /// How many.
    pub points: i64,
    /// What they are given for.
    pub source_id: Option<i64>,
    /// Who takes them.
    pub actor: &'a str,
    /// What they say of it.
    pub note: Option<&'a str>,
}

/// Points that come back, since what they were given for is undone.
#[derive(Clone, Copy, Debug)]
pub struct GiveBack<'a> {
    /// What the entries said when they were taken: SPENT, REDEEMED.
    pub spent_as: PointKind,
    /// What they were given for.
    pub spent_on: i64,
    /// How many of them have come back before.
    pub before: i64,
    /// How many come back now.
    pub points: i64,
    /// For what they come back: the same, or the refund.
    pub source_id: i64,
    /// Which time, where the same happens again.
    pub round: i32,
    /// Who gives them back.
    pub actor: &'a str,
    /// What they say of it.
    pub note: Option<&'a str>,
}

/// Gives a locked member points.
pub async fn grant(
    app: &App,
    txn: &DatabaseTransaction,
    member: &member::Model,
    grant: Grant<'_>,
) -> Result<member::Model, Error> {
    let (purse, booking) = given(app, member.clone(), grant);
    write(app, txn, purse, booking).await
}

/// The purse of a locked member to whom points came, and what is written of it.
pub(super) fn given<'a>(
    app: &App,
    member: member::Model,
    grant: Grant<'a>,
) -> (Purse, Booking<'a>) {
    // No lot but the new one has a part in it.
    let mut purse = Purse::of(member, Vec::new());
    let fresh = Fresh {
        id: app.ids.next(),
        origin: grant.origin,
        source_id: grant.source_id,
        points: grant.points,
        releases_at: grant.releases_at,
        expires_at: grant.expires_at,
    };
    purse.come(fresh, grant.kind);
    let booking = Booking {
        source_id: grant.source_id,
        round: 0,
        actor: grant.actor,
        note: grant.note,
    };
    (purse, booking)
}

/// Takes points of a locked member, first those that end first; all, or none where there are not so many.
pub async fn spend(
    app: &App,
    txn: &DatabaseTransaction,
    member: &member::Model,
    spend: Spend<'_>,
) -> Result<Result<member::Model, NotEnough>, Error> {
    let mut purse = open(app, txn, member, &[]).await?;
    if let Err(not_enough) = purse.spend(spend.points, spend.kind, app.clock.now()) {
        return Ok(Err(not_enough));
    }
    let booking = Booking {
        source_id: spend.source_id,
        round: 0,
        actor: spend.actor,
        note: spend.note,
    };
    write(app, txn, purse, booking).await.map(Ok)
}

/// Gives a locked member points back, to the lots that they came from; where one has ended, as a lot that ends 30 days
/// later.
pub async fn give_back(
    app: &App,
    txn: &DatabaseTransaction,
    member: &member::Model,
    back: GiveBack<'_>,
) -> Result<member::Model, Error> {
    let taken = taken_for(txn, member.merchant_id, back.spent_as, back.spent_on).await?;
    let parts = parts_of(&taken, back.before, back.points);
    let lots: Vec<PointLotId> = parts.iter().filter_map(|part| part.0).collect();
    let mut purse = open(app, txn, member, &lots).await?;
    let until = lot_end_in(app, txn, member.merchant_id, RESTORED_DAYS).await?;
    let now = app.clock.now();
    for (lot_id, points) in parts {
        let next_id = || app.ids.next();
        purse.give_back(lot_id, points, PointKind::Restored, (now, until), next_id);
    }
    let booking = Booking {
        source_id: Some(back.source_id),
        round: back.round,
        actor: back.actor,
        note: back.note,
    };
    write(app, txn, purse, booking).await
}

/// What was taken for something, lot by lot, the last first: what ends last comes back first.
pub(super) async fn taken_for(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    kind: PointKind,
    source_id: i64,
) -> Result<Vec<Part>, Error> {
    let entries = point_entry::Entity::of(merchant_id)
        .filter(point_entry::Column::SourceId.eq(source_id))
        .filter(point_entry::Column::Kind.eq(kind))
        .order_by_desc(point_entry::Column::Id)
        .all(txn)
        .await?;
    let last = entries.iter().map(|entry| entry.round).max();
    let entries = entries.iter().filter(|entry| Some(entry.round) == last);
    Ok(entries
        .map(|entry| (entry.lot_id, entry.owed - entry.points - entry.pending))
        .collect())
}
