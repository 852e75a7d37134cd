//! The other side of a connection: what it says, how fast it reads, whether it is still there.

use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use tokio::time::timeout;

use super::allowance::Allowance;
use super::closing::{Closing, End};
use super::message::{self, Heard};
use crate::app::App;

/// How long we wait for the other side's answer to a close, so that ours is read before the connection goes.
const LINGER: Duration = Duration::from_secs(1);

/// Pings without any sign of life, after which the other side is gone.
const UNANSWERED: u8 = 2;

/// The other side.
pub struct Peer {
    app: App,
    socket: WebSocket,
    allowance: Allowance,
    /// Pings since it was last heard of.
    unanswered: u8,
    /// Whether nothing more can be read.
    is_broken: bool,
}

impl Peer {
    /// After the handshake.
    pub fn new(app: App, socket: WebSocket) -> Self {
        let per_s = app.settings.sockets.max_messages_per_s;
        let now_ms = app.clock.now().timestamp_millis();
        Self {
            allowance: Allowance::new(per_s, now_ms),
            app,
            socket,
            unanswered: 0,
            is_broken: false,
        }
    }

    /// Whether it speaks our protocol.
    pub fn speaks(&self) -> bool {
        self.socket.protocol().is_some()
    }

    /// Its next message. Nothing is lost where the wait is broken off.
    pub async fn hear(&mut self) -> Result<Heard, End> {
        loop {
            let frame = match self.socket.recv().await {
                None => return Err(End::Gone),
                Some(Err(error)) => {
                    self.is_broken = true;
                    return Err(end_of(&error));
                }
                Some(Ok(frame)) => frame,
            };
            self.unanswered = 0;
            if !self.allowance.take(self.app.clock.now().timestamp_millis()) {
                return Err(Closing::TOO_MANY_MESSAGES.into());
            }
            match frame {
                Message::Text(text) => return Ok(message::read(&text)?),
                Message::Binary(_) => return Err(Closing::BINARY.into()),
                // Answered by the library, a close with the next read, which is the last one.
                Message::Ping(_) | Message::Pong(_) | Message::Close(_) => {}
            }
        }
    }

    /// Sends a message; whoever does not take it in time is a slow consumer.
    pub async fn say(&mut self, text: Utf8Bytes) -> Result<(), End> {
        self.send(Message::Text(text)).await
    }

    /// Asks whether it is still there; whoever has said nothing since the last but one ping is not.
    pub async fn ping(&mut self) -> Result<(), End> {
        if self.unanswered >= UNANSWERED {
            return Err(End::Gone);
        }
        self.unanswered += 1;
        self.send(Message::Ping(bytes::Bytes::new())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(self.patience(), self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(Closing::SLOW.into()),
        }
    }

    fn patience(&self) -> Duration {
        Duration::from_millis(self.app.settings.sockets.write_timeout_ms)
    }

    /// Says why, and goes. A connection that is dropped with something unread is reset, and the reason with it;
    /// so the rest is read, for a moment.
    pub async fn close(mut self, closing: Closing) {
        let frame = Message::Close(Some(closing.frame()));
        if self.send(frame).await.is_err() {
            return;
        }
        if self.is_broken {
            // The library would store what it was told is too much.
            tokio::time::sleep(LINGER).await;
            return;
        }
        let _ = timeout(LINGER, async {
            while let Some(Ok(_)) = self.socket.recv().await {}
        })
        .await;
    }
}

/// What the library says of a broken connection; it keeps its own kinds of errors to itself.
fn end_of(error: &axum::Error) -> End {
    let text = error.to_string();
    if text.contains("too long") {
        Closing::TOO_LONG.into()
    } else if text.contains("UTF-8") {
        Closing::NOT_TEXT.into()
    } else if text.starts_with("IO error") || text.contains("without closing handshake") {
        End::Gone
    } else {
        Closing::BROKEN.into()
    }
}
