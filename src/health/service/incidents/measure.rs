//! Measures what open incidents cost, and what could be offered instead.

use std::collections::HashMap;

use chrono::TimeDelta;
use entity::incident::{Column, Entity, Model, Offered, Passed};
use entity::{IncidentId, Instant, MerchantId};
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, DatabaseTransaction, FromQueryResult, QueryFilter,
};

use crate::app::App;
use crate::error::Error;
use crate::health::model::fallback::{Candidate, choose};
use crate::health::model::impact::{self, Impact};

/// How far back the figures reach by which one channel is preferred to another.
const LATELY: TimeDelta = TimeDelta::days(1);

/// Brings the impact of all open incidents up to date: three statements, and one for each incident whose
/// figures have changed. That is no change of state, so no event tells of it.
pub async fn measure(app: &App) -> Result<(), Error> {
    let (reads, backend) = (app.db.reads_across(), app.db.backend());
    let open = Entity::open().all(reads).await?;
    if open.is_empty() {
        return Ok(());
    }
    let passed = Passed::find_by_statement(Entity::passed(backend, None))
        .all(reads)
        .await?;
    let passed: HashMap<(MerchantId, IncidentId), Passed> = passed
        .into_iter()
        .map(|row| ((row.merchant_id, row.id), row))
        .collect();
    let since = Instant(app.clock.now() - LATELY);
    let offered = candidates(reads, Entity::offered(backend, since, None)).await?;
    for incident in &open {
        let Some(passed) = passed.get(&(incident.merchant_id, incident.id)) else {
            // It was opened or resolved in between.
            continue;
        };
        let offered = offered.get(&incident.merchant_id);
        let offered = offered.map(Vec::as_slice).unwrap_or_default();
        write(
            &app.db.writes(incident.merchant_id),
            incident,
            passed,
            offered,
        )
        .await?;
    }
    Ok(())
}

/// Measures one incident that is locked in this transaction.
pub(super) async fn measure_one(
    app: &App,
    txn: &DatabaseTransaction,
    incident: &Model,
    at: Instant,
) -> Result<(), Error> {
    let backend = app.db.backend();
    let (merchant_id, id) = (incident.merchant_id, incident.id);
    let statement = Entity::passed(backend, Some((merchant_id, id)));
    let Some(passed) = Passed::find_by_statement(statement).one(txn).await? else {
        return Ok(());
    };
    let since = Instant(at.0 - LATELY);
    let offered = candidates(txn, Entity::offered(backend, since, Some(merchant_id))).await?;
    let offered = offered.get(&merchant_id);
    let offered = offered.map(Vec::as_slice).unwrap_or_default();
    write(txn, incident, &passed, offered).await
}

async fn candidates(
    connection: &impl ConnectionTrait,
    statement: sea_orm::Statement,
) -> Result<HashMap<MerchantId, Vec<Candidate>>, Error> {
    let rows = Offered::find_by_statement(statement)
        .all(connection)
        .await?;
    let mut offered: HashMap<MerchantId, Vec<Candidate>> = HashMap::new();
    for row in rows {
        offered.entry(row.merchant_id).or_default().push(Candidate {
            channel_id: row.channel_id,
            state: row.state,
            attempts: row.attempts,
            paid: row.paid,
        });
    }
    Ok(offered)
}

/// Writes what is measured, where it is not what stands there.
async fn write(
    connection: &impl ConnectionTrait,
    incident: &Model,
    passed: &Passed,
    offered: &[Candidate],
) -> Result<(), Error> {
    let fallback = choose(incident.channel_id, offered);
    let next = Model {
        fallback_channel_id: fallback.map(|fallback| fallback.channel_id),
        fallback_success_ppm: fallback.map(|fallback| fallback.success_ppm),
        ..with_impact(incident, passed)
    };
    if next == *incident {
        return Ok(());
    }
    Entity::update_of(next.merchant_id)
        .filter(Column::Id.eq(next.id))
        .filter(Column::ResolvedAt.is_null())
        .set(entity::incident::ActiveModel {
            attempts: ActiveValue::Set(next.attempts),
            failed: ActiveValue::Set(next.failed),
            expected_paid: ActiveValue::Set(next.expected_paid),
            paid: ActiveValue::Set(next.paid),
            at_risk_minor: ActiveValue::Set(next.at_risk_minor),
            fallback_channel_id: ActiveValue::Set(next.fallback_channel_id),
            fallback_success_ppm: ActiveValue::Set(next.fallback_success_ppm),
            ..entity::incident::ActiveModel::default()
        })
        .exec(connection)
        .await?;
    Ok(())
}

/// Minutes are kept for two days: what an incident that lasts longer had cost by then stays.
fn with_impact(incident: &Model, passed: &Passed) -> Model {
    if passed.attempts < incident.attempts {
        return incident.clone();
    }
    let baseline_ppm = passed.baseline_ppm.map(|ppm| ppm.clamp(0, 1_000_000));
    let Impact {
        attempts,
        failed,
        expected_paid,
        paid,
        at_risk_minor,
    } = impact::measure(
        impact::Passed {
            attempts: passed.attempts,
            attempted_minor: passed.attempted_minor,
            failed: passed.failed,
            paid: passed.paid,
            paid_minor: passed.paid_minor,
        },
        baseline_ppm.and_then(|ppm| i32::try_from(ppm).ok()),
    );
    Model {
        attempts,
        failed,
        expected_paid,
        paid,
        at_risk_minor,
        ..incident.clone()
    }
}
