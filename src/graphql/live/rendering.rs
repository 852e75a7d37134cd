//! Executes a subscription along a course, and writes each answer down once.

use std::sync::Arc;

use async_graphql::{Response, ServerError};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use super::super::batching::Batches;
use super::super::gateway::{Caller, Gateway, Prepared, finish};
use super::super::panics::{self, Panicked};
use super::super::ready;
use super::{Course, Told};
use crate::auth::model::Who;
use crate::events::Cursor;

/// What is asked, for all who may see the same.
#[derive(Debug)]
pub struct Asked {
    /// The document and its variables.
    pub prepared: Prepared,
    /// What they may see, and in which language they read.
    pub caller: Caller,
}

impl Asked {
    /// What somebody asks, without who it is: what is told to many is nobody's in particular.
    pub fn for_all(prepared: Prepared, mut caller: Caller) -> Self {
        caller.info.ip = None;
        if let Some(actor) = &mut caller.actor {
            actor.who = Who::System;
        }
        Self { prepared, caller }
    }
}

/// One answer, and why it is an error, if it is one.
pub struct Rendered {
    /// As it is told.
    pub told: Told,
    /// What is wrong.
    pub errors: Vec<ServerError>,
}

impl Rendered {
    fn new(answer: Response, cursor: Option<Cursor>) -> Self {
        Self {
            told: Told {
                payload: ready::json(&answer).into(),
                cursor,
            },
            errors: answer.errors,
        }
    }
}

/// Everything along a course.
pub fn render(
    gateway: &Gateway,
    asked: &Asked,
    course: &Arc<Course>,
) -> BoxStream<'static, Rendered> {
    let batches = Batches::default();
    let mut session = gateway.session(asked.caller.clone(), &batches);
    session.insert(Arc::clone(course));
    let answers = gateway
        .schema
        .execute_stream_with_session_data(asked.prepared.request(), Arc::new(session));
    let metrics = gateway.app.metrics.clone();
    let (info, course) = (asked.caller.info.clone(), Arc::clone(course));
    let figures = metrics.clone();
    let reader = info.clone();
    let rendered = batches.drive_all(answers.boxed()).map(move |answer| {
        let handed = course.take();
        let took = handed.as_ref().map(|handed| handed.since.elapsed());
        figures.render(took, answer.is_err());
        Rendered::new(finish(answer, &reader), handed.map(|handed| handed.at))
    });
    let id = info.id.clone();
    let failures = metrics.rendering_failures.clone();
    let broken = move |panicked: Panicked| {
        failures.inc();
        Rendered::new(panicked.answer(&info), None)
    };
    panics::guarded(metrics, id, rendered, broken).boxed()
}
