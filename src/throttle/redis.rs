//! Buckets in Redis, which all instances share: one script takes from all of a bill's buckets or from none.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{RedisResult, Script};
use tokio::time::{Instant, timeout};

use super::model::Bill;

/// How long nobody asks Redis again after it did not answer in time.
const PAUSE: Duration = Duration::from_secs(1);

/// The arithmetic of [`super::model`]. Answers 0, or in how many milliseconds all buckets have enough. It goes
/// by Redis' own clock, which is the same for everybody. A bucket that would be full again is forgotten.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local price = tonumber(ARGV[1])
local left, wait = {}, 0
for i = 1, #KEYS do
  local burst, per_s = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local kept = redis.call('HMGET', KEYS[i], 'level', 'at')
  local level = burst * 1000
  if kept[1] and kept[2] then
    local passed = math.max(0, now - tonumber(kept[2]))
    level = math.min(level, tonumber(kept[1]) + passed * per_s)
  end
  local due = math.min(price, burst) * 1000
  if level < due then wait = math.max(wait, math.ceil((due - level) / per_s)) end
  left[i] = level - due
end
if wait > 0 then return wait end
for i = 1, #KEYS do
  local burst, per_s = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  redis.call('HSET', KEYS[i], 'level', string.format('%.0f', left[i]), 'at', string.format('%.0f', now))
  redis.call('PEXPIRE', KEYS[i], string.format('%.0f', math.ceil((burst * 1000 - left[i]) / per_s) + 1000))
end
return 0
";

/// The buckets that all instances share.
pub struct Redis {
    connection: ConnectionManager,
    script: Script,
    patience: Duration,
    paused_until: Mutex<Option<Instant>>,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redis(…)")
    }
}

impl Redis {
    /// Connects when it is first asked.
    pub fn new(url: &str, patience: Duration) -> RedisResult<Self> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_response_timeout(Some(patience))
            .set_connection_timeout(Some(Duration::from_millis(500)));
        let client = redis::Client::open(url)?;
        Ok(Self {
            connection: ConnectionManager::new_lazy_with_config(client, config)?,
            script: Script::new(TAKE),
            patience,
            paused_until: Mutex::new(None),
        })
    }

    /// Takes a bill's price from all its buckets, or from none: then in how many milliseconds it can be. No
    /// answer where Redis is slow or away, and for a second after that.
    pub async fn take(&self, bill: &Bill) -> Option<Result<(), u64>> {
        if self.is_paused() {
            return None;
        }
        let mut call = self.script.prepare_invoke();
        call.arg(bill.price);
        for (payer, limit) in &bill.buckets {
            call.key(format!("yigate:throttle:{payer}"));
            call.arg(limit.burst).arg(limit.per_s);
        }
        let mut connection = self.connection.clone();
        let told = timeout(self.patience, call.invoke_async::<u64>(&mut connection)).await;
        match told {
            Ok(Ok(0)) => Some(Ok(())),
            Ok(Ok(wait)) => Some(Err(wait)),
            Ok(Err(error)) => {
                self.pause(&error.to_string());
                None
            }
            Err(_) => {
                self.pause("no answer in time");
                None
            }
        }
    }

    fn is_paused(&self) -> bool {
        let until = *self.paused();
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Of many that waited in vain at once, one says so.
    fn pause(&self, why: &str) {
        if !self.is_paused() {
            tracing::warn!(why, "Redis is away or slow; each instance limits by itself");
        }
        *self.paused() = Some(Instant::now() + PAUSE);
    }

    fn paused(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
