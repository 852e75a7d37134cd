//! Judges all channels: reads what went through them, decides in memory, and writes what differs.

use std::collections::HashMap;

use entity::channel_health::{self, HealthCause, HealthState};
use entity::{Instant, MerchantId};
use futures_util::StreamExt;
use sea_orm::{EntityTrait, IntoActiveModel};

use super::facts::{Facts, Key, minutes_from};
use super::usual::usual;
use super::{Turn, change, incidents, row};
use crate::app::App;
use crate::error::Error;
use crate::health::model::baseline::Baseline;
use crate::health::model::rules::Rules;
use crate::health::model::signs::Evidence;
use crate::health::model::state::{judge, overridden, unknown};
use crate::health::model::window::{Counts, MINUTE_MS, MINUTES, Window, minute_of};
use crate::lease::HELD;
use crate::lease::{hold, release};

/// Who judges, in the table of leases.
const LEASE: &str = "health.judge";
/// How often all minutes are read again, of which some may have been written late.
const ALL_EVERY_MS: i64 = 30_000;
/// How often figures are written where the state stays as it is, and incidents measured.
const FIGURES_EVERY_MS: i64 = 10_000;
/// For how long what is usual is known.
const USUAL_FOR_MS: i64 = 600_000;
/// Of how many channels what is usual is read in one round.
const USUAL_A_ROUND: usize = 100;
/// How many channels change at the same time.
const AT_ONCE: usize = 8;
/// How many rows of figures one statement writes.
const ROWS: usize = 500;

/// What this instance remembers of channels while it judges them.
#[derive(Debug)]
pub struct Judge {
    holder: String,
    rules: Rules,
    channels: HashMap<Key, Known>,
    all_read_ms: Option<i64>,
    measured_ms: i64,
}

#[derive(Debug)]
struct Known {
    window: Window,
    usual: Option<Baseline>,
    usual_until_ms: i64,
    written_ms: i64,
}

impl Known {
    fn at(now_ms: i64) -> Self {
        Self {
            window: Window::at(now_ms),
            usual: None,
            usual_until_ms: 0,
            written_ms: 0,
        }
    }
}

impl Judge {
    /// One that has seen nothing yet, under a name that no other instance has.
    #[must_use]
    pub fn named(holder: impl Into<String>) -> Self {
        Self {
            holder: holder.into(),
            rules: Rules::default(),
            channels: HashMap::new(),
            all_read_ms: None,
            measured_ms: 0,
        }
    }

    /// Judges all channels once, if no other instance does; says whether it did.
    pub async fn work(&mut self, app: &App) -> Result<bool, Error> {
        if !hold(app, LEASE, &self.holder).await? {
            // What is remembered grows old.
            self.channels.clear();
            self.all_read_ms = None;
            return Ok(false);
        }
        self.round(app).await?;
        Ok(true)
    }

    /// Lets another instance judge at once.
    pub async fn retire(&self, app: &App) -> Result<(), Error> {
        release(app, LEASE, &self.holder).await
    }

