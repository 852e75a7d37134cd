//! What the payment platform makes of a payout: nothing unclear is taken for a failure, and nothing is sent twice.

use chrono::TimeDelta;
use entity::membership::Role;
use entity::payout::PayoutStatus;
use serde_json::{Value, json};
use yigate::error::Failure;
use yigate::payouts::model::{Resolution, ResolveRefusal};
use yigate::payouts::service::resolve;

use crate::everywhere;
use crate::support::payouts::{Payout, refusal};

async fn resolved(payout: &Payout, outcome: Resolution) -> Result<PayoutStatus, ResolveRefusal> {
    let merchant = &payout.merchant;
    let said = (outcome, "按渠道后台核对");
    match resolve(merchant.app(), merchant.id, payout.id, said).await {
        Ok(row) => Ok(row.state),
        Err(Failure::Refused(refusal)) => Err(refusal),
        Err(Failure::Failed(error)) => panic!("{error:?}"),
    }
}

/// What happened to a payout, in order.
fn kinds(seen: &Value) -> Vec<&str> {
    let records = seen["records"].as_array().expect("records").iter();
    records
        .filter_map(|record| record["kind"].as_str())
        .collect()
}

everywhere! {
    async fn a_refused_payout_gives_the_money_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        for marker in ["sandbox:payout-refuse", "sandbox:payout-fails-later"] {
            let payout = payer.pays_out_that(account, "36.00", marker).await;
            merchant.payouts_go_through().await;
            let seen = payout.read("state error errorCode records { kind actor }").await;
            assert_eq!(seen["state"], "FAILED", "{marker}");
            assert!(seen["error"].is_string(), "{seen}");
            assert_eq!(seen["records"][2], json!({ "kind": "FAILED", "actor": null }), "{seen}");
            assert_eq!(merchant.balances().await, ["0.00", "100.00", "0.00"]);
            assert_eq!(refusal(&payer.cancels(&payout).await), "TOO_LATE");
        }
        merchant.books_are_right().await;
    }

    async fn an_answer_that_was_lost_is_asked_for_and_nothing_is_sent_twice(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        for marker in ["sandbox:payout-lost-answer", "sandbox:payout-unreadable"] {
            let payout = payer.pays_out_that(account, "36.00", marker).await;
            merchant.payout_workers_work().await;
            assert_eq!(payout.state().await, "UNKNOWN", "{marker}");
            assert_eq!(refusal(&payer.cancels(&payout).await), "TOO_LATE", "it may have left");
            world.clock.advance(TimeDelta::seconds(5));
            merchant.payout_workers_work().await;
            assert_eq!(payout.state().await, "PAID", "{marker}");
        }
        assert_eq!(merchant.balances().await, ["0.00", "28.00", "0.00"]);
        merchant.books_are_right().await;
    }

    async fn a_platform_that_is_away_is_asked_again_until_it_is_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let payout = payer.pays_out_that(account, "36.00", "sandbox:payout-unavailable").await;
        for minutes in [0, 1, 2, 5, 10, 30, 60, 120] {
            world.clock.advance(TimeDelta::minutes(minutes));
            merchant.payout_workers_work().await;
        }
        let seen = payout.read("state needsAttention attempts").await;
        assert_eq!(seen, json!({ "state": "UNKNOWN", "needsAttention": true, "attempts": 8 }));
        assert_eq!(merchant.balances().await, ["0.00", "64.00", "36.00"], "still set aside");
        // Whoever runs the gateway has looked there.
        let none = resolved(&payout, Resolution::Returned).await;
        assert_eq!(none, Err(ResolveRefusal::NotPossible));
        assert_eq!(resolved(&payout, Resolution::Failed).await, Ok(PayoutStatus::Failed));
        assert_eq!(merchant.balances().await, ["0.00", "100.00", "0.00"]);
        merchant.payouts_go_through().await;
        let seen = payout.read("state records { kind actor note }").await;
        let told = kinds(&seen);
        assert_eq!(told[..3], ["REQUESTED", "SENT", "UNKNOWN"], "{told:?}");
        assert!(told[3..told.len() - 1].iter().all(|kind| *kind == "SENT"), "each sending stands in it: {told:?}");
        assert_eq!(seen["records"][told.len() - 1], json!({
            "kind": "FAILED", "actor": "platform", "note": "按渠道后台核对" }), "{seen}");
        merchant.books_are_right().await;
    }

    async fn a_failure_that_was_none_may_leave_a_debt(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("36.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let payout = payer.pays_out_that(account, "36.00", "sandbox:payout-refuse").await;
        merchant.payouts_go_through().await;
        let other = payer.pays_out(account, "30.00").await;
        merchant.payouts_go_through().await;
        assert_eq!(other.state().await, "PAID");
        assert_eq!(resolved(&payout, Resolution::Paid).await, Ok(PayoutStatus::Paid));
        assert_eq!(merchant.balances().await, ["0.00", "-30.00", "0.00"]);
        let seen = payout.read("records { kind actor note }").await;
        assert_eq!(kinds(&seen), ["REQUESTED", "SENT", "FAILED", "PAID"], "nothing that was told is lost");
        assert_eq!(seen["records"][3], json!({
            "kind": "PAID", "actor": "platform", "note": "按渠道后台核对" }), "{seen}");
        merchant.books_agree().await;
    }

    async fn a_payout_that_the_bank_returns_comes_back_with_its_fee(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("200.00").await;
        merchant.payout_terms(|terms| terms.tariff.fixed_minor = 200).await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let kept = payer.pays_out(account, "50.00").await;
        let returned = payer.pays_out_that(account, "36.00", "sandbox:payout-returned").await;
        // Where the terms say so, as they were when it was asked for.
        merchant.payout_terms(|terms| terms.fee_returned = false).await;
        let without_fee = payer.pays_out_that(account, "40.00", "sandbox:payout-returned").await;
        merchant.payouts_go_through().await;
        for payout in [&kept, &returned, &without_fee] {
            assert_eq!(payout.state().await, "PAID");
        }
        assert_eq!(merchant.balances().await, ["0.00", "74.00", "0.00"]);
        merchant.payout_days_pass(2).await;
        let seen = returned.read("state feeReturned { amount } returnedAt records { kind }").await;
        assert_eq!(seen["state"], "RETURNED");
        assert_eq!(seen["feeReturned"]["amount"], "2.00");
        assert_eq!(seen["records"].as_array().map(Vec::len), Some(4), "{seen}");
        let seen = without_fee.read("state feeReturned { amount }").await;
        assert_eq!(seen, json!({ "state": "RETURNED", "feeReturned": { "amount": "0.00" } }));
        assert_eq!(kept.state().await, "PAID");
        // 36.00 whole, and 38.00 of 40.00.
        assert_eq!(merchant.balances().await, ["0.00", "148.00", "0.00"]);
        merchant.books_are_right().await;
        // After three days nobody asks any more; a person may still say it.
        merchant.payout_days_pass(2).await;
        let row = merchant.payout_row(kept.id).await;
        assert_eq!(row.next_attempt_at, None);
        assert_eq!(resolved(&kept, Resolution::Returned).await, Ok(PayoutStatus::Returned));
        assert_eq!(merchant.balances().await, ["0.00", "198.00", "0.00"]);
        merchant.books_are_right().await;
    }

    async fn nothing_is_sent_for_a_merchant_that_was_suspended_since(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let payout = payer.pays_out(account, "36.00").await;
        merchant.becomes(entity::merchant::MerchantStatus::Suspended).await;
        merchant.payout_minutes_pass(120).await;
        let row = merchant.payout_row(payout.id).await;
        assert_eq!((row.state, row.sent_through), (PayoutStatus::Processing, None), "nobody was asked to pay");
        assert_eq!(row.error_code.as_deref(), Some("MERCHANT_SUSPENDED"));
        assert_eq!(merchant.balances().await, ["0.00", "64.00", "36.00"]);
        merchant.becomes(entity::merchant::MerchantStatus::Active).await;
        merchant.payout_days_pass(1).await;
        assert_eq!(payout.state().await, "PAID");
        merchant.books_are_right().await;
    }

    async fn a_payout_is_called_off_before_it_is_sent_and_not_after(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let canceled = payer.pays_out(account, "36.00").await;
        assert_eq!(payer.cancels(&canceled).await["payout"]["state"], "CANCELED");
        let sent = payer.pays_out_that(account, "40.00", "sandbox:payout-slow").await;
        merchant.payout_workers_work().await;
        assert_eq!(refusal(&payer.cancels(&sent).await), "TOO_LATE");
        merchant.payout_days_pass(2).await;
        assert_eq!(sent.state().await, "PAID");
        assert_eq!(canceled.state().await, "CANCELED");
        assert_eq!(merchant.balances().await, ["0.00", "60.00", "0.00"]);
        merchant.books_are_right().await;
    }

    async fn a_channel_that_pays_nothing_out_pays_nothing_out(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        merchant.set_channel(entity::channel::Column::Enabled, false).await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let payload = crate::support::payouts::challenged(&payer.client, account, "10.00").await;
        assert_eq!(refusal(&payload), "NO_CHANNEL");
        // The terms may name one that takes no orders.
        let channel = merchant.channel_id;
        merchant.payout_terms(|terms| terms.channel_id = Some(channel)).await;
        let payout = payer.pays_out(account, "10.00").await;
        merchant.payouts_go_through().await;
        assert_eq!(payout.state().await, "PAID");
    }
}
