//! Lists of payouts: filters, sums, search, and how long they took.

use entity::membership::Role;
use serde_json::{Value, json};

use crate::everywhere;
use crate::support::Merchant;

async fn listed(merchant: &Merchant, filter: Value) -> Vec<String> {
    let document = "query($filter: PayoutFilterInput) { payouts(filter: $filter) { \
        totalCount edges { node { amount { amount } } } } }";
    let owner = merchant.owner().await;
    let answer = owner.data(document, json!({ "filter": filter })).await;
    let edges = answer["payouts"]["edges"]
        .as_array()
        .expect("edges")
        .clone();
    assert_eq!(answer["payouts"]["totalCount"], edges.len());
    edges
        .iter()
        .map(|edge| {
            edge["node"]["amount"]["amount"]
                .as_str()
                .expect("an amount")
                .to_owned()
        })
        .collect()
}

everywhere! {
    async fn payouts_are_found_by_what_they_are(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        merchant.payout_terms(|terms| terms.tariff.fixed_minor = 100).await;
        let (owner, finance) = (merchant.payer(Role::Owner).await, merchant.payer(Role::Finance).await);
        let (first, second) = (merchant.payable_account().await, merchant.payable_account().await);
        let paid = owner.pays_out(first, "10.00").await;
        finance.pays_out_that(second, "20.00", "sandbox:payout-refuse").await;
        merchant.payouts_go_through().await;
        world.clock.advance(chrono::TimeDelta::days(1));
        let slow = finance.pays_out_that(first, "30.00", "sandbox:payout-slow").await;
        merchant.payout_workers_work().await;
        assert_eq!(listed(&merchant, json!({})).await, ["30.00", "20.00", "10.00"]);
        let number = paid.read("payoutNo providerPayoutNo").await;
        let cny = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
        for (filter, expected) in [
            (json!({ "state": ["PAID", "FAILED"] }), vec!["20.00", "10.00"]),
            (json!({ "bankAccountId": [first.to_string()] }), vec!["30.00", "10.00"]),
            (json!({ "requestedBy": merchant.staff(Role::Owner).to_string() }), vec!["10.00"]),
            (json!({ "origin": ["SCHEDULE"] }), vec![]),
            (json!({ "amount": { "min": cny("20.00"), "max": cny("29.99") } }), vec!["20.00"]),
            (json!({ "requestedAt": { "preset": "TODAY" } }), vec!["30.00"]),
            (json!({ "paidAt": { "preset": "YESTERDAY" } }), vec!["10.00"]),
            (json!({ "needsAttention": true }), vec![]),
            (json!({ "search": number["payoutNo"] }), vec!["10.00"]),
            (json!({ "search": number["providerPayoutNo"] }), vec!["10.00"]),
            (json!({ "search": "999" }), vec![]),
        ] {
            assert_eq!(listed(&merchant, filter.clone()).await, expected, "{filter}");
        }
        let document = "{ payouts { totals { amount { amount } fee { amount } net { amount } } \
            states { value count } } }";
        let answer = merchant.owner().await.data(document, json!({})).await;
        assert_eq!(answer["payouts"]["totals"], json!({
            "amount": { "amount": "60.00" }, "fee": { "amount": "3.00" }, "net": { "amount": "57.00" } }));
        assert_eq!(answer["payouts"]["states"], json!([
            { "value": "FAILED", "count": 1 },
            { "value": "PAID", "count": 1 },
            { "value": "PROCESSING", "count": 1 },
        ]));
        let by_number = "query($no: String!) { payout(by: { payoutNo: $no }) { id } }";
        let slow_no = slow.read("payoutNo").await["payoutNo"].clone();
        let answer = merchant.owner().await.data(by_number, json!({ "no": slow_no })).await;
        assert_eq!(answer["payout"]["id"], slow.id.to_string());
    }

    async fn how_long_payouts_took_is_told_by_bank(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        for marker in ["", "", "sandbox:payout-slow"] {
            payer.pays_out_that(account, "10.00", marker).await;
        }
        merchant.payouts_go_through().await;
        merchant.payout_days_pass(2).await;
        let document = "{ payoutArrivals(range: { preset: LAST_7_DAYS }) { bankCode count expected medianDays onTime } }";
        let answer = merchant.owner().await.data(document, json!({})).await;
        assert_eq!(answer["payoutArrivals"], json!([
            { "bankCode": "ICBC", "count": 3, "expected": 3, "medianDays": 0, "onTime": 3 }]));
    }
}
