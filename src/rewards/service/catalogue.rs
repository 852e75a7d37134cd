//! Makes and changes rewards.

use entity::event::EventKind;
use entity::reward::{Column, Entity, Model, RewardState};
use entity::{Instant, RewardId};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue, ColumnTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect,
};
use serde_json::{Value, json};

use super::write::tell;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::coupons::service::maybe_find_template;
use crate::db::have_alone;
use crate::error::Failure;
use crate::rewards::model::{CreateRefusal, RewardChange, RewardDraft, UpdateRefusal};

/// Makes a reward, which can be had at once, or from its start on.
pub async fn create(
    app: &App,
    actor: &Actor,
    draft: RewardDraft,
) -> Result<Model, Failure<CreateRefusal>> {
    let refused = |invalid| Failure::Refused(CreateRefusal::Invalid(invalid));
    let draft = draft.check(app.clock.now()).map_err(refused)?;
    if let Some(id) = draft.template_id {
        let template = maybe_find_template(app, actor.merchant_id, id).await?;
        if template.is_none() {
            return Err(Failure::Refused(CreateRefusal::TemplateNotFound));
        }
    }
    let row = &row_of(app, actor, draft);
    app.write(actor.merchant_id, |txn| async move {
        Entity::insert(row.clone().into_active_model())
            .exec_without_returning(&*txn)
            .await?;
        let kind = EventKind::RewardCreated;
        tell(app, &txn, row.merchant_id, kind, row.id).await?;
        let deed = Deed::of("rewardCreate").on(row.id).made(shown(row));
        audit::record(app, &txn, actor, deed).await?;
        Ok::<_, Failure<CreateRefusal>>(())
    })
    .await?;
    Ok(row.clone())
}

fn row_of(app: &App, actor: &Actor, draft: RewardDraft) -> Model {
    Model {
        merchant_id: actor.merchant_id,
        id: app.ids.next(),
        name: draft.texts.name,
        name_en: draft.texts.name_en,
        description: draft.texts.description,
        description_en: draft.texts.description_en,
        kind: draft.kind,
        template_id: draft.template_id,
        state: RewardState::Active,
        version: 1,
        points: draft.points,
        stock: draft.stock,
        taken: 0,
        per_member: draft.per_member,
        starts_at: draft.starts_at,
        ends_at: draft.ends_at,
        created_by: actor.name(),
        updated_at: app.clock.instant(),
    }
}

/// Changes a reward where it has the version that is expected. Who redeems it meanwhile waits, or has been counted. What
/// changes nothing writes nothing.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: RewardId,
    expected_version: i32,
    change: &RewardChange,
) -> Result<Model, Failure<UpdateRefusal>> {
    let merchant_id = actor.merchant_id;
    app.write(merchant_id, |txn| async move {
        have_alone(&txn, id).await?;
        let before = Entity::of(merchant_id)
            .filter(Column::Id.eq(id))
            .lock(LockType::NoKeyUpdate)
            .one(&*txn)
            .await?
            .ok_or(Failure::Refused(UpdateRefusal::NotFound))?;
        if before.version != expected_version {
            return Err(Failure::Refused(UpdateRefusal::VersionConflict {
                current: before.version,
            }));
        }
        let after = change.apply(&before, app.clock.now());
        let after = after.map_err(Failure::Refused)?;
        if after == before {
            return Ok(after);
        }
        let after = Model {
            version: before.version + 1,
            updated_at: app.clock.instant(),
            ..after
        };
        let mut row = after.clone().into_active_model().reset_all();
        (row.merchant_id, row.id) = (ActiveValue::NotSet, ActiveValue::NotSet);
        Entity::update_of(merchant_id)
            .filter(Column::Id.eq(id))
            .set(row)
            .exec(&*txn)
            .await?;
        tell(app, &txn, merchant_id, EventKind::RewardUpdated, id).await?;
        let deed = Deed::of("rewardUpdate").on(id);
        let deed = deed.changed(shown(&before), shown(&after));
        audit::record(app, &txn, actor, deed).await?;
        Ok(after)
    })
    .await
}

/// What the audit log is told of a reward.
fn shown(row: &Model) -> Value {
    let at = |at: Option<Instant>| at.map(|at| at.0.to_rfc3339());
    json!({
        "name": row.name,
        "nameEn": row.name_en,
        "description": row.description,
        "descriptionEn": row.description_en,
        "kind": row.kind.to_value(),
        "couponTemplateId": row.template_id.map(|id| id.to_string()),
        "state": row.state.to_value(),
        "points": row.points,
        "stock": row.stock,
        "perMember": row.per_member,
        "startsAt": at(row.starts_at),
        "endsAt": at(row.ends_at),
    })
}
