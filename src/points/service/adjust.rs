//! Gives and takes points by hand: with a reason, within a limit, and each request once.

use entity::point_entry::{self, PointKind};
use entity::point_lot::PointOrigin;
use entity::{MemberId, MerchantId, PointEntryId, member};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder};
use serde_json::json;

use super::program::{find_program, lot_end};
use super::wallet::{Grant, Spend, grant, spend};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::crash;
use crate::error::{Error, Failure};
use crate::idempotency::{Claim, Key};
use crate::invalid::{Invalid, check_name};
use crate::members::model::Whose;
use crate::members::service as members;
use crate::points::model::{AdjustRefusal, LONGEST_REASON};

type Outcome<T> = Result<T, Failure<AdjustRefusal>>;

/// What an adjustment did.
#[derive(Clone, Debug)]
pub struct Adjusted {
    /// The member, as they are now.
    pub member: member::Model,
    /// The entries that it made.
    pub entries: Vec<point_entry::Model>,
}

/// Gives a member points, or takes some where `points` is less than nothing. The same key with the same input returns
/// what it did the first time, whatever has become of the member since.
pub async fn adjust(
    app: &App,
    actor: &Actor,
    key: &str,
    whose: &Whose,
    points: i64,
    reason: &str,
) -> Outcome<Adjusted> {
    let reason = reason.trim();
    check(points, reason).map_err(|invalid| Failure::Refused(AdjustRefusal::Invalid(invalid)))?;
    let key = &Key::read(key, "pointsAdjust", &(whose, points, reason))?;
    let merchant_id = actor.merchant_id;
    let member_id = members::id_of_whose(app, merchant_id, whose).await?;
    let id = app.write::<_, Failure<AdjustRefusal>, _>(merchant_id, |txn| async move {
        let id: PointEntryId = app.ids.next();
        match key.claim(app, &txn, merchant_id, id).await? {
            Claim::New => {}
            Claim::Known(known) => return Ok(PointEntryId(known)),
            Claim::Reused => return Err(Failure::Refused(AdjustRefusal::KeyReused)),
            Claim::InProgress => return Err(Failure::Refused(AdjustRefusal::InProgress)),
        }
        // That there is no such member is said once it is known that the request is no repetition.
        let member_id = member_id.ok_or(Failure::Refused(AdjustRefusal::MemberNotFound))?;
        adjust_in(app, &txn, actor, (id, member_id), (points, reason)).await?;
        Ok(id)
    });
    let id = id.await?;
    crash::point("points.adjusted");
    Ok(done(app, merchant_id, id).await?)
}

async fn adjust_in(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    (id, member_id): (PointEntryId, MemberId),
    (points, reason): (i64, &str),
) -> Outcome<()> {
    let refused = Failure::Refused;
    let merchant_id = actor.merchant_id;
    let member = members::lock(txn, merchant_id, member_id).await?;
    let member = member.filter(|member| member.erased_at.is_none());
    let member = member.ok_or(refused(AdjustRefusal::MemberNotFound))?;
    let program = find_program(txn, merchant_id).await?;
    let limit = program
        .ok_or(refused(AdjustRefusal::NoProgram))?
        .adjust_limit;
    if points.abs() > limit {
        return Err(refused(AdjustRefusal::AboveLimit { limit }));
    }
    let by = actor.name();
    let source_id = Some(id.0);
    let after = if points > 0 {
        let granted = Grant {
            kind: PointKind::Adjusted,
            origin: PointOrigin::Adjustment,
            points,
            source_id,
            releases_at: None,
            expires_at: lot_end(app, txn, merchant_id).await?,
            actor: &by,
            note: Some(reason),
        };
        grant(app, txn, &member, granted).await?
    } else {
        let spent = Spend {
            kind: PointKind::Adjusted,
            points: -points,
            source_id,
            actor: &by,
            note: Some(reason),
        };
        let spent = spend(app, txn, &member, spent).await?;
        spent.map_err(|not_enough| {
            let available = not_enough.available;
            refused(AdjustRefusal::NotEnough { available })
        })?
    };
    crash::point("points.adjusting");
    let made = json!({ "points": points, "reason": reason, "available": after.points });
    let deed = Deed::of("pointsAdjust").on(member.id).made(made);
    Ok(audit::record(app, txn, actor, deed).await?)
}

async fn done(app: &App, merchant_id: MerchantId, id: PointEntryId) -> Result<Adjusted, Error> {
    let entries = point_entry::Entity::of(merchant_id)
        .filter(point_entry::Column::SourceId.eq(id.0))
        .order_by_asc(point_entry::Column::Id)
        .all(&app.db.reads(merchant_id))
        .await?;
    let whose = entries.first().map(|entry| entry.member_id);
    let whose = whose.ok_or_else(|| Error::internal("an adjustment has no entries"))?;
    let member = members::find_surviving(app, merchant_id, whose).await?;
    Ok(Adjusted {
        member: member.ok_or(Error::NotFound)?,
        entries,
    })
}

fn check(points: i64, reason: &str) -> Result<(), Invalid> {
    if points == 0 || points == i64::MIN {
        return Err(Invalid::new(
            "points",
            "is more than nothing to give, or less to take.",
            "须为正数（增加）或负数（扣减），不能为零。",
        ));
    }
    check_name("reason", reason, LONGEST_REASON)
}
