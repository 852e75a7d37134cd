//! Every night looks again at all members: what falls out of a window, what ends, what was set anew.
//!
//! A merchant's run stands in a row of its own, which says where it is. Each step deals with some members in one short
//! transaction that also moves the position: an instance that is killed leaves nothing half done, and another goes on.
//! The row is locked meanwhile, and who finds it locked goes elsewhere, so two instances never do the same.

use entity::loyalty_run::{Column, Entity, LoyaltyRunKind, Model};
use entity::member::{self, Column as Of};
use entity::{Instant, MemberId, MerchantId, TierId};
use sea_orm::sea_query::{Expr, LockBehavior, LockType, OnConflict};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::shown::read;
use super::sums::{Whose, sums};
use super::write::{Change, SYSTEM, write};
use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::tiers::model::{Held, Ladder, Moment, decide, next_night};

/// How many members are looked at in one transaction.
const BATCH: u64 = 2_000;

/// Merchants whose members are to be looked at again now.
pub async fn due(app: &App) -> Result<Vec<MerchantId>, Error> {
    Ok(Entity::due(LoyaltyRunKind::Tiers, app.clock.instant())
        .select_only()
        .column(Column::MerchantId)
        .into_tuple()
        .all(app.db.reads_across())
        .await?)
}

/// Looks again at the next members of a merchant, where it is time and nobody else does; whether some are left.
pub async fn go_on(app: &App, merchant_id: MerchantId) -> Result<bool, Error> {
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    app.write(merchant_id, |txn| async move {
        let at = Moment {
            now: app.clock.instant(),
            zone,
        };
        let Some(run) = take(app, &txn, merchant_id, at.now).await? else {
            return Ok(false);
        };
        let ladder = read(&*txn, merchant_id).await?;
        let after = MemberId(run.after_id);
        let found = some(&txn, &ladder, merchant_id, after).await?;
        let last = found.last().map(|(id, _)| *id);
        if let Some(last) = last {
            let changing = changing(app, &txn, &ladder, (merchant_id, after, last), &found, at);
            let changing = changing.await?;
            change(app, &txn, &ladder, (merchant_id, &changing), at).await?;
        }
        let is_over = (found.len() as u64) < BATCH;
        let place = last.filter(|_| !is_over);
        place_at(&txn, &run, place, at).await?;
        Ok::<_, Error>(!is_over)
    })
    .await
}

