//! What happens to payouts, live: in order, from any cursor, and to nobody else.

use chrono::TimeDelta;
use entity::membership::Role;
use serde_json::{Value, json};

use crate::everywhere;
use crate::support::next;

const EVENTS: &str = "subscription($filter: PayoutFilterInput, $after: String) { \
    payoutUpdated(filter: $filter, after: $after) { cursor type payout { id state } } }";

fn event(answer: &Value) -> &Value {
    assert!(answer.get("errors").is_none(), "{answer:#}");
    &answer["data"]["payoutUpdated"]
}

everywhere! {
    async fn what_happens_to_payouts_is_told_in_order_and_from_any_cursor(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        merchant.approves_above(5_000).await;
        let (owner, finance) = (merchant.payer(Role::Owner).await, merchant.payer(Role::Finance).await);
        let account = merchant.payable_account().await;
        let stranger = world.merchant("云裳").await;
        stranger.adjusts("100.00").await;
        let (theirs, elsewhere) = (stranger.payer(Role::Owner).await, stranger.payable_account().await);
        theirs.pays_out(elsewhere, "10.00").await;
        let mut live = owner.client.subscribe(EVENTS, json!({ "after": "e0" }));
        let large = finance.pays_out(account, "60.00").await;
        owner.approves(&large).await;
        merchant.payouts_go_through().await;
        let returned = finance.pays_out_that(account, "20.00", "sandbox:payout-returned").await;
        merchant.payouts_go_through().await;
        merchant.payout_days_pass(2).await;
        let lost = finance.pays_out_that(account, "30.00", "sandbox:payout-lost-answer").await;
        merchant.payout_workers_work().await;
        world.clock.advance(TimeDelta::seconds(5));
        merchant.payout_workers_work().await;
        let canceled = finance.pays_out(account, "40.00").await;
        finance.cancels(&canceled).await;
        let expected = [
            (&large, "PAYOUT_REQUESTED"),
            (&large, "PAYOUT_APPROVED"),
            (&large, "PAYOUT_PAID"),
            (&returned, "PAYOUT_REQUESTED"),
            (&returned, "PAYOUT_PAID"),
            (&returned, "PAYOUT_RETURNED"),
            (&lost, "PAYOUT_REQUESTED"),
            (&lost, "PAYOUT_UNKNOWN"),
            (&lost, "PAYOUT_PAID"),
            (&canceled, "PAYOUT_REQUESTED"),
            (&canceled, "PAYOUT_CANCELED"),
        ];
        let mut cursors = Vec::new();
        for (payout, kind) in expected {
            let answer = next(&mut live).await;
            let told = event(&answer);
            assert_eq!((told["type"].as_str(), told["payout"]["id"].as_str()),
                (Some(kind), Some(payout.id.to_string().as_str())), "{told}");
            cursors.push(told["cursor"].clone());
        }
        let mut again = owner.client.subscribe(EVENTS, json!({ "after": cursors[8] }));
        assert_eq!(event(&next(&mut again).await)["type"], "PAYOUT_REQUESTED");
        // Only those that are such now.
        let filter = json!({ "state": ["CANCELED"] });
        let mut some = owner.client.subscribe(EVENTS, json!({ "after": "e0", "filter": filter }));
        for _ in 0..2 {
            let answer = next(&mut some).await;
            assert_eq!(event(&answer)["payout"]["id"], canceled.id.to_string());
        }
    }
}
