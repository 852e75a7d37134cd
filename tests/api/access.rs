//! Who may ask what: every role and every API key with one scope, on every root field there is; and
//! nobody sees what belongs to another merchant.

#![allow(clippy::too_many_lines, reason = "a test tells a story")]

mod bank_accounts;
mod campaigns;
mod channels;
mod checkout;
mod coupons;
mod exports;
mod fees;
mod health;
mod incidents;
mod members;
mod money;
mod objects;
mod overview;
mod payouts;
mod reconciliation;
mod people;
mod points;
mod refunds;
mod routing;
mod second_factor;
mod segments;
mod statistics;
mod strangers;
mod webhooks;

use std::fmt::Write as _;

use entity::membership::Role;
use futures_util::StreamExt;
use serde_json::{Value, json};
use yigate::auth::model::Scope;

use self::objects::difference;
pub use self::reconciliation::{reconciliation_item, reconciliation_run};
use crate::schema::{introspected, items, name, root};
use crate::support::{Client, Merchant, World};

/// Set to 1, the test writes the table instead of comparing it.
const UPDATE: &str = "UPDATE_ACCESS";

/// Every root field, and how it is asked.
async fn questions(world: &World, merchant: &Merchant) -> Vec<Question> {
    // Before anybody has a second factor: inviting takes no code then.
    let people = people::questions(merchant).await;
    let mut all = things(world, merchant).await;
    all.extend(money::questions(world, merchant).await);
    all.extend(refunds::questions(merchant).await);
    all.extend(payouts::questions(merchant).await);
    all.extend(fees::questions(merchant).await);
    all.extend(bank_accounts::questions(merchant).await);
    all.extend(health::questions(world, merchant).await);
    all.extend(incidents::questions(merchant).await);
    all.extend(exports::questions(merchant).await);
    all.extend(coupons::questions(merchant).await);
    all.extend(points::questions());
    all.extend(people);
    all.extend(members::questions(merchant).await);
    all.extend(campaigns::questions(merchant).await);
    all.extend(segments::questions(merchant).await);
    all.extend(webhooks::questions(world, merchant).await);
    for more in [
        channels::questions(merchant),
        checkout::questions(),
        routing::questions(merchant),
        statistics::questions(),
        overview::questions(),
        second_factor::questions(),
    ] {
        all.extend(more);
    }
    all
}

