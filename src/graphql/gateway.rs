//! Executes documents: adds what resolvers need, and finishes answers for the one who asked.

use std::ops::Deref;
use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType};
use async_graphql::runtime::{Timer, TokioSpawner};
use async_graphql::{Data, Request, Response, ServerError, Variables};
use futures_util::StreamExt;
use futures_util::task::Spawn;
use moka::sync::Cache;

use super::batching::{AfterYield, AtOnce, Batches};
use super::context::RequestInfo;
use super::document;
use super::limits;
use super::live::Live;
use super::request::Params;
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
use crate::throttle::Throttle;

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
    pub(super) throttle: Throttle,
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
            throttle: Throttle::new(&app),
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

    /// Finds out what a request asks for; what cannot be meant, or would cost too much, is refused here,
    /// before anything is executed.
    pub async fn prepare(&self, mut params: Params, caller: &Caller) -> Result<Prepared, Response> {
        let refused = |error| finish(Response::from_errors(vec![error]), &caller.info);
        self.knock(caller)
            .await
            .map_err(|error| refused(unplaced(error)))?;
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
        let info = caller.info.clone();
        let _turn = match self.admit(&caller, prepared.cost()).await {
            Ok(turn) => turn,
            Err(error) => return finish(Response::from_errors(vec![unplaced(error)]), &info),
        };
        let batches = Batches::default();
        let mut request = prepared.request();
        if let Some(actor) = &caller.actor {
            let spawner = || batches.clone();
            insert_loaders(&mut request.data, &self.app, actor, spawner, AtOnce);
            request = request.data(actor.clone());
        }
        let request = request.data(caller.info);
        let response = batches.drive(self.schema.execute(request)).await;
        finish(response, &info)
    }

    /// Begins a subscription. `resume` is the cursor to continue behind, where it is not in the document.
    pub async fn subscribe(
        &self,
        prepared: Prepared,
        caller: Caller,
        resume: Option<String>,
    ) -> Result<Live, Response> {
        let _ = resume;
        let info = caller.info.clone();
        if let Err(error) = self.charge(&caller, prepared.cost()).await {
            return Err(finish(Response::from_errors(vec![unplaced(error)]), &info));
        }
        let session = Arc::new(self.session(caller));
        let answers = self
            .schema
            .execute_stream_with_session_data(prepared.request(), session)
            .map(move |response| finish(response, &info))
            .boxed();
        Ok(Live::of(answers))
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
    /// What executing it costs.
    #[must_use]
    pub fn cost(&self) -> u64 {
        1
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
