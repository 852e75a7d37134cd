//! Callbacks and the sandbox's payment page over HTTP.

use reqwest::StatusCode;
use rust_decimal::Decimal;

use crate::everywhere;
use crate::support::instances::browser;
use crate::support::{Merchant, World};

/// The status, content type and body of an answer.
async fn answer(request: reqwest::RequestBuilder) -> (StatusCode, String, String) {
    let response = request.send().await.expect("an answer");
    let kind = response.headers().get("content-type");
    let kind = kind
        .map_or("", |kind| kind.to_str().expect("text"))
        .to_owned();
    (
        response.status(),
        kind,
        response.text().await.expect("a body"),
    )
}

fn address(world: &World, merchant: &Merchant) -> String {
    world.url(&format!(
        "/callbacks/{}.{}",
        merchant.id, merchant.channel_id
    ))
}

everywhere! {
    async fn a_callback_is_told_success_once_it_is_committed(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        for post in [false, true] {
            let order = merchant.order("36.00").await;
            let callback = merchant.sandbox().pay(&order.order_no, world.clock.now()).expect("known");
            let url = format!("{}?{}", address(&world, &merchant), callback.query);
            for _ in 0..2 {
                let request = if post { browser().post(&url) } else { browser().get(&url) };
                let (status, kind, body) = answer(request).await;
                assert_eq!((status, body.as_str()), (StatusCode::OK, "success"));
                assert_eq!(kind, "text/plain; charset=utf-8");
                assert_eq!(order.payment_state().await, "PAID");
            }
        }
    }

    async fn what_is_not_believed_is_never_told_success(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        let order = merchant.order("36.00").await;
        let notification = |no: &str, amount: &str| {
            let amount: Decimal = amount.parse().expect("a decimal");
            merchant.sandbox().notification(no, "T1", amount).query
        };
        let ours = address(&world, &merchant);
        let nowhere = world.url("/callbacks/nonsense");
        let stranger = world.url(&format!("/callbacks/{}.chn_0", merchant.id));
        let honest = notification(&order.order_no, "36.00");
        for (url, query, status) in [
            (&ours, String::new(), StatusCode::BAD_REQUEST),
            (&ours, honest.replace("36", "37"), StatusCode::BAD_REQUEST),
            (&ours, notification(&order.order_no, "35.00"), StatusCode::BAD_REQUEST),
            (&ours, notification("1", "36.00"), StatusCode::NOT_FOUND),
            (&nowhere, honest.clone(), StatusCode::NOT_FOUND),
            (&stranger, honest, StatusCode::NOT_FOUND),
        ] {
            let (told, kind, body) = answer(browser().get(format!("{url}?{query}"))).await;
            assert_eq!((told, body.as_str()), (status, "fail"), "{query}");
            assert_eq!(kind, "text/plain; charset=utf-8");
        }
        assert_eq!(order.payment_state().await, "PENDING");
    }

    async fn the_sandbox_page_shows_the_amount_and_pays(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        let payload = merchant.asked_for(merchant.order_input("36.00")).await;
        let order = merchant.order_of(&payload);
        let link = payload["order"]["paymentCode"]["content"].as_str().expect("a link").to_owned();
        let (status, kind, page) = answer(browser().get(&link)).await;
        assert_eq!((status, kind.as_str()), (StatusCode::OK, "text/html; charset=utf-8"));
        assert!(page.contains("CNY 36.00"), "{page}");
        assert_eq!(order.payment_state().await, "PENDING");
        for _ in 0..2 {
            let (status, _, page) = answer(browser().post(&link)).await;
            assert_eq!(status, StatusCode::OK);
            assert!(page.contains("支付成功"), "{page}");
        }
        assert_eq!(order.timeline().await, ["CREATED", "PAYMENT_REQUESTED", "PAID"]);
    }

    async fn the_sandbox_page_knows_no_order_but_its_own(world: World) {
        let world = world.listening().await;
        let (merchant, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let order = merchant.order("36.00").await;
        for path in [
            format!("{}.{}/{}", other.id, other.channel_id, order.order_no),
            format!("{}.{}/{}", other.id, merchant.channel_id, order.order_no),
            format!("{}.{}/1", merchant.id, merchant.channel_id),
            format!("nonsense/{}", order.order_no),
        ] {
            let url = world.url(&format!("/sandbox/pay/{path}"));
            assert_eq!(answer(browser().get(&url)).await.0, StatusCode::NOT_FOUND);
            assert_eq!(answer(browser().post(&url)).await.0, StatusCode::NOT_FOUND);
        }
        assert_eq!(order.payment_state().await, "PENDING");
    }
}
