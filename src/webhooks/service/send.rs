//! Sends a claimed delivery, and writes down what came of it.

use entity::webhook_attempt::WebhookFault;

use super::claim::Claimed;
use super::compose::letter;
use super::record::record;
use crate::app::App;
use crate::crash;
use crate::error::Error;
use crate::webhooks::courier::Courier;
use crate::webhooks::model::Answer;

/// Sends a claimed delivery outside any transaction, then writes what came back, where the claim is still the
/// last.
pub async fn act(app: &App, courier: &Courier, claimed: &Claimed) -> Result<(), Error> {
    crash::point("webhook.claimed");
    let sent_at = app.clock.instant();
    let letter = match letter(app, claimed).await {
        Ok(letter) => letter,
        // Nothing can be written down now either: it is taken again when its lease is over.
        Err(error) if error.code() == "UNAVAILABLE" => return Err(error),
        // Written down as an attempt, so that it comes to its end, and stands in the delivery log.
        Err(error) => {
            let id = claimed.delivery.id;
            tracing::error!(delivery_id = %id, ?error, "a webhook cannot be composed");
            Err(WebhookFault::NotComposed)
        }
    };
    let answer = match letter {
        Ok(letter) => courier.send(letter).await,
        Err(fault) => Answer {
            status: Err(fault),
            body: String::new(),
            took_ms: 0,
        },
    };
    crash::point("webhook.answered");
    record(app, claimed, sent_at, &answer).await?;
    crash::point("webhook.recorded");
    Ok(())
}
