//! One connection from its handshake to its end: signed in once, then operations side by side.

use std::pin::Pin;
use std::time::Duration;

use axum::extract::ws::WebSocket;
use serde_json::{Map, Value};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

use super::super::seats::Seats;
use super::super::session::{NoEntry, Session, leaving, refusal};
use super::closing::{Closing, End};
use super::message::{self, Heard};
use super::operation::Operations;
use super::peer::Peer;
use crate::error::{Error, Problem};
use crate::graphql::RequestInfo;
use crate::graphql::gateway::Gateway;
use crate::locale::Locale;
use crate::metrics::{ClosingLabels, Standing};

/// Done when this instance stops and it is the connection's turn to go.
type Leaving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One connection, to its end.
pub async fn serve(socket: WebSocket, gateway: Gateway, seats: Seats, info: RequestInfo) {
    let _standing = Standing::new(&gateway.app.metrics.sockets);
    let mut peer = Peer::new(gateway.app.clone(), socket);
    // What it holds, its seat among it, is free before the goodbye, which may take a while.
    let end = talk(&mut peer, &gateway, &seats, info).await;
    if let Err(End::Closed(closing)) = end {
        let code = closing.code;
        let closings = &gateway.app.metrics.closings;
        closings.get_or_create(&ClosingLabels { code }).inc();
        peer.close(closing).await;
    }
}

async fn talk(
    peer: &mut Peer,
    gateway: &Gateway,
    seats: &Seats,
    info: RequestInfo,
) -> Result<(), End> {
    if !peer.speaks() {
        return Err(Closing::SUBPROTOCOL.into());
    }
    let mut leaving: Leaving = Box::pin(leaving(gateway.app.clone()));
    let init = welcome(peer, gateway, &mut leaving).await?;
    let session = Box::pin(sign_in(gateway, seats, info, init)).await?;
    peer.say(message::ACK).await?;
    let mut connection = Connection {
        gateway: gateway.clone(),
        session,
        operations: Operations::default(),
        is_leaving: false,
    };
    connection.run(peer, leaving).await
}

/// Waits for `connection_init`, not for ever.
async fn welcome(
    peer: &mut Peer,
    gateway: &Gateway,
    leaving: &mut Leaving,
) -> Result<Map<String, Value>, End> {
    let limit = Duration::from_millis(gateway.app.settings.sockets.init_timeout_ms);
    let init = async {
        loop {
            match peer.hear().await? {
                Heard::Init(payload) => return Ok(payload),
                Heard::Ping(payload) => peer.say(message::pong(payload)).await?,
                Heard::Pong => {}
                Heard::Subscribe { .. } | Heard::Complete { .. } => {
                    return Err(Closing::UNAUTHORIZED.into());
                }
            }
        }
    };
    tokio::select! {
        () = leaving => Err(Closing::RESTART.into()),
        init = timeout(limit, init) => init.unwrap_or(Err(Closing::INIT_TIMEOUT.into())),
    }
}

/// Reads `{"authorization": "Bearer …", "acceptLanguage": "zh-CN"}`. Without an authorization it is nobody.
async fn sign_in(
    gateway: &Gateway,
    seats: &Seats,
    mut info: RequestInfo,
    init: Map<String, Value>,
) -> Result<Session, End> {
    if let Some(Value::String(language)) = init.get("acceptLanguage") {
        info.locale = Locale::accepted(language);
    }
    let told = init.get("authorization").or(init.get("Authorization"));
    let authorization = match told {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.as_str()),
        Some(_) => return Err(Closing::FORBIDDEN.into()),
    };
    let session = Session::open(gateway, seats, authorization, info).await;
    session.map_err(|no| match no {
        NoEntry::Stranger | NoEntry::Publishable => Closing::FORBIDDEN.into(),
        NoEntry::Full => Closing::TOO_MANY_CONNECTIONS.into(),
        NoEntry::Unknown => Closing::UNAVAILABLE.into(),
    })
}

/// A connection that is signed in.
struct Connection {
    gateway: Gateway,
    session: Session,
    operations: Operations,
    is_leaving: bool,
}

impl Connection {
    async fn run(&mut self, peer: &mut Peer, mut leaving: Leaving) -> Result<(), End> {
        let settings = &self.gateway.app.settings.sockets;
        let mut rechecks = every(settings.recheck_interval_ms);
        let mut pings = every(settings.ping_interval_ms);
        loop {
            tokio::select! {
                () = &mut leaving, if !self.is_leaving => {
                    self.is_leaving = true;
                    self.operations.end_subscriptions();
                }
                _ = rechecks.tick() => {
                    if let Some(why) = Box::pin(self.session.end(&self.gateway)).await {
                        return Err(Closing::ended(why).into());
                    }
                }
                _ = pings.tick() => peer.ping().await?,
                message = self.operations.next() => if let Some(message) = message {
                    peer.say(message).await?;
                },
                heard = peer.hear() => self.obey(peer, heard?).await?,
            }
            // What was asked before is still answered.
            if self.is_leaving && self.operations.len() == 0 {
                return Err(Closing::RESTART.into());
            }
        }
    }

    async fn obey(&mut self, peer: &mut Peer, heard: Heard) -> Result<(), End> {
        match heard {
            Heard::Init(_) => return Err(Closing::SECOND_INIT.into()),
            Heard::Ping(payload) => peer.say(message::pong(payload)).await?,
            Heard::Pong => {}
            Heard::Complete { id } => self.operations.end(&id),
            Heard::Subscribe { id, .. } if self.operations.has(&id) => {
                return Err(Closing::duplicate(&id).into());
            }
            // The client asks again where it connects next.
            Heard::Subscribe { .. } if self.is_leaving => {}
            Heard::Subscribe { id, params } => {
                let most = self.gateway.app.settings.sockets.max_operations;
                let caller = self.session.caller.clone();
                if self.operations.len() >= most {
                    let refused = refusal(too_many(most), &caller.info);
                    let id = Value::from(id).to_string();
                    return peer.say(message::error(&id, &refused.errors)).await;
                }
                let gateway = self.gateway.clone();
                self.operations.begin(gateway, caller, &id, params);
            }
        }
        Ok(())
    }
}

fn too_many(most: usize) -> Error {
    Error::LimitExceeded(Problem::new(
        format!("One connection runs {most} operations at a time: complete one first."),
        format!("每个连接最多同时运行 {most} 个操作：请先结束其中一个。"),
    ))
}

/// Ticks that keep their distance, also after one that came late.
fn every(interval_ms: u64) -> Interval {
    let interval = Duration::from_millis(interval_ms);
    let mut ticks = interval_at(Instant::now() + interval, interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