    /// Judges all channels once. Two that do so at once do no harm: each change is decided again under a lock.
    pub async fn round(&mut self, app: &App) -> Result<(), Error> {
        let now = app.clock.instant();
        let now_ms = now.timestamp_millis();
        self.rules = Rules::probed_every(app.settings.health.probe_interval_ms);
        self.read_minutes(app, now_ms).await?;
        let facts = Facts::read(app, now).await?;
        self.read_usual(app, &facts, now).await;
        for (key, _) in &facts.channels {
            let known = self.channels.entry(*key);
            let known = known.or_insert_with(|| Known::at(now_ms));
            known.window.advance(now_ms);
        }
        let mut figures = Vec::new();
        let mut changes = Vec::new();
        for (key, enabled) in &facts.channels {
            match self.look(&facts, *key, *enabled, now) {
                Doing::Nothing => {}
                Doing::Figures(row) => figures.push(row),
                Doing::Change(evidence) => changes.push((*key, evidence)),
            }
        }
        let rules = &self.rules;
        let written = figures.iter().map(|row| (row.merchant_id, row.channel_id));
        let written: Vec<Key> = written.chain(changes.iter().map(|(key, _)| *key)).collect();
        // When a large platform is away, many channels change at once.
        futures_util::stream::iter(changes)
            .for_each_concurrent(AT_ONCE, |(key, evidence)| async move {
                let settled = settle(app, key, evidence.as_ref(), rules, now).await;
                if let Err(error) = settled {
                    // One channel that cannot be written holds up no other.
                    tracing::warn!(channel_id = %key.1, ?error, "a channel's health was not written");
                }
            })
            .await;
        write_figures(app, figures).await?;
        for key in written {
            if let Some(known) = self.channels.get_mut(&key) {
                known.written_ms = now_ms;
            }
        }
        if now_ms - self.measured_ms >= FIGURES_EVERY_MS {
            self.measured_ms = now_ms;
            incidents::measure(app).await?;
        }
        Ok(())
    }

    /// Judges a channel in memory.
    fn look(&self, facts: &Facts, key: Key, enabled: bool, now: Instant) -> Doing<'_> {
        let row = facts.rows.get(&key);
        let Some(known) = self.channels.get(&key) else {
            return Doing::Nothing;
        };
        if !enabled {
            // A channel that is closed is not judged: nothing is known of it until it is open again.
            let told = row.filter(|row| row.state != HealthState::Unknown);
            return match told.filter(|row| overridden(row, now).is_none()) {
                Some(_) => Doing::Change(None),
                None => Doing::Nothing,
            };
        }
        let evidence = Evidence {
            window: &known.window,
            baseline: known.usual,
            probe: facts.probes.get(&key).copied(),
            maintenance: facts.maintenance.contains(&key),
        };
        let heard = known.window.total() != Counts::default()
            || evidence.probe.is_some()
            || evidence.maintenance;
        if row.is_none() && !heard {
            return Doing::Nothing;
        }
        let row_now = row.cloned();
        let row_now = row_now.unwrap_or_else(|| unknown(key.0, key.1, now));
        let judgement = judge(&row_now, &evidence, &self.rules, now);
        let by_hand = judgement.row.cause != row_now.cause
            || judgement.row.override_state != row_now.override_state;
        if judgement.next.is_some() || by_hand {
            return Doing::Change(Some(evidence));
        }
        let news = row.is_none() || differs(&row_now, &judgement.row);
        let is_time = now.timestamp_millis() - known.written_ms >= FIGURES_EVERY_MS;
        if news && is_time {
            Doing::Figures(judgement.row)
        } else {
            Doing::Nothing
        }
    }

    /// Reads the last minutes of traffic: all of them now and then, else those that still change.
    async fn read_minutes(&mut self, app: &App, now_ms: i64) -> Result<(), Error> {
        let age = |minutes: usize| i64::try_from(minutes).unwrap_or(0) * MINUTE_MS;
        let all = self
            .all_read_ms
            .is_none_or(|read| now_ms - read >= ALL_EVERY_MS);
        let back = if all { age(MINUTES - 1) } else { age(2) };
        let counted = minutes_from(app, minute_of(now_ms) - back).await?;
        if all {
            self.all_read_ms = Some(now_ms);
        }
        for (key, starts_ms, counts) in counted {
            let known = self
                .channels
                .entry(key)
                .or_insert_with(|| Known::at(now_ms));
            known.window.advance(now_ms);
            known.window.set(starts_ms, counts);
        }
        Ok(())
    }

    /// Reads what is usual of channels with traffic, of some in each round.
    async fn read_usual(&mut self, app: &App, facts: &Facts, now: Instant) {
        let now_ms = now.timestamp_millis();
        let next_hour = now_ms - now_ms.rem_euclid(900_000) + 900_000;
        let due = facts
            .channels
            .iter()
            .filter(|(key, enabled)| {
                let known = self.channels.get(key);
                *enabled
                    && known.is_some_and(|known| {
                        known.usual_until_ms <= now_ms && known.window.total().attempts > 0
                    })
            })
            .map(|(key, _)| *key);
        let due: Vec<Key> = due.take(USUAL_A_ROUND).collect();
        for key in due {
            let told = usual(app, key.0, key.1, now.0).await;
            let told = told.unwrap_or_else(|error| {
                // One merchant of whom it cannot be read holds up no other.
                tracing::warn!(channel_id = %key.1, ?error, "what is usual could not be read");
                None
            });
            if let Some(known) = self.channels.get_mut(&key) {
                known.usual = told;
                // Hours begin with a quarter of an hour, whatever the zone.
                known.usual_until_ms = next_hour.min(now_ms + USUAL_FOR_MS);
            }
        }
    }
}

