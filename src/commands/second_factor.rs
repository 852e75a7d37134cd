//! Second factors: the demo's codes, and the end of one that was lost.

use yigate::auth::service::Auth;
use yigate::clock::Clock;
use yigate::config::Settings;
use yigate::demo::TOTP_SECRET;
use yigate::second_factor::model::{code_at, step_of, uri};
use yigate::second_factor::service;

use super::{Outcome, join, print, said};

/// What an authenticator app reads to show the demo's codes.
pub fn demo_uri() -> String {
    uri(TOTP_SECRET, "Yigate demo", "everybody")
}

/// Prints the code of the demo's people as it is now. Each counts once: the next one comes within thirty seconds.
pub fn demo_code() -> Outcome {
    print(&code_at(TOTP_SECRET, step_of(Clock::system().now())))
}

/// Takes somebody's second factor away, for whoever runs the gateway.
pub async fn reset(settings: Settings, email: &str) -> Outcome {
    let app = join(settings).await?;
    let auth = Auth::start(&app).await.map_err(|error| said(&error))?;
    let known = auth.maybe_find_account(email).await;
    let known = known.map_err(|error| said(&error))?;
    let staff = known.ok_or("there is no account with this e-mail address")?;
    let reset = service::reset(&app, staff.id).await;
    reset.map_err(|error| said(&error))?;
    app.stop().await;
    print(&format!("{} has no second factor any more", staff.email))
}
