//! Seals everything again under the master key of now.

use yigate::config::Settings;
use yigate::seal::Resealed;
use yigate::{
    audit, auth, bank_accounts, channels, members, messages, orders, payouts, second_factor,
    webhooks,
};

use super::{Outcome, join, print, said};

/// Seals everything that a master key before sealed; prints how much that was. It can be broken off and
/// started again. What no key opens is left, logged, and an error in the end: there is nothing behind it that is
/// not done.
pub async fn reseal(settings: Settings) -> Outcome {
    let app = join(settings).await?;
    let mut all = Resealed::default();
    let mut tell = |what: &str, done: Resealed| {
        all.add(done);
        print(&format!(
            "{what:<20} {} of {} sealed again, {} that no key opens",
            done.resealed, done.seen, done.unreadable
        ))
    };
    let done = auth::reseal::reseal(&app).await;
    tell("signing keys", done.map_err(|error| said(&error))?)?;
    let done = audit::service::reseal(&app).await;
    tell("audit chains", done.map_err(|error| said(&error))?)?;
    let done = channels::service::reseal(&app).await;
    tell("channel credentials", done.map_err(|error| said(&error))?)?;
    let done = orders::service::reseal(&app).await;
    tell("buyers of orders", done.map_err(|error| said(&error))?)?;
    let done = members::service::reseal(&app).await;
    tell("members", done.map_err(|error| said(&error))?)?;
    let done = second_factor::service::reseal(&app).await;
    tell("second factors", done.map_err(|error| said(&error))?)?;
    let done = bank_accounts::service::reseal(&app).await;
    tell("bank accounts", done.map_err(|error| said(&error))?)?;
    // After the accounts that they go to.
    let done = payouts::service::reseal(&app).await;
    tell("payouts", done.map_err(|error| said(&error))?)?;
    let done = webhooks::service::reseal(&app).await;
    tell("webhooks", done.map_err(|error| said(&error))?)?;
    let done = messages::service::reseal(&app).await;
    tell("texts to members", done.map_err(|error| said(&error))?)?;
    app.stop().await;
    match all.unreadable {
        0 => Ok(()),
        some => {
            Err(format!("{some} cannot be opened by any key: the log says whose they are").into())
        }
    }
}
