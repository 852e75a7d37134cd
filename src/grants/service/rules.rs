//! Sets what members are given on a day of theirs.

use entity::event::EventKind;
use entity::grant_rule::{Column, Entity, GrantKind, Model};
use entity::loyalty_run::{self, LoyaltyRunKind};
use entity::{Day, MerchantId};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, DbErr,
    EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};

use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::coupons::service::maybe_find_template;
use crate::error::Failure;
use crate::events;
use crate::grants::model::{RuleDraft, SetRefusal};

/// Sets a rule where it has the version that is expected, 0 where it was never set. From then on it is looked at which
/// days are kept: today, and those ahead; one that is switched on makes up for nothing.
pub async fn set(
    app: &App,
    actor: &Actor,
    expected_version: i32,
    draft: RuleDraft,
) -> Result<Model, Failure<SetRefusal>> {
    let refused = |refusal| Failure::Refused(refusal);
    draft
        .check()
        .map_err(|invalid| refused(SetRefusal::Invalid(invalid)))?;
    let merchant_id = actor.merchant_id;
    if let Some(id) = draft.template_id
        && maybe_find_template(app, merchant_id, id).await?.is_none()
    {
        return Err(refused(SetRefusal::TemplateNotFound));
    }
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let today = Day::from(app.clock.now().with_timezone(&zone).date_naive());
    app.write(merchant_id, |txn| async move {
        let before = lock(&txn, merchant_id, draft.kind).await?;
        let current = before.as_ref().map_or(0, |row| row.version);
        if current != expected_version {
            return Err(refused(SetRefusal::VersionConflict { current }));
        }
        let after = row_of(app, merchant_id, current + 1, draft);
        if before.as_ref().is_some_and(|row| same(row, &after)) {
            return Ok(before.unwrap_or(after));
        }
        if !keep(&txn, before.is_some(), &after).await? {
            return Err(refused(SetRefusal::VersionConflict { current: 1 }));
        }
        look(app, &txn, &after, today).await?;
        let (now, kind) = (app.clock.instant(), EventKind::GrantRuleSet);
        events::record(&txn, &app.ids, now, merchant_id, kind, merchant_id).await?;
        let deed = Deed::of("grantRuleSet").on(merchant_id);
        let deed = deed.changed(before.as_ref().map_or(Value::Null, shown), shown(&after));
        audit::record(app, &txn, actor, deed).await?;
        Ok(after)
    })
    .await
}

async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    kind: GrantKind,
) -> Result<Option<Model>, DbErr> {
    Entity::of(merchant_id)
        .filter(Column::Kind.eq(kind))
        .lock_exclusive()
        .one(txn)
        .await
}

fn row_of(app: &App, merchant_id: MerchantId, version: i32, draft: RuleDraft) -> Model {
    Model {
        merchant_id,
        kind: draft.kind,
        version,
        enabled: draft.enabled,
        points: draft.points,
        template_id: draft.template_id,
        days_before: draft.days_before,
        updated_at: app.clock.instant(),
    }
}

fn same(before: &Model, after: &Model) -> bool {
    let said = |row: &Model| (row.enabled, row.points, row.template_id, row.days_before);
    said(before) == said(after)
}

/// Keeps a rule; false where somebody has set the first one meanwhile.
async fn keep(txn: &DatabaseTransaction, is_known: bool, after: &Model) -> Result<bool, DbErr> {
    let mut row = after.clone().into_active_model().reset_all();
    if is_known {
        (row.merchant_id, row.kind) = (ActiveValue::NotSet, ActiveValue::NotSet);
        Entity::update_of(after.merchant_id)
            .filter(Column::Kind.eq(after.kind))
            .set(row)
            .exec(txn)
            .await?;
        return Ok(true);
    }
    let mut or_nothing = OnConflict::columns([Column::MerchantId, Column::Kind]);
    or_nothing.do_nothing();
    let made = Entity::insert_many([row])
        .on_conflict(or_nothing)
        .exec_without_returning(txn)
        .await?;
    Ok(made == 1)
}

/// Lets be looked which days are kept, from today on, or not any more.
async fn look(app: &App, txn: &DatabaseTransaction, rule: &Model, today: Day) -> Result<(), DbErr> {
    use loyalty_run::Column as Of;
    let kind = run_kind(rule.kind);
    if !rule.enabled {
        loyalty_run::Entity::delete_of(rule.merchant_id)
            .filter(Of::Kind.eq(kind))
            .exec(txn)
            .await?;
        return Ok(());
    }
    let run = loyalty_run::Model {
        merchant_id: rule.merchant_id,
        kind,
        day: today,
        after_id: 0,
        next_at: app.clock.instant(),
    };
    // Today is looked at once more where it was before; days that are being made up for are not left out.
    let known = || Expr::col((loyalty_run::Entity, Of::Day));
    let earlier = Expr::case(known().gt(today), Expr::value(today)).finally(known());
    let mut or_soon = OnConflict::columns([Of::MerchantId, Of::Kind]);
    or_soon
        .update_columns([Of::NextAt, Of::AfterId])
        .value(Of::Day, earlier);
    loyalty_run::Entity::insert_many([run.into_active_model()])
        .on_conflict(or_soon)
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// Under which name it is kept how far handing out has come.
pub(super) const fn run_kind(kind: GrantKind) -> LoyaltyRunKind {
    match kind {
        GrantKind::Birthday => LoyaltyRunKind::Birthday,
        GrantKind::Anniversary => LoyaltyRunKind::Anniversary,
    }
}

/// What the audit log is told of a rule.
fn shown(row: &Model) -> Value {
    json!({
        "kind": row.kind.to_value(),
        "enabled": row.enabled,
        "points": row.points,
        "couponTemplateId": row.template_id.map(|id| id.to_string()),
        "daysBefore": row.days_before,
    })
}
