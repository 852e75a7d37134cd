//! Automatic persisted queries beyond this instance: texts by their hash, in Redis. A cache: without Redis,
//! or with a slow one, an instance knows what it has prepared itself, and clients send the rest again.

use std::time::Duration;

use redis::AsyncCommands;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};

use super::{Hash, hash_of, hex};

/// How long a request waits for Redis.
const PATIENCE: Duration = Duration::from_millis(75);
/// How long Redis may take where nobody waits for it.
const LEISURE: Duration = Duration::from_secs(1);
/// How long Redis keeps a text that nobody asks for.
const LIFETIME_S: u64 = 86_400;

/// What is persisted for all instances.
#[derive(Default)]
pub struct Persisted(Option<ConnectionManager>);

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
        Self(client.and_then(|it| ConnectionManager::new_lazy_with_config(it, config).ok()))
    }

    /// The text of a hash. What does not have the hash that it is kept under is none.
    pub async fn maybe_find(&self, hash: &Hash, max_bytes: usize) -> Option<String> {
        let (mut connection, key) = (self.0.clone()?, key(hash));
        // A task of its own: a connection that is just being made is not given up with the request.
        let asked = tokio::spawn(async move {
            let expiry = redis::Expiry::EX(LIFETIME_S);
            let found: redis::RedisResult<Option<String>> = connection.get_ex(key, expiry).await;
            found
        });
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
        let Some(mut connection) = self.0.clone() else {
            return;
        };
        let (key, text) = (key(hash), text.to_owned());
        tokio::spawn(async move {
            let kept = connection.set_ex::<_, _, ()>(key, text, LIFETIME_S).await;
            if let Err(error) = kept {
                tracing::debug!(%error, "Redis did not keep a persisted query");
            }
        });
    }
}

fn key(hash: &Hash) -> String {
    format!("yigate:apq:{}", hex(hash))
}
