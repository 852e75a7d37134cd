//! Statistics by the buyers' tiers: that which they had when they ordered, whatever becomes of them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::scene::plain;
use crate::everywhere;
use crate::support::{Merchant, World};

const RANGE: &str = "range: { preset: LAST_30_DAYS }";
const ROWS: &str = "totals { orders paidOrders paid { amount } refunded { amount } buyers newMembers } \
    rows { memberTier { name } measures { orders paidOrders paid { amount } refunded { amount } buyers newMembers } }";

/// Who has paid for two orders is silver from then on.
async fn with_silver(world: &World) -> Merchant {
    let merchant = world.merchant("木棉咖啡").await;
    let input = json!({ "rank": 1, "name": "银卡", "thresholds": { "orders": 2 } });
    let set = "mutation($input: TierSetInput!) { tierSet(input: $input) { userErrors { code field message } } }";
    let answer = merchant
        .owner()
        .await
        .data(set, json!({ "input": input }))
        .await;
    assert_eq!(answer["tierSet"]["userErrors"], json!([]));
    merchant
}

async fn by_tier(merchant: &Merchant, arguments: &str) -> Value {
    let told = merchant
        .statistics(&format!("{RANGE}, {arguments}"), ROWS)
        .await;
    plain(&told)
}

everywhere! {
    async fn what_was_bought_counts_for_the_tier_that_the_buyer_had_when_they_ordered(world: World) {
        let merchant = with_silver(&world).await;
        merchant.sold_to("M-1", "10.00").await;
        merchant.sold_to("M-1", "20.00").await;
        merchant.sold_to("M-1", "40.00").await;
        let given_back = merchant.sold_to("M-1", "80.00").await;
        merchant.sold_to("M-2", "5.00").await;
        merchant.paid_order("7.00").await;
        merchant.order_by("M-1", "3.00").await;
        given_back.refund_amount("30.00").await;
        merchant.refunds_go_through().await;
        world.clock.advance(TimeDelta::minutes(1));
        let none = json!({ "memberTier": null, "measures": { "orders": 4, "paidOrders": 4, "paid": "42.00",
            "refunded": "0.00", "buyers": 2, "newMembers": 2 } });
        let silver = json!({ "memberTier": { "name": "银卡" }, "measures": { "orders": 3, "paidOrders": 2,
            "paid": "120.00", "refunded": "30.00", "buyers": 1, "newMembers": 0 } });
        let told = by_tier(&merchant, "dimensions: [MEMBER_TIER]").await;
        assert_eq!(told["rows"], json!([silver, none]));
        assert_eq!(told["totals"], json!({ "orders": 7, "paidOrders": 6, "paid": "162.00", "refunded": "30.00",
            "buyers": 2, "newMembers": 2 }));
        // By any other dimension as well, and filtered: the same figures.
        for arguments in ["dimensions: [MEMBER_TIER, COUNTRY]", "dimensions: [MEMBER_TIER, METHOD]"] {
            let told = by_tier(&merchant, arguments).await;
            assert_eq!(told["rows"], json!([silver, none]), "{arguments}");
        }
        let only_none = by_tier(&merchant, "filter: { memberTierNone: true }").await;
        assert_eq!(only_none["totals"], none["measures"]);
        merchant.is_counted_right().await;
    }

    async fn who_loses_their_tier_keeps_what_was_counted_for_it(world: World) {
        let merchant = with_silver(&world).await;
        merchant.sold_to("M-1", "10.00").await;
        let second = merchant.sold_to("M-1", "20.00").await;
        let third = merchant.sold_to("M-1", "40.00").await;
        let before = by_tier(&merchant, "dimensions: [MEMBER_TIER]").await;
        second.refund_amount("20.00").await;
        third.refund_amount("40.00").await;
        merchant.refunds_go_through().await;
        world.clock.advance(TimeDelta::minutes(1));
        let after = by_tier(&merchant, "dimensions: [MEMBER_TIER]").await;
        let silver = |told: &Value| told["rows"].as_array().unwrap().iter()
            .find(|row| !row["memberTier"].is_null()).unwrap()["measures"]["paid"].clone();
        assert_eq!((silver(&before), silver(&after)), (json!("40.00"), json!("40.00")));
        merchant.is_counted_right().await;
    }
}
