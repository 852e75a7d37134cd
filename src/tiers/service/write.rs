//! Writes which tier members have from now on: their rows, the history, and who is told.

use std::collections::BTreeMap;

use entity::event::EventKind;
use entity::member::{Column, Entity};
use entity::{Instant, MemberId, MerchantId, TierId, tier_change};
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter};

use crate::app::App;
use crate::db::any_of;
use crate::events;
use crate::tiers::model::{Held, Step};

/// A member, locked, whose tier changes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub member_id: MemberId,
    pub from: Option<Held>,
    pub step: Step,
}

/// Who changes it, and what they say of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct By<'a> {
    pub actor: &'a str,
    pub note: Option<&'a str>,
}

/// What happens by itself.
pub(super) const SYSTEM: By<'static> = By {
    actor: "system",
    note: None,
};

/// What is written into many rows at once: the tier, its end, and since when, where that changes.
type Alike = (Option<i64>, Option<i64>, Option<i64>);

/// Writes changes of locked members, in that transaction: a few statements, however many they are.
pub(super) async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    changes: &[Change],
    by: By<'_>,
) -> Result<(), DbErr> {
    if changes.is_empty() {
        return Ok(());
    }
    let mut alike: BTreeMap<Alike, (Option<Held>, Vec<MemberId>)> = BTreeMap::new();
    for change in changes {
        let to = change.step.to;
        let (_, ids) = alike.entry(key(change)).or_insert((to, Vec::new()));
        ids.push(change.member_id);
    }
    for ((_, _, since), (to, ids)) in &alike {
        let mut update = Entity::update_of(merchant_id)
            .filter(any_of(&app.db, Column::Id, ids))
            .col_expr(Column::TierId, Expr::value(to.map(|to| to.tier_id)))
            .col_expr(Column::TierUntil, Expr::value(to.and_then(|to| to.until)));
        if to.is_none() || since.is_some() {
            let since: Option<Instant> = to.map(|to| to.since);
            update = update.col_expr(Column::TierSince, Expr::value(since));
        }
        update.exec(txn).await?;
    }
    let rows = changes.iter().map(|change| tier_change::Model {
        merchant_id,
        id: app.ids.next(),
        member_id: change.member_id,
        from_tier_id: change.from.map(|from| from.tier_id),
        to_tier_id: change.step.to.map(|to| to.tier_id),
        reason: change.step.reason,
        until: change.step.to.and_then(|to| to.until),
        actor: by.actor.to_owned(),
        note: by.note.map(str::to_owned),
    });
    tier_change::Entity::insert_many(rows.map(IntoActiveModel::into_active_model))
        .exec_without_returning(txn)
        .await?;
    let tier = |held: Option<Held>| -> Option<TierId> { held.map(|held| held.tier_id) };
    let others = changes
        .iter()
        .filter(|change| tier(change.from) != tier(change.step.to));
    let told: Vec<i64> = others.map(|change| change.member_id.0).collect();
    let (now, kind) = (app.clock.instant(), EventKind::MemberTierChanged);
    events::record_many(txn, &app.ids, now, merchant_id, kind, &told).await
}

fn key(change: &Change) -> Alike {
    let ms = |at: Instant| at.0.timestamp_millis();
    let to = change.step.to;
    let since = to.map(|to| to.since);
    let is_kept = change.from.map(|from| from.since) == since;
    (
        to.map(|to| to.tier_id.0),
        to.and_then(|to| to.until).map(ms),
        since.filter(|_| !is_kept).map(ms),
    )
}
