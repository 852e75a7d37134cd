//! Lets campaigns begin and end when they are to.

use entity::campaign::{Column, Entity, Model};
use sea_orm::{QueryOrder, QuerySelect};

use super::shown::forget;
use super::write::{lock, tell, told, write};
use crate::app::App;
use crate::campaigns::model::due;
use crate::error::Error;

/// How many are looked at at once.
const MANY: u64 = 100;

/// Lets campaigns begin and end that are to, of all merchants; returns how many steps were done here. Two instances
/// that do so at once do each step once: it is decided again under the lock on the row.
pub async fn turn_due(app: &App) -> Result<usize, Error> {
    let rows = Entity::due(app.clock.instant())
        .order_by_asc(Column::NextAt)
        .limit(MANY)
        .all(app.db.reads_across())
        .await?;
    let mut steps = 0;
    for row in &rows {
        match turn_one(app, row).await {
            Ok(true) => steps += 1,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(campaign_id = %row.id, ?error, "a campaign did not begin or end");
            }
        }
    }
    Ok(steps)
}

/// One step, unless somebody else did it; where the next is due as well, it is found again.
async fn turn_one(app: &App, row: &Model) -> Result<bool, Error> {
    let (merchant_id, id) = (row.merchant_id, row.id);
    let is_done = app
        .write(merchant_id, |txn| async move {
            let found = lock(&txn, merchant_id, id).await?;
            let Some((mut after, turn)) = found.and_then(|row| due(&row, app.clock.now())) else {
                return Ok(false);
            };
            after.updated_at = app.clock.instant();
            write(&txn, &after).await?;
            tell(app, &txn, &after, told(turn)).await?;
            Ok::<_, Error>(true)
        })
        .await?;
    forget(app, merchant_id);
    Ok(is_done)
}
