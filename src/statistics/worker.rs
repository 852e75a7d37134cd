//! Counts what happens by itself, one instance at a time, and builds what was not built yet.

mod builds;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{EventId, MerchantId};
use futures_util::{StreamExt, stream};
use tokio::time::MissedTickBehavior;

use self::builds::{Builds, Rests};
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
/// How many merchants are counted at once.
const AT_ONCE: usize = 4;
/// How long a merchant rests whose events could not be counted: at first, and at the most.
const REST: (TimeDelta, TimeDelta) = (TimeDelta::seconds(1), TimeDelta::seconds(10));

/// What this instance remembers while it projects.
#[derive(Debug)]
pub struct Projector {
    holder: String,
    held_until: DateTime<Utc>,
    next_try: DateTime<Utc>,
    next_look: DateTime<Utc>,
    /// Those whose events could not be counted.
    rests: Rests,
    builds: Builds,
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
            rests: Rests::new(REST),
            builds: Builds::default(),
        }
    }

    /// Counts what happened of all merchants, if no other instance does, and builds what is missing; says whether
    /// it did. What goes wrong with one merchant is told in the log and holds up no other.
    pub async fn work(&mut self, app: &App) -> Result<bool, Error> {
        let Some(mut lost) = self.count(app, None).await? else {
            return Ok(false);
        };
        let now = app.clock.now();
        if now >= self.next_look {
            self.next_look = now + LOOK_EVERY;
            lost.extend(service::unbuilt(app).await?);
        }
        if !self.builds.begin(app, lost) {
            // The others have their turn when these are done.
            self.next_look = DateTime::UNIX_EPOCH;
        }
        Ok(true)
    }

    /// The same of some merchants alone: nobody looks at all the others.
    pub async fn work_on(&mut self, app: &App, some: &[MerchantId]) -> Result<bool, Error> {
        let lost = self.count(app, Some(some)).await?;
        Ok(lost.map(|lost| self.builds.begin(app, lost)).is_some())
    }

    /// Counts round after round until nothing is left. Who has to be built anew; none where it is another
    /// instance's turn.
    async fn count(
        &mut self,
        app: &App,
        of: Option<&[MerchantId]>,
    ) -> Result<Option<Vec<MerchantId>>, Error> {
        loop {
            if !self.is_ours(app).await? {
                return Ok(None);
            }
            let (is_more, lost) = self.round(app, of).await?;
            if !is_more || app.shutdown.is_cancelled() {
                return Ok(Some(lost));
            }
        }
    }

    /// Counts some events of each merchant that has any. Whether some have more, and who has to be built anew.
    async fn round(
        &mut self,
        app: &App,
        of: Option<&[MerchantId]>,
    ) -> Result<(bool, Vec<MerchantId>), Error> {
        let now = app.clock.now();
        let (lost, behind): (Vec<_>, Vec<_>) = service::behind(app, of)
            .await?
            .into_iter()
            .partition(service::Behind::is_lost);
        let counted: Vec<_> =
            stream::iter(behind)
                .map(|behind| behind.merchant_id)
                .filter(|merchant_id| std::future::ready(!self.rests.is_resting(*merchant_id, now)))
                .map(|merchant_id| async move {
                    (merchant_id, service::project(app, merchant_id).await)
                })
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
        let mut is_more = false;
        for (merchant_id, result) in counted {
            match result {
                Ok(more) => {
                    is_more |= more;
                    self.rests.is_well(merchant_id);
                }
                Err(error) => {
                    self.rests.has_failed(merchant_id, now);
                    tracing::warn!(%merchant_id, ?error, "a merchant's statistics were not counted");
                }
            }
        }
        let lost = lost.into_iter().map(|behind| behind.merchant_id);
        Ok((is_more, lost.collect()))
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

    /// Whether something is being built here.
    #[must_use]
    pub fn is_building(&self) -> bool {
        self.builds.is_building()
    }

    /// Lets another instance project at once.
    pub async fn retire(&self, app: &App) -> Result<(), Error> {
        release(app, LEASE, &self.holder).await
    }
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
        let worked = tokio::select! {
            () = app.shutdown.cancelled() => break,
            _ = ticks.tick() => projector.work(&app).await,
            () = app.events.numbered() => {
                // What comes meanwhile is counted together.
                tokio::time::sleep(GATHER).await;
                projector.work_on(&app, &app.events.take_numbered()).await
            }
        };
        if let Err(error) = worked {
            tracing::warn!(?error, "statistics were not counted");
        }
    }
    if let Err(error) = projector.retire(&app).await {
        tracing::debug!(?error, "the next projector has to wait");
    }
}
