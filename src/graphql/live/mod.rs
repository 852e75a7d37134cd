//! A subscription under way: what is told, written already, in order.
//!
//! Who may see the same, and asks for the same, is told the same: one execution follows the events for all
//! of them ([`group`]), and each answer is written once. A subscriber who comes back is told what lies
//! between its cursor and the others' place by an execution of its own, which ends there; so is one that
//! read too slowly for the others.

mod after;
mod course;
mod group;
mod pace;
mod rendering;

use std::sync::Arc;

use async_graphql::{Response, ServerError};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use prometheus_client::metrics::counter::Counter;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

pub use course::Course;
pub use group::Groups;

use self::after::After;
use self::group::{Group, Key};
use self::pace::Pace;
use self::rendering::Asked;
use super::gateway::{Caller, Gateway, Prepared, finish, unplaced};
use crate::error::Error;
use crate::events::Cursor;
use crate::metrics::Standing;

/// Subscriptions that begin with how things are, for who has no cursor.
const OPENING: [&str; 1] = ["todayUpdated"];

/// One answer of a subscription.
#[derive(Debug)]
pub struct Told {
    /// The answer as JSON.
    pub payload: Bytes,
    /// Where a client that has it continues; none for an error, which is the last answer.
    pub cursor: Option<Cursor>,
}

/// A subscription under way. Dropped, it ends.
pub struct Live {
    gateway: Gateway,
    group: Arc<Group>,
    /// What the others are told.
    heard: broadcast::Receiver<Arc<Told>>,
    /// What lies between its place and the others', and up to which number.
    replay: Option<(BoxStream<'static, Told>, i64)>,
    /// Who pays for what is told to it alone, and what that costs.
    payer: Caller,
    cost: u64,
    /// The number of the last event that it has been told of.
    place: i64,
    is_over: bool,
    deliveries: Counter,
    _standing: Standing,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Live(…)")
    }
}

impl Live {
    /// Begins a subscription behind the cursor `resume`, or else behind the document's `after`, or else now.
    pub(super) async fn begin(
        gateway: &Gateway,
        prepared: Prepared,
        caller: Caller,
        resume: Option<String>,
    ) -> Result<Self, Response> {
        let (payer, cost) = (caller.clone(), prepared.cost());
        let info = caller.info.clone();
        let refused = |errors: Vec<ServerError>| finish(Response::from_errors(errors), &info);
        let failed = |error: Error| refused(vec![unplaced(error)]);
        let Some(actor) = &caller.actor else {
            return Err(failed(Error::Unauthenticated));
        };
        // Read first, so that what happens from here on is told.
        let kept = gateway.app.events.kept(actor.merchant_id).await;
        let kept = kept.map_err(failed)?;
        let after = After::of(&prepared);
        let told = resume.or_else(|| after.text(&prepared));
        let opens = told.is_none()
            && After::root_name(&prepared).is_some_and(|name| OPENING.contains(&name.as_str()));
        let key = Key::of(&prepared, &caller, &after);
        let asked = Asked::for_all(prepared, caller);
        let group = gateway.groups.join(gateway, key, asked, kept.head);
        group.course.begun().await.map_err(refused)?;
        let place = told.map(|text| text.parse()).transpose();
        let place = place.and_then(|after| kept.place(after)).map_err(failed)?;
        let metrics = &gateway.app.metrics;
        let mut live = Self {
            gateway: gateway.clone(),
            heard: group.listen(),
            group,
            replay: None,
            payer,
            cost,
            place,
            is_over: false,
            deliveries: metrics.deliveries.clone(),
            _standing: Standing::new(&metrics.subscriptions),
        };
        live.catch_up(opens);
        Ok(live)
    }

    /// Looks at what the others were told before this one listened, and at how things are where it opens.
    fn catch_up(&mut self, opens: bool) {
        let reached = self.group.course.reached().max(self.place);
        if self.place < reached || opens {
            let pace = Pace::of_one(&self.gateway, self.payer.clone(), self.cost);
            let replay = self.group.replay(self.place, reached, opens, pace);
            self.replay = Some((replay, reached));
        }
    }

    /// The next answer; none where the subscription has ended. Nothing is lost where the wait is broken off.
    pub async fn next(&mut self) -> Option<Arc<Told>> {
        let told = self.find_next().await?;
        match told.cursor {
            Some(Cursor(seq)) => self.place = seq,
            None => self.is_over = true,
        }
        self.deliveries.inc();
        Some(told)
    }

    async fn find_next(&mut self) -> Option<Arc<Told>> {
        while !self.is_over {
            if let Some((replay, until)) = &mut self.replay {
                if let Some(told) = replay.next().await {
                    return Some(Arc::new(told));
                }
                self.place = self.place.max(*until);
                self.replay = None;
            }
            match self.heard.recv().await {
                // What a replay told already comes once more.
                Ok(told) if told.cursor.is_some_and(|at| at.0 <= self.place) => {}
                Ok(told) => return Some(told),
                Err(RecvError::Lagged(_)) => {
                    self.heard = self.group.listen();
                    self.catch_up(false);
                }
                Err(RecvError::Closed) => return self.group.course.ending(),
            }
        }
        None
    }
}
