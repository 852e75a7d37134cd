//! The demo's own receiver: its shops are sent what happens, check the signature, and show what came in.

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use yigate::demo::Demo;
use yigate::demo::inbox::Inbox;
use yigate::http;
use yigate::webhooks::service::Desk;
use yigate::webhooks::worker::work;

use crate::everywhere;
use crate::support::instances::browser;
use crate::support::{Merchant, World};

/// The demo's page.
async fn page(world: &World) -> String {
    let answer = browser().get(world.url("/demo/webhooks")).send().await;
    let answer = answer.expect("an answer");
    let policy = answer.headers()["content-security-policy"].to_str();
    assert!(policy.expect("text").starts_with("default-src 'none'"));
    answer.text().await.expect("a page")
}

async fn log(merchant: &Merchant) -> Value {
    let document = "{ webhookDeliveries(last: 1) { edges { node { state attempts { status error body } } } } }";
    let told = merchant.owner().await.data(document, Value::Null).await;
    told["webhookDeliveries"]["edges"][0]["node"].clone()
}

everywhere! {
    async fn the_demos_shops_check_what_they_are_sent_and_show_it(world: World) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let home = format!("http://{}", listener.local_addr().expect("an address"));
        let world = world.with_settings(|settings| {
            settings.http.public_url.clone_from(&home);
            settings.webhooks.allow_private = true;
        }).await;
        let (merchant, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳<时装>").await);
        let made = Demo { restaurant: merchant.id, fashion: other.id, coffee: other.id, logins: Vec::new(), password: "", orders: 0 };
        let inbox = Inbox::open(world.app(), &made, &home).await.expect("endpoints are made");
        world.gateway.inbox.set(inbox).expect("set once");
        tokio::spawn(http::serve(listener, world.gateway.clone()));
        assert!(page(&world).await.contains("Nothing yet"));
        merchant.paid_order("36.00").await;
        other.paid_order("18.00").await;
        for one in [&merchant, &other] {
            one.numbered().await;
        }
        let (app, courier, desk) = (world.app(), &world.gateway.courier, Desk::default());
        work(app, courier, &desk).await;
        // Each shop is busy at first, and takes it when it comes again.
        assert_eq!(log(&merchant).await["attempts"], json!([
            { "status": 503, "error": "WRONG_STATUS", "body": "busy: send it again" }]));
        assert_eq!(log(&merchant).await["state"], "PENDING");
        world.clock.advance(TimeDelta::seconds(6));
        work(app, courier, &desk).await;
        assert_eq!(log(&merchant).await["state"], "DELIVERED");
        let shown = page(&world).await;
        assert_eq!(shown.matches("✓").count(), 4, "{shown}");
        assert!(shown.contains("order.paid") && shown.contains("36.00"), "{shown}");
        assert!(shown.contains("云裳&lt;时装&gt;") && !shown.contains("<时装>"), "{shown}");
        // Whoever does not have the secret is not believed.
        let forged = browser().post(world.url(&format!("/demo/webhooks/{}", merchant.id)))
            .header("webhook-id", "evt_1").header("webhook-timestamp", "1").header("webhook-signature", "v1,AAAA")
            .body("{\"type\":\"order.paid\"}").send().await.expect("an answer");
        assert_eq!(forged.status(), 401);
        assert!(page(&world).await.contains("✗"));
        let nobody = browser().post(world.url("/demo/webhooks/mer_0")).send().await.expect("an answer");
        assert_eq!(nobody.status(), 404);
    }

    async fn elsewhere_than_in_the_demo_there_is_no_such_page(world: World) {
        let world = world.listening().await;
        for path in ["/demo/webhooks", "/demo/webhooks/mer_0"] {
            let answer = browser().get(world.url(path)).send().await.expect("an answer");
            assert_eq!(answer.status(), 404, "{path}");
        }
    }
}
