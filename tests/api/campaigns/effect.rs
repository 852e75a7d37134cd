//! What a campaign brought: its numbers are those of the statistics, and what cannot be said is not said.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use serde_json::{Value, json};
use yigate::auth::model::{Actor, Scope, Scopes};

use super::{begun, done, made, money};
use crate::statistics::scene::{between, plain};
use crate::support::{Client, Merchant, Order};

/// What is asked of an effect.
const FIGURES: &str = "orders participants ordersWithoutMember sales { amount } discountCost { amount } \
    averageOrderValue { amount } newMembers";
const BASELINE: &str = "baseline { status reason from days beforeFrom daysBefore expected { amount } actual { amount } \
    uplift { value { amount } low { amount } high { amount } } upliftPercent { value low high } }";
const HOLDOUT: &str = "holdout { status reason given { members buyers sales { amount } salesPerMember { amount } } \
    heldOut { members buyers salesPerMember { amount } } \
    difference { value { amount } low { amount } high { amount } } }";

/// The effect of a campaign, once everything is counted; amounts as their texts.
pub async fn effect(merchant: &Merchant, campaign: &Value, fields: &str) -> Value {
    merchant.counted().await;
    let document = format!("query($id: ID!) {{ campaign(id: $id) {{ effect {{ {fields} }} }} }}");
    let owner = merchant.owner().await;
    let answer = owner.data(&document, json!({ "id": campaign["id"] })).await;
    plain(&answer["campaign"]["effect"])
}

/// Somebody buys at the price of campaigns, and pays.
pub async fn bought(
    merchant: &Merchant,
    amount: &str,
    payable: &str,
    member: Option<&str>,
) -> Order {
    let checkout = json!({ "couponCodes": [], "expectedPayable": money(payable) });
    let input = json!({ "checkout": checkout, "memberNo": member });
    let order = merchant.order_with(amount, input).await;
    order.pay().await;
    order
}

/// What a member is told that a cart of one line costs.
async fn payable(merchant: &Merchant, amount: &str, member: &str) -> String {
    let lines = merchant.order_input(amount)["lines"].clone();
    let document = "query($input: CheckoutQuoteInput!) { checkoutQuote(input: $input) { payable { amount } } }";
    let input = json!({ "lines": lines, "memberNo": member });
    let answer = merchant
        .shop()
        .data(document, json!({ "input": input }))
        .await;
    answer["checkoutQuote"]["payable"]["amount"]
        .as_str()
        .expect("an amount")
        .to_owned()
}

fn cents(amount: &Value) -> i64 {
    let text = amount.as_str().expect("an amount").replace('.', "");
    text.parse().expect("a number")
}

