//! Automatic persisted queries beyond this instance: texts by their hash, in Redis. A cache: without Redis,
//! or with a slow one, an instance knows what it has prepared itself, and clients send the rest again.
//!
//! Anybody may have a text kept, so there are so many at the most: what was not asked for the longest goes
//! first. One key holds the texts, another when each was asked for last.

use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{RedisResult, Script};

use super::{Hash, hash_of, hex};

/// How long a request waits for Redis.
const PATIENCE: Duration = Duration::from_millis(75);
/// How long Redis may take where nobody waits for it.
const LEISURE: Duration = Duration::from_secs(1);
/// How long Redis keeps a text that nobody asks for.
const LIFETIME_S: u64 = 86_400;
/// How many texts Redis keeps.
const MOST: u64 = 10_000;

/// The texts by their hashes, and the hashes by when they were asked for last.
const KEYS: [&str; 2] = ["yigate:apq:texts", "yigate:apq:asked"];

/// Gives the text of a hash, or keeps the one that comes along, and then forgets what was not asked for in its lifetime and
/// what is too much: a few at a time, since each call brings one at the most. It goes by Redis' own clock.
const SCRIPT: &str = r"
local hash, lifetime, most, text = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
-- Redis may have dropped it to make room: what is left could not be counted.
if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('DEL', KEYS[1]) end
if text then
  redis.call('HSET', KEYS[1], hash, text)
else
  text = redis.call('HGET', KEYS[1], hash)
end
if text then
  redis.call('ZADD', KEYS[2], string.format('%.0f', now), hash)
  redis.call('EXPIRE', KEYS[1], lifetime)
  redis.call('EXPIRE', KEYS[2], lifetime)
end
local ended = string.format('%.0f', now - lifetime * 1000)
local old = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ended, 'LIMIT', 0, 10)
local beyond = math.min(redis.call('ZCARD', KEYS[2]) - most, 10)
if beyond > #old then old = redis.call('ZRANGE', KEYS[2], 0, beyond - 1) end
if #old > 0 then
  redis.call('HDEL', KEYS[1], unpack(old))
  redis.call('ZREM', KEYS[2], unpack(old))
end
return not ARGV[4] and text
";

/// What is persisted for all instances.
#[derive(Default)]
pub struct Persisted(Option<Shelf>);

/// Where texts are kept.
#[derive(Clone)]
struct Shelf {
    connection: ConnectionManager,
    script: Script,
}

impl std::fmt::Debug for Persisted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Persisted(…)")
    }
}

impl Persisted {
    /// Connects when it is needed first.
    pub fn new(redis: Option<&str>) -> Self {
        let client = redis.and_then(|url| redis::Client::open(url).ok());
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_response_timeout(Some(LEISURE))
            .set_connection_timeout(Some(LEISURE));
        let connection =
            client.and_then(|it| ConnectionManager::new_lazy_with_config(it, config).ok());
        Self(connection.map(|connection| Shelf {
            connection,
            script: Script::new(SCRIPT),
        }))
    }

    /// The text of a hash. What does not have the hash that it is kept under is none.
    pub async fn maybe_find(&self, hash: &Hash, max_bytes: usize) -> Option<String> {
        let (shelf, hash_text) = (self.0.clone()?, hex(hash));
        // A task of its own: a connection that is just being made is not given up with the request.
        let asked = tokio::spawn(async move { shelf.call(&hash_text, None).await });
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(Ok(text))) => text.filter(|it| it.len() <= max_bytes && hash_of(it) == *hash),
            Ok(Ok(Err(error))) => {
                tracing::debug!(%error, "Redis does not give persisted queries");
                None
            }
            Ok(Err(_)) | Err(_) => None,
        }
    }

    /// Keeps a text. Its length is bounded before. Nobody waits for it.
    pub fn keep(&self, hash: &Hash, text: &str) {
        let Some(shelf) = self.0.clone() else {
            return;
        };
        let (hash, text) = (hex(hash), text.to_owned());
        tokio::spawn(async move {
            if let Err(error) = shelf.call(&hash, Some(&text)).await {
                tracing::debug!(%error, "Redis did not keep a persisted query");
            }
        });
    }
}

impl Shelf {
    /// The text of a hash; or the one to be kept, which then is.
    async fn call(mut self, hash: &str, text: Option<&str>) -> RedisResult<Option<String>> {
        let mut call = self.script.prepare_invoke();
        for key in KEYS {
            call.key(key);
        }
        call.arg(hash).arg(LIFETIME_S).arg(MOST);
        if let Some(text) = text {
            call.arg(text);
        }
        call.invoke_async(&mut self.connection).await
    }
}
