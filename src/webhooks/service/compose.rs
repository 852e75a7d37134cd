//! Writes what is sent: the event as it was, what it is about as that is now, signed.

use chrono::{DateTime, SecondsFormat, Utc};
use entity::webhook_attempt::WebhookFault;
use entity::webhook_endpoint::WebhookEndpointState;
use entity::{order, webhook_delivery, webhook_endpoint};
use sea_orm::{ActiveEnum, ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use url::Url;

use super::claim::{Claimed, Way};
use super::notify::{opened_key, parameters};
use super::secrets::signing;
use super::subject;
use crate::app::App;
use crate::error::Error;
use crate::events::Cursor;
use crate::webhooks::courier::{Letter, Signed};
use crate::webhooks::model::{is_personal, sign, type_name};

/// The letter of a claimed delivery, as it is sent now; or why there is none.
pub(super) async fn letter(
    app: &App,
    claimed: &Claimed,
) -> Result<Result<Letter, WebhookFault>, Error> {
    let Ok(mut url) = Url::parse(claimed.way.url()) else {
        return Ok(Err(WebhookFault::NotAllowed));
    };
    match &claimed.way {
        // It was disabled while the delivery was made.
        Way::Endpoint(endpoint) if endpoint.state != WebhookEndpointState::Enabled => {
            Ok(Err(WebhookFault::EndpointDisabled))
        }
        Way::Endpoint(endpoint) => {
            let body = body(app, endpoint, &claimed.delivery).await?;
            let id = claimed.delivery.event_id.to_string();
            Ok(signed(app, endpoint, id, body).map(|signed| Letter {
                url,
                signed: Some(signed),
            }))
        }
        Way::Shop(_) => {
            let merchant_id = claimed.delivery.merchant_id;
            let key = match opened_key(app, merchant_id).await {
                Ok(Some(key)) => key,
                // It cannot be opened, now or later.
                Ok(None) | Err(Error::Internal(_)) => return Ok(Err(WebhookFault::NotSigned)),
                Err(error) => return Err(error),
            };
            let order = order::Entity::of(merchant_id)
                .filter(order::Column::Id.eq(claimed.delivery.subject_id))
                .one(&app.db.reads(merchant_id))
                .await?
                .ok_or(Error::NotFound)?;
            let parameters = parameters(&order, &key)?;
            url.query_pairs_mut().extend_pairs(parameters);
            Ok(Ok(Letter { url, signed: None }))
        }
    }
}

/// Signs a body for an endpoint, now.
pub(super) fn signed(
    app: &App,
    endpoint: &webhook_endpoint::Model,
    id: String,
    body: String,
) -> Result<Signed, WebhookFault> {
    let secrets = signing(app, endpoint).map_err(|error| {
        tracing::error!(endpoint_id = %endpoint.id, ?error, "a webhook's secret cannot be opened");
        WebhookFault::NotSigned
    })?;
    let timestamp_s = app.clock.now().timestamp();
    Ok(Signed {
        signature: sign(&secrets, &id, timestamp_s, &body),
        id,
        timestamp_s,
        body,
    })
}

/// The JSON of an event: `type`, `timestamp` and `data`, as Standard Webhooks has it.
async fn body(
    app: &App,
    endpoint: &webhook_endpoint::Model,
    delivery: &webhook_delivery::Model,
) -> Result<String, Error> {
    let name = delivery.event_kind.to_value();
    let mut subject = subject::now(app, delivery.merchant_id, &name, delivery.subject_id).await?;
    if is_personal(&name) && !endpoint.event_types.split(' ').any(|kind| kind == name) {
        subject::unnamed(&mut subject);
    }
    Ok(envelope(
        &type_name(&name),
        delivery.occurred_at.0,
        json!({
            "seq": delivery.event_seq,
            "cursor": Cursor(delivery.event_seq).to_string(),
            "occurredAt": instant(delivery.occurred_at.0),
            "merchantId": delivery.merchant_id.to_string(),
            "subject": subject,
        }),
    ))
}

/// What every webhook looks like.
pub(super) fn envelope(name: &str, at: DateTime<Utc>, data: Value) -> String {
    json!({ "type": name, "timestamp": instant(at), "data": data }).to_string()
}

/// An instant as clients of the API read it.
pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}
