//! Statements: a month's fees, summed up, which nothing that happens later changes.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entity::channel::{ChannelKind, PaymentMethod};
use serde_json::{Value, json};
use yigate::refunds::worker;

use super::{Taken, insert, minor, rule};
use crate::everywhere;
use crate::support::{Merchant, Order};

/// Asks for a statement.
const STATEMENT: &str = "query($month: LocalDate!, $by: [FeeStatementDimension!]) {
    feeStatement(month: $month, groupBy: $by) { from to
        rows { channel { id } method country payments
            base { amount } fee { amount } returned { amount } net { amount } }
        totals { payments base { amount } fee { amount } returned { amount } net { amount } } } }";

async fn statement(merchant: &Merchant, month: &str, by: Option<&[&str]>) -> Value {
    let mut variables = json!({ "month": month });
    if let Some(by) = by {
        variables["by"] = json!(by);
    }
    let answer = merchant.owner().await.data(STATEMENT, variables).await;
    answer["feeStatement"].clone()
}

/// Payments, base, fee, returned and net of a row.
fn figures(row: &Value) -> [i64; 5] {
    let payments = row["payments"].as_i64().expect("a number");
    let [base, fee, returned, net] =
        ["base", "fee", "returned", "net"].map(|name| minor(&row[name]));
    [payments, base, fee, returned, net]
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// The owner gives back a part of an order, and it reaches the payer.
async fn refund(order: &Order, amount: &str) -> Value {
    let document = "mutation($input: RefundCreateInput!) { refundCreate(input: $input) {
        refund { id } userErrors { code message } } }";
    let merchant = order.merchant();
    let key: u64 = rand::random();
    let input = json!({
        "idempotencyKey": format!("refund-{key:016x}"),
        "orderId": order.id.to_string(),
        "amount": crate::fees::money(amount),
    });
    let answer = merchant
        .owner()
        .await
        .data(document, json!({ "input": input }))
        .await;
    let payload = &answer["refundCreate"];
    assert_eq!(payload["userErrors"], json!([]));
    let id = payload["refund"]["id"].clone();
    let app = merchant.app();
    for _ in 0..10 {
        while worker::work(app, &merchant.gateway().providers).await > 0 {}
        if state(merchant, &id).await == "SUCCEEDED" {
            return id;
        }
        app.clock.advance(TimeDelta::seconds(10));
    }
    panic!("the refund did not succeed");
}

async fn state(merchant: &Merchant, id: &Value) -> Value {
    let document = "query($id: ID!) { refund(by: { id: $id }) { state } }";
    let answer = merchant
        .owner()
        .await
        .data(document, json!({ "id": id }))
        .await;
    answer["refund"]["state"].clone()
}

/// The bank returns what had reached the payer.
async fn send_back(merchant: &Merchant, id: &Value) {
    let document = "mutation($id: ID!) { refundResolve(input: { idempotencyKey: \"sent back\", refundId: $id, \
        outcome: REVERSED, note: \"the bank returned it\" }) { refund { state } userErrors { code } } }";
    let answer = merchant
        .owner()
        .await
        .data(document, json!({ "id": id }))
        .await;
    assert_eq!(
        answer["refundResolve"]["refund"]["state"], "REVERSED",
        "{answer}"
    );
}

