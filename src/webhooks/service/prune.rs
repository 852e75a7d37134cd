//! Removes deliveries that are older than they are kept.

use chrono::TimeDelta;
use entity::webhook_delivery::{self, WebhookDeliveryState};
use entity::{MerchantId, WebhookDeliveryId, webhook_attempt};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;

/// How many are removed at once.
const BATCH: u64 = 1_000;

/// Removes a merchant's deliveries, and their attempts, that were made before they are kept; what is still
/// sent stays.
pub async fn prune(app: &App, merchant_id: MerchantId) -> Result<(), Error> {
    use webhook_delivery::Column;
    let kept = TimeDelta::seconds(app.settings.webhooks.retention_s);
    let before = (app.clock.now() - kept).timestamp_millis();
    let first = WebhookDeliveryId::first_at(before);
    loop {
        let old: Vec<WebhookDeliveryId> = webhook_delivery::Entity::of(merchant_id)
            .filter(Column::Id.lt(first))
            .filter(Column::State.ne(WebhookDeliveryState::Pending))
            .order_by_asc(Column::Id)
            .limit(BATCH)
            .select_only()
            .column(Column::Id)
            .into_tuple()
            .all(&app.db.reads(merchant_id))
            .await?;
        let (old, more) = (&old, old.len() as u64 == BATCH);
        if old.is_empty() {
            return Ok(());
        }
        app.db
            .transaction_of(merchant_id, |txn| async move {
                let of = webhook_attempt::Column::DeliveryId;
                webhook_attempt::Entity::delete_of(merchant_id)
                    .filter(any_of(&app.db, of, old))
                    .exec(&*txn)
                    .await?;
                webhook_delivery::Entity::delete_of(merchant_id)
                    .filter(any_of(&app.db, Column::Id, old))
                    .exec(&*txn)
                    .await?;
                Ok::<_, Error>(())
            })
            .await?;
        if !more {
            return Ok(());
        }
    }
}
