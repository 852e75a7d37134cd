//! Executes documents: adds what resolvers need, and finishes answers for the one who asked.

use std::ops::Deref;
use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType};
use async_graphql::runtime::{Timer, TokioSpawner};
use async_graphql::{Data, Request, Response, ServerError, Variables};
use entity::EventId;
use futures_util::StreamExt;
use futures_util::task::Spawn;
use moka::sync::Cache;

use super::batching::{AfterYield, AtOnce, Batches};
use super::context::RequestInfo;
use super::document;
use super::fields::{Fields, Sampled};
use super::introspection;
use super::limits;
use super::live::Live;
use super::panics;
use super::request::Params;
use super::schema::{Schema, build};
use super::watch::{self, Watch};
use crate::app::App;
use crate::auth::model::Actor;
use crate::auth::service::Auth;
use crate::channels::loader::ChannelLoader;
use crate::channels::providers::Providers;
use crate::crash;
use crate::error::Error;
use crate::fees::loader::FeeLoader;
use crate::ledger::loader::LedgerLoader;
use crate::orders::loader::OrderLoader;
use crate::reconciliation::loader::RunLoader;
use crate::refunds::loader::RefundLoader;
use crate::settlements::loader::SettlementLoader;

/// How much text of parsed documents is kept: clients send the same few again and again. A parsed document
/// weighs some thirty times its text.
const DOCUMENT_BYTES: u64 = 2_000_000;

/// How many errors an answer tells: whoever has more mends the first ones first.
const ERRORS: usize = 20;

/// Everything that answers GraphQL. A clone is cheap.
#[derive(Clone)]
pub struct Gateway(Arc<Parts>);

/// The parts of a [`Gateway`], which dereferences to them.
pub struct Parts {
    /// What every request shares.
    pub app: App,
    /// Who is asking.
    pub auth: Auth,
    /// The payment platforms.
    pub providers: Providers,
    schema: Schema,
    sampled: Option<Sampled>,
    documents: Cache<Arc<str>, Arc<ExecutableDocument>>,
}

impl Deref for Gateway {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gateway(…)")
    }
}

/// Who asks, and how.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Nobody before signing in.
    pub actor: Option<Actor>,
    /// The rest.
    pub info: RequestInfo,
}

impl Gateway {
    /// Puts the schema together.
    #[must_use]
    pub fn new(app: App, auth: Auth, providers: Providers) -> Self {
        let schema = || {
            build()
                .data(app.clone())
                .data(auth.clone())
                .data(providers.clone())
                // Weighed before; the library's own default is lower.
                .limit_recursive_depth(document::NESTING)
                // They would tell names to who may not see the schema.
                .disable_suggestions()
        };
        let plain = schema().finish();
        let per_mille = app.settings.telemetry.sampled_per_mille;
        let sampled = Sampled::new(per_mille, || {
            schema().extension(Fields).data(Fields).finish()
        });
        Self(Arc::new(Parts {
            app,
            auth,
            providers,
            schema: plain,
            sampled,
            documents: Cache::builder()
                .max_capacity(DOCUMENT_BYTES)
                .weigher(|text: &Arc<str>, _| u32::try_from(text.len()).unwrap_or(u32::MAX))
                .build(),
        }))
    }

    /// A name for a request, in errors and logs.
    #[must_use]
    pub fn request_id(&self) -> String {
        let id: EventId = self.app.ids.next();
        id.to_string().replacen(EventId::PREFIX, "req", 1)
    }

    /// Finds out what a request asks for; what cannot be meant, would cost too much, or shows what the caller
    /// may not see is refused here, before anything is executed.
    pub async fn prepare(&self, params: Params, caller: &Caller) -> Result<Prepared, Response> {
        let refused = match self.read(params, caller).await {
            Ok(prepared) => match self.open_to(&prepared, caller) {
                Ok(()) => return Ok(prepared),
                Err(error) => finish(Response::from_errors(vec![unplaced(error)]), &caller.info),
            },
            Err(refused) => refused,
        };
        watch::refused(&self.app, &refused);
        Err(refused)
    }

    /// Refuses to show the schema to whoever may not see it.
    fn open_to(&self, prepared: &Prepared, caller: &Caller) -> Result<(), Error> {
        let setting = self.app.settings.http.introspection;
        let allowed = introspection::check(setting, caller.actor.as_ref());
        allowed.or_else(|error| {
            if introspection::asks_for_schema(&prepared.document) {
                Err(error)
            } else {
                Ok(())
            }
        })
    }

    async fn read(&self, mut params: Params, caller: &Caller) -> Result<Prepared, Response> {
        let refused = |error| finish(Response::from_errors(vec![error]), &caller.info);
        let document = self.document(params.query.as_deref().unwrap_or_default());
        let document = document.map_err(refused)?;
        let kind = kind_of(&document, params.operation_name.as_deref());
        Ok(Prepared {
            document,
            kind,
            variables: params.take_variables(),
            operation_name: params.operation_name,
        })
    }

    /// Answers one query or mutation.
    pub async fn answer(&self, prepared: Prepared, caller: Caller) -> Response {
        let watch = Watch::begin(&self.app, &prepared, &caller);
        watch.answer(self.execute(prepared, caller)).await
    }

    async fn execute(&self, prepared: Prepared, caller: Caller) -> Response {
        crash::panic_in("operation", &caller.info.id);
        let info = caller.info.clone();
        let batches = Batches::default();
        let mut request = prepared.request();
        if let Some(actor) = &caller.actor {
            let spawner = || batches.clone();
            insert_loaders(&mut request.data, &self.app, actor, spawner, AtOnce);
            request = request.data(actor.clone());
        }
        let request = request.data(caller.info);
        let sampled = self.sampled.as_ref().and_then(Sampled::turn);
        let schema = sampled.unwrap_or(&self.schema);
        let response = batches.drive(schema.execute(request)).await;
        finish(response, &info)
    }

