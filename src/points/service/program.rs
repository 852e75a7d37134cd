//! Reads and sets by which rules points are earned and spent.

use chrono_tz::Tz;
use entity::event::EventKind;
use entity::points_program::{self, Entity, Model as Program};
use entity::{Instant, MerchantId, merchant};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, QuerySelect,
};
use serde_json::{Value, json};

use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::events;
use crate::merchant::zone_of;
use crate::points::model::{ProgramDraft, ProgramSetRefusal, ends_after};

/// A merchant's program; none where it has none yet.
pub async fn find_program(
    db: &impl ConnectionTrait,
    merchant_id: MerchantId,
) -> Result<Option<Program>, Error> {
    Ok(Entity::of(merchant_id).one(db).await?)
}

/// The same, for who looks.
pub async fn shown_program(app: &App, merchant_id: MerchantId) -> Result<Option<Program>, Error> {
    find_program(&app.db.reads(merchant_id), merchant_id).await
}

/// When points end that come now, by the merchant's program; none for never.
pub async fn lot_end(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<Option<Instant>, Error> {
    let program = find_program(txn, merchant_id).await?;
    let Some(days) = program.and_then(|program| program.valid_days) else {
        return Ok(None);
    };
    lot_end_in(app, txn, merchant_id, days).await.map(Some)
}

/// The end of the merchant's day that is so many days ahead.
pub(super) async fn lot_end_in(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    days: i32,
) -> Result<Instant, Error> {
    let zone = read_zone(txn, merchant_id).await?;
    Ok(ends_after(app.clock.now(), days, zone))
}

/// Of the row at hand: a transaction that waits for a second connection may wait for itself.
async fn read_zone(txn: &DatabaseTransaction, merchant_id: MerchantId) -> Result<Tz, Error> {
    let row = merchant::Entity::of(merchant_id).one(txn).await?;
    zone_of(&row.ok_or(Error::NotFound)?)
}

/// Sets by which rules points are earned and spent, where they have the version that is expected: 0 where there are none
/// yet. What was earned before stays as it was earned. What changes nothing writes nothing.
pub async fn set_program(
    app: &App,
    actor: &Actor,
    expected_version: i32,
    draft: ProgramDraft,
) -> Result<Program, Failure<ProgramSetRefusal>> {
    let refused = Failure::Refused;
    draft
        .check()
        .map_err(|invalid| refused(ProgramSetRefusal::Invalid(invalid)))?;
    let merchant_id = actor.merchant_id;
    app.write(merchant_id, |txn| async move {
        let txn = &*txn;
        let before = Entity::of(merchant_id).lock_exclusive().one(txn).await?;
        let current = before.as_ref().map_or(0, |program| program.version);
        if current != expected_version {
            return Err(refused(ProgramSetRefusal::VersionConflict { current }));
        }
        let after = drafted(merchant_id, draft, current, app.clock.instant());
        if let Some(before) = before.as_ref().filter(|before| is_same(before, &after)) {
            return Ok(before.clone());
        }
        let after = Program {
            version: current + 1,
            ..after
        };
        if before.is_none() {
            insert(txn, &after).await?;
        } else {
            let mut row = after.clone().into_active_model().reset_all();
            row.merchant_id = ActiveValue::NotSet;
            Entity::update_of(merchant_id).set(row).exec(txn).await?;
        }
        let (now, kind) = (app.clock.instant(), EventKind::PointsProgramSet);
        events::record(txn, &app.ids, now, merchant_id, kind, merchant_id).await?;
        let from = before.as_ref().map_or(Value::Null, shown);
        let deed = Deed::of("pointsProgramSet").changed(from, shown(&after));
        audit::record(app, txn, actor, deed).await?;
        Ok(after)
    })
    .await
}

/// Of two who set the first rules at once, the second learns that there are some.
async fn insert(
    txn: &DatabaseTransaction,
    row: &Program,
) -> Result<(), Failure<ProgramSetRefusal>> {
    let mut or_nothing = OnConflict::column(points_program::Column::MerchantId);
    or_nothing.do_nothing();
    let written = Entity::insert(row.clone().into_active_model())
        .on_conflict(or_nothing)
        .exec_without_returning(txn)
        .await?;
    if written > 0 {
        return Ok(());
    }
    let current = 1;
    Err(Failure::Refused(ProgramSetRefusal::VersionConflict {
        current,
    }))
}

fn drafted(merchant_id: MerchantId, draft: ProgramDraft, version: i32, now: Instant) -> Program {
    Program {
        merchant_id,
        version,
        enabled: draft.enabled,
        earn_points: draft.earn_points,
        earn_per_minor: draft.earn_per_minor,
        valid_days: draft.valid_days,
        pending_days: draft.pending_days,
        pay_enabled: draft.pay_enabled,
        pay_points: draft.pay_points,
        pay_minor: draft.pay_minor,
        pay_cap_ppm: i32::try_from(draft.pay_cap_ppm).unwrap_or(1_000_000),
        adjust_limit: draft.adjust_limit,
        updated_at: now,
    }
}

fn is_same(before: &Program, after: &Program) -> bool {
    let after = Program {
        updated_at: before.updated_at,
        ..after.clone()
    };
    *before == after
}

/// What the audit log is told of a program.
fn shown(program: &Program) -> Value {
    json!({
        "version": program.version,
        "enabled": program.enabled,
        "earnPoints": program.earn_points,
        "earnPerMinor": program.earn_per_minor,
        "validDays": program.valid_days,
        "pendingDays": program.pending_days,
        "payEnabled": program.pay_enabled,
        "payPoints": program.pay_points,
        "payMinor": program.pay_minor,
        "payCapPpm": program.pay_cap_ppm,
        "adjustLimit": program.adjust_limit,
    })
}
