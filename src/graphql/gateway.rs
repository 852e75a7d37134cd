//! Executes documents: adds what resolvers need, and finishes answers for the one who asked.

use std::ops::Deref;
use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType};
use async_graphql::runtime::{Timer, TokioSpawner};
use async_graphql::{Data, Executor, Request, Response, ServerError};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use futures_util::task::Spawn;
use moka::sync::Cache;

use super::batching::{AfterYield, AtOnce, Batches};
use super::context::RequestInfo;
use super::document;
use super::limits;
use super::schema::{Schema, build};
use crate::app::App;
use crate::auth::model::Actor;
use crate::auth::service::Auth;
use crate::channels::loader::ChannelLoader;
use crate::channels::providers::Providers;
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
        let mut schema = build()
            .data(app.clone())
            .data(auth.clone())
            .data(providers.clone())
            // Weighed before; the library's own default is lower.
            .limit_recursive_depth(document::NESTING);
        if !app.settings.http.introspection {
            schema = schema.disable_introspection().disable_suggestions();
        }
        Self(Arc::new(Parts {
            app,
            auth,
            providers,
            schema: schema.finish(),
            documents: Cache::builder()
                .max_capacity(DOCUMENT_BYTES)
                .weigher(|text: &Arc<str>, _| u32::try_from(text.len()).unwrap_or(u32::MAX))
                .build(),
        }))
    }

    /// Answers one query or mutation.
    pub async fn answer(&self, request: Request, caller: Caller) -> Response {
        let info = caller.info.clone();
        let batches = Batches::default();
        let request = match self.parsed(request) {
            Ok(request) => request,
            Err(error) => return finish(Response::from_errors(vec![error]), &info),
        };
        let mut request = request;
        if let Some(actor) = &caller.actor {
            let spawner = || batches.clone();
            insert_loaders(&mut request.data, &self.app, actor, spawner, AtOnce);
            request = request.data(actor.clone());
        }
        let request = request.data(caller.info);
        let response = batches.drive(self.schema.execute(request)).await;
        finish(response, &info)
    }

    /// What a connection's subscriptions find in their context.
    #[must_use]
    pub fn session(&self, caller: Caller) -> Data {
        let mut data = Data::default();
        if let Some(actor) = caller.actor {
            let spawner = TokioSpawner::current;
            insert_loaders(&mut data, &self.app, &actor, spawner, AfterYield);
            data.insert(actor);
        }
        data.insert(caller.info);
        data
    }

    /// Whether a request changes anything: such a one does not come by GET.
    #[must_use]
    pub fn is_mutation(&self, request: &Request) -> bool {
        let Ok(document) = self.document(&request.query) else {
            return false;
        };
        let wanted = request.operation_name.as_deref();
        let changes = |operation: OperationType| operation != OperationType::Query;
        match &document.operations {
            DocumentOperations::Single(operation) => changes(operation.node.ty),
            DocumentOperations::Multiple(operations) => operations
                .iter()
                .filter(|(name, _)| wanted.is_none_or(|wanted| wanted == name.as_str()))
                .any(|(_, operation)| changes(operation.node.ty)),
        }
    }

    fn parsed(&self, mut request: Request) -> Result<Request, ServerError> {
        let document = self.document(&request.query)?;
        request.set_parsed_query(ExecutableDocument::clone(&document));
        Ok(request)
    }

    /// A document, parsed now or before.
    fn document(&self, text: &str) -> Result<Arc<ExecutableDocument>, ServerError> {
        if let Some(known) = self.documents.get(text) {
            return Ok(known);
        }
        limits::check(text).map_err(unplaced)?;
        let mut document = async_graphql::parser::parse_query(text).map_err(ServerError::from)?;
        document::prepare(&mut document).map_err(unplaced)?;
        let document = Arc::new(document);
        self.documents
            .insert(Arc::from(text), Arc::clone(&document));
        Ok(document)
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

/// The gateway as the WebSocket protocol drives it: every answer is finished, those of a subscription
/// one by one.
impl Executor for Gateway {
    async fn execute(&self, request: Request) -> Response {
        match self.parsed(request) {
            Ok(request) => self.schema.execute(request).await,
            Err(error) => Response::from_errors(vec![error]),
        }
    }

    fn execute_stream(
        &self,
        request: Request,
        session: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        let info = session.as_ref().and_then(|data| {
            let info = data.get(&std::any::TypeId::of::<RequestInfo>())?;
            info.downcast_ref::<RequestInfo>().cloned()
        });
        let info = info.unwrap_or_else(|| RequestInfo {
            id: String::new(),
            locale: crate::locale::Locale::default(),
            ip: None,
        });
        match self.parsed(request) {
            Err(error) => {
                let response = finish(Response::from_errors(vec![error]), &info);
                futures_util::stream::iter([response]).boxed()
            }
            Ok(request) => self
                .schema
                .execute_stream_with_session_data(request, session.unwrap_or_default())
                .map(move |response| finish(response, &info))
                .boxed(),
        }
    }
}
