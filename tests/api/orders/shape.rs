//! What an order looks like: the same however it is asked for, and by whom it is asked.

#![allow(clippy::too_many_lines, reason = "a test tells a story")]

use chrono::TimeDelta;
use entity::membership::Role;
use serde_json::{Value, json};
use yigate::auth::model::Actor;
use yigate::graphql::RequestInfo;
use yigate::graphql::gateway::Caller;
use yigate::graphql::request::Params;
use yigate::locale::Locale;

use crate::access::reconciliation_item;
use crate::everywhere;
use crate::schema::{introspected, items, name, named};
use crate::support::{Client, Merchant, Order, World};

/// Orders in every state that a story reaches: paid and partly sent, closed, and waiting.
async fn stories(world: &World) -> (Merchant, Vec<Order>) {
    let merchant = world.merchant("汇贤饭店").await;
    let yuan = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
    let sent = merchant
        .order_with(
            "0",
            json!({
                "merchantOrderNo": "R-1",
                "country": "CN",
                "buyer": { "name": "张伟", "phone": "13812345678" },
                "discount": yuan("1.00"),
                "lines": [
                    { "title": "宫保鸡丁", "category": "热菜", "quantity": 2, "unitPrice": yuan("36.00") },
                    { "title": "米饭", "quantity": 3, "unitPrice": yuan("2.00") },
                ],
            }),
        )
        .await;
    world.clock.advance(TimeDelta::seconds(90));
    sent.pay().await;
    world.clock.advance(TimeDelta::seconds(10));
    let fulfill = "mutation($id: ID!) { orderFulfill(input: { orderId: $id, carrier: \"顺丰\", \
        trackingNo: \"SF1\", lines: [{ lineNo: 1, quantity: 1 }] }) { userErrors { code } } }";
    let owner = merchant.owner().await;
    let done = owner
        .data(fulfill, json!({ "id": sent.id.to_string() }))
        .await;
    assert_eq!(done["orderFulfill"]["userErrors"], json!([]));
    let closed = merchant.order("12.00").await;
    let close =
        "mutation($id: ID!) { orderClose(input: { orderId: $id }) { userErrors { code } } }";
    owner
        .data(close, json!({ "id": closed.id.to_string() }))
        .await;
    let waiting = merchant.order("5.00").await;
    reconciliation_item(world, &merchant, sent.id).await;
    (merchant, vec![sent, closed, waiting])
}

/// How a selection is written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Style {
    /// Fields, as a client writes them.
    Plain,
    /// Each field twice, once in a fragment: merging is the library's own way.
    Twice,
    /// Each field in an inline fragment without or with the type's name.
    Inline,
    /// Each field behind directives that let it through.
    Directed,
    /// Each field through a named fragment that is spread once.
    Spread,
}

/// How many levels of objects are asked for below the first.
const LEVELS: usize = 2;

/// Writes every field of a type, and of what lies under it, so many levels deep.
struct Writer<'a> {
    schema: &'a Value,
    style: Style,
    fragments: String,
    made: usize,
}

impl Writer<'_> {
    fn select(&mut self, ty: &str, depth: usize) -> String {
        let found = items(&self.schema["types"]).find(|known| name(known) == ty);
        let mut text = String::from("{ __typename ");
        for field in items(&found.expect("a type")["fields"]) {
            // What takes arguments is no part of an object's own data, and what is another object's
            // root is asked for by itself.
            if items(&field["args"]).next().is_some() {
                continue;
            }
            let of = named(&field["type"]).0;
            let leaf = of["kind"] == "SCALAR" || of["kind"] == "ENUM";
            if !leaf && depth == 0 {
                continue;
            }
            let below = if leaf {
                String::new()
            } else {
                self.select(name(of), depth - 1)
            };
            let head = name(field);
            let field = format!("{head} {below}");
            match self.style {
                Style::Plain => text += &field,
                Style::Twice => text += &format!("{field} ... {{ {field} }} "),
                Style::Inline => text += &format!("... {{ ... on {ty} {{ {field} }} }} "),
                // A document may hold a hundred directives: those of the first level will do.
                Style::Directed if depth == LEVELS => {
                    text += &format!("{head} @include(if: true) {below}");
                    text += &format!(" not_{head}: {head} @skip(if: true) {below}");
                }
                Style::Directed => text += &field,
                Style::Spread => text += &field,
            }
            text.push(' ');
        }
        text.push('}');
        if self.style == Style::Spread {
            self.made += 1;
            let fragment = format!("F{}", self.made);
            self.fragments += &format!("fragment {fragment} on {ty} {text}\n");
            text = format!("{{ ...{fragment} }}");
        }
        text
    }
}