everywhere! {
    async fn rows_sum_up_what_was_taken_and_to_the_totals(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let alipay = merchant.channel(ChannelKind::Sandbox, PaymentMethod::Alipay, None).await;
        let second = merchant.channel(ChannelKind::Sandbox, PaymentMethod::WechatPay, None).await;
        let taken: Vec<Taken> = (0..90_i64)
            .map(|place| {
                // From September to November.
                let mut one = Taken::at(
                    &merchant,
                    format!("N{place}"),
                    at("2026-09-20T00:00:00Z") + TimeDelta::hours(place * 15),
                );
                let payment = &mut one.payment;
                (payment.channel_id, payment.method) = match place % 4 {
                    0 => (alipay, PaymentMethod::Alipay),
                    1 => (second, PaymentMethod::WechatPay),
                    _ => (merchant.channel_id, PaymentMethod::WechatPay),
                };
                let countries = [None, Some("CN"), Some("US")];
                payment.country = countries[usize::try_from(place % 3).unwrap()].map(str::to_owned);
                payment.fee_minor = place % 37;
                one
            })
            .collect();
        insert(&world, &taken).await;
        let (from, to) = (at("2026-09-30T16:00:00Z"), at("2026-10-31T16:00:00Z"));
        let october = taken.iter().filter(|one| (from..to).contains(&one.payment.credited_at.0));
        let october: Vec<_> = october.map(|one| &one.payment).collect();
        assert!(october.len() > 20);
        for by in [
            vec![], vec!["CHANNEL"], vec!["METHOD"], vec!["COUNTRY"], vec!["CHANNEL", "COUNTRY"],
            vec!["COUNTRY", "METHOD", "CHANNEL"],
        ] {
            let has = |name: &str| by.contains(&name);
            let mut wanted: BTreeMap<String, [i64; 5]> = BTreeMap::new();
            for payment in &october {
                let method = if payment.method == PaymentMethod::Alipay { "ALIPAY" } else { "WECHAT_PAY" };
                let key = json!([
                    has("CHANNEL").then(|| json!({ "id": payment.channel_id.to_string() })),
                    has("METHOD").then_some(method),
                    payment.country.clone().filter(|_| has("COUNTRY")),
                ]);
                let sums = wanted.entry(key.to_string()).or_default();
                let one = [1, payment.paid_minor, payment.fee_minor, 0, payment.fee_minor];
                *sums = std::array::from_fn(|place| sums[place] + one[place]);
            }
            let seen = statement(&merchant, "2026-10-01", Some(&by)).await;
            assert_eq!((&seen["from"], &seen["to"]),
                (&json!("2026-09-30T16:00:00.000Z"), &json!("2026-10-31T16:00:00.000Z")));
            let rows = seen["rows"].as_array().expect("rows");
            let found: BTreeMap<String, [i64; 5]> = rows.iter()
                .map(|row| (json!([row["channel"], row["method"], row["country"]]).to_string(), figures(row)))
                .collect();
            assert_eq!(found.len(), rows.len(), "a row for each");
            assert_eq!(found, wanted, "{by:?}");
            let total = wanted.values().fold([0; 5], |sum, one| std::array::from_fn(|place| sum[place] + one[place]));
            assert_eq!(figures(&seen["totals"]), total, "{by:?}");
            assert!(rows.is_sorted_by_key(|row| -figures(row)[2]), "the largest fee first");
        }
        // Any day names its month; where nothing is said, rows are by everything.
        let all = ["CHANNEL", "METHOD", "COUNTRY"];
        let month = statement(&merchant, "2026-10-01", Some(&all)).await;
        assert_eq!(statement(&merchant, "2026-10-31", None).await, month);
        let empty = statement(&merchant, "2020-02-29", None).await;
        assert_eq!((&empty["rows"], figures(&empty["totals"])), (&json!([]), [0; 5]));
        let beyond = merchant.owner().await.error(STATEMENT, json!({ "month": "9999-12-01" })).await;
        assert_eq!(beyond.0, "BAD_USER_INPUT");
    }

    async fn a_month_begins_at_midnight_in_shanghai(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let midnight = at("2026-10-31T16:00:00Z");
        let taken: Vec<Taken> = [(-1, 7), (0, 11), (1, 13)]
            .into_iter()
            .map(|(milliseconds, fee)| {
                let at = midnight + TimeDelta::milliseconds(milliseconds);
                let mut one = Taken::at(&merchant, format!("N{fee}"), at);
                one.payment.fee_minor = fee;
                one
            })
            .collect();
        insert(&world, &taken).await;
        for (month, fee) in [("2026-10-01", 7), ("2026-11-01", 24), ("2026-12-01", 0)] {
            let seen = statement(&merchant, month, Some(&[])).await;
            assert_eq!(figures(&seen["totals"])[2], fee, "{month}");
        }
    }

    async fn what_refunds_return_counts_in_their_month_and_no_month_changes_later(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        rule(&merchant, json!({ "rate": "0.01" })).await;
        let order = merchant.paid_order("100.00").await;
        let other = merchant.paid_order("50.00").await;
        let november = statement(&merchant, "2026-11-01", None).await;
        assert_eq!(figures(&november["totals"]), [2, 15_000, 150, 0, 150]);

        world.clock.set(at("2026-12-10T04:00:00Z"));
        let first = refund(&order, "30.00").await;
        refund(&order, "20.00").await;
        refund(&other, "50.00").await;
        let december = statement(&merchant, "2026-12-01", None).await;
        assert_eq!(figures(&december["totals"]), [0, 0, 0, 100, -100]);
        assert_eq!(figures(&december["rows"][0]), [0, 0, 0, 100, -100]);
        assert_eq!(december["rows"][0]["method"], "WECHAT_PAY");

        // The bank sends one back in January: its part of the fee is taken again, then.
        world.clock.set(at("2027-01-05T04:00:00Z"));
        send_back(&merchant, &first).await;
        let january = statement(&merchant, "2027-01-01", None).await;
        assert_eq!(figures(&january["totals"]), [0, 0, 0, -30, 30]);
        assert_eq!(statement(&merchant, "2026-12-01", None).await, december);
        assert_eq!(statement(&merchant, "2026-11-01", None).await, november);
        // All months together say what the fees themselves say.
        let all = "{ fees { totals { fee { amount } returned { amount } } } }";
        let all = merchant.owner().await.data(all, Value::Null).await;
        let returned = minor(&all["fees"]["totals"]["returned"]);
        assert_eq!(returned, 100 - 30);
        let check = "{ feeDifferences(range: { preset: LAST_365_DAYS }) { edges { node { reason } } } }";
        let check = merchant.owner().await.data(check, Value::Null).await;
        assert_eq!(check["feeDifferences"]["edges"], json!([]));
    }
}
