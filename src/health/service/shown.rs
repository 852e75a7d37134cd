//! How a merchant's channels are, for whoever shows or chooses them.

use std::sync::Arc;

use entity::{MerchantId, channel_health};

use crate::app::App;
use crate::error::Error;

/// How a merchant's channels are; they may be a second old. A channel without a row is UNKNOWN.
pub async fn list_shown(
    app: &App,
    merchant_id: MerchantId,
) -> Result<Arc<Vec<channel_health::Model>>, Error> {
    if let Some(known) = app.health.get(&merchant_id) {
        return Ok(known);
    }
    let rows = channel_health::Entity::of(merchant_id)
        .all(&app.db.reads(merchant_id))
        .await?;
    let rows = Arc::new(rows);
    app.health.insert(merchant_id, Arc::clone(&rows));
    Ok(rows)
}