    /// Begins a subscription. `resume` is the cursor to continue behind, where it is not in the document.
    pub async fn subscribe(
        &self,
        prepared: Prepared,
        caller: Caller,
        resume: Option<String>,
    ) -> Result<Live, Response> {
        let watch = Watch::begin(&self.app, &prepared, &caller);
        watch.stands(self.follow(prepared, caller, resume)).await
    }

    async fn follow(
        &self,
        prepared: Prepared,
        caller: Caller,
        resume: Option<String>,
    ) -> Result<Live, Response> {
        let _ = resume;
        let info = caller.info.clone();
        let session = Arc::new(self.session(caller));
        let reader = info.clone();
        let answers = self
            .schema
            .execute_stream_with_session_data(prepared.request(), session)
            .map(move |response| finish(response, &reader));
        let answers = panics::guarded(self.app.metrics.clone(), info, answers);
        Ok(Live::of(answers.boxed()))
    }

    /// What a connection's subscriptions find in their context.
    fn session(&self, caller: Caller) -> Data {
        let mut data = Data::default();
        if let Some(actor) = caller.actor {
            let spawner = TokioSpawner::current;
            insert_loaders(&mut data, &self.app, &actor, spawner, AfterYield);
            data.insert(actor);
        }
        data.insert(caller.info);
        data
    }

    /// A document, parsed now or before.
    fn document(&self, text: &str) -> Result<Arc<ExecutableDocument>, ServerError> {
        if let Some(known) = self.documents.get(text) {
            self.app.metrics.document_hits.inc();
            return Ok(known);
        }
        self.app.metrics.document_misses.inc();
        limits::check(text).map_err(unplaced)?;
        let mut document = async_graphql::parser::parse_query(text).map_err(ServerError::from)?;
        document::prepare(&mut document).map_err(unplaced)?;
        let document = Arc::new(document);
        self.documents
            .insert(Arc::from(text), Arc::clone(&document));
        Ok(document)
    }
}

/// What a request asks for, ready to be executed.
#[derive(Debug)]
pub struct Prepared {
    document: Arc<ExecutableDocument>,
    /// Whether it asks, changes, or follows.
    pub kind: OperationType,
    operation_name: Option<String>,
    variables: Variables,
}

impl Prepared {
    /// What it costs.
    #[must_use]
    pub fn cost(&self) -> u64 {
        1
    }

    /// The operation's name, where it has one.
    #[must_use]
    pub fn operation_name(&self) -> Option<&str> {
        let wanted = self.operation_name.as_deref();
        match &self.document.operations {
            DocumentOperations::Single(_) => wanted,
            DocumentOperations::Multiple(operations) if operations.len() == 1 => {
                operations.keys().next().map(|name| name.as_str())
            }
            DocumentOperations::Multiple(_) => wanted,
        }
    }

    fn request(self) -> Request {
        let mut request = Request::new("").variables(self.variables);
        request.operation_name = self.operation_name;
        request.set_parsed_query(ExecutableDocument::clone(&self.document));
        request
    }
}

/// What an operation is. Where nobody can say which is meant, it is one that changes nothing, if there is
/// none but such: the executor refuses it anyway.
fn kind_of(document: &ExecutableDocument, wanted: Option<&str>) -> OperationType {
    match &document.operations {
        DocumentOperations::Single(operation) => operation.node.ty,
        DocumentOperations::Multiple(operations) => operations
            .iter()
            .filter(|(name, _)| wanted.is_none_or(|wanted| wanted == name.as_str()))
            .map(|(_, operation)| operation.node.ty)
            .find(|kind| *kind != OperationType::Query)
            .unwrap_or(OperationType::Query),
    }
}

/// An error that lies at no place of a document.
fn unplaced(error: Error) -> ServerError {
    let error = async_graphql::Error::from(error);
    let mut error = error.into_server_error(async_graphql::Pos::default());
    error.locations.clear();
    error
}

/// What batches a request's reads, each of the actor's merchant alone.
fn insert_loaders<S: Spawn + Send + Sync + 'static>(
    data: &mut Data,
    app: &App,
    actor: &Actor,
    spawner: impl Fn() -> S,
    timer: impl Timer + Copy,
) {
    let (app, merchant_id) = (app.clone(), actor.merchant_id);
    macro_rules! insert {
        ($($loader:ident),* $(,)?) => {$(
            let loader = $loader { app: app.clone(), merchant_id };
            data.insert(DataLoader::new(loader, spawner(), timer));
        )*};
    }
    insert!(
        OrderLoader,
        ChannelLoader,
        RefundLoader,
        RunLoader,
        FeeLoader,
        LedgerLoader,
        SettlementLoader,
    );
}

/// Finishes an answer: errors in the reader's language, with code and request id; faults of ours are
/// logged, once, and not told.
#[must_use]
pub fn finish(mut response: Response, info: &RequestInfo) -> Response {
    response.errors.truncate(ERRORS);
    for error in &mut response.errors {
        let known = error.source::<Error>().cloned();
        if let Some(known) = &known {
            error.message = known.message(info.locale);
            match known {
                Error::Internal(what) => {
                    tracing::error!(request_id = info.id, error = %what, "internal error");
                }
                Error::Database(source) => {
                    tracing::error!(request_id = info.id, error = %source, "database error");
                }
                _ => {}
            }
        }
        let extensions = error.extensions.get_or_insert_default();
        if known.is_none() && extensions.get("code").is_none() {
            extensions.set("code", "BAD_USER_INPUT");
        }
        extensions.set("requestId", info.id.as_str());
    }
    response
}
