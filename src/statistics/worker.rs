//! Counts what happens by itself, one instance at a time, and builds what was not built yet.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{EventId, MerchantId};
use tokio::time::MissedTickBehavior;

use super::service;
use crate::app::App;
use crate::error::Error;
use crate::lease::{hold, release};

/// Who projects, in the table of leases.
const LEASE: &str = "statistics.project";
/// How often it is looked for merchants whose statistics are missing, or follow another zone.
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(5);
/// How long the lease is believed before it is renewed.
const RENEW_EVERY: TimeDelta = TimeDelta::seconds(1);
/// How long events are gathered before they are counted.
const GATHER: Duration = Duration::from_millis(100);
/// How many merchants are built at once.
const BUILDS: usize = 2;

/// What this instance remembers while it projects.
#[derive(Debug)]
pub struct Projector {
    holder: String,
    held_until: DateTime<Utc>,
    next_try: DateTime<Utc>,
    next_look: DateTime<Utc>,
    building: Arc<Mutex<HashSet<MerchantId>>>,
}

impl Projector {
    /// One under a name that no other instance has.
    #[must_use]
    pub fn named(holder: impl Into<String>) -> Self {
        Self {
            holder: holder.into(),
            held_until: DateTime::UNIX_EPOCH,
            next_try: DateTime::UNIX_EPOCH,
            next_look: DateTime::UNIX_EPOCH,
            building: Arc::default(),
        }
    }

    /// Counts what happened of all merchants, if no other instance does; says whether it did.
    pub async fn work(&mut self, app: &App) -> Result<bool, Error> {
        if !self.is_ours(app).await? {
            return Ok(false);
        }
        let mut lost = Vec::new();
        for behind in service::behind(app).await? {
            if behind.is_lost() {
                lost.push(behind.merchant_id);
                continue;
            }
            while service::project(app, behind.merchant_id).await? {
                if app.shutdown.is_cancelled() || !self.is_ours(app).await? {
                    return Ok(true);
                }
            }
        }
        let now = app.clock.now();
        if now >= self.next_look {
            self.next_look = now + LOOK_EVERY;
            lost.extend(service::unbuilt(app).await?);
        }
        self.build(app, lost);
        Ok(true)
    }

    /// Whether the lease is held; renews it where it is time.
    async fn is_ours(&mut self, app: &App) -> Result<bool, Error> {
        let now = app.clock.now();
        if now < self.held_until {
            return Ok(true);
        }
        if now < self.next_try {
            return Ok(false);
        }
        let held = hold(app, LEASE, &self.holder).await?;
        if held {
            self.held_until = now + RENEW_EVERY;
        } else {
            self.next_try = now + RENEW_EVERY;
        }
        Ok(held)
    }

    /// Begins to build some merchants' statistics, in the background: others are counted meanwhile.
    fn build(&mut self, app: &App, merchants: Vec<MerchantId>) {
        for merchant_id in merchants {
            {
                let mut building = lock(&self.building);
                if building.len() >= BUILDS {
                    // The others have their turn when these are done.
                    self.next_look = DateTime::UNIX_EPOCH;
                    return;
                }
                if !building.insert(merchant_id) {
                    continue;
                }
            }
            let (app, building) = (app.clone(), Arc::clone(&self.building));
            app.clone().tasks.spawn(async move {
                tokio::select! {
                    () = app.shutdown.cancelled() => {}
                    built = service::rebuild(&app, merchant_id) => match built {
                        Ok(true) => tracing::info!(%merchant_id, "statistics were built"),
                        Ok(false) => {}
                        Err(error) => tracing::warn!(%merchant_id, ?error, "statistics were not built"),
                    },
                }
                lock(&building).remove(&merchant_id);
            });
        }
    }

    /// Whether something is being built here.
    #[must_use]
    pub fn is_building(&self) -> bool {
        !lock(&self.building).is_empty()
    }

    /// Lets another instance project at once.
    pub async fn retire(&self, app: &App) -> Result<(), Error> {
        release(app, LEASE, &self.holder).await
    }
}

fn lock(set: &Mutex<HashSet<MerchantId>>) -> std::sync::MutexGuard<'_, HashSet<MerchantId>> {
    set.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Projects until the shutdown begins, where no other instance does.
pub async fn run(app: App) {
    let pause = Duration::from_millis(app.settings.statistics.project_interval_ms);
    let mut ticks = tokio::time::interval(pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Two instances that start in one millisecond hardly meet.
    let name: EventId = app.ids.next();
    let mut projector = Projector::named(format!("{:016x}", name.0));
    loop {
        tokio::select! {
            () = app.shutdown.cancelled() => break,
            _ = ticks.tick() => {}
            // What comes meanwhile is counted together.
            () = app.events.numbered() => tokio::time::sleep(GATHER).await,
        }
        if let Err(error) = projector.work(&app).await {
            tracing::warn!(?error, "statistics were not counted");
        }
    }
    if let Err(error) = projector.retire(&app).await {
        tracing::debug!(?error, "the next projector has to wait");
    }
}
