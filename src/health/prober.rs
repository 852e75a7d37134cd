//! Probes payment platforms by itself: a task for each, so that none waits for another's answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::addresses::Addresses;
use super::service;
use crate::app::App;
use crate::channels::providers::Providers;

/// How many payment platforms are asked at the same time.
const AT_ONCE: usize = 128;
/// How many channels are taken by one transaction at the most.
const BATCH: usize = 32;
/// How many places have to be free until more channels are taken out of turn.
const ROOM: u32 = 16;
/// How often channels are looked for whose turn it is.
const PAUSE: Duration = Duration::from_secs(1);
/// How often channels are looked for that nobody probes yet.
const NEW_EVERY: Duration = Duration::from_secs(5);

/// Works until the shutdown begins.
pub async fn run(app: App, providers: Providers) {
    let instance = format!("{:016x}", rand::random::<u64>());
    let mut prober = Prober::of(&app, &providers, &instance);
    let mut ticks = tokio::time::interval(PAUSE);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut new = tokio::time::interval(NEW_EVERY);
    new.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut more = false;
    loop {
        let places = Arc::clone(&prober.places);
        tokio::select! {
            () = app.shutdown.cancelled() => break,
            _ = new.tick() => enter_new(&app).await,
            _ = ticks.tick() => {}
            room = places.acquire_many(ROOM), if more => drop(room),
        }
        more = prober.start_due().await.more;
    }
    prober.finish().await;
}

/// Probes all whose turn it is now, new ones among them; returns how many channels that were.
pub async fn work(app: &App, providers: &Providers, instance: &str) -> u64 {
    enter_new(app).await;
    let mut prober = Prober::of(app, providers, instance);
    let mut probed = 0;
    loop {
        let started = prober.start_due().await;
        probed += started.count;
        prober.finish().await;
        if !started.more {
            return probed;
        }
    }
}

async fn enter_new(app: &App) {
    if let Err(error) = service::enter_new(app).await {
        tracing::warn!(?error, "channels to probe could not be looked for");
    }
}

/// The probes of one instance that are under way.
struct Prober {
    app: App,
    providers: Providers,
    instance: String,
    places: Arc<Semaphore>,
    addresses: Addresses,
    tasks: JoinSet<()>,
}

/// What was begun.
struct Started {
    /// How many probes.
    count: u64,
    /// Whether there may be more to do than there was room for.
    more: bool,
}

impl Prober {
    fn of(app: &App, providers: &Providers, instance: &str) -> Self {
        Self {
            app: app.clone(),
            providers: providers.clone(),
            instance: instance.to_owned(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
            addresses: Addresses::default(),
            tasks: JoinSet::new(),
        }
    }

    /// Takes channels whose turn it is while there is room, and asks about each in a task of its own.
    async fn start_due(&mut self) -> Started {
        let mut count = 0;
        loop {
            while let Some(ended) = self.tasks.try_join_next() {
                tell(ended);
            }
            if self.app.shutdown.is_cancelled() {
                return Started { count, more: false };
            }
            let room = self.places.available_permits().min(BATCH);
            if room == 0 {
                return Started { count, more: true };
            }
            let claimed = service::claim_due(&self.app, &self.instance, room as u64).await;
            let claimed = claimed.unwrap_or_else(|error| {
                tracing::warn!(?error, "channels to probe could not be read");
                Vec::new()
            });
            let taken = claimed.len();
            for claimed in claimed {
                self.start(claimed).await;
            }
            count += taken as u64;
            if taken < room {
                return Started { count, more: false };
            }
        }
    }

    async fn start(&mut self, claimed: entity::channel_probe::Model) {
        let Ok(place) = Arc::clone(&self.places).acquire_owned().await else {
            return;
        };
        let (app, providers) = (self.app.clone(), self.providers.clone());
        let addresses = self.addresses.clone();
        self.tasks.spawn(async move {
            let drawn = rand::random();
            let probed = service::probe(&app, &providers, &addresses, &claimed, drawn).await;
            if let Err(error) = probed {
                // Its turn comes again.
                tracing::warn!(channel_id = %claimed.channel_id, ?error, "a channel was not probed");
            }
            drop(place);
        });
    }

    /// Waits until all have ended, none of which takes long.
    async fn finish(&mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            tell(ended);
        }
    }
}

fn tell(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(?error, "a probe went wrong");
    }
}
