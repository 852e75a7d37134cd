//! Executes documents: adds what resolvers need, and finishes answers for the one who asked.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use async_graphql::dataloader::DataLoader;
use async_graphql::parser::types::OperationType;
use async_graphql::{Data, Response, ServerError, ValidationMode, value};
use entity::EventId;

pub use super::document::Prepared;
pub(super) use super::document::unplaced;

use super::batching::{AtOnce, Batches};
use super::context::RequestInfo;
use super::document::{self, Documents, ManifestError};
use super::fields::{Fields, Sampled};
use super::introspection;
use super::live::{Groups, Live};
use super::panics::caught;
use super::request::Params;
use super::schema::{Schema, build};
use super::watch::{self, Watch};
use crate::app::App;
use crate::auth::loader::PeopleLoader;
use crate::auth::model::Actor;
use crate::auth::service::Auth;
use crate::bank_accounts::loader::BankAccountLoader;
use crate::campaigns::loader::CampaignLoader;
use crate::channels::loader::ChannelLoader;
use crate::channels::providers::Providers;
use crate::checkout::loader::RedemptionLoader;
use crate::coupons::loader::CouponLoader;
use crate::crash;
use crate::demo::inbox::Inbox;
use crate::error::Error;
use crate::fees::loader::FeeLoader;
use crate::health::loader::{HealthChangeLoader, IncidentLoader};
use crate::ledger::loader::LedgerLoader;
use crate::members::loader::MemberLoader;
use crate::orders::loader::OrderLoader;
use crate::payouts::loader::PayoutLoader;
use crate::points::loader::PointsLoader;
use crate::reconciliation::loader::RunLoader;
use crate::refunds::loader::RefundLoader;
use crate::segments::loader::SegmentLoader;
use crate::settlements::loader::SettlementLoader;
use crate::statistics::schema::kept::Answers;
use crate::throttle::Throttle;
use crate::tiers::loader::TierLoader;
use crate::webhooks::courier::Courier;
use crate::webhooks::loader::WebhookLoader;

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
    /// What brings webhooks to merchants' servers.
    pub courier: Courier,
    /// Where the demo's shops are sent webhooks; elsewhere than in the demo it is never set.
    pub inbox: OnceLock<Inbox>,
    pub(super) throttle: Throttle,
    pub(super) schema: Schema,
    sampled: Option<Sampled>,
    pub(super) groups: Groups,
    documents: Documents,
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
    /// Puts the schema together, and reads the trusted documents.
    pub fn new(
        app: App,
        auth: Auth,
        providers: Providers,
        courier: Courier,
    ) -> Result<Self, ManifestError> {
        let documents = Documents::new(&app.settings, app.metrics.clone())?;
        let answers = Answers::new(app.settings.statistics.answer_cache_bytes);
        let schema = || {
            build()
                .data(app.clone())
                .data(auth.clone())
                .data(providers.clone())
                .data(answers.clone())
                .data(courier.clone())
                // Documents are validated when they are prepared, to the letter and once each.
                .validation_mode(ValidationMode::Fast)
                .limit_recursive_depth(document::nesting(&app.settings.documents))
                // They would tell names to who may not see the schema.
                .disable_suggestions()
        };
        let plain = schema().finish();
        let per_mille = app.settings.telemetry.sampled_per_mille;
        let sampled = Sampled::new(per_mille, || {
            schema().extension(Fields).data(Fields).finish()
        });
        Ok(Self(Arc::new(Parts {
            throttle: Throttle::new(&app),
            app,
            auth,
            providers,
            courier,
            inbox: OnceLock::new(),
            schema: plain,
            sampled,
            groups: Groups::default(),
            documents,
        })))
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
        let read = caught(&self.app.metrics, self.read(params, caller)).await;
        let answer = match read {
            Ok(Ok(prepared)) => return Ok(prepared),
            Ok(Err(errors)) => finish(Response::from_errors(errors), &caller.info),
            Err(panicked) => panicked.answer(&caller.info),
        };
        watch::refused(&self.app, &answer);
        Err(answer)
    }

    async fn read(&self, params: Params, caller: &Caller) -> Result<Prepared, Vec<ServerError>> {
        crash::panic_in("preparing", &caller.info.id);
        self.knock(caller).map_err(|error| vec![unplaced(error)])?;
        let prepared = self.look(params, caller).await;
        if prepared.is_err() {
            self.turn_away(caller).await;
        }
        prepared
    }

    async fn look(&self, params: Params, caller: &Caller) -> Result<Prepared, Vec<ServerError>> {
        let refused = |error| vec![unplaced(error)];
        let prepared = self.documents.prepare(params).await?;
        let is_publishable = caller.actor.as_ref().is_some_and(Actor::is_publishable);
        if is_publishable && prepared.kind != OperationType::Query {
            return Err(refused(introspection::not_publishable()));
        }
        if prepared.introspects() {
            let setting = self.app.settings.http.introspection;
            introspection::check(setting, caller.actor.as_ref()).map_err(refused)?;
        }
        Ok(prepared)
    }

    /// Answers one query or mutation.
    pub async fn answer(&self, prepared: Prepared, caller: Caller) -> Response {
        let watch = Watch::begin(&self.app, &prepared, &caller);
        watch.answer(self.execute(prepared, caller)).await
    }

    async fn execute(&self, prepared: Prepared, caller: Caller) -> Response {
        crash::panic_in("operation", &caller.info.id);
        let info = caller.info.clone();
        let _turn = match self.admit(&caller, &prepared).await {
            Ok(turn) => turn,
            Err(error) => return finish(Response::from_errors(vec![unplaced(error)]), &info),
        };
        let batches = Batches::default();
        let told = prepared.tells_cost().then(|| prepared.cost());
        let mut request = prepared.request();
        request.data = self.session(caller, &batches);
        let sampled = self.sampled.as_ref().and_then(Sampled::turn);
        let schema = sampled.unwrap_or(&self.schema);
        let mut response = batches.drive(schema.execute(request)).await;
        if let Some(cost) = told {
            let budget = self.app.settings.documents.max_cost;
            let told = value!({ "requested": cost, "budget": budget });
            response = response.extension("cost", told);
        }
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
        if let Err(error) = self.pay(&caller, &prepared).await {
            let refused = Response::from_errors(vec![unplaced(error)]);
            return Err(finish(refused, &caller.info));
        }
        Live::begin(self, prepared, caller, resume).await
    }

    /// What resolvers find in their context.
    pub(super) fn session(&self, caller: Caller, batches: &Batches) -> Data {
        let mut data = Data::default();
        if let Some(actor) = caller.actor {
            insert_loaders(&mut data, &self.app, &actor, batches);
            data.insert(actor.from_origin(caller.info.origin()));
        }
        data.insert(caller.info);
        data
    }
}

