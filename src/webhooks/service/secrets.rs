//! Makes, seals, opens and exchanges the secrets that deliveries are signed with.

use aws_lc_rs::rand;
use entity::event::EventKind;
use entity::{Instant, MerchantId, WebhookEndpointId, webhook_endpoint};

use super::endpoints::{Made, change};
use crate::app::App;
use crate::audit::Deed;
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::webhooks::model::{
    ROTATION_HOURS, RotateRefusal, SECRET_BYTES, hint, overlap, secret_text,
};

/// A new secret: as it is shown once, as it is kept, and what may be shown of it.
pub(super) struct Fresh {
    pub text: String,
    pub sealed: Vec<u8>,
    pub hint: String,
}

/// Makes a secret for an endpoint.
pub(super) fn fresh(
    app: &App,
    merchant_id: MerchantId,
    id: WebhookEndpointId,
) -> Result<Fresh, Error> {
    let mut secret = [0_u8; SECRET_BYTES];
    rand::fill(&mut secret).map_err(|_| Error::internal("no randomness"))?;
    let text = secret_text(&secret);
    Ok(Fresh {
        sealed: app.key.seal(&secret, &binding(merchant_id, id))?,
        hint: hint(&text),
        text,
    })
}

/// What an endpoint's secrets are bound to when they are sealed.
pub(super) fn binding(merchant_id: MerchantId, id: WebhookEndpointId) -> String {
    format!("webhook {merchant_id} {id}")
}

/// The secrets that sign now: the endpoint's, and the one before while both do.
pub(super) fn signing(
    app: &App,
    endpoint: &webhook_endpoint::Model,
) -> Result<Vec<Vec<u8>>, Error> {
    let bound_to = binding(endpoint.merchant_id, endpoint.id);
    let mut secrets = vec![app.key.open(&endpoint.sealed_secret, &bound_to)?];
    let until = endpoint.previous_secret_until;
    if let Some(before) = &endpoint.sealed_previous_secret
        && until.is_some_and(|until| until.0 > app.clock.now())
    {
        secrets.push(app.key.open(before, &bound_to)?);
    }
    Ok(secrets)
}

/// Gives an endpoint a new secret, shown once. The one before signs beside it for so many hours.
pub async fn rotate(
    app: &App,
    actor: &Actor,
    id: WebhookEndpointId,
    overlap_hours: i32,
) -> Result<Made, Failure<RotateRefusal>> {
    if !ROTATION_HOURS.contains(&overlap_hours) {
        return Err(Failure::Refused(RotateRefusal::OverlapOutOfRange));
    }
    let made = &fresh(app, actor.merchant_id, id)?;
    let until = overlap(overlap_hours, app.clock.now()).map(Instant);
    let deed = Deed::of("webhookSecretRotate");
    let told = (deed, EventKind::WebhookEndpointUpdated);
    let endpoint = change(app, actor, id, told, |row| {
        let row = row.ok_or(RotateRefusal::NotFound)?;
        Ok(webhook_endpoint::Model {
            sealed_previous_secret: until.map(|_| row.sealed_secret.clone()),
            previous_secret_until: until,
            sealed_secret: made.sealed.clone(),
            secret_hint: made.hint.clone(),
            ..row
        })
    })
    .await?;
    Ok(Made {
        endpoint,
        secret: made.text.clone(),
    })
}
