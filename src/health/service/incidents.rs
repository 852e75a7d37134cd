//! Opens, worsens and resolves incidents as their channels' states change.

use entity::{channel_health, channel_health_change};
use sea_orm::DatabaseTransaction;

use crate::app::App;
use crate::error::Error;

/// Does what a change of state means for the channel's incident, in the transaction of the change.
pub async fn follow(
    _app: &App,
    _txn: &DatabaseTransaction,
    _health: &channel_health::Model,
    _change: &channel_health_change::Model,
) -> Result<(), Error> {
    Ok(())
}

/// Brings the impact of all open incidents up to date.
pub async fn measure(_app: &App) -> Result<(), Error> {
    Ok(())
}
