//! Statistics by the buyers' tiers: that which they had when they ordered, whatever becomes of them.

use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::scene::plain;
use crate::everywhere;
use crate::support::coupons::{asked, new_key};
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

/// The one becomes a part of the other.
async fn merges(merchant: &Merchant, from: &str, into: &str) {
    let (from, into) = (
        merchant.member(from, "id version").await,
        merchant.member(into, "id version").await,
    );
    let input = json!({ "idempotencyKey": new_key(), "fromId": from["id"], "intoId": into["id"],
        "expectedVersion": into["version"], "expectedFromVersion": from["version"] });
    let owner = merchant.owner().await;
    let done = asked(&owner, "memberMerge", "member { id }", input).await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
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

    async fn who_is_made_one_is_new_with_the_tier_of_the_first_order_of_both(world: World) {
        let merchant = with_silver(&world).await;
        for member_no in ["M-1", "M-1", "M-1", "M-2", "M-3"] {
            // The third is made as silver: the tier has a row.
            merchant.sold_to(member_no, "10.00").await;
        }
        // As if they had been silver when they first paid.
        let first_as_silver = "UPDATE members SET first_tier_id = tier_id WHERE member_no = 'M-1'";
        world.app().db.writer().execute_unprepared(first_as_silver).await.expect("a member");
        merchant.order_by("M-4", "1.00").await;
        let new_members = async |of: &str| {
            world.clock.advance(TimeDelta::minutes(1));
            let told = by_tier(&merchant, "dimensions: [MEMBER_TIER]").await;
            let rows = told["rows"].as_array().expect("rows").clone();
            let row = rows.iter().find(|row| row["memberTier"]["name"].as_str().unwrap_or_default() == of);
            row.map_or(0, |row| row["measures"]["newMembers"].as_i64().expect("a number"))
        };
        assert_eq!((new_members("银卡").await, new_members("").await), (1, 2));
        // Who stays has paid for nothing: the first order of both is that of who goes.
        merges(&merchant, "M-1", "M-4").await;
        assert_eq!((new_members("银卡").await, new_members("").await), (1, 2));
        // Who stays has paid later: the first order of both was of no tier.
        merchant.sold_to("M-5", "10.00").await;
        let later = "UPDATE members SET first_tier_id = (SELECT id FROM tiers) WHERE member_no = 'M-5'";
        world.app().db.writer().execute_unprepared(later).await.expect("a member");
        merges(&merchant, "M-2", "M-5").await;
        assert_eq!((new_members("银卡").await, new_members("").await), (1, 2));
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
