//! What an event is about, as it is now: never personal data, nothing that is sealed.

use entity::{
    MerchantId, campaign, channel, channel_health_change, coupon, coupon_template, incident,
    maintenance_window, order, payout, reconciliation_item, reconciliation_run, refund, settlement,
};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};

use super::things::{
    of_campaign, of_channel, of_coupon, of_coupon_template, of_health_change, of_incident, of_item,
    of_maintenance, of_order, of_payout, of_refund, of_run, of_settlement,
};
use crate::app::App;
use crate::error::Error;
use crate::webhooks::model::Subject;

/// Reads one row of a merchant, and writes it as JSON; null where it is gone.
macro_rules! read {
    ($app:ident, $merchant_id:ident, $table:ident, $id:expr, $write:expr) => {{
        let row = $table::Entity::of($merchant_id)
            .filter($table::Column::Id.eq($id))
            .one(&$app.db.reads($merchant_id))
            .await?;
        row.as_ref().map_or(Value::Null, $write)
    }};
}

/// What it is, and its id: the API tells more to whoever may see it.
fn named(kind: &str, id: impl ToString) -> Value {
    json!({ "type": kind, "id": id.to_string() })
}

/// The subject of an event of a name.
pub(super) async fn now(
    app: &App,
    merchant_id: MerchantId,
    name: &str,
    subject_id: i64,
) -> Result<Value, Error> {
    Ok(match Subject::of(name, subject_id) {
        Subject::Order(id) => read!(app, merchant_id, order, id, of_order),
        Subject::Refund(id) => read!(app, merchant_id, refund, id, of_refund),
        Subject::Payout(id) => read!(app, merchant_id, payout, id, of_payout),
        Subject::Channel(id) => read!(app, merchant_id, channel, id, of_channel),
        Subject::HealthChange(id) => {
            read!(
                app,
                merchant_id,
                channel_health_change,
                id,
                of_health_change
            )
        }
        Subject::Incident(id) => {
            let currency = crate::merchant::find(app, merchant_id).await?.currency;
            let write = |row: &incident::Model| of_incident(row, currency);
            read!(app, merchant_id, incident, id, write)
        }
        Subject::Maintenance(id) => {
            read!(app, merchant_id, maintenance_window, id, of_maintenance)
        }
        Subject::Settlement(id) => read!(app, merchant_id, settlement, id, of_settlement),
        Subject::ReconciliationItem(id) => {
            read!(app, merchant_id, reconciliation_item, id, of_item)
        }
        Subject::ReconciliationRun(id) => {
            read!(app, merchant_id, reconciliation_run, id, of_run)
        }
        Subject::LedgerTransaction(id) => named("ledger_transaction", id),
        Subject::Merchant(_) => named("merchant", merchant_id),
        Subject::BankAccount(id) => named("bank_account", id),
        Subject::StaffMember(id) => named("staff_member", id),
        Subject::StaffInvitation(id) => named("staff_invitation", id),
        Subject::Export(id) => named("export", id),
        Subject::Member(id) => named("member", id),
        Subject::Tier(id) => named("tier", id),
        Subject::Segment(id) => named("segment", id),
        Subject::CouponTemplate(id) => {
            read!(app, merchant_id, coupon_template, id, of_coupon_template)
        }
        Subject::Coupon(id) => read!(app, merchant_id, coupon, id, of_coupon),
        Subject::Campaign(id) => read!(app, merchant_id, campaign, id, of_campaign),
        Subject::Other => Value::Null,
    })
}
