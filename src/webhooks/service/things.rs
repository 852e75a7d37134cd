//! Orders, refunds, channels and so on as webhooks write them: stable JSON, as docs/webhooks.md tells it.

use entity::{
    Instant, campaign, channel, channel_health_change, coupon, coupon_template, incident,
    maintenance_window, message, order, payout, reconciliation_item, reconciliation_run, refund,
    reward, reward_redemption, settlement,
};
use sea_orm::ActiveEnum;
use serde_json::{Value, json};

use super::compose::instant;
use crate::money::{Currency, Money};
use crate::orders::model::order_no;
use crate::refunds::model::refund_no;

/// An amount: `{ "amount": "12.34", "currency": "CNY" }`.
fn money(minor: i64, code: &str) -> Value {
    let currency = Currency::of_code(code).unwrap_or(Currency::Cny);
    let amount = Money::of_minor(minor, currency).to_decimal().to_string();
    json!({ "amount": amount, "currency": code })
}

/// A state or kind by its name in the API.
fn word<E: ActiveEnum<Value = String>>(value: &E) -> String {
    value.to_value()
}

fn at(instant_: Option<Instant>) -> Option<String> {
    instant_.map(|at| instant(at.0))
}

fn made_at(ms: i64) -> Option<String> {
    chrono::DateTime::from_timestamp_millis(ms).map(instant)
}

fn text(id: Option<impl ToString>) -> Option<String> {
    id.map(|id| id.to_string())
}

pub(super) fn of_order(row: &order::Model) -> Value {
    let money = |minor| money(minor, &row.currency);
    json!({
        "type": "order",
        "id": row.id.to_string(),
        "orderNo": order_no(row.id),
        "merchantOrderNo": row.merchant_order_no,
        "title": row.title,
        "amount": money(row.amount_minor),
        "discount": money(row.discount_minor),
        "paid": money(row.paid_minor),
        "refunded": money(row.refunded_minor),
        "refunding": money(row.refunding_minor),
        "paymentState": word(&row.payment_state),
        "refundState": word(&row.refund_state),
        "fulfillmentState": word(&row.fulfillment_state),
        "late": row.late,
        "channelId": row.channel_id.to_string(),
        "method": word(&row.method),
        "country": row.country,
        "providerTradeNo": row.provider_trade_no,
        "createdAt": made_at(row.id.made_at_ms()),
        "paidAt": at(row.paid_at),
        "expiresAt": instant(row.expires_at.0),
        "closedAt": at(row.closed_at),
        "fulfilledAt": at(row.fulfilled_at),
        "updatedAt": instant(row.updated_at.0),
    })
}

pub(super) fn of_refund(row: &refund::Model) -> Value {
    json!({
        "type": "refund",
        "id": row.id.to_string(),
        "refundNo": refund_no(row.id),
        "orderId": row.order_id.to_string(),
        "kind": word(&row.kind),
        "amount": money(row.amount_minor, &row.currency),
        "feeReturned": money(row.fee_returned_minor, &row.currency),
        "state": word(&row.state),
        "reason": word(&row.reason),
        "channelId": row.channel_id.to_string(),
        "method": word(&row.method),
        "providerRefundNo": row.provider_refund_no,
        "errorCode": row.error_code,
        "requestedAt": made_at(row.id.made_at_ms()),
        "decidedAt": at(row.decided_at),
        "succeededAt": at(row.succeeded_at),
        "updatedAt": instant(row.updated_at.0),
    })
}

pub(super) fn of_payout(row: &payout::Model) -> Value {
    let money = |minor| money(minor, &row.currency);
    json!({
        "type": "payout",
        "id": row.id.to_string(),
        "amount": money(row.amount_minor),
        "fee": money(row.fee_minor),
        "net": money(row.net_minor),
        "feeReturned": money(row.fee_returned_minor),
        "state": word(&row.state),
        "origin": word(&row.origin),
        "bankAccountId": row.bank_account_id.to_string(),
        "channelId": row.channel_id.to_string(),
        "errorCode": row.error_code,
        "requestedAt": made_at(row.id.made_at_ms()),
        "paidAt": at(row.paid_at),
        "returnedAt": at(row.returned_at),
        "updatedAt": instant(row.updated_at.0),
    })
}

pub(super) fn of_channel(row: &channel::Model) -> Value {
    json!({
        "type": "channel",
        "id": row.id.to_string(),
        "name": row.name,
        "kind": word(&row.kind),
        "method": word(&row.method),
        "enabled": row.enabled,
        "version": row.version,
        "updatedAt": instant(row.updated_at.0),
    })
}

pub(super) fn of_coupon_template(row: &coupon_template::Model) -> Value {
    json!({
        "type": "coupon_template",
        "id": row.id.to_string(),
        "name": row.name,
        "kind": word(&row.kind),
        "state": word(&row.state),
        "quantity": row.quantity,
        "perMember": row.per_member,
        "validFrom": at(row.valid_from),
        "validUntil": at(row.valid_until),
        "validDays": row.valid_days,
        "version": row.version,
        "updatedAt": instant(row.updated_at.0),
    })
}

pub(super) fn of_campaign(row: &campaign::Model) -> Value {
    json!({
        "type": "campaign",
        "id": row.id.to_string(),
        "name": row.name,
        "state": word(&row.state),
        "kind": word(&row.kind),
        "version": row.version,
        "startsAt": instant(row.starts_at.0),
        "endsAt": at(row.ends_at),
        "activatedAt": at(row.activated_at),
        "endedAt": at(row.ended_at),
        "updatedAt": instant(row.updated_at.0),
    })
}

