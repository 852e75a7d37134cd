//! The list of fees: each comes once, filters and totals agree, and who may see them.

use chrono::TimeDelta;
use entity::channel::{ChannelKind, PaymentMethod};
use entity::{FeeRuleId, payment};
use serde_json::{Value, json};

use super::{Taken, insert, minor, money, rule};
use crate::everywhere;
use crate::orders::rows::before_noon;
use crate::support::{Client, Merchant, World};

/// Payments of which three each were credited in one millisecond, over several days.
fn many(merchant: &Merchant, count: i64) -> Vec<Taken> {
    (0..count)
        .map(|place| {
            let at = before_noon(60 * 24 * 4) + TimeDelta::milliseconds(place / 3 * 7_200_000);
            let mut one = Taken::at(merchant, format!("N{place}"), at);
            one.payment.fee_minor = place % 40;
            one.payment.fee_returned_minor = place % 40 / 3;
            one
        })
        .collect()
}

/// The orders of all pages, one after the other.
async fn walk(client: &Client, sizes: &[usize], backward: bool) -> Vec<String> {
    let document = "query($first: Int, $after: String, $last: Int, $before: String) {
        fees(first: $first, after: $after, last: $last, before: $before) {
            edges { cursor node { order { id } } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let (mut seen, mut place) = (Vec::<String>::new(), Value::Null);
    for round in 0.. {
        let size = sizes[round % sizes.len()];
        let variables = if backward {
            json!({ "last": size, "before": place })
        } else {
            json!({ "first": size, "after": place })
        };
        let answer = client.data(document, variables).await;
        let info = &answer["fees"]["pageInfo"];
        let edges = answer["fees"]["edges"].as_array().expect("edges").iter();
        let ids = edges.map(|edge| {
            let id = &edge["node"]["order"]["id"];
            id.as_str().expect("an id").to_owned()
        });
        let (more, next) = if backward {
            seen.splice(0..0, ids);
            ("hasPreviousPage", "startCursor")
        } else {
            seen.extend(ids);
            ("hasNextPage", "endCursor")
        };
        place = info[next].clone();
        if info[more] == json!(false) {
            break;
        }
    }
    seen
}

/// The fees that a filter wants: their orders, newest first, and their totals.
async fn listed(world: &World, merchant: &Merchant, filter: &Value) -> (Vec<String>, Value) {
    let document = "query($filter: FeeFilterInput) { fees(filter: $filter, first: 100) {
        edges { node { order { id } } }
        totals { count base { amount } fee { amount } returned { amount } net { amount } } } }";
    let client = Client::acting(
        world.gateway.clone(),
        Some(yigate::auth::model::Actor::system(merchant.id)),
    );
    let answer = client.data(document, json!({ "filter": filter })).await;
    let edges = answer["fees"]["edges"].as_array().expect("edges").iter();
    let ids = edges.map(|edge| {
        edge["node"]["order"]["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    });
    (ids.collect(), answer["fees"]["totals"].clone())
}

/// The orders of payments, newest first.
fn newest_first<'a>(taken: impl Iterator<Item = &'a Taken>) -> Vec<String> {
    let mut all: Vec<_> = taken
        .map(|one| (one.payment.credited_at.0, one.payment.order_id))
        .collect();
    all.sort_unstable();
    all.into_iter()
        .rev()
        .map(|(_, id)| id.to_string())
        .collect()
}

everywhere! {
    async fn every_fee_comes_once_whatever_the_pages(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let taken = many(&merchant, 200);
        insert(&world, &taken).await;
        let other = world.merchant("云裳时装").await;
        insert(&world, &many(&other, 5)).await;
        let wanted = newest_first(taken.iter());
        let owner = merchant.owner().await;
        for backward in [false, true] {
            for sizes in [vec![50, 1, 7, 100], vec![3], vec![100]] {
                assert_eq!(walk(&owner, &sizes, backward).await, wanted, "{sizes:?} backward: {backward}");
            }
        }
        for cursor in ["", "c1", "f1", "f1.", "f+1.1", "f1.1.1"] {
            let answer = owner.error("query($after: String) { fees(after: $after) { edges { cursor } } }",
                json!({ "after": cursor })).await;
            assert_eq!(answer.0, "BAD_USER_INPUT", "{cursor}");
        }
    }

    async fn a_filter_and_its_totals_hold_the_same_fees(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let alipay = merchant.channel(ChannelKind::Sandbox, PaymentMethod::Alipay, None).await;
        let made = rule(&merchant, json!({})).await;
        let rule_id: FeeRuleId = made["ruleId"].as_str().unwrap().parse().unwrap();
        let mut taken = many(&merchant, 90);
        for (place, one) in taken.iter_mut().enumerate() {
            let payment = &mut one.payment;
            if place % 4 == 0 {
                (payment.channel_id, payment.method) = (alipay, PaymentMethod::Alipay);
            }
            payment.country = [None, Some("CN"), Some("US")][place % 3].map(str::to_owned);
            if place % 5 == 0 {
                (payment.fee_rule_id, payment.fee_rule_version) = (Some(rule_id), Some(1));
            }
        }
        insert(&world, &taken).await;
        type Wants = Box<dyn Fn(&payment::Model) -> bool>;
        let from = before_noon(60 * 24 * 3);
        let span = json!({ "custom": { "from": from.to_rfc3339(), "to": before_noon(60 * 24 * 2).to_rfc3339() } });
        let cases: Vec<(Value, Wants)> = vec![
            (json!(null), Box::new(|_| true)),
            (json!({ "takenAt": span }), Box::new(move |one| {
                one.credited_at.0 >= from && one.credited_at.0 < before_noon(60 * 24 * 2)
            })),
            (json!({ "channelId": [alipay.to_string()] }), Box::new(move |one| one.channel_id == alipay)),
            (json!({ "channelId": [alipay.to_string(), merchant.channel_id.to_string()] }), Box::new(|_| true)),
            (json!({ "method": ["WECHAT_PAY"] }), Box::new(|one| one.method == PaymentMethod::WechatPay)),
            (json!({ "country": ["CN", "US"] }), Box::new(|one| one.country.is_some())),
            (json!({ "ruleId": made["ruleId"] }), Box::new(move |one| one.fee_rule_id == Some(rule_id))),
            (json!({ "amount": { "min": money("0.10"), "max": money("0.20") } }),
                Box::new(|one| (10..=20).contains(&one.fee_minor))),
            (json!({ "method": ["ALIPAY"], "country": ["CN"], "amount": { "min": money("0.01") } }),
                Box::new(|one| {
                    one.method == PaymentMethod::Alipay && one.country.as_deref() == Some("CN") && one.fee_minor > 0
                })),
            (json!({ "country": ["JP"] }), Box::new(|_| false)),
        ];
        for (filter, wants) in cases {
            let wanted: Vec<&Taken> = taken.iter().filter(|one| wants(&one.payment)).collect();
            let (seen, totals) = listed(&world, &merchant, &filter).await;
            assert_eq!(seen, newest_first(wanted.iter().copied()), "{filter}");
            let sum = |of: fn(&payment::Model) -> i64| wanted.iter().map(|one| of(&one.payment)).sum::<i64>();
            let (fee, returned) = (sum(|one| one.fee_minor), sum(|one| one.fee_returned_minor));
            assert_eq!(totals["count"], wanted.len(), "{filter}");
            assert_eq!(minor(&totals["base"]), sum(|one| one.paid_minor), "{filter}");
            assert_eq!(minor(&totals["fee"]), fee, "{filter}");
            assert_eq!(minor(&totals["returned"]), returned, "{filter}");
            assert_eq!(minor(&totals["net"]), fee - returned, "{filter}");
        }
        let owner = merchant.owner().await;
        for filter in [
            json!({ "channelId": [] }),
            json!({ "channelId": ["ord_0000000000001"] }),
            json!({ "ruleId": "no id" }),
            json!({ "amount": { "min": money("2.00"), "max": money("1.00") } }),
        ] {
            let document = "query($filter: FeeFilterInput) { fees(filter: $filter) { edges { cursor } } }";
            assert_eq!(owner.error(document, json!({ "filter": filter })).await.0, "BAD_USER_INPUT", "{filter}");
        }
    }

    async fn an_orders_fee_is_there_once_it_is_paid_for_who_may_see_fees(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        rule(&merchant, json!({ "rate": "0.006" })).await;
        let order = merchant.order("36.00").await;
        assert_eq!(order.read("fee { amount { amount } }").await, json!({ "fee": null }));
        order.pay().await;
        let paid = json!({ "fee": { "amount": { "amount": "0.22" } } });
        assert_eq!(order.read("fee { amount { amount } }").await, paid);
        // The library's own way, by the loader.
        let way = "... { fee { amount { amount } } } fee { amount { amount } }";
        assert_eq!(order.read(way).await, paid);

        let key = |scopes: &str| {
            let document = format!(
                "mutation {{ apiKeyCreate(input: {{ name: \"店铺\", scopes: [{scopes}] }}) {{ secret }} }}"
            );
            let (merchant, world) = (&merchant, &world);
            async move {
                let made = merchant.owner().await.data(&document, Value::Null).await;
                let secret = made["apiKeyCreate"]["secret"].as_str().expect("a secret").to_owned();
                Client::bearer(world.gateway.clone(), &secret).await
            }
        };
        let (orders, fees) = (key("ORDERS_READ").await, key("LEDGER_READ").await);
        let list = "{ orders { edges { node { id fee { rate } } } } }";
        let answer = orders.ask(list, Value::Null).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
        let node = json!({ "id": order.id.to_string(), "fee": null });
        assert_eq!(answer["data"]["orders"]["edges"][0]["node"], node);
        let answer = fees.ask("{ fees { edges { node { rate order { id } } } } }", Value::Null).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
        let node = json!({ "rate": "0.006", "order": null });
        assert_eq!(answer["data"]["fees"]["edges"][0]["node"], node);
    }
}