/// What batches a request's reads, each of the actor's merchant alone.
fn insert_loaders(data: &mut Data, app: &App, actor: &Actor, batches: &Batches) {
    let (app, merchant_id) = (app.clone(), actor.merchant_id);
    macro_rules! insert {
        ($($loader:ident),* $(,)?) => {$(
            let loader = $loader { app: app.clone(), merchant_id };
            data.insert(DataLoader::new(loader, batches.clone(), AtOnce));
        )*};
    }
    insert!(
        OrderLoader,
        ChannelLoader,
        RefundLoader,
        PayoutLoader,
        HealthChangeLoader,
        RunLoader,
        FeeLoader,
        LedgerLoader,
        SettlementLoader,
        IncidentLoader,
        BankAccountLoader,
        WebhookLoader,
        CampaignLoader,
        PeopleLoader,
        MemberLoader,
        SegmentLoader,
        RedemptionLoader,
        CouponLoader,
        TierLoader,
        PointsLoader,
    );
}

/// Finishes an answer: errors in the reader's language, with code and request id; faults of ours are
/// logged, once, and not told. One that many subscribers are told was finished for the first of them already.
#[must_use]
pub fn finish(mut response: Response, info: &RequestInfo) -> Response {
    response.errors.truncate(ERRORS);
    for error in &mut response.errors {
        let extensions = error.extensions.as_ref();
        let is_logged = extensions.is_some_and(|it| it.get("requestId").is_some());
        let known = error.source::<Error>().cloned();
        if let Some(known) = &known {
            error.message = known.message(info.locale);
            if !is_logged {
                log(known, info);
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

/// A line in the log where it is a fault of ours.
fn log(error: &Error, info: &RequestInfo) {
    match error {
        Error::Internal(what) => {
            tracing::error!(request_id = info.id, error = %what, "internal error");
        }
        Error::Database(source) => {
            tracing::error!(request_id = info.id, error = %source, "database error");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Mutex, PoisonError};

    use super::*;
    use crate::locale::Locale;

    /// Keeps what is logged.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_fault_that_many_are_told_is_logged_once() {
        let lines = Lines::default();
        let kept = lines.clone();
        let logging = tracing_subscriber::fmt().with_writer(move || kept.clone());
        let errors = tracing::subscriber::with_default(logging.finish(), || {
            let mut errors = vec![unplaced(Error::internal("a broken wheel"))];
            for id in ["first", "second", "third"] {
                let info = RequestInfo {
                    id: id.to_owned(),
                    locale: Locale::En,
                    ip: None,
                    user_agent: None,
                };
                errors = finish(Response::from_errors(errors), &info).errors;
            }
            errors
        });
        let extensions = errors[0].extensions.as_ref().unwrap();
        assert_eq!(extensions.get("requestId"), Some(&"third".into()));
        let log = lines.0.lock().unwrap().clone();
        let log = String::from_utf8(log).unwrap();
        assert_eq!(log.matches("a broken wheel").count(), 1, "{log}");
        assert!(log.contains("first"), "{log}");
    }
}
