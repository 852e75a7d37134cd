//! Asks payment platforms whether they are there: one instance a channel and a time.

use std::time::{Duration, Instant as Stopwatch};

use chrono::{DateTime, Utc};
use entity::channel_probe::{Column, Entity, Model};
use entity::maintenance_window::MaintenanceSource;
use entity::{ChannelId, Instant, MerchantId, channel};
use sea_orm::sea_query::{Expr, LockBehavior, LockType, OnConflict};
use sea_orm::{
    ActiveValue, ColumnTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::maintenance::announce;
use crate::app::App;
use crate::channels::provider::{ProbeReport, ProviderError};
use crate::channels::providers::Providers;
use crate::channels::service::maybe_find;
use crate::db::any_of;
use crate::error::Error;
use crate::health::model::maintenance::WindowDraft;
use crate::health::model::probing::{Pace, ProbeError};

/// How many channels of all merchants are entered at once.
const NEW: u64 = 500;

/// Enters open channels that nobody probes yet; they are probed at once. Returns how many there were.
pub async fn enter_new(app: &App) -> Result<u64, Error> {
    let missing: Vec<(MerchantId, ChannelId)> = channel::Entity::unprobed()
        .limit(NEW)
        .into_tuple()
        .all(app.db.reads())
        .await?;
    if missing.is_empty() {
        return Ok(0);
    }
    let now = app.clock.instant();
    let count = missing.len() as u64;
    let rows = missing.into_iter().map(|(merchant_id, channel_id)| {
        Model {
            merchant_id,
            channel_id,
            next_at: now,
            leased_by: None,
            probed_at: None,
            took_ms: None,
            failures: 0,
            failing_since: None,
            answered_at: None,
            error: None,
        }
        .into_active_model()
    });
    Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([Column::MerchantId, Column::ChannelId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(app.db.writer())
        .await?;
    Ok(count)
}

/// Takes channels whose turn it is: each is due again an interval later, more or less, so that no other
/// instance takes it meanwhile, and one that dies with it costs one probe. `draw` draws at random.
pub async fn claim_due(
    app: &App,
    instance: &str,
    limit: u64,
    draw: impl Fn() -> u64,
) -> Result<Vec<Model>, Error> {
    let now = app.clock.instant();
    let pace = Pace {
        interval_ms: app.settings.health.probe_interval_ms,
        jitter_ms: app.settings.health.probe_jitter_ms,
    };
    let draw = &draw;
    app.db
        .transaction(|txn| async move {
            let mut due = Entity::all()
                .filter(Column::NextAt.lte(now))
                .order_by_asc(Column::NextAt)
                .limit(limit);
            if app.db.backend() == DbBackend::Postgres {
                due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            let mut claimed = due.all(&*txn).await?;
            for probe in &mut claimed {
                probe.next_at = Instant(pace.next(now.0, draw()));
                probe.leased_by = Some(instance.to_owned());
                Entity::update_of(probe.merchant_id)
                    .filter(Column::ChannelId.eq(probe.channel_id))
                    .col_expr(Column::NextAt, Expr::value(probe.next_at))
                    .col_expr(Column::LeasedBy, Expr::value(instance))
                    .exec(&*txn)
                    .await?;
            }
            Ok::<_, Error>(claimed)
        })
        .await
}

/// Probes a claimed channel, outside any transaction, and writes down what came of it. One that was closed
/// meanwhile is not probed any more.
pub async fn probe(app: &App, providers: &Providers, claimed: &Model) -> Result<(), Error> {
    let (merchant_id, channel_id) = (claimed.merchant_id, claimed.channel_id);
    let channel = maybe_find(app, merchant_id, channel_id).await?;
    let Some(channel) = channel.filter(|channel| channel.enabled) else {
        Entity::delete_of(merchant_id)
            .filter(Column::ChannelId.eq(channel_id))
            .exec(app.db.writer())
            .await?;
        return Ok(());
    };
    let asked_at = app.clock.instant();
    let began = Stopwatch::now();
    let answer = ask(app, providers, &channel).await;
    let took_ms = i32::try_from(began.elapsed().as_millis()).unwrap_or(i32::MAX);
    let kept = answer.as_ref().err().map(|error| {
        let (kind, words) = ProbeError::of(error);
        kind.kept(words)
    });
    record(app, claimed, asked_at, took_ms, kept).await?;
    if let Ok(report) = answer {
        announce(app, merchant_id, channel_id, &windows(report)).await?;
    }
    Ok(())
}

async fn ask(
    app: &App,
    providers: &Providers,
    channel: &channel::Model,
) -> Result<ProbeReport, ProviderError> {
    let provider = providers.find(app, channel)?;
    let limit = Duration::from_millis(app.settings.health.probe_timeout_ms);
    tokio::time::timeout(limit, provider.probe(app.clock.now()))
        .await
        .unwrap_or_else(|_| Err(ProviderError::Unavailable("no answer in time".to_owned())))
}

/// What a platform announces, as windows.
fn windows(report: ProbeReport) -> Vec<WindowDraft> {
    let announced = report.maintenance.into_iter();
    announced
        .map(|announced| WindowDraft {
            starts_at: whole_ms(announced.starts_at),
            ends_at: whole_ms(announced.ends_at),
            source: MaintenanceSource::Provider,
            note: announced.note,
        })
        .collect()
}

/// What is stored reads back equal.
fn whole_ms(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

/// Writes an outcome, where the claim is still the last: who was held up has no say.
async fn record(
    app: &App,
    claimed: &Model,
    asked_at: Instant,
    took_ms: i32,
    error: Option<String>,
) -> Result<(), Error> {
    let (failures, failing_since) = match &error {
        None => (0, None),
        Some(_) => {
            let before = claimed.failing_since.filter(|_| claimed.failures > 0);
            let since = before.unwrap_or(asked_at);
            (claimed.failures.saturating_add(1), Some(since))
        }
    };
    let answered_at = match &error {
        None => Some(app.clock.instant()),
        Some(_) => claimed.answered_at,
    };
    Entity::update_of(claimed.merchant_id)
        .filter(Column::ChannelId.eq(claimed.channel_id))
        .filter(Column::NextAt.eq(claimed.next_at))
        .filter(Column::LeasedBy.eq(claimed.leased_by.clone()))
        .set(entity::channel_probe::ActiveModel {
            leased_by: ActiveValue::Set(None),
            probed_at: ActiveValue::Set(Some(app.clock.instant())),
            took_ms: ActiveValue::Set(Some(took_ms)),
            failures: ActiveValue::Set(failures),
            failing_since: ActiveValue::Set(failing_since),
            answered_at: ActiveValue::Set(answered_at),
            error: ActiveValue::Set(error),
            ..entity::channel_probe::ActiveModel::default()
        })
        .exec(app.db.writer())
        .await?;
    Ok(())
}

/// What is known of some channels' probes.
pub async fn find_probes(
    app: &App,
    merchant_id: MerchantId,
    channels: &[ChannelId],
) -> Result<Vec<Model>, Error> {
    Ok(Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::ChannelId, channels))
        .all(app.db.reads())
        .await?)
}
