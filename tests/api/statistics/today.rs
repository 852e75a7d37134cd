//! The tiles of a front page: at once, then together, at most once a second.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use yigate::statistics::worker::Projector;

use crate::everywhere;
use crate::support::{Client, Merchant, next};

const TILES: &str = "today { on orders paidOrders paid { amount } refunded { amount } paying awaitingShipment \
    eventCursor }";

fn live() -> String {
    format!(
        "subscription($after: String) {{ todayUpdated(after: $after) {{ cursor occurredAt {TILES} }} }}"
    )
}

/// Projects what happens until it is dropped.
struct Projecting(CancellationToken);

impl Projecting {
    fn of(merchant: &Merchant) -> Self {
        let (stop, app) = (CancellationToken::new(), merchant.app().clone());
        let stopped = stop.clone();
        tokio::spawn(async move {
            let mut projector = Projector::named("a test");
            while !stopped.is_cancelled() {
                let _ = projector.work(&app).await;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        Self(stop)
    }
}

impl Drop for Projecting {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

everywhere! {
    async fn today_tells_what_is_so_far(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.order("10.00").await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        let told = merchant.owner().await.data(&format!("{{ {TILES} }}"), Value::Null).await;
        let mut today = told["today"].clone();
        let cursor = today["eventCursor"].take();
        assert!(cursor.as_str().unwrap().starts_with('e'), "{cursor}");
        assert_eq!(today, json!({ "on": "2026-11-23", "orders": 2, "paidOrders": 1,
            "paid": { "amount": "36.00" }, "refunded": { "amount": "0.00" }, "paying": 1,
            "awaitingShipment": 1, "eventCursor": null }));
        // Half an hour later nobody takes the first one to be paying.
        world.clock.advance(chrono::TimeDelta::minutes(31));
        let told = merchant.owner().await.data("{ today { paying } }", Value::Null).await;
        assert_eq!(told["today"]["paying"], 0);
    }

    async fn fees_are_for_who_may_see_them(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.takes_fees("0.01").await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        let document = "{ today { orders fees { amount } } }";
        let key = "mutation { apiKeyCreate(input: { name: \"报表\", scopes: [ORDERS_READ] }) { secret } }";
        let made = merchant.owner().await.data(key, Value::Null).await;
        let secret = made["apiKeyCreate"]["secret"].as_str().unwrap();
        let narrow = Client::bearer(world.gateway.clone(), secret).await;
        let answer = narrow.ask(document, Value::Null).await;
        assert_eq!(answer["data"]["today"], json!({ "orders": 1, "fees": null }));
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
        let told = merchant.owner().await.data(document, Value::Null).await;
        assert_eq!(told["today"]["fees"]["amount"], "0.36");
    }

    async fn whoever_comes_is_told_at_once_and_then_of_everything_together(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.counted().await;
        let _projecting = Projecting::of(&merchant);
        let owner = merchant.owner().await;
        let mut first = owner.subscribe(&live(), json!({}));
        let told = next(&mut first).await;
        assert_eq!(told["data"]["todayUpdated"]["today"]["orders"], 0, "{told}");
        let began = Instant::now();
        for _ in 0..8 {
            merchant.paid_order("36.00").await;
        }
        merchant.numbered().await;
        let mut count = 0;
        let last = loop {
            let told = next(&mut first).await;
            count += 1;
            let event = told["data"]["todayUpdated"].clone();
            if event["today"]["paidOrders"] == 8 {
                break event;
            }
        };
        let seconds = began.elapsed().as_secs() + 2;
        assert!(count <= seconds, "{count} answers in {seconds} s");
        assert_eq!(last["today"]["paid"]["amount"], "288.00");
        assert_eq!(last["today"]["awaitingShipment"], 8);
        assert_eq!(last["today"]["eventCursor"], last["cursor"]);
        // Another one, later, is told at once, too, and nothing happens twice.
        let mut second = owner.subscribe(&live(), json!({}));
        let told = next(&mut second).await;
        assert_eq!(told["data"]["todayUpdated"]["today"]["paidOrders"], 8, "{told}");
        let more = tokio::time::timeout(Duration::from_millis(1_300), second.next()).await;
        assert!(more.is_err(), "nothing happened: {more:?}");
        merchant.paid_order("12.00").await;
        let told = next(&mut second).await;
        assert_eq!(told["data"]["todayUpdated"]["today"]["orders"], 9, "{told}");
    }

    async fn what_was_not_counted_yet_is_told_once_it_is(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        // Nobody counts at the moment.
        merchant.paid_order("12.00").await;
        merchant.numbered().await;
        let owner = merchant.owner().await;
        let told = owner.data(&format!("{{ {TILES} }}"), Value::Null).await;
        assert_eq!(told["today"]["orders"], 1, "{told}");
        let mut asked = owner.subscribe(&live(), json!({ "after": told["today"]["eventCursor"] }));
        let mut came = owner.subscribe(&live(), json!({}));
        let told = next(&mut came).await;
        let first = told["data"]["todayUpdated"].clone();
        assert_eq!(first["today"]["orders"], 1, "told without it after a while: {told}");
        let nothing = tokio::time::timeout(Duration::from_millis(200), asked.next()).await;
        assert!(nothing.is_err(), "nothing is told that is not so: {nothing:?}");
        merchant.counted().await;
        for seen in [&mut asked, &mut came] {
            let told = next(seen).await;
            assert_eq!(told["data"]["todayUpdated"]["today"]["orders"], 2, "{told}");
        }
        // Who went away after the first answer is told of it, too.
        let mut again = owner.subscribe(&live(), json!({ "after": first["cursor"] }));
        let told = next(&mut again).await;
        assert_eq!(told["data"]["todayUpdated"]["today"]["orders"], 2, "{told}");
    }

    async fn who_has_a_cursor_is_told_what_followed_and_no_more(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        merchant.counted().await;
        let _projecting = Projecting::of(&merchant);
        let owner = merchant.owner().await;
        let told = owner.data("{ today { eventCursor } }", Value::Null).await;
        let after = json!({ "after": told["today"]["eventCursor"] });
        let mut seen = owner.subscribe(&live(), after.clone());
        let nothing = tokio::time::timeout(Duration::from_millis(300), seen.next()).await;
        assert!(nothing.is_err(), "nothing followed: {nothing:?}");
        merchant.paid_order("12.00").await;
        merchant.numbered().await;
        let told = next(&mut seen).await;
        assert_eq!(told["data"]["todayUpdated"]["today"]["orders"], 2, "{told}");
        let mut again = owner.subscribe(&live(), after);
        let told = next(&mut again).await;
        assert_eq!(told["data"]["todayUpdated"]["today"]["orders"], 2, "{told}");
        let mut old = owner.subscribe(&live(), json!({ "after": "nonsense" }));
        assert_eq!(next(&mut old).await["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}
