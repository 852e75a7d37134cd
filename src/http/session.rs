//! Somebody who stays connected: who they are, until when, and whether they still may be.

use std::time::Duration;

use async_graphql::{Response, ServerError};
use chrono::{DateTime, Utc};
use entity::TokenFamilyId;

use super::graphql::read_bearer;
use super::seats::{Seat, Seats};
use crate::app::App;
use crate::auth::model::Actor;
use crate::error::Error;
use crate::graphql::RequestInfo;
use crate::graphql::gateway::{Caller, Gateway, finish};

/// A live connection's holder. Dropped, their seat is free.
#[derive(Debug)]
pub struct Session {
    /// Who asks.
    pub caller: Caller,
    /// When their token ends; a key's end stands in its row.
    expires_at: Option<DateTime<Utc>>,
    /// The sign-in that their token descends from.
    sign_in: Option<TokenFamilyId>,
    _seat: Seat,
}

/// Why somebody may not stay connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoEntry {
    /// What they sent proves nothing.
    Stranger,
    /// They, or their merchant, have as many connections as they may.
    Full,
    /// They came with a publishable key, which asks and goes.
    Publishable,
    /// Who they are cannot be found out at the moment.
    Unknown,
}

impl Session {
    /// Lets somebody in by their `Bearer …`, or nobody without one, who may sign in.
    pub async fn open(
        gateway: &Gateway,
        seats: &Seats,
        authorization: Option<&str>,
        info: RequestInfo,
    ) -> Result<Self, NoEntry> {
        let (actor, expires_at, sign_in) = match authorization {
            None => (None, None, None),
            Some(text) => {
                let bearer = read_bearer(text).ok_or(NoEntry::Stranger)?;
                let known = gateway.auth.authenticate_until(bearer, info.ip).await;
                let known = known.map_err(|error| match error {
                    Error::Unauthenticated => NoEntry::Stranger,
                    _ => NoEntry::Unknown,
                })?;
                (Some(known.actor), known.expires_at, known.sign_in)
            }
        };
        if actor.as_ref().is_some_and(Actor::is_publishable) {
            return Err(NoEntry::Publishable);
        }
        let seat = seats.take(actor.as_ref(), info.ip);
        Ok(Self {
            _seat: seat.ok_or(NoEntry::Full)?,
            caller: Caller { actor, info },
            expires_at,
            sign_in,
        })
    }

    /// Why whoever signed in may no longer do what they could when they did, if so: the client finds out
    /// what it may do now when it connects again.
    pub async fn end(&self, gateway: &Gateway) -> Option<&'static str> {
        let actor = self.caller.actor.as_ref()?;
        let now = gateway.app.clock.now();
        if self.expires_at.is_some_and(|end| end <= now) {
            return Some("Token expired");
        }
        match gateway.auth.recheck(actor, self.sign_in).await {
            Ok(now) if now == *actor => None,
            // The database is away: nothing is known, nothing is cut.
            Err(Error::Database(_) | Error::Unavailable) => None,
            Ok(_) | Err(_) => Some("Access has changed"),
        }
    }
}

/// Waits until this instance stops, and then for a moment by chance: thousands of clients that are sent away
/// at once would all come to the next instance at once.
pub async fn leaving(app: App) {
    app.shutdown.cancelled().await;
    let longest = app.settings.sockets.drain_jitter_ms;
    let wait = rand::random_range(0..=longest);
    tokio::time::sleep(Duration::from_millis(wait)).await;
}

/// The answer to what was never executed.
pub fn refusal(error: Error, info: &RequestInfo) -> Response {
    let error: async_graphql::Error = error.into();
    let mut error: ServerError = error.into_server_error(async_graphql::Pos::default());
    // It lies at no place of a document.
    error.locations.clear();
    finish(Response::from_errors(vec![error]), info)
}

/// Whether an answer says that nothing was executed.
pub fn is_refused(answer: &Response) -> bool {
    answer.is_err() && answer.errors.iter().all(|error| error.path.is_empty())
}
