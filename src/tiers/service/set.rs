//! Sets tiers and takes them away; who has them is looked at again by the run of the merchant.

use entity::event::EventKind;
use entity::tier::{Column, Entity, Model};
use entity::{Instant, MerchantId, TierId, coupon_template};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, DbErr,
    EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
};
use serde_json::{Value, json};

use super::run::{begin_now, lock};
use super::shown::{forget, read};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::events;
use crate::tiers::model::{Moment, RemoveRefusal, SetRefusal, TierWish, check};

/// Makes a tier, or changes the one of an id and the version that is expected. Returns it, and when members are looked
/// at again. What changes nothing writes nothing.
pub async fn set(
    app: &App,
    actor: &Actor,
    known: Option<(TierId, i32)>,
    wish: &TierWish,
) -> Result<(Model, Instant), Failure<SetRefusal>> {
    wish.check()
        .map_err(|invalid| Failure::Refused(invalid.into()))?;
    let merchant_id = actor.merchant_id;
    let at = moment(app, merchant_id).await?;
    let set = app
        .write(merchant_id, |txn| async move {
            let run = lock(&txn, merchant_id, at).await?;
            let ladder = read(&*txn, merchant_id).await?;
            let refused = Failure::Refused;
            let before = match known {
                None => None,
                Some((id, expected)) => {
                    let tier = ladder.find(id).ok_or(refused(SetRefusal::NotFound))?;
                    if tier.version != expected {
                        let current = tier.version;
                        return Err(refused(SetRefusal::VersionConflict { current }));
                    }
                    Some(tier)
                }
            };
            let id = before.map_or_else(|| app.ids.next(), |tier| tier.id);
            let mut after = wish.tier((merchant_id, id), at.now);
            if let Some(before) = before {
                (after.version, after.updated_at) = (before.version, before.updated_at);
                if after == *before {
                    return Ok((after, run.next_at));
                }
                (after.version, after.updated_at) = (before.version + 1, at.now);
            }
            check(&ladder, &after).map_err(refused)?;
            check_template(&txn, &after).await?;
            write(&txn, before, &after).await?;
            tell(app, &txn, EventKind::TierSet, &after).await?;
            let from = before.map_or(Value::Null, shown);
            let deed = Deed::of("tierSet")
                .on(after.id)
                .changed(from, shown(&after));
            audit::record(app, &txn, actor, deed).await?;
            Ok((after, run.next_at))
        })
        .await?;
    forget(app, merchant_id);
    Ok(set)
}

/// Takes a tier away. Who has it falls to what they reach: the run begins at once.
pub async fn remove(
    app: &App,
    actor: &Actor,
    id: TierId,
    expected_version: i32,
) -> Result<Model, Failure<RemoveRefusal>> {
    let merchant_id = actor.merchant_id;
    let at = moment(app, merchant_id).await?;
    let removed = app
        .write(merchant_id, |txn| async move {
            let run = lock(&txn, merchant_id, at).await?;
            let ladder = read(&*txn, merchant_id).await?;
            let refused = Failure::Refused;
            let before = ladder.find(id).ok_or(refused(RemoveRefusal::NotFound))?;
            if before.version != expected_version {
                let current = before.version;
                return Err(refused(RemoveRefusal::VersionConflict { current }));
            }
            let after = Model {
                version: before.version + 1,
                updated_at: at.now,
                removed_at: Some(at.now),
                ..before.clone()
            };
            write(&txn, Some(before), &after).await?;
            begin_now(&txn, &run, at.now).await?;
            tell(app, &txn, EventKind::TierRemoved, &after).await?;
            let deed = Deed::of("tierRemove").on(after.id).gone(shown(before));
            audit::record(app, &txn, actor, deed).await?;
            Ok(after)
        })
        .await?;
    forget(app, merchant_id);
    Ok(removed)
}

pub(super) async fn moment(app: &App, merchant_id: MerchantId) -> Result<Moment, Error> {
    Ok(Moment {
        now: app.clock.instant(),
        zone: crate::merchant::find(app, merchant_id).await?.zone,
    })
}

/// What is given on the birthday has to be there. It may be paused or over by then: then nothing is given.
async fn check_template(
    txn: &DatabaseTransaction,
    tier: &Model,
) -> Result<(), Failure<SetRefusal>> {
    let Some(id) = tier.birthday_template_id else {
        return Ok(());
    };
    let found = coupon_template::Entity::of(tier.merchant_id)
        .filter(coupon_template::Column::Id.eq(id))
        .count(txn)
        .await?;
    if found == 0 {
        return Err(Failure::Refused(SetRefusal::TemplateNotFound));
    }
    Ok(())
}

async fn write(
    txn: &DatabaseTransaction,
    before: Option<&Model>,
    after: &Model,
) -> Result<(), DbErr> {
    if before.is_none() {
        Entity::insert(after.clone().into_active_model())
            .exec_without_returning(txn)
            .await?;
        return Ok(());
    }
    let mut row = after.clone().into_active_model().reset_all();
    (row.merchant_id, row.id) = (ActiveValue::NotSet, ActiveValue::NotSet);
    Entity::update_of(after.merchant_id)
        .filter(Column::Id.eq(after.id))
        .set(row)
        .exec(txn)
        .await?;
    Ok(())
}

async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    kind: EventKind,
    tier: &Model,
) -> Result<(), DbErr> {
    let now = app.clock.instant();
    events::record(txn, &app.ids, now, tier.merchant_id, kind, tier.id).await
}

fn shown(tier: &Model) -> Value {
    json!({
        "rank": tier.rank,
        "name": tier.name,
        "nameEn": tier.name_en,
        "version": tier.version,
        "spendMinor": tier.spend_minor,
        "points": tier.points,
        "orders": tier.orders,
        "windowDays": tier.window_days,
        "retentionDays": tier.retention_days,
        "downgrade": tier.downgrade.to_value(),
        "discountPpm": tier.discount_ppm,
        "discountExclusive": tier.discount_exclusive,
        "multiplierPpm": tier.multiplier_ppm,
        "birthdayPoints": tier.birthday_points,
        "birthdayTemplateId": tier.birthday_template_id.map(|id| id.to_string()),
        "priority": tier.priority,
        "perks": tier.perks,
        "perksEn": tier.perks_en,
    })
}
