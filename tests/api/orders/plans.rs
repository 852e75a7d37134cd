//! What PostgreSQL does for a request: each statement that it ran, and by which index. The plans are
//! those of the real statements, told by `auto_explain` on the request's own connection.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use yigate::auth::model::Actor;
use yigate::graphql::gateway::Gateway;
use yigate::orders::service::claim_due;

use crate::support::{Client, World, next, noon, start};

/// Every statement that ran on this thread's connections since it was last taken.
#[derive(Clone, Default)]
pub struct Statements(Arc<Mutex<Vec<Value>>>);

impl Statements {
    /// What ran, and forgets it.
    pub fn take(&self) -> Vec<Ran> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.drain(..).map(Ran).collect()
    }

    /// Listens on this thread until the guard goes.
    fn listen(&self) -> DefaultGuard {
        let subscriber = tracing_subscriber::registry().with(self.clone());
        tracing::subscriber::set_default(subscriber)
    }
}

impl<S: tracing::Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _ctx: Context<'_, S>) {
        if event.metadata().target() == "sqlx::postgres::notice" {
            event.record(&mut Reader(self));
        }
    }
}

/// Reads a notice: `duration: 0.1 ms  plan:` and JSON.
struct Reader<'a>(&'a Statements);

impl Visit for Reader<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, _field: &Field, text: &str) {
        let plan = text.split_once("plan:\n").map(|(_, plan)| plan);
        if let Some(plan) = plan.and_then(|plan| serde_json::from_str(plan).ok()) {
            let mut told = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
            told.push(plan);
        }
    }
}

/// One statement with its plan.
pub struct Ran(Value);

impl Ran {
    pub fn text(&self) -> &str {
        self.0["Query Text"].as_str().expect("a text")
    }

    /// Every node of the plan.
    pub fn nodes(&self) -> Vec<&Value> {
        let mut nodes = vec![&self.0["Plan"]];
        let mut place = 0;
        while let Some(node) = nodes.get(place) {
            nodes.extend(node["Plans"].as_array().into_iter().flatten());
            place += 1;
        }
        nodes
    }
}

/// A database with thousands of orders of several merchants, whose connections tell their plans.
pub struct Busy {
    pub world: World,
    pub gateway: Gateway,
    pub client: Client,
    pub statements: Statements,
    _listening: DefaultGuard,
}

const ORDERS: u64 = 12_000;