/// The table. Rows come from the schema: a root field without a question here fails the test.
#[tokio::test]
async fn each_role_and_each_scope_may_ask_what_the_table_says() {
    let world = World::on_sqlite().await;
    let merchant = world.merchant("汇贤饭店").await;
    let things = questions(&world, &merchant).await;
    let people = people(&world, &merchant).await;
    let keys = keys(&world, &merchant).await;
    let mut table = String::from(
        "# Who may ask what. The columns are anonymous and the roles: + may, - FORBIDDEN,\n\
         # . UNAUTHENTICATED. Behind the bar are the scopes with which alone an API key may.\n\
         # UPDATE_ACCESS=1 cargo test --test api access writes this file.\n\n",
    );
    let _ = writeln!(
        table,
        "{:36} anon  own fin sup mar vie | API key",
        "root field"
    );
    for field in root_fields().await {
        let questions: Vec<&Question> = things.iter().filter(|q| q.field == field).collect();
        assert!(
            !questions.is_empty(),
            "{field}: who may ask it? Add it to `things`"
        );
        for question in questions {
            let mut row = format!("{:36}", format!("{}{}", question.field, question.about));
            for (place, client) in people.iter().enumerate() {
                let gap = if place == 1 { "    " } else { "  " };
                let _ = write!(row, "{gap}{} ", mark(client, question).await);
            }
            let mut with = Vec::new();
            for (scope, client) in &keys {
                match mark(client, question).await {
                    '+' => with.push(scope.name()),
                    mark => assert_eq!(mark, '-', "{} with {}", question.field, scope.name()),
                }
            }
            let with = if with.len() == keys.len() {
                "any".to_owned()
            } else {
                with.join(", ")
            };
            let _ = writeln!(table, "{row}| {with}");
        }
    }
    let path = root().join("tests/api/access.golden");
    if std::env::var(UPDATE).as_deref() == Ok("1") {
        std::fs::write(&path, &table).expect("the table can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        table == kept,
        "who may ask what has changed; is that meant? Then {UPDATE}=1.\n{}",
        difference(&kept, &table)
    );
}

/// `Query.viewer` and so on: every root field of the schema.
pub async fn root_fields() -> Vec<String> {
    let schema = introspected().await;
    let mut fields = Vec::new();
    for root in ["Query", "Mutation", "Subscription"] {
        let ty = items(&schema["types"]).find(|ty| name(ty) == root);
        for field in items(&ty.expect("a root")["fields"]) {
            fields.push(format!("{root}.{}", name(field)));
        }
    }
    fields
}

/// A root field, and how it is asked.
struct Question {
    field: &'static str,
    /// What it is asked about, where that makes a difference.
    about: &'static str,
    document: String,
}

/// Anonymous, and one of each role.
async fn people(world: &World, merchant: &Merchant) -> Vec<Client> {
    let mut people = vec![Client::anonymous(world.gateway.clone())];
    for role in Role::ALL {
        people.push(merchant.client(role).await);
    }
    people
}

/// An API key with each scope alone, made by the owner.
async fn keys(world: &World, merchant: &Merchant) -> Vec<(Scope, Client)> {
    let owner = merchant.owner().await;
    let mut keys = Vec::new();
    for scope in Scope::ALL {
        let document = "mutation($scope: Scope!) { apiKeyCreate(input: \
            { name: \"店铺\", scopes: [$scope] }) { secret userErrors { code } } }";
        let scope_name = scope.name().to_uppercase().replace([':', '-'], "_");
        let made = owner.data(document, json!({ "scope": scope_name })).await;
        let secret = made["apiKeyCreate"]["secret"].as_str().expect("a secret");
        keys.push((scope, Client::bearer(world.gateway.clone(), secret).await));
    }
    keys
}

/// Something of everything, and a question about it for every root field.
async fn things(world: &World, merchant: &Merchant) -> Vec<Question> {
    let owner = merchant.owner().await;
    let before = owner.data("{ orders { eventCursor } }", Value::Null).await;
    let cursor = before["orders"]["eventCursor"].as_str();
    let cursor = cursor.expect("a cursor").to_owned();
    let order = merchant.paid_order("36.00").await;
    let item = reconciliation_item(world, merchant, order.id).await;
    let run = reconciliation_run(world, merchant).await;
    let staff = merchant.staff(Role::Owner);
    let key = owner
        .data(
            "mutation { apiKeyCreate(input: { name: \"店铺\", scopes: [ORDERS_READ] }) { apiKey { id } } }",
            Value::Null,
        )
        .await["apiKeyCreate"]["apiKey"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let ask = |field: &'static str, about: &'static str, selection: String| {
        let (root, _) = field.split_once('.').expect("a root");
        Question {
            field,
            about,
            document: format!("{} {{ {selection} }}", root.to_lowercase()),
        }
    };
    let plain = |field: &'static str, selection: &str| ask(field, "", selection.to_owned());
    let node = |about: &'static str, id: String| {
        ask("Query.node", about, format!(r#"node(id: "{id}") {{ id }}"#))
    };
    let errors = "{ userErrors { code } }";
    vec![
        plain("Query.viewer", "viewer { scopes }"),
        plain("Query.merchant", "merchant { id }"),
        plain("Query.staff", "staff { id }"),
        plain("Query.apiKeys", "apiKeys { id }"),
        ask(
            "Query.order",
            "",
            format!(r#"order(by: {{ id: "{}" }}) {{ id }}"#, order.id),
        ),
        plain("Query.orders", "orders { totalCount }"),
        plain(
            "Query.reconciliationItems",
            "reconciliationItems { edges { cursor } }",
        ),
        plain(
            "Query.reconciliationRuns",
            "reconciliationRuns { edges { cursor } }",
        ),
        ask(
            "Query.channel",
            "",
            format!(r#"channel(id: "{}") {{ id }}"#, merchant.channel_id),
        ),
        plain("Query.channels", "channels { id }"),
        node("(order)", order.id.to_string()),
        node("(channel)", merchant.channel_id.to_string()),
        node("(reconciliationItem)", item.to_string()),
        node("(reconciliationRun)", run.to_string()),
        node("(merchant)", merchant.id.to_string()),
        node("(staff)", staff.to_string()),
        node("(apiKey)", key.clone()),
        ask(
            "Query.nodes",
            "(order)",
            format!(r#"nodes(ids: ["{}"]) {{ id }}"#, order.id),
        ),
        ask(
            "Mutation.signIn",
            "",
            format!(r#"signIn(input: {{ email: "a@b.c", password: "no" }}) {errors}"#),
        ),
        ask(
            "Mutation.tokenRefresh",
            "",
            format!(r#"tokenRefresh(input: {{ refreshToken: "no" }}) {errors}"#),
        ),
        ask(
            "Mutation.signOut",
            "",
            format!(r#"signOut(input: {{ refreshToken: "no" }}) {errors}"#),
        ),
        ask(
            "Mutation.apiKeyCreate",
            "",
            format!(r#"apiKeyCreate(input: {{ name: "", scopes: [] }}) {errors}"#),
        ),
        ask(
            "Mutation.apiKeyRevoke",
            "",
            format!(r#"apiKeyRevoke(input: {{ id: "{key}" }}) {errors}"#),
        ),
        ask(
            "Mutation.orderCreate",
            "",
            format!(
                r#"orderCreate(input: {{ idempotencyKey: "", merchantOrderNo: "", lines: [],
                    channelId: "{}" }}) {errors}"#,
                merchant.channel_id
            ),
        ),
        ask(
            "Mutation.orderClose",
            "",
            format!(
                r#"orderClose(input: {{ orderId: "{}" }}) {errors}"#,
                order.id
            ),
        ),
        ask(
            "Mutation.orderFulfill",
            "",
            format!(
                r#"orderFulfill(input: {{ orderId: "{}", lines: [] }}) {errors}"#,
                order.id
            ),
        ),
        ask(
            "Mutation.reconciliationImport",
            "",
            format!(
                r#"reconciliationImport(input: {{ channelId: "{}", format: EPAY, day: "2026-11-22",
                    bill: {{ text: "" }} }}) {errors}"#,
                merchant.channel_id
            ),
        ),
        ask(
            "Mutation.reconciliationItemResolve",
            "",
            format!(
                r#"reconciliationItemResolve(input: {{ itemId: "{item}", resolution: ACCEPTED,
                    note: "" }}) {errors}"#
            ),
        ),
        ask(
            "Subscription.orderCreated",
            "",
            format!(r#"orderCreated(after: "{cursor}") {{ cursor }}"#),
        ),
        ask(
            "Subscription.orderUpdated",
            "",
            format!(r#"orderUpdated(after: "{cursor}") {{ cursor }}"#),
        ),
        ask(
            "Subscription.events",
            "",
            format!(r#"events(after: "{cursor}") {{ cursor }}"#),
        ),
    ]
}

/// Whether somebody may ask: `+`, or why not.
async fn mark(client: &Client, question: &Question) -> char {
    let answer = if question.field.starts_with("Subscription") {
        let stream = client.subscribe(&question.document, Value::Null);
        tokio::time::timeout(std::time::Duration::from_secs(5), { stream }.next())
            .await
            .expect("an answer within five seconds")
            .expect("an answer")
    } else {
        client.ask(&question.document, Value::Null).await
    };
    let codes: Vec<&str> = items(&answer["errors"])
        .map(|error| error["extensions"]["code"].as_str().unwrap_or_default())
        .collect();
    match codes.as_slice() {
        // Who has failed to sign in too often may ask, only not yet.
        [] | ["RATE_LIMITED"] => '+',
        ["FORBIDDEN"] => '-',
        ["UNAUTHENTICATED"] => '.',
        _ => panic!("{}: {answer}", question.document),
    }
}
