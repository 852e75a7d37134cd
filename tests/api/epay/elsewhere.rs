//! Refunds and small amounts whose channel has another account at the platform since: neither asked about nor sent there.

use chrono::TimeDelta;
use entity::channel::Column;
use entity::membership::Role;
use serde_json::json;

use super::doubts::gets;
use super::orders::Stage;
use crate::everywhere;
use crate::support::bank_accounts::{bind, binding, card};
use crate::support::epay_stub::{Refunding, Transferring};

/// The channel of the second generation has another merchant number at the platform from now on, or its own again.
async fn is_another(stage: &Stage, pid: Option<&str>, version: i32) {
    let mut credentials = stage.stub.v2_credentials();
    if let Some(pid) = pid {
        credentials["pid"] = json!(pid);
    }
    gets(stage, credentials.to_string().as_bytes(), version).await;
}

everywhere! {
    async fn a_refund_that_one_account_was_sent_no_other_gives_back(world: World) {
        let stage = Stage::set(world).await;
        let order = stage.paid_order("36.00", stage.channels[1].1).await;
        stage.stub.refund_once(Refunding::LosingTheAnswer);
        let refund = order.refund(json!({})).await;
        let merchant = &stage.merchant;
        merchant.refund_workers_work().await;
        assert_eq!(refund.state().await, "UNKNOWN");
        is_another(&stage, Some("1002"), 2).await;
        let asked = stage.stub.refunds_asked().len();
        for _ in 0..10 {
            stage.world.clock.advance(TimeDelta::minutes(6));
            merchant.refund_workers_work().await;
        }
        assert_eq!(stage.stub.refunds_asked().len(), asked, "not sent again");
        let seen = refund.read("state needsAttention errorCode").await;
        assert_eq!(seen, json!({ "state": "UNKNOWN", "needsAttention": true, "errorCode": "OTHER_ACCOUNT" }));
        // The account that it was sent through tells what became of it.
        is_another(&stage, None, 3).await;
        stage.world.clock.advance(TimeDelta::hours(1));
        merchant.refund_workers_work().await;
        assert_eq!(refund.state().await, "SUCCEEDED");
        assert_eq!(stage.money_back().values().map(Vec::len).sum::<usize>(), 1, "once");
        merchant.books_are_right().await;
    }

    async fn a_small_amount_that_one_account_was_sent_no_other_sends(world: World) {
        let stage = Stage::set(world).await;
        stage.merchant.set_channel(Column::Enabled, false).await;
        let device = stage.merchant.rested_device(Role::Owner).await;
        let owner = stage.merchant.owner().await;
        stage.stub.transfer_once(Transferring::LosingTheAnswer);
        let bound = bind(&owner, binding(&card(), &device.next())).await;
        assert_eq!(bound["userErrors"], json!([]), "{bound}");
        stage.merchant.checks_bank_accounts().await;
        is_another(&stage, Some("1002"), 2).await;
        for _ in 0..20 {
            stage.world.clock.advance(TimeDelta::minutes(1));
            stage.merchant.checks_bank_accounts().await;
        }
        assert_eq!((stage.stub.transfers_asked(), stage.stub.money_out().len()), (1, 1));
        let document = "query($id: ID!) { node(id: $id) { ... on BankAccount { state checkError } } }";
        let seen = owner.data(document, json!({ "id": bound["bankAccount"]["id"] })).await;
        assert_eq!(seen["node"]["state"], "FAILED", "it is bound anew");
        let error = seen["node"]["checkError"].as_str().unwrap();
        assert!(error.starts_with("OTHER_ACCOUNT: "), "{error}");
        stage.merchant.books_are_right().await;
    }
}
