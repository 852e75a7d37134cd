//! Reads, sets and removes policies.

use std::sync::Arc;

use entity::channel::PaymentMethod;
use entity::event::EventKind;
use entity::routing_policy::RoutingStrategy;
use entity::{MerchantId, merchant, routing_policy, routing_target};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveEnum, ActiveValue, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Value, json};

use super::history;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::events;
use crate::routing::model::{Policy, PolicyRefusal, RemoveRefusal, next_version};

/// A policy with its targets, as tables keep it. One without targets was removed.
pub type Stored = crate::app::PolicyRows;

/// A merchant's policies.
pub async fn list(app: &App, merchant_id: MerchantId) -> Result<Vec<Stored>, Error> {
    let mut stored = read(&app.db.reads(merchant_id), merchant_id).await?;
    stored.retain(|(_, targets)| !targets.is_empty());
    Ok(stored)
}

async fn read(db: &impl ConnectionTrait, merchant_id: MerchantId) -> Result<Vec<Stored>, DbErr> {
    let policies = routing_policy::Entity::of(merchant_id)
        .order_by_asc(routing_policy::Column::Method)
        .all(db)
        .await?;
    if policies.is_empty() {
        return Ok(Vec::new());
    }
    let targets = routing_target::Entity::of(merchant_id)
        .order_by_asc(routing_target::Column::Method)
        .order_by_asc(routing_target::Column::Position)
        .all(db)
        .await?;
    let of = |method: PaymentMethod| {
        let targets = targets.iter().filter(move |it| it.method == method);
        targets.cloned().collect()
    };
    let policies = policies.into_iter();
    Ok(policies.map(|row| (row.clone(), of(row.method))).collect())
}

/// A merchant's policies, as they were at most a second ago.
pub async fn list_shown(app: &App, merchant_id: MerchantId) -> Result<Arc<Vec<Stored>>, Error> {
    if let Some(known) = app.policies.get(&merchant_id) {
        return Ok(known);
    }
    let stored = Arc::new(list(app, merchant_id).await?);
    app.policies.insert(merchant_id, Arc::clone(&stored));
    Ok(stored)
}

/// The policy of a method.
pub fn of_method(stored: &[Stored], method: PaymentMethod) -> Option<Policy> {
    let found = stored.iter().find(|(row, _)| row.method == method);
    found.map(|(row, targets)| Policy {
        strategy: row.strategy,
        targets: targets.iter().map(Into::into).collect(),
    })
}

/// Sets the policy of a method in full. Those who set policies of one merchant at the same time wait for
/// each other, so that one of them is told of the other. Other instances follow it within a second.
pub async fn set(
    app: &App,
    actor: &Actor,
    method: PaymentMethod,
    expected: Option<i32>,
    policy: Policy,
) -> Result<Stored, Failure<PolicyRefusal>> {
    let channels = crate::channels::service::list(app, actor.merchant_id).await?;
    let checked = policy.check(method, &channels);
    checked.map_err(Failure::Refused)?;
    let written = write(app, actor, method, expected, &policy).await?;
    written.map_err(|current| Failure::Refused(PolicyRefusal::VersionConflict { current }))
}

/// Removes the policy of a method: the order of the payment page decides again.
pub async fn remove(
    app: &App,
    actor: &Actor,
    method: PaymentMethod,
    expected: i32,
) -> Result<(), Failure<RemoveRefusal>> {
    let nothing = Policy {
        strategy: RoutingStrategy::Priority,
        targets: Vec::new(),
    };
    let written = write(app, actor, method, Some(expected), &nothing).await?;
    let written = written.map(|_| ());
    written.map_err(|current| Failure::Refused(RemoveRefusal::VersionConflict { current }))
}

/// What was written, or else the version by now.
type Written = Result<Stored, Option<i32>>;

async fn write(
    app: &App,
    actor: &Actor,
    method: PaymentMethod,
    expected: Option<i32>,
    policy: &Policy,
) -> Result<Written, Error> {
    let merchant_id = actor.merchant_id;
    let stored = app
        .write(merchant_id, |txn| async move {
            write_in(app, &txn, actor, (method, expected), policy).await
        })
        .await?;
    app.policies.invalidate(&merchant_id);
    Ok(stored)
}

async fn write_in(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    (method, expected): (PaymentMethod, Option<i32>),
    policy: &Policy,
) -> Result<Written, Error> {
    let merchant_id = actor.merchant_id;
    // The merchant's row is the lock under which versions are compared.
    merchant::Entity::of(merchant_id)
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await?;
    let known = read(txn, merchant_id).await?;
    let known = known.iter().find(|(row, _)| row.method == method);
    let current = known.map(|(row, targets)| (row.version, !targets.is_empty()));
    let version = match next_version(current, expected) {
        Ok(version) => version,
        Err(current) => return Ok(Err(current)),
    };
    let row = routing_policy::Model {
        merchant_id,
        method,
        version,
        strategy: policy.strategy,
        updated_by: actor.name(),
        updated_at: app.clock.instant(),
    };
    if current.is_none() {
        routing_policy::Entity::insert(row.clone().into_active_model())
            .exec_without_returning(txn)
            .await?;
    } else {
        replace(txn, &row).await?;
    }
    let targets: Vec<_> = policy
        .targets
        .iter()
        .zip(1_i16..)
        .map(|(target, position)| target.at(merchant_id, method, position))
        .collect();
    if !targets.is_empty() {
        let rows = targets.iter().cloned();
        routing_target::Entity::insert_many(rows.map(IntoActiveModel::into_active_model))
            .exec_without_returning(txn)
            .await?;
    }
    history::keep(txn, &row, policy).await?;
    let (now, kind) = (row.updated_at, EventKind::RoutingPolicySet);
    events::record(txn, &app.ids, now, merchant_id, kind, merchant_id).await?;
    let before = known.map(|(row, targets)| shown(row, targets));
    let deed = Deed::of(if targets.is_empty() {
        "routingPolicyRemove"
    } else {
        "routingPolicySet"
    });
    let deed = deed.on(merchant_id);
    let deed = deed.changed(before.unwrap_or_default(), shown(&row, &targets));
    audit::record(app, txn, actor, deed).await?;
    Ok(Ok((row, targets)))
}

/// A policy as the audit log shows it.
fn shown(row: &routing_policy::Model, targets: &[routing_target::Model]) -> Value {
    let channels: Vec<String> = targets.iter().map(|it| it.channel_id.to_string()).collect();
    let (method, strategy) = (row.method.to_value(), row.strategy.to_value());
    let policy = json!({ "strategy": strategy, "version": row.version, "channels": channels });
    json!({ method: policy })
}

/// Takes the place of what is there: its targets go.
async fn replace(txn: &DatabaseTransaction, row: &routing_policy::Model) -> Result<(), DbErr> {
    routing_target::Entity::delete_of(row.merchant_id)
        .filter(routing_target::Column::Method.eq(row.method))
        .exec(txn)
        .await?;
    routing_policy::Entity::update_of(row.merchant_id)
        .filter(routing_policy::Column::Method.eq(row.method))
        .set(routing_policy::ActiveModel {
            version: ActiveValue::Set(row.version),
            strategy: ActiveValue::Set(row.strategy),
            updated_by: ActiveValue::Set(row.updated_by.clone()),
            updated_at: ActiveValue::Set(row.updated_at),
            ..routing_policy::ActiveModel::default()
        })
        .exec(txn)
        .await?;
    Ok(())
}
