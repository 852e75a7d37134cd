//! The mutations of exports.

use async_graphql::{Context, Object};
use entity::export;

use super::inputs::{ExportCancelInput, ExportCreateInput};
use super::object::Export;
use crate::auth::model::Scope;
use crate::error::{Error, Failure, Problem};
use crate::exports::model::{CancelRefusal, CreateRefusal, List};
use crate::exports::service;
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};
use crate::idempotency;
use crate::members::model::MemberSort;
use crate::members::schema::{Seeker, may_seek};
use crate::orders::schema::query::{may_ask, reading};

payload! {
    /// What `exportCreate` did.
    ExportCreatePayload {
        /// The export: QUEUED, or whatever became of it where the same was sent before.
        export: Lean<Export>,
    }
    /// Why an export is not made.
    ExportCreateError / ExportCreateErrorCode from CreateRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// Too many exports wait already; the message says how many may.
        QueueFull,
        /// Too many files are kept already; the message says how many may be.
        TooMany,
        /// The files that are kept take as much room as they may.
        NoSpace,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}

payload! {
    /// What `exportCancel` did.
    ExportCancelPayload {
        /// The export, CANCELED.
        export: Lean<Export>,
    }
    /// Why an export was not called off.
    ExportCancelError / ExportCancelErrorCode from CancelRefusal {
        /// There is no such export.
        NotFound,
        /// It is over already.
        Over,
    }
}

/// The mutations of exports.
#[derive(Debug, Default)]
pub struct ExportMutation;

#[Object]
impl ExportMutation {
    /// Has a list written into a file, in the background 申请导出: follow it with `exportUpdated`, and download it
    /// at its `url`. Needs `exports:write`, and the scopes of the list.
    #[graphql(guard = "Needs(Scope::ExportsWrite)")]
    async fn export_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is written.")] input: ExportCreateInput,
    ) -> Result<ExportCreatePayload, Error> {
        let told = |row: export::Model| ExportCreatePayload {
            export: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        let refused = |refusal| ExportCreatePayload::refused(&refusal, ctx.locale());
        answer(create(ctx, input).await, told, refused)
    }

    /// Calls an export off that is not over 取消导出; what was written of it is removed. Needs `exports:write`.
    #[graphql(guard = "Needs(Scope::ExportsWrite)")]
    async fn export_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: ExportCancelInput,
    ) -> Result<ExportCancelPayload, Error> {
        let refused = |refusal| ExportCancelPayload::refused(&refusal, ctx.locale());
        let Ok(id) = read_id("exportId", &input.export_id) else {
            return Ok(refused(CancelRefusal::NotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::cancel(&app, &actor, id).await });
        let told = |row: export::Model| ExportCancelPayload {
            export: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }
}

async fn create(
    ctx: &Context<'_>,
    input: ExportCreateInput,
) -> Result<export::Model, Failure<CreateRefusal>> {
    let reading = reading(ctx).await?;
    let key = input.idempotency_key.clone();
    idempotency::check(&key).map_err(invalid)?;
    let seeker = Seeker::of(ctx)?;
    let draft = input.read(&reading, &seeker, ctx.locale());
    let draft = draft.map_err(invalid)?;
    match &draft.list {
        List::Orders { filter, .. } => may_ask(ctx, filter)?,
        List::Members(filter) => may_seek(ctx, filter, MemberSort::default())?,
        _ => {}
    }
    let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
    ctx.app()
        .finish(async move { service::create(&app, &actor, &key, &draft).await })
        .await?
}

/// What cannot be meant is the asker's to mend: it stands in `userErrors`.
fn invalid(error: Error) -> Failure<CreateRefusal> {
    match error {
        Error::BadInput { field, problem } => Failure::Refused(CreateRefusal::Invalid {
            problem: Problem::new(
                format!("`{field}` {}", problem.en),
                format!("`{field}` {}", problem.zh),
            ),
            field,
        }),
        other => Failure::Failed(other),
    }
}
