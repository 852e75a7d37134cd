//! Seals everything again under the master key of now.

use yigate::config::Settings;
use yigate::seal::Resealed;
use yigate::{auth, channels, orders};

use super::{Outcome, print, said, start};

/// Seals everything that a master key before sealed; prints how much that was. It can be broken off and
/// started again.
pub async fn reseal(settings: Settings) -> Outcome {
    let app = start(settings).await?;
    let mut told = String::new();
    let mut tell = |what: &str, done: Resealed| {
        told += &format!(
            "{what:<20} {} of {} sealed again\n",
            done.resealed, done.seen
        );
    };
    let done = auth::reseal::reseal(&app).await;
    tell("signing keys", done.map_err(|error| said(&error))?);
    let done = channels::service::reseal(&app).await;
    tell("channel credentials", done.map_err(|error| said(&error))?);
    let done = orders::service::reseal(&app).await;
    tell("buyers of orders", done.map_err(|error| said(&error))?);
    app.stop().await;
    print(&told)
}
