//! `App`: what every request shares. A clone is cheap.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use entity::statistics_position::Standing;
use entity::{
    ChannelId, MerchantId, channel, channel_health, routing_policy, routing_target, sandbox_outage,
};
use moka::sync::Cache;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::audited::Audited;
use crate::clock::{Clock, Ids};
use crate::config::Settings;
use crate::db::{Db, Txn};
use crate::error::{Error, Transient};
use crate::events::{Events, Watched};
use crate::merchant::Merchant;
use crate::metrics::Metrics;
use crate::seal::MasterKey;
use crate::shared_read::SharedReads;
use crate::traffic::Traffic;
use crate::understood::Understood;
use crate::working_days::{Calendar, CalendarError};

/// A routing policy with its targets, as tables keep it.
pub type PolicyRows = (routing_policy::Model, Vec<routing_target::Model>);

/// How many connections are lent beside those that requests and workers have anyway.
const SPARE: usize = 3;

/// What every request and every worker shares.
#[derive(Clone, Debug)]
pub struct App(Arc<Shared>);

/// The parts of an [`App`], which dereferences to them.
#[derive(Debug)]
pub struct Shared {
    /// The settings it was started with.
    pub settings: Settings,
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// What seals secrets and personal data.
    pub key: MasterKey,
    /// Merchants' settings, as they were at most five seconds ago: see [`crate::merchant::find`].
    pub merchants: Cache<MerchantId, Arc<Merchant>>,
    /// Merchants' channels, as they were at most a second ago: see
    /// [`crate::channels::service::list_shown`].
    pub channels: Cache<MerchantId, Arc<Vec<Arc<channel::Model>>>>,
    /// How merchants' channels are, as they were at most a second ago: see
    /// [`crate::health::service::list_shown`].
    pub health: Cache<MerchantId, Arc<Vec<channel_health::Model>>>,
    /// What went through channels and is not written down yet: see [`crate::health::service::flush`].
    pub traffic: Traffic,
    /// Merchants' routing policies, as they were at most a second ago.
    pub policies: Cache<MerchantId, Arc<Vec<PolicyRows>>>,
    /// What slices have made of merchants' rows, and they alone know: campaigns, tiers, averages of buyers.
    pub understood: Understood,
    /// Connections that one who counts may use beside their own: few, so that counting takes nobody theirs.
    pub spare: Semaphore,
    /// What was paid today, in minor units, through channels that have a limit for the day, as it was at
    /// most a second ago.
    pub used_today: Cache<MerchantId, Arc<HashMap<ChannelId, i64>>>,
    /// Counts the orders that were routed here.
    pub turn: AtomicU64,
    /// Which of them was the last that took each channel.
    pub turns: Cache<ChannelId, u64>,
    /// Reads of how far merchants' statistics have come: see [`crate::statistics::service::served`].
    pub standings: SharedReads<MerchantId, Option<Standing>>,
    /// Outages of the sandbox that somebody asked for, as they were at most a second ago; they may be over.
    pub outages: Cache<(MerchantId, ChannelId), Option<sandbox_outage::Model>>,
    /// What the audit log has to be told soon.
    pub audited: Audited,
    /// Events and their subscribers.
    pub events: Events,
    /// Which days are worked on.
    pub calendar: Calendar,
    /// Figures for whoever runs the gateway.
    pub metrics: Metrics,
    /// Everything that runs in the background; a shutdown waits for it.
    pub tasks: TaskTracker,
    /// Cancelled when this instance is to be sent nobody any more: at the shutdown, or a while before.
    pub unready: CancellationToken,
    /// Cancelled when the shutdown begins.
    pub shutdown: CancellationToken,
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Why an app cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened.
    #[error("the database cannot be opened: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// There is no master key.
    #[error("setting `secrets.master_key`: {0}")]
    Key(#[from] crate::seal::KeyError),
    /// Redis' address cannot be meant.
    #[error("setting `redis.url`: {0}")]
    Redis(#[from] redis::RedisError),
    /// The calendar of working days cannot be used.
    #[error("setting `settlements.calendar_file`: {0}")]
    Calendar(#[from] CalendarError),
}

/// A cache of merchants' things that are believed for so many seconds.
fn held_for<K, V>(seconds: u64) -> Cache<K, V>
where
    K: std::hash::Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Cache::builder()
        .max_capacity(10_000)
        .time_to_live(Duration::from_secs(seconds))
        .build()
}

impl App {
    /// Opens the database and starts the events. Migrations are the caller's.
    pub async fn start(settings: Settings, clock: Clock, ids: Ids) -> Result<Self, StartError> {
        let key = match &settings.secrets.master_key {
            Some(text) => MasterKey::parse(text)?,
            None => MasterKey::read_or_make(&settings.secrets.master_key_file)?,
        };
        let key = key.with_previous(&settings.secrets.previous_master_keys)?;
        let calendar = Calendar::read(settings.settlements.calendar_file.as_deref())?;
        let redis = settings.redis.url.as_deref().map(redis::Client::open);
        let redis = redis.transpose()?;
        let db = Db::connect(&settings.database).await?;
        let tasks = TaskTracker::new();
        let shutdown = CancellationToken::new();
        let metrics = Metrics::default();
        let events = Events::start(
            db.clone(),
            &settings.events,
            redis,
            Watched {
                clock: clock.clone(),
                lag: metrics.event_lag.clone(),
            },
            tasks.clone(),
            &shutdown,
        );
        Ok(Self(Arc::new(Shared {
            settings,
            db,
            clock,
            ids,
            key,
            merchants: held_for(5),
            channels: held_for(1),
            health: held_for(1),
            policies: held_for(1),
            understood: Understood::default(),
            standings: SharedReads::new(10_000),
            outages: held_for(1),
            spare: Semaphore::new(SPARE),
            used_today: held_for(1),
            traffic: Traffic::default(),
            audited: Audited::default(),
            turn: AtomicU64::new(0),
            turns: Cache::builder().max_capacity(50_000).build(),
            events,
            calendar,
            metrics,
            tasks,
            unready: shutdown.child_token(),
            shutdown,
        })))
    }

    /// Runs `work` in one transaction of a merchant and, once it is committed, has its events
    /// numbered and delivered, and its audit entries sealed. `work` may run more than once: see [`Db::transaction_of`].
    pub async fn write<T, E, F>(
        &self,
        merchant_id: MerchantId,
        work: impl Fn(Txn) -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: From<Error> + Transient,
    {
        let result = self.db.transaction_of(merchant_id, work).await;
        self.written(merchant_id, result.is_ok());
        result
    }

    /// As [`Self::write`], for what touches a person's rows in other merchants as well, or those of somebody who does
    /// not work here yet. A test lists the files that may ask for it.
    pub async fn write_across<T, E, F>(
        &self,
        merchant_id: MerchantId,
        work: impl Fn(Txn) -> F,
    ) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
        E: From<Error> + Transient,
    {
        let result = self.db.transaction_across(work).await;
        self.written(merchant_id, result.is_ok());
        result
    }

    fn written(&self, merchant_id: MerchantId, committed: bool) {
        if committed {
            self.events.committed(merchant_id);
            self.audited.committed();
        }
    }

    /// Runs something to its end even where the client that asked has gone: a commit that is broken
    /// off has an unknown outcome.
    pub async fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Error> {
        self.tasks
            .spawn(work)
            .await
            .map_err(|error| Error::internal(error.to_string()))
    }

    /// Whether the shutdown has begun, or is about to: this instance wants no new requests.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.unready.is_cancelled()
    }

    /// Stops what runs in the background and waits for it.
    pub async fn stop(&self) {
        self.shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
