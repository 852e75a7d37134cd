//! The operations of one connection: begun, told of in turn, ended by either side.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::types::OperationType;
use axum::extract::ws::Utf8Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, AbortHandle, Abortable, BoxStream, SelectAll};
use serde_json::Value;

use super::super::session::{is_refused, refusal};
use super::message;
use crate::error::Error;
use crate::graphql::gateway::{Caller, Gateway};
use crate::graphql::live::Live;
use crate::graphql::request::Params;

/// The operations that are under way. Each is polled when it has something to say, so that none keeps the
/// others waiting. Events are not queued here: a subscription keeps its place while the client reads.
#[derive(Default)]
pub struct Operations {
    known: Vec<Known>,
    running: SelectAll<Abortable<Saying>>,
    /// Whether subscriptions end, those that are only beginning, too.
    is_leaving: bool,
}

/// What one operation says, each with its id.
type Saying = BoxStream<'static, (Arc<str>, Said)>;

/// An operation that is under way.
struct Known {
    id: Arc<str>,
    abort: AbortHandle,
    /// Whether it is a subscription that was begun, which ends by itself only with an error.
    follows: bool,
}

/// What an operation says.
enum Said {
    /// It has become a subscription.
    Follows,
    /// A message; more come.
    More(Utf8Bytes),
    /// Its last message.
    Last(Utf8Bytes),
}

impl Operations {
    /// How many are under way.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether one of this id is under way.
    pub fn has(&self, id: &str) -> bool {
        self.known.iter().any(|known| *known.id == *id)
    }

    /// Begins one more.
    pub fn begin(&mut self, gateway: Gateway, caller: Caller, id: &str, params: Params) {
        let id: Arc<str> = Arc::from(id);
        let quoted: Arc<str> = Value::from(&*id).to_string().into();
        let asked = Box::new(Asked {
            gateway,
            caller,
            params,
        });
        let (known, said) = (Arc::clone(&id), run(quoted, asked));
        let said = said.map(move |said| (Arc::clone(&known), said)).boxed();
        let (said, abort) = stream::abortable(said);
        self.running.push(said);
        self.known.push(Known {
            id,
            abort,
            follows: false,
        });
    }

    /// The next message of any of them; waits for ever where there is none. None where one ended without a word.
    pub async fn next(&mut self) -> Option<Utf8Bytes> {
        loop {
            match self.running.next().await {
                None => return pending().await,
                Some((_, Said::More(message))) => return Some(message),
                Some((id, Said::Follows)) if self.is_leaving => {
                    self.end(&id);
                    return None;
                }
                Some((id, Said::Follows)) => {
                    let known = self.known.iter_mut().find(|known| known.id == id);
                    if let Some(known) = known {
                        known.follows = true;
                    }
                }
                Some((id, Said::Last(message))) => {
                    self.known.retain(|known| known.id != id);
                    return Some(message);
                }
            }
        }
    }

    /// Ends one, if it is under way; not a word more comes of it.
    pub fn end(&mut self, id: &str) {
        self.end_those(|known| *known.id == *id);
    }

    /// Ends all subscriptions; queries and mutations are still answered.
    pub fn end_subscriptions(&mut self) {
        self.is_leaving = true;
        self.end_those(|known| known.follows);
    }

    fn end_those(&mut self, ends: impl Fn(&Known) -> bool) {
        self.known.retain(|known| {
            let ends = ends(known);
            if ends {
                known.abort.abort();
            }
            !ends
        });
    }
}

/// What was asked, before anything was done about it.
struct Asked {
    gateway: Gateway,
    caller: Caller,
    params: Params,
}

/// How far an operation is. What is large is boxed: thousands of subscriptions stay in `Follows`.
enum Stage {
    Asked(Box<Asked>),
    Answered,
    Follows(Live),
    Over,
}

/// One operation to its end; the id is JSON already.
fn run(id: Arc<str>, asked: Box<Asked>) -> impl futures_util::Stream<Item = Said> + Send {
    stream::unfold((id, Stage::Asked(asked)), |(id, stage)| async move {
        let (said, stage) = match stage {
            Stage::Asked(asked) => Box::pin(begin(&id, *asked)).await,
            Stage::Answered => (Said::Last(message::complete(&id)), Stage::Over),
            Stage::Follows(mut live) => match live.next().await {
                Some(told) => {
                    let next = message::next(&id, &told.payload);
                    (Said::More(next), Stage::Follows(live))
                }
                None => (Said::Last(message::complete(&id)), Stage::Over),
            },
            Stage::Over => return None,
        };
        Some((said, (id, stage)))
    })
}

/// Answers a query or mutation, or begins a subscription, within the time that a request may take.
async fn begin(id: &str, asked: Asked) -> (Said, Stage) {
    let Asked {
        gateway,
        caller,
        params,
    } = asked;
    let info = caller.info.clone();
    let limit = Duration::from_millis(gateway.app.settings.http.request_timeout_ms);
    let work = async {
        let prepared = gateway.prepare(params, &caller).await?;
        if prepared.kind == OperationType::Subscription {
            let live = gateway.subscribe(prepared, caller, None).await?;
            return Ok((Said::Follows, Stage::Follows(live)));
        }
        let answer = gateway.answer(prepared, caller).await;
        if is_refused(&answer) {
            return Err(answer);
        }
        Ok((Said::More(message::answer(id, &answer)), Stage::Answered))
    };
    let refused = match tokio::time::timeout(limit, work).await {
        Ok(Ok(begun)) => return begun,
        Ok(Err(answer)) => answer,
        Err(_) => refusal(Error::Unavailable, &info),
    };
    (Said::Last(message::error(id, &refused.errors)), Stage::Over)
}