/// The run, locked, where it is time and nobody else has it.
async fn take(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    now: Instant,
) -> Result<Option<Model>, DbErr> {
    let mut run = Entity::of(merchant_id)
        .filter(Column::Kind.eq(LoyaltyRunKind::Tiers))
        .filter(Column::NextAt.lte(now));
    if app.db.backend() == DbBackend::Postgres {
        run = run.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    run.one(txn).await
}

/// The next members, and what they have. Where there are no tiers, only who still has one.
async fn some(
    txn: &DatabaseTransaction,
    ladder: &Ladder,
    merchant_id: MerchantId,
    after: MemberId,
) -> Result<Vec<(MemberId, Option<Held>)>, DbErr> {
    type Row = (
        MemberId,
        Option<TierId>,
        Option<Instant>,
        Option<Instant>,
        Instant,
    );
    let mut select = member::Entity::of(merchant_id)
        .filter(Of::Id.gt(after))
        .filter(Of::MergedInto.is_null())
        .filter(Of::ErasedAt.is_null());
    if ladder.is_empty() {
        select = select.filter(Of::TierId.is_not_null());
    }
    let rows: Vec<Row> = select
        .order_by_asc(Of::Id)
        .limit(BATCH)
        .select_only()
        .columns([
            Of::Id,
            Of::TierId,
            Of::TierSince,
            Of::TierUntil,
            Of::JoinedAt,
        ])
        .into_tuple()
        .all(txn)
        .await?;
    let held = |(id, tier_id, since, until, joined_at): Row| {
        let held = tier_id.map(|tier_id| Held {
            tier_id,
            since: since.unwrap_or(joined_at),
            until,
        });
        (id, held)
    };
    Ok(rows.into_iter().map(held).collect())
}

/// Who of them changes, as it looks without a lock: of most, nothing does.
async fn changing(
    app: &App,
    txn: &DatabaseTransaction,
    ladder: &Ladder,
    (merchant_id, after, last): (MerchantId, MemberId, MemberId),
    found: &[(MemberId, Option<Held>)],
    at: Moment,
) -> Result<Vec<MemberId>, DbErr> {
    let whose = (merchant_id, Whose::Between(after, last));
    let mut sums = sums(app, txn, whose, &ladder.windows(), at.today()).await?;
    let changes = |(id, held): &&(MemberId, Option<Held>)| {
        let sums = sums.remove(id).unwrap_or_default();
        decide(ladder, *held, &sums, at).is_some()
    };
    Ok(found.iter().filter(changes).map(|(id, _)| *id).collect())
}

/// Locks those, in the order of their ids, looks again, and writes what changes. Whoever orders waits for none of it.
async fn change(
    app: &App,
    txn: &DatabaseTransaction,
    ladder: &Ladder,
    (merchant_id, ids): (MerchantId, &[MemberId]),
    at: Moment,
) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    let rows = member::Entity::of(merchant_id)
        .filter(any_of(&app.db, Of::Id, ids))
        .order_by_asc(Of::Id)
        .lock(LockType::NoKeyUpdate)
        .all(txn)
        .await?;
    let whose = (merchant_id, Whose::These(ids));
    let mut sums = sums(app, txn, whose, &ladder.windows(), at.today()).await?;
    let changes = rows.iter().filter_map(|row| {
        let sums = sums.remove(&row.id).unwrap_or_default();
        let from = Held::of(row);
        decide(ladder, from, &sums, at).map(|step| Change {
            member_id: row.id,
            from,
            step,
        })
    });
    let changes: Vec<Change> = changes.collect();
    write(app, txn, merchant_id, &changes, SYSTEM).await
}

/// Writes how far a run has come; without a place it is over until the next night.
async fn place_at(
    txn: &DatabaseTransaction,
    run: &Model,
    place: Option<MemberId>,
    at: Moment,
) -> Result<(), DbErr> {
    let next_at = match place {
        Some(_) => run.next_at,
        None => Instant(next_night(at.now.0, at.zone)),
    };
    Entity::update_of(run.merchant_id)
        .filter(Column::Kind.eq(run.kind))
        .col_expr(Column::Day, Expr::value(at.today()))
        .col_expr(Column::AfterId, Expr::value(place.map_or(0, |id| id.0)))
        .col_expr(Column::NextAt, Expr::value(next_at))
        .exec(txn)
        .await?;
    Ok(())
}

/// Locks a merchant's run; the first time it is made. Who sets tiers waits for who does, and for a step under way.
pub(super) async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    at: Moment,
) -> Result<Model, Error> {
    let first = Model {
        merchant_id,
        kind: LoyaltyRunKind::Tiers,
        day: at.today(),
        after_id: 0,
        next_at: Instant(next_night(at.now.0, at.zone)),
    };
    let mut or_nothing = OnConflict::columns([Column::MerchantId, Column::Kind]);
    or_nothing.do_nothing();
    Entity::insert(first.into_active_model())
        .on_conflict(or_nothing)
        .exec_without_returning(txn)
        .await?;
    let run = Entity::of(merchant_id)
        .filter(Column::Kind.eq(LoyaltyRunKind::Tiers))
        .lock_exclusive()
        .one(txn)
        .await?;
    run.ok_or_else(|| Error::internal("a run that was just made is not there"))
}

/// Lets a locked run begin at once.
pub(super) async fn begin_now(
    txn: &DatabaseTransaction,
    run: &Model,
    now: Instant,
) -> Result<(), DbErr> {
    Entity::update_of(run.merchant_id)
        .filter(Column::Kind.eq(run.kind))
        .col_expr(Column::AfterId, Expr::value(0_i64))
        .col_expr(Column::NextAt, Expr::value(now))
        .exec(txn)
        .await?;
    Ok(())
}
