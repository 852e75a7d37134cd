//! What was missing here, and has become known.

use entity::ReconciliationItemId;
use entity::reconciliation_item::{self, ReconciliationKind};

use super::{here, is_known, noon, order};

#[test]
fn what_has_become_known_is_known() {
    let item = |trade_no: &str, reference: &str| reconciliation_item::Model {
        merchant_id: entity::MerchantId(1),
        id: ReconciliationItemId(1),
        kind: ReconciliationKind::MissingHere,
        reference: reference.to_owned(),
        channel_id: entity::ChannelId(1),
        order_id: None,
        refund_id: None,
        payout_id: None,
        run_id: None,
        provider_trade_no: trade_no.to_owned(),
        expected_minor: None,
        received_minor: Some(3_600),
        currency: "CNY".to_owned(),
        detail: None,
        carried: true,
        created_at: entity::Instant(noon()),
        resolved_at: None,
        resolved_by: None,
        resolution: None,
        resolution_note: None,
    };
    let here = here([order(1)]);
    assert!(is_known(&item("T1", "payment T1"), &here));
    assert!(!is_known(&item("T2", "payment T2"), &here));
    assert!(
        !is_known(&item("T1", "refund T1 R9"), &here),
        "the payment is, the refund is not"
    );
}