/// Without its texts: what a member was sent is told of the delivery.
pub(super) fn of_message(row: &message::Model) -> Value {
    json!({
        "type": "message",
        "id": row.id.to_string(),
        "name": row.name,
        "segmentId": row.segment_id.to_string(),
        "state": word(&row.state),
        "version": row.version,
        "sendAt": at(row.send_at),
        "startedAt": at(row.started_at),
        "finishedAt": at(row.finished_at),
        "updatedAt": instant(row.updated_at.0),
    })
}

/// Without its code: who reads what was sent could use it.
pub(super) fn of_coupon(row: &coupon::Model) -> Value {
    json!({
        "type": "coupon",
        "id": row.id.to_string(),
        "templateId": row.template_id.to_string(),
        "memberId": text(row.member_id),
        "state": word(&row.state),
        "origin": word(&row.origin),
        "orderId": text(row.order_id),
        "validFrom": instant(row.valid_from.0),
        "validUntil": instant(row.valid_until.0),
        "usedAt": at(row.used_at),
        "voidedAt": at(row.voided_at),
    })
}

pub(super) fn of_reward(row: &reward::Model) -> Value {
    json!({
        "type": "reward",
        "id": row.id.to_string(),
        "name": row.name,
        "nameEn": row.name_en,
        "kind": word(&row.kind),
        "state": word(&row.state),
        "couponTemplateId": text(row.template_id),
        "points": row.points,
        "stock": row.stock,
        "redeemedCount": row.taken,
        "perMember": row.per_member,
        "startsAt": at(row.starts_at),
        "endsAt": at(row.ends_at),
        "version": row.version,
        "updatedAt": instant(row.updated_at.0),
    })
}

pub(super) fn of_redemption(row: &reward_redemption::Model) -> Value {
    json!({
        "type": "reward_redemption",
        "id": row.id.to_string(),
        "rewardId": row.reward_id.to_string(),
        "memberId": row.member_id.to_string(),
        "state": word(&row.state),
        "points": row.points,
        "couponId": text(row.coupon_id),
        "createdAt": made_at(row.id.made_at_ms()),
        "fulfilledAt": at(row.fulfilled_at),
        "canceledAt": at(row.canceled_at),
    })
}

pub(super) fn of_health_change(row: &channel_health_change::Model) -> Value {
    json!({
        "type": "channel_health_change",
        "id": row.id.to_string(),
        "channelId": row.channel_id.to_string(),
        "from": word(&row.from_state),
        "to": word(&row.to_state),
        "cause": row.cause.as_ref().map(word),
        "changedAt": instant(row.changed_at.0),
    })
}

pub(super) fn of_incident(row: &incident::Model, currency: Currency) -> Value {
    json!({
        "type": "incident",
        "id": row.id.to_string(),
        "channelId": row.channel_id.to_string(),
        "state": word(&row.state),
        "severity": word(&row.severity),
        "cause": word(&row.cause),
        "attempts": row.attempts,
        "failed": row.failed,
        "atRisk": money(row.at_risk_minor, currency.code()),
        "fallbackChannelId": text(row.fallback_channel_id),
        "openedAt": instant(row.opened_at.0),
        "worsenedAt": at(row.worsened_at),
        "acknowledgedAt": at(row.acknowledged_at),
        "resolvedAt": at(row.resolved_at),
    })
}

pub(super) fn of_maintenance(row: &maintenance_window::Model) -> Value {
    json!({
        "type": "maintenance_window",
        "id": row.id.to_string(),
        "channelId": row.channel_id.to_string(),
        "source": word(&row.source),
        "startsAt": instant(row.starts_at.0),
        "endsAt": instant(row.ends_at.0),
        "canceledAt": at(row.canceled_at),
    })
}

pub(super) fn of_settlement(row: &settlement::Model) -> Value {
    json!({
        "type": "settlement",
        "id": row.id.to_string(),
        "channelId": row.channel_id.to_string(),
        "amount": money(row.amount_minor, &row.currency),
        "payments": row.payments,
        "releasedAt": instant(row.released_at.0),
    })
}

pub(super) fn of_item(row: &reconciliation_item::Model) -> Value {
    let money = |minor: Option<i64>| minor.map(|minor| money(minor, &row.currency));
    json!({
        "type": "reconciliation_item",
        "id": row.id.to_string(),
        "kind": word(&row.kind),
        "channelId": row.channel_id.to_string(),
        "orderId": text(row.order_id),
        "refundId": text(row.refund_id),
        "payoutId": text(row.payout_id),
        "expected": money(row.expected_minor),
        "received": money(row.received_minor),
        "createdAt": instant(row.created_at.0),
        "resolvedAt": at(row.resolved_at),
        "resolution": row.resolution.as_ref().map(word),
    })
}

pub(super) fn of_run(row: &reconciliation_run::Model) -> Value {
    json!({
        "type": "reconciliation_run",
        "id": row.id.to_string(),
        "channelId": row.channel_id.to_string(),
        "rows": row.rows,
        "matched": row.matched,
        "differences": row.differences,
        "importedAt": instant(row.imported_at.0),
    })
}
