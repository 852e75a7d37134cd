//! Makes, changes and reads templates.

use std::collections::HashMap;

use entity::coupon_template::{self, Column, Entity, Model, TemplateState};
use entity::event::EventKind;
use entity::offer_counter::{self, CounterKind};
use entity::{CouponTemplateId, Instant, MerchantId};
use sea_orm::sea_query::{Condition, LockType};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect, Select,
};
use serde_json::{Value, json};

use super::write::tell;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::campaigns::service::check_named;
use crate::coupons::model::{
    TemplateChange, TemplateCreateRefusal, TemplateDraft, TemplateFilter, TemplateUpdateRefusal,
    Validity,
};
use crate::db::{any_of, have_alone, newest_first, violates_unique};
use crate::error::{Error, Failure};
use crate::filters::{any_value, contains};
use crate::paging::{Page, Paging};

/// Makes a template, from which coupons can be handed out at once.
pub async fn create_template(
    app: &App,
    actor: &Actor,
    draft: TemplateDraft,
) -> Result<Model, Failure<TemplateCreateRefusal>> {
    let refused = |invalid| Failure::Refused(TemplateCreateRefusal::Invalid(invalid));
    let draft = draft.check(app.clock.now()).map_err(refused)?;
    let named = check_named(app, actor.merchant_id, &draft.rules).await?;
    named.map_err(refused)?;
    let row = &row_of(app, actor, &draft)?;
    app.write(actor.merchant_id, |txn| async move {
        let inserted = Entity::insert(row.clone().into_active_model())
            .exec_without_returning(&*txn)
            .await;
        match inserted {
            Err(error) if violates_unique(&error, "claim_code") => {
                return Err(Failure::Refused(TemplateCreateRefusal::ClaimCodeTaken));
            }
            other => other?,
        };
        let kind = EventKind::CouponTemplateCreated;
        tell(app, &txn, row.merchant_id, kind, row.id).await?;
        let deed = Deed::of("couponTemplateCreate").on(row.id);
        Ok(audit::record(app, &txn, actor, deed.made(shown(row))).await?)
    })
    .await?;
    Ok(row.clone())
}

fn row_of(app: &App, actor: &Actor, draft: &TemplateDraft) -> Result<Model, Error> {
    let (valid_from, valid_until, valid_days) = match draft.validity {
        Validity::Fixed { from, until } => (from.map(Instant), Some(Instant(until)), None),
        Validity::Days(days) => (None, None, Some(days)),
    };
    Ok(Model {
        merchant_id: actor.merchant_id,
        id: app.ids.next(),
        name: draft.name.clone(),
        state: TemplateState::Active,
        version: 1,
        kind: draft.rules.benefit.kind(),
        rules: draft.rules.to_text()?,
        valid_from,
        valid_until,
        valid_days,
        quantity: draft.quantity,
        per_member: draft.per_member,
        claim_code: draft.claim_code.clone(),
        refund_policy: draft.refund_policy,
        created_by: actor.name(),
        updated_at: app.clock.instant(),
    })
}

/// Changes a template where it has the version that is expected. Who hands out its coupons meanwhile waits, or has
/// been counted. What changes nothing writes nothing.
pub async fn update_template(
    app: &App,
    actor: &Actor,
    id: CouponTemplateId,
    expected_version: i32,
    change: &TemplateChange,
) -> Result<Model, Failure<TemplateUpdateRefusal>> {
    let merchant_id = actor.merchant_id;
    app.write(merchant_id, |txn| async move {
        have_alone(&txn, id).await?;
        let before = Entity::of(merchant_id)
            .filter(Column::Id.eq(id))
            .lock(LockType::NoKeyUpdate)
            .one(&*txn)
            .await?
            .ok_or(Failure::Refused(TemplateUpdateRefusal::NotFound))?;
        if before.version != expected_version {
            return Err(Failure::Refused(TemplateUpdateRefusal::VersionConflict {
                current: before.version,
            }));
        }
        let issued = issued(&txn, merchant_id, id).await?;
        let after = change
            .apply(before.clone(), issued)
            .map_err(|why| Failure::Refused(why.into()))?;
        if after == before {
            return Ok(after);
        }
        let after = Model {
            version: before.version + 1,
            updated_at: app.clock.instant(),
            ..after
        };
        write(&txn, &after).await?;
        let kind = EventKind::CouponTemplateUpdated;
        tell(app, &txn, merchant_id, kind, id).await?;
        let deed = Deed::of("couponTemplateUpdate").on(id);
        let deed = deed.changed(shown(&before), shown(&after));
        audit::record(app, &txn, actor, deed).await?;
        Ok(after)
    })
    .await
}

