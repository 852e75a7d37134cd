//! Redis between instances: tells the others that a merchant has new events. Losing it loses time,
//! never an event.

use std::time::Duration;

use entity::MerchantId;
use redis::AsyncCommands;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::streams::{StreamMaxlen, StreamReadOptions, StreamReadReply};
use tokio::sync::mpsc;

use super::Events;

/// The stream that every instance writes to and reads.
const STREAM: &str = "yigate:events";
/// About how many entries Redis keeps; an instance that falls behind polls the table anyway.
const KEEP: usize = 10_000;
/// How long one read waits for something new.
const BLOCK_MS: usize = 2_000;

/// Writes to the stream, in the background, one connection for all.
#[derive(Debug)]
pub struct Publisher(mpsc::Sender<(MerchantId, i64)>);

impl Publisher {
    /// Starts the task that writes. It ends with the publisher.
    pub fn start(client: redis::Client) -> Self {
        let (sender, receiver) = mpsc::channel(10_000);
        tokio::spawn(write(client, receiver));
        Self(sender)
    }

    /// Tells the other instances; where Redis is too slow or away, they poll.
    pub fn publish(&self, merchant_id: MerchantId, head: i64) {
        let _ = self.0.try_send((merchant_id, head));
    }
}

async fn write(client: redis::Client, mut receiver: mpsc::Receiver<(MerchantId, i64)>) {
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_response_timeout(Some(Duration::from_millis(500)))
        .set_connection_timeout(Some(Duration::from_millis(500)));
    let Ok(mut connection) = ConnectionManager::new_lazy_with_config(client, config) else {
        tracing::warn!("Redis cannot be used; other instances poll");
        return;
    };
    while let Some((merchant_id, head)) = receiver.recv().await {
        let written: redis::RedisResult<String> = connection
            .xadd_maxlen(
                STREAM,
                StreamMaxlen::Approx(KEEP),
                "*",
                &[("merchant", merchant_id.0), ("head", head)],
            )
            .await;
        if let Err(error) = written {
            tracing::debug!(%error, "Redis did not take a wake-up");
        }
    }
}

/// Reads the stream for ever; a lost connection is made anew.
pub async fn listen(client: redis::Client, events: &Events) {
    loop {
        if let Err(error) = read(&client, events).await {
            tracing::warn!(%error, "Redis is away; events of other instances are polled");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn read(client: &redis::Client, events: &Events) -> redis::RedisResult<()> {
    // XREAD waits longer than the default response timeout.
    let config = redis::AsyncConnectionConfig::new()
        .set_response_timeout(None)
        .set_connection_timeout(Some(Duration::from_secs(2)));
    let mut connection = client
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    let options = StreamReadOptions::default().block(BLOCK_MS).count(500);
    let mut last = "$".to_owned();
    loop {
        let reply: Option<StreamReadReply> = tokio::time::timeout(
            Duration::from_millis(BLOCK_MS as u64 + 3_000),
            connection.xread_options(&[STREAM], &[&last], &options),
        )
        .await
        .map_err(|_| redis::RedisError::from((redis::ErrorKind::Io, "Redis does not answer")))??;
        for entry in reply
            .into_iter()
            .flat_map(|reply| reply.keys)
            .flat_map(|key| key.ids)
        {
            if let (Some(merchant), Some(head)) = (entry.get("merchant"), entry.get("head")) {
                events.learn(MerchantId(merchant), head);
            }
            last = entry.id;
        }
    }
}
