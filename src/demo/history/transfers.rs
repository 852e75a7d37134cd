//! The list of transfers of one day, compared: the platform took another fee for a payout than was agreed.

use aws_lc_rs::digest;
use chrono::NaiveDate;
use entity::payout::{self, PayoutStatus};
use entity::reconciliation_item::{self, ReconciliationKind};
use entity::reconciliation_run::{self, BillFormat};
use entity::{Day, ReconciliationItemId, ReconciliationRunId};

use super::{HOUR_MS, instant};
use crate::reconciliation::model::{BillDay, ZONE};

/// When somebody compares it, after the end of its day.
const COMPARED_MS: i64 = 11 * HOUR_MS;
/// How much more the platform took than our terms say, in minor units.
const TOOK_MORE_MINOR: i64 = 200;

/// Compares the list of the day on which the newest payout was sent that arrived; none where that was not long enough ago.
pub fn compare(
    payouts: &[payout::Model],
    importer: &str,
    until_ms: i64,
) -> Option<(reconciliation_run::Model, reconciliation_item::Model)> {
    let arrived = payouts.iter().rev();
    let arrived = arrived.filter(|payout| payout.state == PayoutStatus::Paid);
    let (payout, day, at_ms) = arrived
        .filter_map(|payout| {
            let local = payout.sent_at?.0.with_timezone(&ZONE);
            let day: NaiveDate = local.date_naive();
            let at_ms = BillDay::of(day)?.to.timestamp_millis() + COMPARED_MS;
            Some((payout, day, at_ms))
        })
        .find(|(_, _, at_ms)| *at_ms <= until_ms)?;
    let id = ReconciliationRunId(ReconciliationRunId::first_at(at_ms).0 | 1);
    let text = format!("transfers {} {day}", payout.channel_id);
    let run = reconciliation_run::Model {
        merchant_id: payout.merchant_id,
        id,
        channel_id: payout.channel_id,
        format: BillFormat::EpayTransfers,
        bill_on: Day::from(day),
        file_hash: digest::digest(&digest::SHA256, text.as_bytes())
            .as_ref()
            .to_vec(),
        rows: 1,
        matched: 0,
        differences: 1,
        carried: 0,
        imported_by: importer.to_owned(),
        imported_at: instant(at_ms),
    };
    let item = reconciliation_item::Model {
        merchant_id: payout.merchant_id,
        id: ReconciliationItemId(ReconciliationItemId::first_at(at_ms).0 | 1),
        kind: ReconciliationKind::FeeMismatch,
        reference: format!("payout {}", payout.id.0),
        channel_id: payout.channel_id,
        order_id: None,
        refund_id: None,
        payout_id: Some(payout.id),
        run_id: Some(id),
        provider_trade_no: payout.provider_payout_no.clone().unwrap_or_default(),
        expected_minor: Some(payout.fee_minor),
        received_minor: Some(payout.fee_minor + TOOK_MORE_MINOR),
        currency: payout.currency.clone(),
        detail: None,
        carried: false,
        created_at: instant(at_ms),
        resolved_at: None,
        resolved_by: None,
        resolution: None,
        resolution_note: None,
    };
    Some((run, item))
}