/// How many coupons of a template are handed out.
async fn issued(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: CouponTemplateId,
) -> Result<i64, Error> {
    let counter = offer_counter::Entity::of(merchant_id)
        .filter(offer_counter::Column::Kind.eq(CounterKind::CouponIssue))
        .filter(offer_counter::Column::OfferId.eq(id.0))
        .filter(offer_counter::Column::Span.eq(""))
        .one(txn)
        .await?;
    Ok(counter.map_or(0, |row| row.taken))
}

async fn write(
    txn: &DatabaseTransaction,
    after: &Model,
) -> Result<(), Failure<TemplateUpdateRefusal>> {
    let mut row = after.clone().into_active_model().reset_all();
    (row.merchant_id, row.id) = (ActiveValue::NotSet, ActiveValue::NotSet);
    let written = Entity::update_of(after.merchant_id)
        .filter(Column::Id.eq(after.id))
        .set(row)
        .exec(txn)
        .await;
    match written {
        Err(error) if violates_unique(&error, "claim_code") => {
            Err(Failure::Refused(TemplateUpdateRefusal::ClaimCodeTaken))
        }
        other => Ok(other.map(|_| ())?),
    }
}

/// What the audit log is told of a template.
fn shown(row: &Model) -> Value {
    let at = |at: Option<Instant>| at.map(|at| at.0.to_rfc3339());
    let rules: Value = serde_json::from_str(&row.rules).unwrap_or_default();
    json!({
        "name": row.name,
        "state": row.state.to_value(),
        "benefit": rules.get("benefit"),
        "validFrom": at(row.valid_from),
        "validUntil": at(row.valid_until),
        "validDays": row.valid_days,
        "quantity": row.quantity,
        "perMember": row.per_member,
        "claimCode": row.claim_code,
        "refundPolicy": row.refund_policy.to_value(),
    })
}

/// A template; none where there is no such.
pub async fn maybe_find_template(
    app: &App,
    merchant_id: MerchantId,
    id: CouponTemplateId,
) -> Result<Option<Model>, Error> {
    Ok(Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?)
}

/// Templates by id.
pub async fn find_templates(
    app: &App,
    merchant_id: MerchantId,
    ids: &[CouponTemplateId],
) -> Result<HashMap<CouponTemplateId, Model>, Error> {
    let rows = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of a merchant's templates, the newest first.
pub async fn list_templates(
    app: &App,
    merchant_id: MerchantId,
    filter: &TemplateFilter,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let select = wanted(merchant_id, filter);
    let select = newest_first::<_, _, CouponTemplateId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}

/// How many templates a filter wants.
pub async fn count_templates(
    app: &App,
    merchant_id: MerchantId,
    filter: &TemplateFilter,
) -> Result<u64, Error> {
    Ok(wanted(merchant_id, filter)
        .count(&app.db.reads(merchant_id))
        .await?)
}

fn wanted(merchant_id: MerchantId, filter: &TemplateFilter) -> Select<Entity> {
    let mut all = Condition::all()
        .add_option(any_value(Column::State, filter.states.as_ref()))
        .add_option(any_value(Column::Kind, filter.kinds.as_ref()))
        .add_option(
            filter
                .claim_code
                .as_deref()
                .map(|code| Column::ClaimCode.eq(code)),
        );
    if let Some(text) = &filter.search {
        all = all.add(contains(Column::Name, text));
    }
    Entity::of(merchant_id).filter(all)
}

/// What has become of a template's coupons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// How many are handed out.
    pub issued: i64,
    /// How many orders hold or have one.
    pub used: i64,
    /// What these took off, in minor units.
    pub cost_minor: i64,
}

/// What has become of the coupons of some templates; those without any are left out.
pub async fn taken_of(
    app: &App,
    merchant_id: MerchantId,
    ids: &[CouponTemplateId],
) -> Result<HashMap<CouponTemplateId, Taken>, Error> {
    use offer_counter::Column;
    let rows = offer_counter::Entity::of(merchant_id)
        .filter(Column::Kind.is_in([CounterKind::CouponIssue, CounterKind::CouponUse]))
        .filter(Column::Span.eq(""))
        .filter(any_of(&app.db, Column::OfferId, ids))
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut taken: HashMap<CouponTemplateId, Taken> = HashMap::new();
    for row in rows {
        let of = taken.entry(CouponTemplateId(row.offer_id)).or_default();
        if row.kind == CounterKind::CouponIssue {
            of.issued = row.taken;
        } else {
            (of.used, of.cost_minor) = (row.taken, row.spent_minor);
        }
    }
    Ok(taken)
}

/// The templates of coupons that are told of together, by id.
pub(super) type ById = HashMap<CouponTemplateId, coupon_template::Model>;