/// Asks a root field for everything of its type, in a style. `§` stands for the selection.
async fn everything(client: &Client, root: &str, ty: &str, style: Style) -> Value {
    let schema = introspected().await;
    let mut writer = Writer {
        schema: &schema,
        style,
        fragments: String::new(),
        made: 0,
    };
    let selection = writer.select(ty, LEVELS);
    let document = format!(
        "{{ {} }}\n{}",
        root.replace('§', &selection),
        writer.fragments
    );
    client.data(&document, Value::Null).await
}

everywhere! {
    async fn the_quick_way_of_writing_objects_says_what_the_librarys_own_way_says(world: World) {
        // Everything at once is more than a client may ask for.
        let changed = world.with_settings(|settings| {
            let documents = &mut settings.documents;
            (documents.max_bytes, documents.max_tokens) = (1_000_000, 100_000);
            (documents.max_fields, documents.max_directives) = (100_000, 100_000);
            (documents.max_fragments, documents.max_cost) = (1_000, u64::MAX);
            documents.max_aliases = 1_000;
        });
        let world = changed.await;
        let (merchant, orders) = stories(&world).await;
        let owner = merchant.owner().await;
        let by = |order: &Order| format!(r#"order(by: {{ id: "{}" }}) §"#, order.id);
        let roots = [
            ("orders { edges { node § } }".to_owned(), "Order"),
            ("orders §".to_owned(), "OrderConnection"),
            (by(&orders[0]), "Order"),
            (by(&orders[1]), "Order"),
            (by(&orders[2]), "Order"),
            (format!(r#"node(id: "{}") {{ ... on Order § }}"#, orders[0].id), "Order"),
            ("channels §".to_owned(), "Channel"),
            (format!(r#"channel(id: "{}") §"#, merchant.channel_id), "Channel"),
            ("reconciliationItems { edges { node § } }".to_owned(), "ReconciliationItem"),
            ("reconciliationItems §".to_owned(), "ReconciliationItemConnection"),
        ];
        for (root, ty) in roots {
            let plain = everything(&owner, &root, ty, Style::Plain).await;
            assert!(plain.to_string().contains("__typename"), "{plain}");
            for style in [Style::Twice, Style::Inline, Style::Directed, Style::Spread] {
                let other = everything(&owner, &root, ty, style).await;
                assert_eq!(plain, other, "{root} {style:?}");
            }
        }
    }

    async fn fields_come_in_the_order_in_which_they_are_asked_for(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        let document = "{ orders(first: 1) { edges { node {
            paid { currency amount } lines { title } ...F no: orderNo again: id } } } }
            fragment F on Order { late channel { name } discount { amount } }";
        let caller = Caller {
            actor: Some(Actor::system(merchant.id)),
            info: RequestInfo { id: String::new(), locale: Locale::En, ip: None, user_agent: None },
        };
        let prepared = world.gateway.prepare(Params::of_query(document), &caller).await;
        let answer = world.gateway.answer(prepared.expect("a document"), caller).await;
        // As text: our JSON values sort their keys.
        let answer = serde_json::to_string(&answer.data).expect("JSON");
        assert_eq!(answer, format!(
            r#"{{"orders":{{"edges":[{{"node":{{"paid":{{"currency":"CNY","amount":"0.00"}},\
            "lines":[{{"title":"宫保鸡丁"}}],"late":false,"channel":{{"name":"WechatPay"}},\
            "discount":{{"amount":"0.00"}},"no":"{}","again":"{}"}}}}]}}}}"#,
            order.order_no, order.id
        ).replace("\\\n            ", ""));
    }

    async fn halves_of_an_object_asked_for_in_two_places_are_put_together(world: World) {
        let (merchant, orders) = stories(&world).await;
        let owner = merchant.owner().await;
        let document = "query($id: ID!) { order(by: { id: $id }) {
                paid { amount } ...F ... on Order { lines { quantity unitPrice { currency } } } } }
            fragment F on Order { paid { currency } lines { title unitPrice { amount } } }";
        let answer = owner.data(document, json!({ "id": orders[0].id.to_string() })).await;
        let price = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
        assert_eq!(answer["order"], json!({
            "paid": price("77.00"),
            "lines": [
                { "title": "宫保鸡丁", "quantity": 2, "unitPrice": price("36.00") },
                { "title": "米饭", "quantity": 3, "unitPrice": price("2.00") },
            ],
        }));
    }

    async fn an_order_is_the_same_from_a_list_by_its_number_and_as_a_node(world: World) {
        let (merchant, orders) = stories(&world).await;
        let owner = merchant.owner().await;
        let listed = everything(&owner, "orders { edges { node § } }", "Order", Style::Plain).await;
        let listed = &listed["orders"]["edges"];
        // Newest first.
        for (order, edge) in orders.iter().rev().zip(items(listed)) {
            for root in [
                format!(r#"order(by: {{ id: "{}" }}) §"#, order.id),
                format!(r#"order(by: {{ orderNo: "{}" }}) §"#, order.order_no),
                format!(r#"order: node(id: "{}") {{ ... on Order § }}"#, order.id),
            ] {
                let found = everything(&owner, &root, "Order", Style::Plain).await;
                assert_eq!(found["order"], edge["node"], "{root}");
            }
        }
    }

    async fn an_order_tells_what_was_bought_and_what_happened(world: World) {
        let (merchant, orders) = stories(&world).await;
        let seen = orders[0].read(
            "merchantOrderNo title amount { amount } discount { amount } payable { amount } \
             paid { amount currency } paymentState refundState fulfillmentState method country \
             createdAt paidAt expiresAt closedAt fulfilledAt updatedAt late \
             lines { lineNo title category quantity fulfilledQuantity unitPrice { amount } discount { amount } } \
             timeline { kind occurredAt actor note } channel { name kind method enabled } \
             buyer { name phone masked } paymentCode { kind }",
        ).await;
        let owner = merchant.staff(Role::Owner).to_string();
        let seen = seen
            .to_string()
            .replace(&owner, "stf_owner")
            .replace(&orders[0].order_no, "ORDER-NO");
        let seen: Value = serde_json::from_str(&seen).expect("JSON");
        insta::allow_duplicates! { insta::assert_json_snapshot!(seen, @r#"
        {
          "amount": {
            "amount": "78.00"
          },
          "buyer": {
            "masked": false,
            "name": "张伟",
            "phone": "13812345678"
          },
          "channel": {
            "enabled": true,
            "kind": "SANDBOX",
            "method": "WECHAT_PAY",
            "name": "WechatPay"
          },
          "closedAt": null,
          "country": "CN",
          "createdAt": "2026-11-23T04:00:00.000Z",
          "discount": {
            "amount": "1.00"
          },
          "expiresAt": "2026-11-23T04:30:00.000Z",
          "fulfilledAt": null,
          "fulfillmentState": "PARTIAL",
          "late": false,
          "lines": [
            {
              "category": "热菜",
              "discount": {
                "amount": "0.92"
              },
              "fulfilledQuantity": 1,
              "lineNo": 1,
              "quantity": 2,
              "title": "宫保鸡丁",
              "unitPrice": {
                "amount": "36.00"
              }
            },
            {
              "category": null,
              "discount": {
                "amount": "0.08"
              },
              "fulfilledQuantity": 0,
              "lineNo": 2,
              "quantity": 3,
              "title": "米饭",
              "unitPrice": {
                "amount": "2.00"
              }
            }
          ],
          "merchantOrderNo": "R-1",
          "method": "WECHAT_PAY",
          "paid": {
            "amount": "77.00",
            "currency": "CNY"
          },
          "paidAt": "2026-11-23T04:01:30.000Z",
          "payable": {
            "amount": "77.00"
          },
          "paymentCode": {
            "kind": "URL"
          },
          "paymentState": "PAID",
          "refundState": "NONE",
          "timeline": [
            {
              "actor": "system",
              "kind": "CREATED",
              "note": null,
              "occurredAt": "2026-11-23T04:00:00.000Z"
            },
            {
              "actor": "system",
              "kind": "PAYMENT_REQUESTED",
              "note": null,
              "occurredAt": "2026-11-23T04:00:00.000Z"
            },
            {
              "actor": "provider",
              "kind": "PAID",
              "note": "SBORDER-NO",
              "occurredAt": "2026-11-23T04:01:30.000Z"
            },
            {
              "actor": "stf_owner",
              "kind": "PARTLY_FULFILLED",
              "note": "顺丰 SF1",
              "occurredAt": "2026-11-23T04:01:40.000Z"
            }
          ],
          "title": "宫保鸡丁 等5件",
          "updatedAt": "2026-11-23T04:01:40.000Z"
        }
        "#) };
    }

    async fn the_discounts_of_the_lines_sum_to_the_orders(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let yuan = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
        for (prices, discount, shares) in [
            (vec!["1.00", "1.00", "1.00"], "1.00", vec!["0.34", "0.33", "0.33"]),
            (vec!["0.01", "99.99"], "50.00", vec!["0.01", "49.99"]),
            (vec!["0.00", "5.00"], "4.99", vec!["0.00", "4.99"]),
        ] {
            let lines: Vec<Value> = prices.iter().zip(0..).map(|(price, place)| {
                json!({ "title": format!("菜{place}"), "quantity": 1, "unitPrice": yuan(price) })
            }).collect();
            let order = merchant.order_with("0", json!({ "lines": lines, "discount": yuan(discount) })).await;
            let seen = order.read("lines { discount { amount } }").await;
            let seen: Vec<&str> = items(&seen["lines"])
                .map(|line| line["discount"]["amount"].as_str().expect("an amount")).collect();
            assert_eq!(seen, shares, "{prices:?}");
        }
    }

    async fn only_who_may_sees_the_buyer_in_full(world: World) {
        let (merchant, orders) = stories(&world).await;
        let full = json!({ "name": "张伟", "phone": "13812345678", "masked": false });
        let masked = json!({ "name": "张**", "phone": "138****5678", "masked": true });
        for (role, wanted) in [
            (Role::Owner, &full),
            (Role::Support, &full),
            (Role::Finance, &masked),
            (Role::Marketing, &masked),
            (Role::Viewer, &masked),
        ] {
            let client = merchant.client(role).await;
            let document = "query($id: ID!) { order(by: { id: $id }) { buyer { name phone masked } }
                orders { edges { node { buyer { name phone masked } } } } }";
            let answer = client.data(document, json!({ "id": orders[0].id.to_string() })).await;
            assert_eq!(&answer["order"]["buyer"], wanted, "{role:?}");
            let listed: Vec<&Value> =
                items(&answer["orders"]["edges"]).map(|edge| &edge["node"]["buyer"]).collect();
            assert_eq!(listed, [&Value::Null, &Value::Null, wanted], "{role:?}");
        }
    }
}
