//! Asks payment platforms whether they are there: one instance a channel and a time.

use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use chrono::{DateTime, TimeDelta, Utc};
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
use crate::channels::provider::{ProbeReport, Provider, ProviderError};
use crate::channels::providers::Providers;
use crate::channels::service::maybe_find;
use crate::db::any_of;
use crate::error::Error;
use crate::health::addresses::Addresses;
use crate::health::model::maintenance::WindowDraft;
use crate::health::model::probing::{Pace, ProbeError};

/// How many channels of all merchants are entered at once.
const NEW: u64 = 500;

/// Enters open channels that nobody probes yet; they are probed at once. Returns how many there were.
pub async fn enter_new(app: &App) -> Result<u64, Error> {
    let missing: Vec<(MerchantId, ChannelId)> = channel::Entity::unprobed()
        .limit(NEW)
        .into_tuple()
        .all(app.db.reads_across())
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

/// What a claim lasts longer than an answer may take.
const MARGIN: TimeDelta = TimeDelta::seconds(1);
/// How soon a channel is looked at again whose address is busy, at the earliest.
const BUSY: TimeDelta = TimeDelta::seconds(1);

/// Takes channels whose turn it is, for as long as an answer may take: no other instance asks meanwhile, and
/// what one that dies held is asked by another a few seconds later.
pub async fn claim_due(app: &App, instance: &str, limit: u64) -> Result<Vec<Model>, Error> {
    let now = app.clock.instant();
    let until = Instant(now.0 + timeout(app) + MARGIN);
    app.db
        .transaction_across(|txn| async move {
            let mut due = Entity::all()
                .filter(Column::NextAt.lte(now))
                .order_by_asc(Column::NextAt)
                .limit(limit);
            if app.db.backend() == DbBackend::Postgres {
                due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            let mut claimed = due.all(&*txn).await?;
            for probe in &mut claimed {
                probe.next_at = until;
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

fn timeout(app: &App) -> TimeDelta {
    let ms = i64::try_from(app.settings.health.probe_timeout_ms).unwrap_or(i64::MAX);
    TimeDelta::try_milliseconds(ms).unwrap_or(TimeDelta::days(1))
}

/// Probes a claimed channel, outside any transaction, and writes down what came of it and when its turn is
/// again, with a number drawn at random. One that was closed meanwhile is not probed any more; one whose
/// address is busy is put off a little.
pub async fn probe(
    app: &App,
    providers: &Providers,
    addresses: &Addresses,
    claimed: &Model,
    drawn: u64,
) -> Result<(), Error> {
    let (merchant_id, channel_id) = (claimed.merchant_id, claimed.channel_id);
    let channel = maybe_find(app, merchant_id, channel_id).await?;
    let Some(channel) = channel.filter(|channel| channel.enabled) else {
        Entity::delete_of(merchant_id)
            .filter(Column::ChannelId.eq(channel_id))
            .exec(&app.db.writes(merchant_id))
            .await?;
        return Ok(());
    };
    let provider = providers.find(app, &channel);
    let host = provider.as_ref().ok().and_then(|provider| provider.host());
    let seat = host.map(|host| addresses.enter(host));
    if let Some(None) = seat {
        return put_off(app, claimed, drawn).await;
    }
    let asked_at = app.clock.instant();
    let began = Stopwatch::now();
    let answer = ask(app, provider).await;
    drop(seat);
    let outcome = Outcome {
        asked_at,
        took_ms: i32::try_from(began.elapsed().as_millis()).unwrap_or(i32::MAX),
        error: answer.as_ref().err().map(|error| {
            let (kind, words) = ProbeError::of(error);
            kind.kept(words)
        }),
    };
    record(app, claimed, outcome, drawn).await?;
    if let Ok(report) = answer {
        announce(app, merchant_id, channel_id, &windows(report)).await?;
    }
    Ok(())
}

async fn ask(
    app: &App,
    provider: Result<Arc<dyn Provider>, ProviderError>,
) -> Result<ProbeReport, ProviderError> {
    let provider = provider?;
    let limit = Duration::from_millis(app.settings.health.probe_timeout_ms);
    tokio::time::timeout(limit, provider.probe(app.clock.now()))
        .await
        .unwrap_or_else(|_| Err(ProviderError::Unavailable("no answer in time".to_owned())))
}

/// Gives a claim back: its turn comes within the time that an answer may take, when a place may be free.
async fn put_off(app: &App, claimed: &Model, drawn: u64) -> Result<(), Error> {
    let most = app.settings.health.probe_timeout_ms.max(1);
    let later = i64::try_from(drawn % most).unwrap_or(0);
    let next_at = app.clock.now() + BUSY + TimeDelta::milliseconds(later);
    update_claimed(claimed)
        .col_expr(Column::NextAt, Expr::value(Instant(next_at)))
        .col_expr(Column::LeasedBy, Expr::value(None::<String>))
        .exec(&app.db.writes(claimed.merchant_id))
        .await?;
    Ok(())
}

/// The row, where the claim is still the last: who was held up has no say.
fn update_claimed(claimed: &Model) -> sea_orm::UpdateMany<Entity> {
    Entity::update_of(claimed.merchant_id)
        .filter(Column::ChannelId.eq(claimed.channel_id))
        .filter(Column::NextAt.eq(claimed.next_at))
        .filter(Column::LeasedBy.eq(claimed.leased_by.clone()))
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

/// What came of a probe.
struct Outcome {
    asked_at: Instant,
    took_ms: i32,
    error: Option<String>,
}

/// Writes an outcome, and when the channel's turn is again. What fails for the first time is asked again soon:
/// one failure is an accident, two are none.
async fn record(app: &App, claimed: &Model, outcome: Outcome, drawn: u64) -> Result<(), Error> {
    let Outcome {
        asked_at,
        took_ms,
        error,
    } = outcome;
    let (failures, failing_since) = match &error {
        None => (0, None),
        Some(_) => {
            let before = claimed.failing_since.filter(|_| claimed.failures > 0);
            let since = before.unwrap_or(asked_at);
            (claimed.failures.saturating_add(1), Some(since))
        }
    };
    let now = app.clock.instant();
    let answered_at = match &error {
        None => Some(now),
        Some(_) => claimed.answered_at,
    };
    let pace = Pace {
        interval_ms: app.settings.health.probe_interval_ms,
        jitter_ms: app.settings.health.probe_jitter_ms,
    };
    let next_at = Instant(pace.after(failures).next(asked_at.0, drawn));
    update_claimed(claimed)
        .set(entity::channel_probe::ActiveModel {
            next_at: ActiveValue::Set(next_at),
            leased_by: ActiveValue::Set(None),
            probed_at: ActiveValue::Set(Some(now)),
            took_ms: ActiveValue::Set(Some(took_ms)),
            failures: ActiveValue::Set(failures),
            failing_since: ActiveValue::Set(failing_since),
            answered_at: ActiveValue::Set(answered_at),
            error: ActiveValue::Set(error),
            ..entity::channel_probe::ActiveModel::default()
        })
        .exec(&app.db.writes(claimed.merchant_id))
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
        .all(&app.db.reads(merchant_id))
        .await?)
}
