//! Sends a claimed delivery, and writes down what came of it.

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
    let answer = match letter(app, claimed).await? {
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
