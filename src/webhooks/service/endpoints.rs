//! Makes, changes, enables, disables and deletes endpoints: each with its event, in one transaction.

use entity::event::EventKind;
use entity::webhook_attempt::WebhookFault;
use entity::webhook_delivery::{self, WebhookDeliveryState};
use entity::webhook_endpoint::{self, DisabledBecause, WebhookEndpointState};
use entity::{Instant, MerchantId, WebhookEndpointId, merchant};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};

use super::allowed::{lacks, types};
use super::follow::begin;
use super::secrets::fresh;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::events;
use crate::reach::Reach;
use crate::webhooks::model::{
    CreateRefusal, EnableRefusal, EndpointDraft, SwitchRefusal, UpdateRefusal,
};

/// How many endpoints a merchant has, deleted ones not counted.
const MOST: u64 = 20;

/// An endpoint with a new secret, which is shown this once.
#[derive(Clone, Debug)]
pub struct Made {
    /// The endpoint.
    pub endpoint: webhook_endpoint::Model,
    /// Its secret, in the form of Standard Webhooks.
    pub secret: String,
}

/// What is to be changed of an endpoint; what is missing stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Where to.
    pub url: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Which kinds of events; empty for all.
    pub kinds: Option<Vec<EventKind>>,
}

/// Makes an endpoint. It is sent what happens from now on, and its secret is shown this once.
pub async fn create(
    app: &App,
    reach: Reach,
    actor: &Actor,
    draft: &EndpointDraft,
    kinds: &[EventKind],
) -> Result<Made, Failure<CreateRefusal>> {
    check(draft, reach).map_err(Failure::Refused)?;
    let event_types = types(actor, kinds).map_err(Failure::Refused);
    let tried = Deed::of("webhookEndpointCreate");
    let event_types = audit::deny_refused(app, actor, tried, event_types).await?;
    let (merchant_id, now) = (actor.merchant_id, app.clock.instant());
    let id: WebhookEndpointId = app.ids.next();
    let secret = fresh(app, merchant_id, id)?;
    let endpoint = webhook_endpoint::Model {
        merchant_id,
        id,
        url: draft.url.clone(),
        description: draft.description.clone(),
        event_types,
        state: WebhookEndpointState::Enabled,
        disabled_because: None,
        active_since: now,
        sealed_secret: secret.sealed,
        secret_hint: secret.hint,
        sealed_previous_secret: None,
        previous_secret_until: None,
        failing_since: None,
        last_error: None,
        last_delivered_at: None,
        version: 1,
        created_by: actor.name(),
        created_at: now,
        updated_at: now,
    };
    let made = &endpoint;
    app.write(merchant_id, |txn| async move {
        lock_merchant(&txn, merchant_id).await?;
        let known = webhook_endpoint::Entity::of(merchant_id)
            .filter(webhook_endpoint::Column::State.ne(WebhookEndpointState::Deleted))
            .count(&*txn)
            .await?;
        if known >= MOST {
            return Err(Failure::Refused(CreateRefusal::TooMany { most: MOST }));
        }
        begin(&txn, merchant_id).await?;
        webhook_endpoint::Entity::insert(made.clone().into_active_model())
            .exec_without_returning(&*txn)
            .await?;
        tell(app, &txn, made, EventKind::WebhookEndpointCreated).await?;
        let deed = changed(Deed::of("webhookEndpointCreate"), None, made);
        Ok(audit::record(app, &txn, actor, deed).await?)
    })
    .await?;
    Ok(Made {
        endpoint,
        secret: secret.text,
    })
}