/// What there is to do about a channel.
enum Doing<'a> {
    Nothing,
    /// Its figures are written.
    Figures(channel_health::Model),
    /// Its state changes, by such evidence; by none where it is closed.
    Change(Option<Evidence<'a>>),
}

/// Decides again under the lock on the channel's row, and writes what comes of it.
async fn settle(
    app: &App,
    key: Key,
    evidence: Option<&Evidence<'_>>,
    rules: &Rules,
    now: Instant,
) -> Result<(), Error> {
    app.write(key.0, |txn| async move {
        let row = row::lock(&txn, key.0, key.1, now).await?;
        // Who was held up does not write the past: another has judged meanwhile, or does now.
        if row.since.0 > now.0 || app.clock.instant().0 - now.0 > HELD {
            tracing::info!(channel_id = %key.1, "a judgement came too late");
            return Ok(());
        }
        let (mut row, next) = match evidence {
            Some(evidence) => {
                let judgement = judge(&row, evidence, rules, now);
                (judgement.row, judgement.next)
            }
            None => (
                row,
                Some((HealthState::Unknown, Some(HealthCause::NoTraffic))),
            ),
        };
        if let Some((to, cause)) = next {
            let turn = Turn {
                to,
                cause,
                by: "system".to_owned(),
                at: now,
            };
            row = change(app, &txn, row, &turn).await?;
            tracing::info!(channel_id = %key.1, ?to, ?cause, "a channel's health changed");
        }
        row::save(&txn, row).await
    })
    .await?;
    app.health.invalidate(&key.0);
    Ok(())
}

/// Whether figures are worth writing.
fn differs(before: &channel_health::Model, after: &channel_health::Model) -> bool {
    let figures = |row: &channel_health::Model| {
        (
            row.attempts,
            row.error_ppm,
            row.success_ppm,
            row.baseline_ppm,
            row.candidate,
            row.candidate_since,
        )
    };
    figures(before) != figures(after)
}

/// Writes figures, and rows of channels that have none yet. States are left alone: they change under a lock.
async fn write_figures(app: &App, mut rows: Vec<channel_health::Model>) -> Result<(), Error> {
    use channel_health::Column;

    rows.sort_unstable_by_key(|row| (row.merchant_id, row.channel_id));
    let mut merchants: Vec<MerchantId> = rows.iter().map(|row| row.merchant_id).collect();
    merchants.dedup();
    for some in rows.chunks(ROWS) {
        let some = some.iter().cloned().map(IntoActiveModel::into_active_model);
        let figures = row::key()
            .update_columns([
                Column::JudgedAt,
                Column::Attempts,
                Column::ErrorPpm,
                Column::SuccessPpm,
                Column::BaselinePpm,
                Column::Candidate,
                Column::CandidateSince,
            ])
            .to_owned();
        channel_health::Entity::insert_many(some)
            .on_conflict(figures)
            .exec_without_returning(app.db.writer())
            .await?;
    }
    for merchant_id in merchants {
        app.health.invalidate(&merchant_id);
    }
    Ok(())
}
