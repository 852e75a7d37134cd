//! PostgreSQL is killed under load: requests fail soon and politely, and work again by themselves.

use std::time::Duration;

use serde_json::{Value, json};

use super::Shops;
use crate::support::postgres::PrivatePostgres;
use crate::support::{World, eventually, next};

/// No request waits longer than this for a database that is away.
const SOON: Duration = Duration::from_secs(5);

/// How the two messages begin: it was not reached, or it broke off in a commit.
const POLITE: [&str; 2] = [
    "The service cannot reach its database at the moment.",
    "The connection to the database broke while the change was being saved.",
];

/// What a client may read while the database is away: nothing of the inside.
fn is_polite(answer: &Value) -> bool {
    let errors = answer["errors"].as_array();
    errors.is_some_and(|errors| {
        errors.iter().all(|error| {
            let message = error["message"].as_str().unwrap_or_default();
            error["extensions"]["code"] == "UNAVAILABLE"
                && POLITE.iter().any(|words| message.starts_with(words))
        })
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_may_crash_and_come_back() {
    let Some(mut server) = PrivatePostgres::maybe_start() else {
        return;
    };
    let world = World::on_private_postgres(&server).await.listening().await;
    let merchant = world.merchant("汇贤饭店").await;
    let document = "subscription { events(after: \"e0\") { cursor type } }";
    let mut open = merchant.owner().await.subscribe(document, json!({}));
    let document = "subscription { orderCreated(after: \"e0\") { order { merchantOrderNo } } }";
    let mut new_orders = merchant.owner().await.subscribe(document, json!({}));
    let shops = Shops::open(&merchant, 4).await;
    for _ in 0..2 {
        shops.go_on(12).await;
        server.kill9();
        tokio::time::sleep(Duration::from_millis(600)).await;
        server.start();
    }
    shops.go_on(12).await;
    let answers = shops.close().await;
    let slowest = answers
        .iter()
        .map(|answer| answer.took)
        .max()
        .expect("answers");
    assert!(slowest < SOON, "{slowest:?}");
    let mut refused = 0;
    let mut made = Vec::new();
    for answer in answers {
        match answer.order_no {
            Ok(_) => made.push(answer.merchant_order_no),
            Err(Some(answer)) => {
                assert!(is_polite(&answer), "{answer:#}");
                refused += 1;
            }
            Err(None) => panic!("the gateway itself went on"),
        }
    }
    assert!(refused > 0, "nobody noticed");
    assert_eq!(
        merchant.order_count().await,
        i64::try_from(made.len()).expect("a number")
    );

    // The subscriptions that were open have gone on and missed nothing.
    merchant.numbered().await;
    let head = world
        .app()
        .events
        .head(merchant.id)
        .await
        .expect("the database answers")
        .0;
    let mut created = 0;
    for seq in 1..=head {
        let answer = next(&mut open).await;
        let event = &answer["data"]["events"];
        assert_eq!(event["cursor"], format!("e{seq:x}"));
        created += usize::from(event["type"] == "ORDER_CREATED");
    }
    assert_eq!(created, made.len());
    for _ in 0..made.len() {
        let answer = next(&mut new_orders).await;
        let order_no = &answer["data"]["orderCreated"]["order"]["merchantOrderNo"];
        let place = made.iter().position(|known| order_no == known.as_str());
        made.swap_remove(place.unwrap_or_else(|| panic!("unknown, or twice: {answer}")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_postgres_is_away_everything_fails_soon_and_callbacks_are_not_told_success() {
    let Some(mut server) = PrivatePostgres::maybe_start() else {
        return;
    };
    let world = World::on_private_postgres(&server).await;
    let world = world
        .with_settings(|settings| settings.database.acquire_timeout_ms = 1_000)
        .await
        .listening()
        .await;
    let merchant = world.merchant("汇贤饭店").await;
    let order = merchant.order("36.00").await;
    let callback = merchant
        .sandbox()
        .pay(&order.order_no, world.clock.now())
        .expect("known");
    let (id, channel_id) = (merchant.id, merchant.channel_id);
    let url = world.url(&format!("/callbacks/{id}.{channel_id}?{}", callback.query));
    let owner = merchant.owner().await;
    server.stop();
    for document in [
        "{ orders { totalCount } }",
        "{ reconciliationItems { edges { node { id } } } }",
        "mutation { orderClose(input: { orderId: \"ID\" }) { userErrors { code } } }",
    ] {
        let began = std::time::Instant::now();
        let answer = owner
            .ask(&document.replace("ID", &order.id.to_string()), json!({}))
            .await;
        assert!(is_polite(&answer), "{answer:#}");
        assert!(began.elapsed() < SOON);
    }
    let get = |url: String| async move {
        let response = crate::support::instances::browser().get(url).send().await;
        let response = response.expect("the gateway answers");
        (
            response.status().as_u16(),
            response.text().await.expect("a body"),
        )
    };
    assert_eq!(get(url.clone()).await, (503, "fail".to_owned()));
    assert_eq!(
        get(world.url("/readyz")).await,
        (503, "no database\n".to_owned())
    );
    assert_eq!(get(world.url("/healthz")).await, (200, "ok\n".to_owned()));
    server.start();
    // Each connection that was open notices by one request that it is gone.
    eventually("the gateway works again by itself", async || {
        for _ in 0..world.app().settings.database.max_connections {
            let answer = owner.ask("{ orders { totalCount } }", json!({})).await;
            if answer["errors"].is_array() {
                assert!(is_polite(&answer), "{answer:#}");
                return false;
            }
        }
        true
    })
    .await;
    assert_eq!(order.payment_state().await, "PENDING");
    assert_eq!(get(url).await, (200, "success".to_owned()));
    eventually("it says so", async || {
        get(world.url("/readyz")).await == (200, "ready\n".to_owned())
    })
    .await;
    assert_eq!(order.payment_state().await, "PAID");
}