pub async fn busy() -> Option<Busy> {
    let world = World::on_postgres().await?;
    let seeded = yigate::demo::seed(world.app(), ORDERS, 3, 1, noon())
        .await
        .expect("orders");
    let db = world.app().db.writer();
    let run = async |text: String| {
        let statement = Statement::from_string(world.app().db.backend(), text);
        db.execute_raw(statement).await.expect("a statement");
    };
    run("ANALYZE".to_owned()).await;
    for (name, value) in [
        ("session_preload_libraries", "auto_explain"),
        ("auto_explain.log_min_duration", "0"),
        ("auto_explain.log_level", "notice"),
        ("auto_explain.log_format", "json"),
        ("auto_explain.log_analyze", "on"),
        ("auto_explain.log_timing", "off"),
    ] {
        run(format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET {name} = ''{value}''', \
             current_database()); END $$"
        ))
        .await;
    }
    let mut settings = world.app().settings.clone();
    // One connection, so that a plan that PostgreSQL keeps after five runs is met, too.
    settings.database.max_connections = 1;
    let statements = Statements::default();
    let listening = statements.listen();
    let gateway = start(settings, world.clock.clone()).await;
    // The second sells clothes, which are sent.
    let actor = Actor::system(seeded.merchants[1].id);
    Some(Busy {
        client: Client::acting(gateway.clone(), Some(actor)),
        gateway,
        statements,
        world,
        _listening: listening,
    })
}

impl Busy {
    /// Asks, and returns the answer with every statement that ran for it.
    pub async fn ask(&self, document: &str, variables: &Value) -> (Value, Vec<Ran>) {
        self.statements.take();
        let answer = self.client.data(document, variables.clone()).await;
        let mut ran = self.statements.take();
        // Merchants and channels are held for seconds of real time, and events are looked for in the
        // background.
        let aside = [
            r#"FROM "merchants""#,
            r#"FROM "channels""#,
            r#""events"."seq" IS NULL"#,
        ];
        ran.retain(|ran| aside.iter().all(|text| !ran.text().contains(text)));
        (answer, ran)
    }
}

/// The tables that grow with a merchant's orders.
const LARGE: [&str; 7] = [
    "orders",
    "order_lines",
    "order_timeline",
    "payments",
    "ledger_transactions",
    "ledger_entries",
    "refunds",
];

/// No large table is read from end to end, and no more than `most` of their rows are looked at.
#[expect(clippy::float_arithmetic, reason = "row counts as EXPLAIN tells them")]
pub fn assert_by_index(what: &str, ran: &[Ran], most: f64) {
    assert!(!ran.is_empty(), "{what}: nothing ran");
    for ran in ran {
        let mut read = 0.0;
        for node in ran.nodes() {
            let table = node["Relation Name"].as_str().unwrap_or_default();
            let kind = node["Node Type"].as_str().unwrap_or_default();
            if !LARGE.contains(&table) {
                continue;
            }
            assert_ne!(kind, "Seq Scan", "{what}: {}\n{:#}", ran.text(), ran.0);
            // What is found by the index, and what a filter throws away behind it.
            let number = |name: &str| node[name].as_f64().unwrap_or_default();
            let rows = number("Actual Rows") + number("Rows Removed by Filter");
            read += rows * number("Actual Loops");
        }
        assert!(
            read <= most,
            "{what} looks at {read} rows: {}\n{:#}",
            ran.text(),
            ran.0
        );
    }
}

/// PostgreSQL keeps a plan for any values after five runs.
pub const RUNS: usize = 7;

#[tokio::test]
async fn lists_are_read_by_index() {
    let Some(busy) = busy().await else { return };
    let list = "query($filter: OrderFilterInput, $sort: OrderSortInput, $after: String, \
        $before: String, $last: Int, $first: Int) { orders(first: $first, last: $last, \
        filter: $filter, orderBy: $sort, after: $after, before: $before) { \
            edges { cursor node { id orderNo title } } } }";
    let (first, _) = busy.ask(list, &json!({ "first": 50 })).await;
    let cursor = first["orders"]["edges"][49]["cursor"].clone();
    assert!(cursor.is_string(), "there are 50 orders: {first}");
    let span = |preset: &str| json!({ "preset": preset });
    let last_month = json!({ "paymentState": ["PAID"], "createdAt": span("LAST_MONTH") });
    // Of fifty orders a few more are looked at: those that the filter throws away.
    for (what, most, variables) in [
        ("newest", 51.0, json!({ "first": 50 })),
        (
            "after a cursor",
            51.0,
            json!({ "first": 50, "after": cursor }),
        ),
        (
            "before a cursor",
            51.0,
            json!({ "last": 20, "before": cursor }),
        ),
        ("oldest", 51.0, json!({ "last": 50 })),
        (
            "newest paid of last month",
            80.0,
            json!({ "first": 50, "filter": last_month }),
        ),
        (
            "last paid of last month",
            51.0,
            json!({ "first": 50, "filter": { "paidAt": span("LAST_MONTH") },
                "sort": { "field": "PAID_AT" } }),
        ),
        (
            "largest",
            51.0,
            json!({ "first": 50, "sort": { "field": "AMOUNT" } }),
        ),
        (
            "paid and not shipped",
            51.0,
            json!({ "first": 50, "filter": { "awaitingShipment": true } }),
        ),
        (
            "paid and not shipped, by its axes, of three days",
            60.0,
            json!({ "first": 50, "filter": { "paymentState": ["PAID"],
                "fulfillmentState": ["UNFULFILLED", "PARTIAL"], "createdAt": span("LAST_3_DAYS") } }),
        ),
    ] {
        for run in 1..=RUNS {
            let (answer, ran) = busy.ask(list, &variables).await;
            assert!(
                answer["orders"]["edges"][0].is_object(),
                "{what} finds something"
            );
            assert_eq!(ran.len(), 1, "{what}");
            assert_by_index(&format!("{what}, run {run}"), &ran, most);
        }
    }
}

#[tokio::test]
async fn one_order_is_found_by_each_of_its_numbers_by_index() {
    let Some(busy) = busy().await else { return };
    let paid = "{ orders(last: 30, filter: { paymentState: [PAID] }) { edges { node { \
        id orderNo merchantOrderNo providerTradeNo } } } }";
    let (answer, _) = busy.ask(paid, &Value::Null).await;
    let order = answer["orders"]["edges"][29]["node"].clone();
    for by in ["id", "orderNo", "merchantOrderNo", "providerTradeNo"] {
        let document = "query($by: OrderByInput!) { order(by: $by) { id } }";
        let variables = json!({ "by": { by: order[by] } });
        for _ in 0..RUNS {
            let (found, ran) = busy.ask(document, &variables).await;
            assert_eq!(found["order"]["id"], order["id"]);
            assert_by_index(by, &ran, 1.0);
        }
    }
    let search =
        "query($text: String) { orders(filter: { search: $text }) { edges { node { id } } } }";
    // At worst each order of the merchant is looked at once: PostgreSQL cannot know how many orders
    // a title is in, and prefers to walk down the list where it guesses many.
    let (all, any) = (4_100.0, f64::INFINITY);
    for (what, most, text) in [
        ("orderNo", all, order["orderNo"].clone()),
        ("merchantOrderNo", all, order["merchantOrderNo"].clone()),
        ("providerTradeNo", all, order["providerTradeNo"].clone()),
        ("a title", any, json!("羽绒服")),
        ("no title", any, json!("没有卖过的东西")),
    ] {
        for run in 1..=RUNS {
            let (_, ran) = busy.ask(search, &json!({ "text": text })).await;
            assert_by_index(&format!("search by {what}, run {run}"), &ran, most);
        }
    }
}

#[tokio::test]
async fn what_belongs_to_fifty_orders_is_read_by_index_in_a_few_statements() {
    let Some(busy) = busy().await else { return };
    let page = |parts: &str| {
        format!(
            "query($first: Int) {{ orders(first: $first) {{ edges {{ node {{ id orderNo {parts} }} }} }} }}"
        )
    };
    for (parts, statements) in [
        ("lines { title quantity unitPrice { amount } }", 2),
        ("timeline { kind occurredAt }", 2),
        ("channel { name method }", 1),
        ("method lines { title } channel { name }", 2),
        (
            "method lines { title } timeline { kind } buyer { name } late paymentCode { kind }",
            3,
        ),
        // The library's own way: what was fetched with the page is not fetched again.
        (
            "lines { title } ... { lines { quantity } timeline { kind } } timeline { note }",
            3,
        ),
    ] {
        for first in [5, 50] {
            for run in 1..=RUNS {
                let document = page(parts);
                let (answer, ran) = busy.ask(&document, &json!({ "first": first })).await;
                let edges = answer["orders"]["edges"].as_array().expect("edges");
                assert_eq!(edges.len(), first);
                let texts: Vec<&str> = ran.iter().map(Ran::text).collect();
                assert_eq!(ran.len(), statements, "{parts} of {first}: {texts:#?}");
                assert_by_index(&format!("{parts} of {first}, run {run}"), &ran, 600.0);
            }
        }
    }
}

#[tokio::test]
async fn figures_are_statements_only_where_they_are_selected() {
    let Some(busy) = busy().await else { return };
    for (parts, statements) in [
        ("pageInfo { hasNextPage }", 1),
        ("totalCount", 2),
        ("totals { paid { amount } amount { amount } }", 2),
        ("facets { method { count } }", 2),
        ("facets { method { count } country { count } }", 3),
        ("eventCursor", 2),
    ] {
        let document = format!("{{ orders(first: 3) {{ edges {{ cursor }} {parts} }} }}");
        let (_, ran) = busy.ask(&document, &Value::Null).await;
        let texts: Vec<&str> = ran.iter().map(Ran::text).collect();
        assert_eq!(ran.len(), statements, "{parts}: {texts:#?}");
    }
}

#[tokio::test]
async fn events_are_read_with_their_orders_in_a_statement_a_batch() {
    let Some(busy) = busy().await else { return };
    let merchant = busy.world.merchant("汇贤饭店").await;
    let mut orders = Vec::new();
    for _ in 0..12 {
        orders.push(merchant.order("36.00").await.id.to_string());
    }
    let client = Client::acting(busy.gateway.clone(), Some(Actor::system(merchant.id)));
    let document = "subscription { orderCreated(after: \"e0\") { order { id title } } }";
    let mut stream = client.subscribe(document, Value::Null);
    let first = next(&mut stream).await;
    assert_eq!(
        first["data"]["orderCreated"]["order"]["id"],
        json!(orders[0])
    );
    busy.statements.take();
    for order in &orders[1..] {
        let event = next(&mut stream).await;
        assert_eq!(event["data"]["orderCreated"]["order"]["id"], json!(order));
    }
    let ran = busy.statements.take();
    let of_orders = ran
        .iter()
        .filter(|ran| ran.text().contains(r#"FROM "orders""#));
    assert!(
        of_orders.count() <= 1,
        "orders of one batch come in one statement"
    );
}

#[tokio::test]
async fn the_worker_finds_due_orders_by_index() {
    let Some(busy) = busy().await else { return };
    let merchant = busy.world.merchant("汇贤饭店").await;
    merchant.order("36.00").await;
    busy.world.clock.advance(TimeDelta::minutes(2));
    for _ in 0..RUNS {
        busy.statements.take();
        claim_due(&busy.gateway.app, 50)
            .await
            .expect("the database answers");
        assert_by_index("due orders", &busy.statements.take(), 200.0);
    }
}
