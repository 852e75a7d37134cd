//! What an event is about, as it is now: never personal data, nothing that is sealed, but what a member was sent, which is
//! told to who asks for it by its name.

use entity::{
    MerchantId, MessageId, MessageRecipientId, campaign, channel, channel_health_change, coupon,
    coupon_template, incident, maintenance_window, member, message, message_recipient, order,
    payout, reconciliation_item, reconciliation_run, refund, reward, reward_redemption, settlement,
};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};

use super::compose::instant;
use super::things::{
    of_campaign, of_channel, of_coupon, of_coupon_template, of_health_change, of_incident, of_item,
    of_maintenance, of_message, of_order, of_payout, of_redemption, of_refund, of_reward, of_run,
    of_settlement,
};
use crate::app::App;
use crate::error::Error;
use crate::messages;
use crate::messages::model::{Quiet, may_be_written_to};
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
        Subject::Message(id) => read!(app, merchant_id, message, id, of_message),
        Subject::MessageRecipient(id) => of_recipient(app, merchant_id, id).await?,
        Subject::Reward(id) => read!(app, merchant_id, reward, id, of_reward),
        Subject::RewardRedemption(id) => {
            read!(app, merchant_id, reward_redemption, id, of_redemption)
        }
        Subject::Other => Value::Null,
    })
}

/// What one member was sent, to be handed on to them: the member's number, and title and text in their language. Who
/// has taken back since that they agree is not written to, however late it is.
async fn of_recipient(
    app: &App,
    merchant_id: MerchantId,
    id: MessageRecipientId,
) -> Result<Value, Error> {
    let db = app.db.reads(merchant_id);
    let row = message_recipient::Entity::of(merchant_id)
        .filter(message_recipient::Column::Id.eq(id))
        .one(&db)
        .await?;
    let Some(row) = row else {
        return Ok(Value::Null);
    };
    let member = member::Entity::of(merchant_id)
        .filter(member::Column::Id.eq(row.member_id))
        .one(&db)
        .await?;
    let may = member.as_ref().is_some_and(may_be_written_to);
    let sent = if may {
        messages::service::open(&app.key, &row)?
    } else {
        None
    };
    Ok(json!({
        "type": "message_delivery",
        "id": row.id.to_string(),
        "messageId": row.message_id.to_string(),
        "memberId": row.member_id.to_string(),
        "memberNo": member.map(|member| member.member_no),
        "locale": row.locale,
        "title": sent.as_ref().map(|sent| sent.title.as_str()),
        "body": sent.as_ref().map(|sent| sent.body.as_str()),
        "withdrawn": !may,
        "quietHours": quiet_hours(app, merchant_id, row.message_id).await?,
        "sentAt": row.sent_at.map(|at| instant(at.0)),
    }))
}

/// When nobody is to be written to: whoever hands a message on late keeps it until they are over.
async fn quiet_hours(
    app: &App,
    merchant_id: MerchantId,
    id: MessageId,
) -> Result<Option<Value>, Error> {
    let row = messages::service::maybe_find(app, merchant_id, id).await?;
    let Some(quiet) = row.as_ref().and_then(Quiet::of) else {
        return Ok(None);
    };
    let merchant = crate::merchant::find(app, merchant_id).await?;
    let time = |minute: i32| format!("{:02}:{:02}", minute / 60, minute % 60);
    Ok(Some(json!({
        "from": time(quiet.from),
        "until": time(quiet.until),
        "timeZone": merchant.zone.name(),
    })))
}

/// Takes out of a subject what may name a person.
pub(super) fn unnamed(subject: &mut Value) {
    if let Some(fields) = subject.as_object_mut() {
        for name in ["title", "body"] {
            fields.insert(name.to_owned(), Value::Null);
        }
    }
}
