//! What does not fit, written straight into the tables.

use entity::reconciliation_item::{self, ReconciliationKind};
use entity::reconciliation_run::{self, BillFormat};
use entity::{ReconciliationItemId, ReconciliationRunId};
use sea_orm::{EntityTrait, IntoActiveModel};

use crate::support::{Merchant, World};

/// A payment that does not fit an order of the merchant.
pub async fn reconciliation_item(
    world: &World,
    merchant: &Merchant,
    order_id: entity::OrderId,
) -> ReconciliationItemId {
    let id = world.app().ids.next();
    let item = reconciliation_item::Model {
        merchant_id: merchant.id,
        id,
        kind: ReconciliationKind::SecondPayment,
        reference: format!("{} 4200000001", order_id.0),
        order_id: Some(order_id),
        refund_id: None,
        payout_id: None,
        run_id: None,
        channel_id: merchant.channel_id,
        provider_trade_no: "4200000001".to_owned(),
        expected_minor: Some(3_600),
        received_minor: Some(3_600),
        currency: "CNY".to_owned(),
        detail: None,
        carried: false,
        created_at: world.clock.instant(),
        resolved_at: None,
        resolved_by: None,
        resolution: None,
        resolution_note: None,
    };
    reconciliation_item::Entity::insert(item.into_active_model())
        .exec_without_returning(world.app().db.writer())
        .await
        .expect("an item");
    id
}

/// A compared bill of the merchant.
pub async fn reconciliation_run(world: &World, merchant: &Merchant) -> ReconciliationRunId {
    let id = world.app().ids.next();
    let run = reconciliation_run::Model {
        merchant_id: merchant.id,
        id,
        channel_id: merchant.channel_id,
        format: BillFormat::WechatPay,
        bill_on: entity::Day(20_780),
        file_hash: vec![7; 32],
        rows: 0,
        matched: 0,
        differences: 0,
        carried: 0,
        imported_by: "system".to_owned(),
        imported_at: world.clock.instant(),
    };
    reconciliation_run::Entity::insert(run.into_active_model())
        .exec_without_returning(world.app().db.writer())
        .await
        .expect("a run");
    id
}
