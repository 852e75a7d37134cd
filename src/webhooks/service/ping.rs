//! Sends a `test.ping` at once, and tells what came back.

use entity::{EventId, WebhookEndpointId};
use serde_json::json;
use url::Url;

use super::compose::{envelope, signed};
use super::list::find_endpoint;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::webhooks::courier::{Courier, Letter};
use crate::webhooks::model::{Answer, Kind, SwitchRefusal, Verdict, judge};

/// What came of a ping.
#[derive(Clone, Debug)]
pub struct Ping {
    /// What the endpoint knows it by.
    pub id: String,
    /// What came back.
    pub answer: Answer,
    /// What that means.
    pub verdict: Verdict,
}

/// Sends an endpoint a ping, enabled or not. It is no event, and is not tried again. The audit log tells of it before
/// it is sent.
pub async fn ping(
    app: &App,
    courier: &Courier,
    actor: &Actor,
    id: WebhookEndpointId,
) -> Result<Ping, Failure<SwitchRefusal>> {
    let found = find_endpoint(app, actor.merchant_id, id).await?;
    let endpoint = found.ok_or(Failure::Refused(SwitchRefusal::NotFound))?;
    app.write(actor.merchant_id, |txn| async move {
        audit::record(app, &txn, actor, Deed::of("webhookTest").on(id)).await
    })
    .await?;
    let id: EventId = app.ids.next();
    let id = id.to_string();
    let data = json!({ "endpointId": endpoint.id.to_string() });
    let body = envelope("test.ping", app.clock.now(), data);
    let url = Url::parse(&endpoint.url).map_err(|error| Error::internal(error.to_string()))?;
    let answer = match signed(app, &endpoint, id.clone(), body) {
        Ok(signed) => {
            let signed = Some(signed);
            courier.send(Letter { url, signed }).await
        }
        Err(fault) => Answer {
            status: Err(fault),
            body: String::new(),
            took_ms: 0,
        },
    };
    Ok(Ping {
        id,
        verdict: judge(Kind::Event, &answer),
        answer,
    })
}