/// Changes an endpoint, where it has the version that is expected, if one is.
pub async fn update(
    app: &App,
    reach: Reach,
    actor: &Actor,
    id: WebhookEndpointId,
    expected_version: Option<i32>,
    wanted: &Change,
) -> Result<webhook_endpoint::Model, Failure<UpdateRefusal>> {
    let event_types = wanted.kinds.as_deref().map(|kinds| types(actor, kinds));
    let event_types = event_types
        .transpose()
        .map_err(|refusal| Failure::Refused(UpdateRefusal::from(refusal)));
    let tried = Deed::of("webhookEndpointUpdate").on(id);
    let event_types = &audit::deny_refused(app, actor, tried, event_types).await?;
    let told = (
        Deed::of("webhookEndpointUpdate"),
        EventKind::WebhookEndpointUpdated,
    );
    change(app, actor, id, told, |row| {
        let row = row.ok_or(UpdateRefusal::NotFound)?;
        if expected_version.is_some_and(|version| version != row.version) {
            let current = row.version;
            return Err(UpdateRefusal::VersionConflict { current });
        }
        let draft = EndpointDraft {
            url: wanted.url.clone().unwrap_or_else(|| row.url.clone()),
            description: wanted
                .description
                .clone()
                .unwrap_or_else(|| row.description.clone()),
        };
        check(&draft, reach)?;
        let kept = event_types
            .clone()
            .unwrap_or_else(|| row.event_types.clone());
        // Another address is sent what this one was: whoever names it must be allowed to see that.
        if draft.url != row.url
            && let Some(scope) = lacks(actor, &kept)
        {
            return Err(UpdateRefusal::ScopeMissing { scope });
        }
        Ok(webhook_endpoint::Model {
            url: draft.url,
            description: draft.description,
            event_types: kept,
            ..row
        })
    })
    .await
}

/// Sends an endpoint events again, from now on; what it failed to take can be sent again by hand.
pub async fn enable(
    app: &App,
    actor: &Actor,
    id: WebhookEndpointId,
) -> Result<webhook_endpoint::Model, Failure<EnableRefusal>> {
    let told = (
        Deed::of("webhookEndpointEnable"),
        EventKind::WebhookEndpointEnabled,
    );
    change(app, actor, id, told, |row| {
        let row = row.ok_or(EnableRefusal::NotFound)?;
        if row.state == WebhookEndpointState::Enabled {
            return Ok(row);
        }
        if let Some(scope) = lacks(actor, &row.event_types) {
            return Err(EnableRefusal::ScopeMissing { scope });
        }
        Ok(webhook_endpoint::Model {
            state: WebhookEndpointState::Enabled,
            disabled_because: None,
            active_since: app.clock.instant(),
            failing_since: None,
            ..row
        })
    })
    .await
}

/// Sends an endpoint nothing any more; what waits for it fails.
pub async fn disable(
    app: &App,
    actor: &Actor,
    id: WebhookEndpointId,
) -> Result<webhook_endpoint::Model, Failure<SwitchRefusal>> {
    let told = (
        Deed::of("webhookEndpointDisable"),
        EventKind::WebhookEndpointDisabled,
    );
    change(app, actor, id, told, |row| {
        let row = row.ok_or(SwitchRefusal::NotFound)?;
        if row.state == WebhookEndpointState::Disabled {
            return Ok(row);
        }
        Ok(webhook_endpoint::Model {
            state: WebhookEndpointState::Disabled,
            disabled_because: Some(DisabledBecause::Merchant),
            ..row
        })
    })
    .await
}

/// Deletes an endpoint: it is sent nothing any more, and what was sent to it stays as history.
pub async fn delete(
    app: &App,
    actor: &Actor,
    id: WebhookEndpointId,
) -> Result<webhook_endpoint::Model, Failure<SwitchRefusal>> {
    let told = (
        Deed::of("webhookEndpointDelete"),
        EventKind::WebhookEndpointDeleted,
    );
    change(app, actor, id, told, |row| {
        let row = row.ok_or(SwitchRefusal::NotFound)?;
        Ok(webhook_endpoint::Model {
            state: WebhookEndpointState::Deleted,
            disabled_because: None,
            ..row
        })
    })
    .await
}

/// Changes an endpoint under its lock, with its event and its entry in the audit log; what changes nothing writes
/// nothing. A deleted one is not there any more.
pub(super) async fn change<R>(
    app: &App,
    actor: &Actor,
    id: WebhookEndpointId,
    (deed, told): (Deed, EventKind),
    decide: impl Fn(Option<webhook_endpoint::Model>) -> Result<webhook_endpoint::Model, R>,
) -> Result<webhook_endpoint::Model, Failure<R>> {
    let (merchant_id, decide, deed) = (actor.merchant_id, &decide, &deed);
    app.write(merchant_id, |txn| async move {
        let found = lock(&txn, merchant_id, id).await?;
        let before = found.filter(|row| row.state != WebhookEndpointState::Deleted);
        let after = decide(before.clone()).map_err(Failure::Refused)?;
        if before.as_ref() == Some(&after) {
            return Ok(after);
        }
        let after = webhook_endpoint::Model {
            version: after.version + 1,
            updated_at: app.clock.instant(),
            ..after
        };
        write(&txn, &after).await?;
        if after.state != WebhookEndpointState::Enabled {
            give_up(&txn, &after).await?;
        }
        tell(app, &txn, &after, told).await?;
        let deed = changed(deed.clone(), before.as_ref(), &after);
        audit::record(app, &txn, actor, deed).await?;
        Ok(after)
    })
    .await
}

