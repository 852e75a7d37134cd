//! From where to where one execution follows the events, and how far it is.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use async_graphql::ServerError;
use tokio::sync::watch;

use super::Told;
use super::pace::Pace;
use crate::events::Cursor;

/// Whether an execution has come to its events.
#[derive(Debug)]
enum Start {
    /// Nobody knows yet.
    Waiting,
    /// It follows them.
    Begun,
    /// It was refused before.
    Refused(Vec<ServerError>),
}

/// An event that is being executed.
#[derive(Debug)]
pub(super) struct Handed {
    /// Its place.
    pub at: Cursor,
    /// When its execution began.
    pub since: Instant,
}

/// The course of one execution. Its resolver says how far it is; who executes it reads that.
#[derive(Debug)]
pub struct Course {
    /// It begins behind this number.
    pub after: i64,
    /// The last number that it looks at; without one it has no end.
    pub until: Option<i64>,
    /// Whether it begins with how things are.
    pub opens: bool,
    /// How fast it may go.
    pub(in crate::graphql) pace: Pace,
    start: watch::Sender<Start>,
    /// What the resolver has handed on and is not executed yet.
    handed: Mutex<VecDeque<Handed>>,
    reached: AtomicI64,
    ending: OnceLock<Arc<Told>>,
}

impl Course {
    /// A course behind a number.
    pub(super) fn new(after: i64, until: Option<i64>, pace: Pace) -> Self {
        Self {
            after,
            until,
            opens: false,
            pace,
            start: watch::Sender::new(Start::Waiting),
            handed: Mutex::default(),
            reached: AtomicI64::new(after),
            ending: OnceLock::new(),
        }
    }

    /// The same, which begins with how things are.
    pub(super) fn opening(self) -> Self {
        Self {
            opens: true,
            ..self
        }
    }

    /// The resolver follows the events.
    pub fn begin(&self) {
        self.start.send_replace(Start::Begun);
    }

    /// The resolver hands on what is told of an event.
    pub fn hand_on(&self, at: Cursor) {
        let since = Instant::now();
        self.handed().push_back(Handed { at, since });
    }

    /// The event that the next answer is about; none where it is an error instead.
    pub(super) fn take(&self) -> Option<Handed> {
        self.handed().pop_front()
    }

    fn handed(&self) -> std::sync::MutexGuard<'_, VecDeque<Handed>> {
        self.handed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything up to a number is told, or needs no word. Said before the last of it is published: who
    /// listens first and asks for this afterwards has a gap nowhere.
    pub fn reach(&self, seq: i64) {
        self.reached.fetch_max(seq, Ordering::SeqCst);
    }

    /// Up to which number everything is told, or about to be told to who listens.
    pub(super) fn reached(&self) -> i64 {
        self.reached.load(Ordering::SeqCst)
    }

    /// Whether everything was looked at.
    #[must_use]
    pub fn is_done(&self, seq: i64) -> bool {
        self.until.is_some_and(|until| seq >= until)
    }

    /// Waits until it is known whether the execution follows the events, or why not.
    pub(super) async fn begun(&self) -> Result<(), Vec<ServerError>> {
        let mut start = self.start.subscribe();
        let known = start.wait_for(|start| !matches!(start, Start::Waiting));
        match known.await.as_deref() {
            Ok(Start::Refused(errors)) => Err(errors.clone()),
            // The sender lives here.
            _ => Ok(()),
        }
    }

    /// The execution is over: with an answer that is about no event, or without one.
    pub(super) fn end(&self, last: Option<(Told, Vec<ServerError>)>) {
        self.start.send_if_modified(|start| {
            let is_first = matches!(start, Start::Waiting);
            if is_first {
                *start = match &last {
                    Some((_, errors)) => Start::Refused(errors.clone()),
                    None => Start::Begun,
                };
            }
            is_first
        });
        if let Some((told, _)) = last {
            let _ = self.ending.set(Arc::new(told));
        }
    }

    /// The answer that it ended with, if it did with one.
    pub(super) fn ending(&self) -> Option<Arc<Told>> {
        self.ending.get().cloned()
    }
}