crate::everywhere! {
    async fn what_was_redeemed_and_paid_is_counted_by_day(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        bought(&merchant, "50.00", "50.00", Some("M1")).await;
        let campaign = begun(&owner, json!({})).await;
        world.clock.advance(TimeDelta::hours(1));
        bought(&merchant, "100.00", "80.00", Some("M1")).await;
        bought(&merchant, "120.00", "100.00", Some("M2")).await;
        // Short of the threshold: nobody had anything of it.
        bought(&merchant, "99.00", "99.00", None).await;
        world.clock.advance(TimeDelta::days(1));
        bought(&merchant, "150.00", "130.00", Some("M2")).await;
        bought(&merchant, "200.00", "180.00", None).await;
        let back = bought(&merchant, "100.00", "80.00", Some("M3")).await;
        back.refund(json!({})).await;
        merchant.refunds_go_through().await;
        // Not paid yet: not counted.
        let checkout = json!({ "couponCodes": [], "expectedPayable": money("80.00") });
        merchant.order_with("100.00", json!({ "checkout": checkout })).await;

        let fields = format!("isOver totals {{ {FIGURES} }} givenBack {{ orders sales {{ amount }} }} \
            byDay {{ on orders sales {{ amount }} discountCost {{ amount }} newMembers allOrders allSales {{ amount }} }}");
        let told = effect(&merchant, &campaign, &fields).await;
        assert_eq!(told["isOver"], false);
        assert_eq!(told["totals"], json!({
            "orders": 4, "participants": 2, "ordersWithoutMember": 1, "sales": "490.00",
            "discountCost": "80.00", "averageOrderValue": "122.50", "newMembers": 1,
        }));
        assert_eq!(told["givenBack"], json!({ "orders": 1, "sales": "80.00" }));
        assert_eq!(told["byDay"], json!([
            { "on": "2026-11-23", "orders": 2, "sales": "180.00", "discountCost": "40.00",
              "newMembers": 1, "allOrders": 4, "allSales": "329.00" },
            { "on": "2026-11-24", "orders": 2, "sales": "310.00", "discountCost": "40.00",
              "newMembers": 0, "allOrders": 3, "allSales": "390.00" },
        ]));
        // The same days say the same in the statistics.
        let range = between("2026-11-23T00:00:00+08:00", "2026-11-25T00:00:00+08:00");
        let days = merchant
            .statistics(&format!("{range}, grain: DAY"), "rows { measures { paidOrders paid { amount } } }")
            .await;
        let days = plain(&days["rows"]);
        for (place, day) in told["byDay"].as_array().unwrap().iter().enumerate() {
            assert_eq!(day["allOrders"], days[place]["measures"]["paidOrders"]);
            assert_eq!(day["allSales"], days[place]["measures"]["paid"]);
        }
    }

    async fn a_planted_uplift_lies_within_its_interval(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        // Weekends are three times as good; no two days of a weekday are quite alike.
        let base = |at: DateTime<Utc>| match at.weekday().num_days_from_monday() {
            5 | 6 => 300,
            day => 90 + 5 * i64::from(day),
        };
        let chance = |day: i64| (day * 7 % 13) - 6;
        for day in 0..35 {
            let amount = base(world.clock.now()) + chance(day);
            merchant.paid_order(&format!("{amount}.00")).await;
            let hours = if day == 34 { 12 } else { 24 };
            world.clock.advance(TimeDelta::hours(hours));
        }
        // From midnight on, half as much more comes in each day for ten days.
        let owner = merchant.owner().await;
        let rules = json!({ "benefit": { "cash": { "off": money("1.00") } } });
        let campaign = begun(&owner, json!({ "rules": rules })).await;
        world.clock.advance(TimeDelta::hours(12));
        let (mut planted, mut paid) = (0, 0);
        for day in 0..10 {
            let amount = (base(world.clock.now()) + chance(day)) * 3 / 2;
            bought(&merchant, &format!("{}.00", amount + 1), &format!("{amount}.00"), None).await;
            planted += 100 * (amount - base(world.clock.now()));
            paid += 100 * amount;
            world.clock.advance(TimeDelta::days(1));
        }
        let owner = merchant.owner().await;
        done(&owner, "campaignEnd", json!({ "id": campaign["id"] })).await;
        let told = effect(&merchant, &campaign, BASELINE).await["baseline"].clone();
        assert_eq!((&told["status"], &told["reason"]), (&json!("TOLD"), &Value::Null));
        // The day of the first sale is no whole one.
        assert_eq!((&told["from"], &told["days"]), (&json!("2026-12-28"), &json!(10)));
        assert_eq!((&told["beforeFrom"], &told["daysBefore"]), (&json!("2026-11-24"), &json!(34)));
        assert_eq!(cents(&told["actual"]), paid);
        let uplift = &told["uplift"];
        let (low, high) = (cents(&uplift["low"]), cents(&uplift["high"]));
        assert!(low <= planted && planted <= high, "{planted}: {told}");
        assert!(low > 0, "{told}");
        assert_eq!(cents(&told["expected"]) + cents(&uplift["value"]), paid);
        // And the statistics say the same of these days.
        let totals = merchant
            .totals("2026-12-28T00:00:00+08:00", "2027-01-07T00:00:00+08:00", "paid { amount }")
            .await;
        assert_eq!(plain(&totals["paid"]), told["actual"]);
    }

    async fn what_cannot_be_said_is_not_said(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let draft = made(&owner, json!({})).await;
        assert_eq!(effect(&merchant, &draft, BASELINE).await, Value::Null);
        let campaign = begun(&owner, json!({})).await;
        let fields = format!("{BASELINE} {HOLDOUT}");
        let told = effect(&merchant, &campaign, &fields).await;
        let reasons = |told: &Value| {
            ["baseline", "holdout"].map(|part| {
                assert_eq!(told[part]["status"], "NOT_ENOUGH_DATA");
                told[part]["reason"].as_str().unwrap_or_default().to_owned()
            })
        };
        assert_eq!(reasons(&told), ["CAMPAIGN_TOO_SHORT", "NOBODY_HELD_OUT"]);
        assert_eq!(told["baseline"]["uplift"], Value::Null);
        bought(&merchant, "100.00", "80.00", None).await;
        world.clock.advance(TimeDelta::days(5));
        let told = effect(&merchant, &campaign, &fields).await;
        assert_eq!(reasons(&told), ["HISTORY_TOO_SHORT", "NOBODY_HELD_OUT"]);
    }

    async fn who_is_held_out_pays_more_and_that_is_told(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for member in 0..100 {
            bought(&merchant, "10.00", "10.00", Some(&format!("M{member}"))).await;
        }
        world.clock.advance(TimeDelta::hours(1));
        let owner = merchant.owner().await;
        let campaign = begun(&owner, json!({ "holdoutShare": "0.5" })).await;
        world.clock.advance(TimeDelta::hours(1));
        let few = effect(&merchant, &campaign, HOLDOUT).await["holdout"].clone();
        assert_eq!(few["reason"], "TOO_FEW_BUYERS");
        // Each buys for 100; who is given it comes twice.
        let mut given = 0;
        for member in 0..100 {
            let no = format!("M{member}");
            let quote = payable(&merchant, "100.00", &no).await;
            bought(&merchant, "100.00", &quote, Some(&no)).await;
            if quote == "80.00" {
                given += 1;
                bought(&merchant, "100.00", &quote, Some(&no)).await;
            }
        }
        // Somebody who was not known before is in neither group.
        merchant.order_with("10.00", json!({ "memberNo": "M-new" })).await;
        let quote = payable(&merchant, "100.00", "M-new").await;
        bought(&merchant, "100.00", &quote, Some("M-new")).await;
        world.clock.advance(TimeDelta::hours(1));
        let told = effect(&merchant, &campaign, HOLDOUT).await["holdout"].clone();
        assert_eq!(told["status"], "TOLD", "{told}");
        assert_eq!(told["given"], json!({
            "members": given, "buyers": given, "sales": format!("{}.00", 160 * given),
            "salesPerMember": "160.00",
        }));
        assert_eq!(told["heldOut"]["members"], 100 - given);
        assert_eq!(told["heldOut"]["salesPerMember"], "100.00");
        // All of a group did the same: nothing is uncertain.
        let sure = json!({ "value": "60.00", "low": "60.00", "high": "60.00" });
        assert_eq!(told["difference"], sure);
    }

    async fn an_effect_tells_of_all_sales_and_needs_the_scope_for_them(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let campaign = begun(&owner, json!({})).await;
        let key = Actor {
            scopes: Scopes::of(&[Scope::CampaignsRead]),
            ..Actor::system(merchant.id)
        };
        let key = Client::acting(world.gateway.clone(), Some(key));
        let document = "query($id: ID!) { campaign(id: $id) { name effect { isOver } } }";
        let answer = key.ask(document, json!({ "id": campaign["id"] })).await;
        assert_eq!(answer["data"]["campaign"]["effect"], Value::Null);
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    }
}