/// What the audit log is told of an endpoint. What an address has behind its `?` may be a secret of its receiver's:
/// the log says only that it is another.
fn changed(
    deed: Deed,
    before: Option<&webhook_endpoint::Model>,
    after: &webhook_endpoint::Model,
) -> Deed {
    let (from, mut to) = (before.map_or(Value::Null, shown), shown(after));
    if before.is_some_and(|before| before.url != after.url) && from["url"] == to["url"] {
        to["query"] = json!("another");
    }
    deed.on(after.id).changed(from, to)
}

fn shown(row: &webhook_endpoint::Model) -> Value {
    json!({
        "url": row.url.split('?').next(),
        "description": row.description,
        "eventTypes": row.event_types,
        "state": row.state.to_value(),
        "secretHint": row.secret_hint,
        "previousSecretUntil": row.previous_secret_until.map(|until| until.0.to_rfc3339()),
    })
}

/// Locks an endpoint: what changes it waits for whoever changes it now.
pub(super) async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: WebhookEndpointId,
) -> Result<Option<webhook_endpoint::Model>, Error> {
    Ok(webhook_endpoint::Entity::of(merchant_id)
        .filter(webhook_endpoint::Column::Id.eq(id))
        .lock_exclusive()
        .one(txn)
        .await?)
}

/// Writes an endpoint's row as it is to be.
pub(super) async fn write(
    txn: &DatabaseTransaction,
    after: &webhook_endpoint::Model,
) -> Result<(), Error> {
    let mut row = after.clone().into_active_model().reset_all();
    (row.merchant_id, row.id) = (ActiveValue::NotSet, ActiveValue::NotSet);
    webhook_endpoint::Entity::update_of(after.merchant_id)
        .filter(webhook_endpoint::Column::Id.eq(after.id))
        .set(row)
        .exec(txn)
        .await?;
    Ok(())
}

/// Lets fail what waits for an endpoint that is sent nothing any more.
pub(super) async fn give_up(
    txn: &DatabaseTransaction,
    endpoint: &webhook_endpoint::Model,
) -> Result<(), Error> {
    use webhook_delivery::Column;
    webhook_delivery::Entity::update_of(endpoint.merchant_id)
        .filter(Column::EndpointId.eq(endpoint.id))
        .filter(Column::State.eq(WebhookDeliveryState::Pending))
        .col_expr(Column::State, Expr::value(WebhookDeliveryState::Failed))
        .col_expr(Column::NextAttemptAt, Expr::value(None::<Instant>))
        .col_expr(
            Column::LastError,
            Expr::value(WebhookFault::EndpointDisabled),
        )
        .col_expr(Column::UpdatedAt, Expr::value(endpoint.updated_at))
        .exec(txn)
        .await?;
    Ok(())
}

/// Tells of an endpoint, in the transaction of its change.
pub(super) async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    endpoint: &webhook_endpoint::Model,
    kind: EventKind,
) -> Result<(), Error> {
    let (now, merchant_id) = (endpoint.updated_at, endpoint.merchant_id);
    Ok(events::record(txn, &app.ids, now, merchant_id, kind, endpoint.id).await?)
}

/// Makes whoever counts a merchant's things wait for the others.
pub(super) async fn lock_merchant(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<(), Error> {
    let found = merchant::Entity::of(merchant_id)
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await?;
    found.map(|_| ()).ok_or(Error::NotFound)
}

fn check(draft: &EndpointDraft, reach: Reach) -> Result<(), CreateRefusal> {
    let checked = draft.check(reach);
    checked.map_err(|(field, problem)| CreateRefusal::Invalid { field, problem })
}
