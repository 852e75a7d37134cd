//! Four eyes: payouts above an amount wait for a second person, who proves it by a code of their own.

use chrono::TimeDelta;
use data_encoding::BASE64;
use entity::membership::Role;
use entity::{merchant, payout};
use futures_util::StreamExt;
use serde_json::{Value, json};
use yigate::config::Settings;

use crate::everywhere;
use crate::support::Client;
use crate::support::payouts::{Payer, decided, refusal};

async fn approval_is_set(client: &Client, code: &str, above: Option<&str>) -> Value {
    let document = "mutation($input: PayoutApprovalSetInput!) { payoutApprovalSet(input: $input) { \
        terms { approvalAbove { amount } approvalChangesAt } userErrors { code field } } }";
    let above = above.map(|amount| json!({ "amount": amount, "currency": "CNY" }));
    let input = json!({ "code": code, "aboveAmount": above });
    let answer = client.data(document, json!({ "input": input })).await;
    answer["payoutApprovalSet"].clone()
}

everywhere! {
    async fn a_large_payout_waits_for_a_second_person_with_a_code_of_their_own(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        let account = merchant.payable_account().await;
        let (owner, finance) = (merchant.payer(Role::Owner).await, merchant.payer(Role::Finance).await);
        let set = approval_is_set(&owner.client, &owner.device.next(), Some("100.00")).await;
        assert_eq!(set["terms"]["approvalAbove"]["amount"], "100.00", "{set}");
        let small = finance.pays_out(account, "100.00").await;
        assert_eq!(small.state().await, "PROCESSING");
        let large = finance.pays_out(account, "100.01").await;
        assert_eq!(large.state().await, "AWAITING_APPROVAL");
        merchant.payouts_go_through().await;
        assert_eq!(large.state().await, "AWAITING_APPROVAL", "set aside, not sent");
        assert_eq!(merchant.balances().await, ["0.00", "799.99", "100.01"]);
        assert_eq!(refusal(&finance.approves(&large).await), "OWN_REQUEST");
        let wrong = json!({ "code": owner.device.wrong() });
        let refused = decided(&owner.client, "payoutApprove", large.id, wrong).await;
        assert_eq!(refusal(&refused), "WRONG_CODE");
        // The requester's code does not help the second person's session.
        let theirs = json!({ "code": finance.device.next() });
        let refused = decided(&owner.client, "payoutApprove", large.id, theirs).await;
        assert_eq!(refusal(&refused), "WRONG_CODE");
        let approved = owner.approves(&large).await;
        assert_eq!(approved["payout"]["state"], "PROCESSING", "{approved}");
        assert_eq!(refusal(&owner.approves(&large).await), "NOT_AWAITING_APPROVAL");
        merchant.payouts_go_through().await;
        let seen = large.read("state decidedBy requestedBy records { kind actor }").await;
        assert_eq!(seen["state"], "PAID");
        let (owner, finance) = (merchant.staff(Role::Owner), merchant.staff(Role::Finance));
        assert_eq!(seen["decidedBy"], owner.to_string());
        assert_eq!(seen["records"], json!([
            { "kind": "REQUESTED", "actor": finance.to_string() },
            { "kind": "APPROVED", "actor": owner.to_string() },
            { "kind": "SENT", "actor": null },
            { "kind": "PAID", "actor": null },
        ]));
        merchant.books_are_right().await;
    }

    async fn a_rejected_payout_and_one_called_off_give_the_money_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        merchant.approves_above(0).await;
        let account = merchant.payable_account().await;
        let (owner, finance) = (merchant.payer(Role::Owner).await, merchant.payer(Role::Finance).await);
        let rejected = finance.pays_out(account, "10.00").await;
        assert_eq!(refusal(&finance.rejects(&rejected).await), "OWN_REQUEST");
        let payload = owner.rejects(&rejected).await;
        assert_eq!(payload["payout"]["state"], "REJECTED", "{payload}");
        let canceled = finance.pays_out(account, "20.00").await;
        let payload = finance.cancels(&canceled).await;
        assert_eq!(payload["payout"]["state"], "CANCELED", "{payload}");
        assert_eq!(refusal(&owner.approves(&canceled).await), "NOT_AWAITING_APPROVAL");
        assert_eq!(merchant.balances().await, ["0.00", "1000.00", "0.00"]);
        merchant.payouts_go_through().await;
        assert_eq!(canceled.state().await, "CANCELED");
        merchant.books_are_right().await;
    }

    async fn what_is_approved_is_what_was_asked_for(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        merchant.approves_above(0).await;
        let account = merchant.payable_account().await;
        let other = merchant.payable_account().await;
        let (owner, finance) = (merchant.payer(Role::Owner).await, merchant.payer(Role::Finance).await);
        let payout = finance.pays_out(account, "10.00").await;
        merchant.tampers(payout.id, payout::Column::BankAccountId, other).await;
        assert_eq!(refusal(&owner.approves(&payout).await), "NOT_AS_REQUESTED");
        let payload = owner.rejects(&payout).await;
        assert_eq!(payload["payout"]["state"], "REJECTED");
        merchant.books_are_right().await;
    }

    async fn nobody_agrees_for_a_suspended_merchant(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        merchant.approves_above(0).await;
        let account = merchant.payable_account().await;
        let (owner, finance) = (merchant.payer(Role::Owner).await, merchant.payer(Role::Finance).await);
        let payout = finance.pays_out(account, "10.00").await;
        let suspended = sea_orm::sea_query::Expr::value(merchant::MerchantStatus::Suspended);
        merchant.changes(merchant::Column::Status, suspended).await;
        assert_eq!(refusal(&owner.approves(&payout).await), "MERCHANT_SUSPENDED");
        assert_eq!(payout.state().await, "AWAITING_APPROVAL");
        merchant.books_are_right().await;
    }

    async fn the_guard_is_moved_with_a_code_alone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.payer(Role::Owner).await;
        // What is let down holds for another day.
        for (above, holds) in [(Some("100.00"), "100.00"), (Some("50.00"), "50.00"), (Some("500.00"), "50.00"),
            (None, "50.00")] {
            let refused = approval_is_set(&owner.client, &owner.device.wrong(), above).await;
            assert_eq!(refusal(&refused), "WRONG_CODE");
            let set = approval_is_set(&owner.client, &owner.device.next(), above).await;
            assert_eq!(set["terms"]["approvalAbove"]["amount"], holds, "{set}");
            assert_eq!(set["terms"]["approvalChangesAt"].is_string(), above != Some(holds), "{set}");
        }
        let account = merchant.payable_account().await;
        merchant.adjusts("1000.00").await;
        assert_eq!(owner.pays_out(account, "60.00").await.state().await, "AWAITING_APPROVAL");
        world.clock.advance(TimeDelta::days(1));
        let terms = "{ payoutTerms { approvalAbove { amount } approvalChangesAt approvalAboveThen { amount } } }";
        let seen = owner.client.data(terms, Value::Null).await;
        assert_eq!(seen["payoutTerms"],
            json!({ "approvalAbove": null, "approvalChangesAt": null, "approvalAboveThen": null }));
        assert_eq!(owner.pays_out(account, "60.00").await.state().await, "PROCESSING");
        let refused = approval_is_set(&owner.client, &owner.device.next(), Some("-1.00")).await;
        assert_eq!(refusal(&refused), "INVALID_AMOUNT");
    }

    async fn a_schedules_payout_is_approved_by_somebody_else_than_who_set_it(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        let account = merchant.payable_account().await;
        let (owner, finance) = (merchant.payer(Role::Owner).await, merchant.payer(Role::Finance).await);
        merchant.approves_above(0).await;
        owner.schedules(account, json!({ "at": "15:00" })).await;
        world.clock.advance(chrono::TimeDelta::hours(4));
        merchant.payout_workers_work().await;
        let payout = merchant.last_payout().await;
        assert_eq!(payout.state().await, "AWAITING_APPROVAL");
        assert_eq!(refusal(&owner.approves(&payout).await), "OWN_REQUEST");
        assert_eq!(refusal(&finance.approves(&payout).await), "");
        merchant.payouts_go_through().await;
        assert_eq!(payout.state().await, "PAID");
        merchant.books_are_right().await;
    }

    async fn what_waits_is_what_was_asked_for_under_another_master_key_too(world: World) {
        let keyed = |now: u8, before: Option<u8>| move |settings: &mut Settings| {
            settings.secrets.master_key = Some(BASE64.encode(&[now; 32]));
            settings.secrets.previous_master_keys = before.iter().map(|key| BASE64.encode(&[*key; 32])).collect();
        };
        let world = world.with_settings(keyed(7, None)).await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        let account = merchant.payable_account().await;
        let (owner, finance) = (merchant.payer(Role::Owner).await, merchant.payer(Role::Finance).await);
        let sent = finance.pays_out(account, "10.00").await;
        merchant.approves_above(0).await;
        let [waiting, forged] = [finance.pays_out(account, "20.00").await, finance.pays_out(account, "30.00").await];
        merchant.tampers(forged.id, payout::Column::RequestedBy, "stf_0000000000000").await;

        let world = world.with_settings(keyed(8, Some(7))).await;
        yigate::auth::reseal::reseal(world.app()).await.expect("signing keys");
        yigate::second_factor::service::reseal(world.app()).await.expect("second factors");
        yigate::bank_accounts::service::reseal(world.app()).await.expect("bank accounts");
        let done = yigate::payouts::service::reseal(world.app()).await.expect("payouts");
        assert_eq!((done.seen, done.resealed, done.unreadable), (3, 2, 1), "nobody signs what was edited");
        let done = yigate::payouts::service::reseal(world.app()).await.expect("payouts");
        assert_eq!((done.resealed, done.unreadable), (0, 1));
        let world = world.with_settings(keyed(8, None)).await;
        let merchant = merchant.on(&world.gateway);
        let owner = Payer { client: merchant.owner().await, merchant: merchant.clone(), device: owner.device };
        assert_eq!(refusal(&owner.approves(&forged).await), "NOT_AS_REQUESTED");
        assert_eq!(refusal(&owner.approves(&waiting).await), "");
        merchant.payouts_go_through().await;
        for payout in [&sent, &waiting] {
            assert_eq!(merchant.payout_row(payout.id).await.state, payout::PayoutStatus::Paid);
        }
    }

    async fn owners_are_told_that_other_payouts_wait(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.payer(Role::Owner).await;
        for above in [Some("100.00"), Some("100.00"), None] {
            let set = approval_is_set(&owner.client, &owner.device.next(), above).await;
            assert_eq!(refusal(&set), "", "{set}");
        }
        let document = "subscription { events(after: \"e0\", types: [PAYOUT_APPROVAL_SET, PAYOUT_SCHEDULE_SET]) \
            { type subject { ... on Merchant { id } } } }";
        let account = merchant.payable_account().await;
        owner.schedules(account, json!({})).await;
        let told: Vec<Value> = owner.client.subscribe(document, Value::Null).take(3).collect().await;
        let types: Vec<&Value> = told.iter().map(|event| &event["data"]["events"]["type"]).collect();
        assert_eq!(types, ["PAYOUT_APPROVAL_SET", "PAYOUT_APPROVAL_SET", "PAYOUT_SCHEDULE_SET"]);
        assert_eq!(told[0]["data"]["events"]["subject"]["id"], merchant.id.to_string());
    }
}
