//! Access follows membership: what decides who may act is read again after five seconds at the most.
//!
//! A token or key proves who is asking; whether they may still act stands in the tables. Reading them
//! for every request would cost more than most requests, so what was read is held for five seconds by
//! the app's clock. What this instance changes itself takes effect at once.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use entity::membership::Role;
use entity::merchant::MerchantStatus;
use entity::{ApiKeyId, Instant, MerchantId, StaffId, TokenFamilyId, api_key, merchant};
use moka::sync::Cache;
use sea_orm::{ColumnTrait, QueryFilter};

use super::members::colleagues;
use crate::app::App;
use crate::error::Error;

/// How long what was read is believed.
const HELD_MS: i64 = 5_000;

/// How many rows of each kind are held.
const ROWS: u64 = 20_000;

/// A row, or that there is none, and when it was read.
#[derive(Clone)]
struct Held<T> {
    value: Option<T>,
    read_ms: i64,
    /// Which changes of this instance it had seen.
    change: u64,
}

/// Rows of one kind.
#[derive(Clone)]
struct Rows<K, T> {
    held: Cache<K, Held<T>>,
    changes: Arc<AtomicU64>,
}

impl<K, T> Rows<K, T>
where
    K: Hash + Eq + Copy + Send + Sync + 'static,
    T: Clone + Send + Sync + 'static,
{
    fn new() -> Self {
        Self {
            held: Cache::builder()
                .max_capacity(ROWS)
                .time_to_live(Duration::from_secs(60))
                .build(),
            changes: Arc::default(),
        }
    }

    /// The row, as it was within the last five seconds.
    async fn get<F>(&self, app: &App, key: K, read: F) -> Result<Option<T>, Error>
    where
        F: Future<Output = Result<Option<T>, Error>>,
    {
        let now_ms = app.clock.now().timestamp_millis();
        // Taken before the read: a change that comes meanwhile makes what was read stale.
        let change = self.changes.load(Ordering::SeqCst);
        if let Some(held) = self.held.get(&key)
            && held.change == change
            && (0..HELD_MS).contains(&(now_ms - held.read_ms))
        {
            return Ok(held.value);
        }
        let value = read.await?;
        let held = Held {
            value: value.clone(),
            read_ms: now_ms,
            change,
        };
        self.held.insert(key, held);
        Ok(value)
    }

    /// Forgets all rows: changes are rare, and one counter leaves no gap between read and change.
    fn changed(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }
}

/// How a member of staff stands in a merchant.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// The role.
    pub role: Role,
    signed_out_at: Option<Instant>,
}

impl Standing {
    /// Whether the person was signed out everywhere since a sign-in.
    #[must_use]
    pub fn has_ended(&self, sign_in: Option<TokenFamilyId>) -> bool {
        let made_ms = sign_in.map(TokenFamilyId::made_at_ms);
        let out_ms = self.signed_out_at.map(|at| at.0.timestamp_millis());
        made_ms.zip(out_ms).is_some_and(|(made, out)| made < out)
    }
}

/// What decides who may act, held for a few seconds.
#[derive(Clone)]
pub struct Access {
    app: App,
    merchants: Rows<MerchantId, MerchantStatus>,
    standings: Rows<(MerchantId, StaffId), Standing>,
    keys: Rows<(MerchantId, ApiKeyId), Arc<api_key::Model>>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Access")
    }
}

impl Access {
    /// Nothing is held yet.
    #[must_use]
    pub fn new(app: &App) -> Self {
        Self {
            app: app.clone(),
            merchants: Rows::new(),
            standings: Rows::new(),
            keys: Rows::new(),
        }
    }

    /// Whether anybody may act for a merchant: it exists and is not closed.
    pub async fn is_open(&self, merchant_id: MerchantId) -> Result<bool, Error> {
        let read = async {
            let row = merchant::Entity::of(merchant_id)
                .one(&self.app.db.reads(merchant_id))
                .await?;
            Ok(row.map(|row| row.status))
        };
        let status = self.merchants.get(&self.app, merchant_id, read).await?;
        Ok(status.is_some_and(|status| status != MerchantStatus::Closed))
    }

    /// The standing of a member of staff in a merchant.
    pub async fn standing(
        &self,
        merchant_id: MerchantId,
        staff_id: StaffId,
    ) -> Result<Option<Standing>, Error> {
        let read = async {
            let found = colleagues(
                &self.app.db.reads(merchant_id),
                merchant_id,
                Some(vec![staff_id]),
            )
            .await?;
            Ok(found.first().map(|colleague| Standing {
                role: colleague.membership.role,
                signed_out_at: colleague.staff.signed_out_at,
            }))
        };
        self.standings
            .get(&self.app, (merchant_id, staff_id), read)
            .await
    }

    /// An API key, whatever its state.
    pub async fn api_key(
        &self,
        merchant_id: MerchantId,
        id: ApiKeyId,
    ) -> Result<Option<Arc<api_key::Model>>, Error> {
        let read = async {
            let row = api_key::Entity::of(merchant_id)
                .filter(api_key::Column::Id.eq(id))
                .one(&self.app.db.reads(merchant_id))
                .await?;
            Ok(row.map(Arc::new))
        };
        self.keys.get(&self.app, (merchant_id, id), read).await
    }

    /// Says that this instance changed an API key.
    pub fn api_keys_changed(&self) {
        self.keys.changed();
    }

    /// Says that this instance changed a membership, or signed somebody out.
    pub fn memberships_changed(&self) {
        self.standings.changed();
    }

    /// Says that this instance changed a merchant's status.
    pub fn merchants_changed(&self) {
        self.merchants.changed();
    }
}
