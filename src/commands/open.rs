//! Opens the app for a command: one that begins, or one that joins what a gateway made before.

use std::path::PathBuf;

use yigate::app::App;
use yigate::clock::{Clock, Ids};
use yigate::config::Settings;
use yigate::telemetry;

use super::Said;

/// Opens the app, and makes the database's file and the key's where there are none yet.
pub(super) async fn start(settings: Settings) -> Result<App, Said> {
    telemetry::start(&settings.log, &settings.telemetry)?;
    let clock = Clock::system();
    let ids = Ids::new(clock.clone(), None);
    Ok(App::start(settings, clock, ids).await?)
}

/// Opens what a gateway made before. Whoever looks or mends in another folder, or without the gateway's settings,
/// is told so, and finds neither an empty database nor a key that opens nothing.
pub(super) async fn join(settings: Settings) -> Result<App, Said> {
    let key = &settings.secrets.master_key_file;
    let missing = [
        (settings.database.file(), "database.url"),
        (
            settings
                .secrets
                .master_key
                .is_none()
                .then(|| PathBuf::from(key)),
            "secrets.master_key_file",
        ),
    ];
    for (file, setting) in missing {
        if let Some(file) = file.filter(|file| !file.exists()) {
            return Err(format!(
                "setting `{setting}`: there is no file {}; run this where the gateway runs, with its settings",
                file.display()
            )
            .into());
        }
    }
    start(settings).await
}
