//! What becomes of deliveries that are not taken, and of endpoints that take nothing.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::receiver::{Receiver, Saying};
use super::{Shop, asked, made};
use crate::everywhere;

/// An order's amounts are in another currency from now on.
async fn has_currency(shop: &Shop, id: entity::OrderId, code: &str) {
    use entity::order::{Column, Entity};
    use sea_orm::sea_query::Expr;
    use sea_orm::{ColumnTrait, QueryFilter};
    Entity::update_of(shop.merchant.id)
        .filter(Column::Id.eq(id))
        .col_expr(Column::Currency, Expr::value(code))
        .exec(shop.world.app().db.writer())
        .await
        .expect("written");
}

everywhere! {
    async fn what_is_not_taken_is_sent_again_on_time_under_the_same_id_until_it_is(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        let endpoint = shop.endpoint(&receiver, &["ORDER_PAID"]).await;
        receiver.says_status(503);
        shop.merchant.paid_order("1.00").await;
        shop.works().await;
        assert_eq!(receiver.heard().len(), 1);
        assert_eq!(shop.shown(&endpoint).await["lastError"], "WRONG_STATUS");
        // A tenth before each of the planned waits nothing is sent; a tenth after it, it is.
        let waits = [5, 300, 1_800, 7_200, 18_000, 36_000, 21_600];
        for (again, seconds) in waits.into_iter().enumerate() {
            let (early, late) = (seconds * 900 - 1, seconds * 200 + 2);
            shop.works_after(TimeDelta::milliseconds(early)).await;
            assert_eq!(receiver.heard().len(), again + 1, "not before {seconds} s");
            shop.works_after(TimeDelta::milliseconds(late)).await;
            assert_eq!(receiver.heard().len(), again + 2, "after {seconds} s");
        }
        shop.works_after(TimeDelta::days(1)).await;
        let heard = receiver.heard();
        assert_eq!(heard.len(), 8, "no more");
        assert!(heard.iter().all(|one| one.header("webhook-id") == heard[0].header("webhook-id")));
        assert!(heard.iter().all(|one| one.signed_with(&endpoint.secret) == 1));
        assert_ne!(heard[0].header("webhook-timestamp"), heard[7].header("webhook-timestamp"));
        let delivery = shop.deliveries(Value::Null).await.remove(0);
        assert_eq!(delivery["state"], "FAILED");
        assert_eq!(delivery["attemptCount"], 8);
        let attempts = delivery["attempts"].as_array().expect("attempts");
        assert_eq!(attempts.len(), 8);
        assert_eq!(attempts[0]["no"], 8, "the last first");
        // The next one is taken, and the endpoint is well again.
        receiver.says_status(200);
        shop.merchant.paid_order("1.00").await;
        shop.works().await;
        let shown = shop.shown(&endpoint).await;
        assert_eq!((&shown["lastError"], &shown["failingSince"]), (&Value::Null, &Value::Null));
    }

    async fn an_endpoint_that_is_gone_is_disabled_at_once(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        let endpoint = shop.endpoint(&receiver, &["ORDER_CREATED", "ORDER_PAID"]).await;
        receiver.says_status(410);
        for _ in 0..3 {
            shop.merchant.paid_order("1.00").await;
        }
        shop.works().await;
        let shown = shop.shown(&endpoint).await;
        assert_eq!((&shown["state"], &shown["disabledBecause"]), (&json!("DISABLED"), &json!("GONE")));
        assert_eq!(shown["lastError"], "GONE");
        assert!(receiver.heard().len() <= 4, "no more than was under way");
        let left = shop.deliveries(json!({ "state": ["PENDING"] })).await;
        assert_eq!(left, Vec::<Value>::new());
        let told = shop.merchant.events().await;
        assert_eq!(told.iter().filter(|kind| *kind == "WEBHOOK_ENDPOINT_DISABLED").count(), 1);
    }

    async fn an_endpoint_that_takes_nothing_for_five_days_is_disabled(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        let endpoint = shop.endpoint(&receiver, &["ORDER_PAID"]).await;
        receiver.says_status(500);
        for day in 0..=5 {
            assert_eq!(shop.shown(&endpoint).await["state"], "ENABLED", "day {day}");
            shop.merchant.paid_order("1.00").await;
            shop.works().await;
            shop.world.clock.advance(TimeDelta::days(1));
        }
        let shown = shop.shown(&endpoint).await;
        assert_eq!(shown["disabledBecause"], "FAILING");
        assert_eq!(shown["lastError"], "WRONG_STATUS");
        let heard = receiver.heard().len();
        shop.merchant.paid_order("1.00").await;
        shop.works().await;
        assert_eq!(receiver.heard().len(), heard, "it is sent nothing");
        // Enabled again it is sent what happens from then on.
        let input = json!({ "id": endpoint.id });
        shop.world.clock.advance(TimeDelta::seconds(1));
        asked(&shop.merchant.owner().await, "webhookEndpointEnable", "webhookEndpoint { id }", input).await;
        receiver.says_status(200);
        shop.merchant.paid_order("1.00").await;
        shop.works().await;
        assert_eq!(receiver.heard().len(), heard + 1);
        assert_eq!(shop.shown(&endpoint).await["failingSince"], Value::Null);
    }

    async fn a_dead_endpoint_starves_nobody(world: World) {
        let (shop, dead, well) = (Shop::open(world).await, Receiver::start().await, Receiver::start().await);
        shop.endpoint(&dead, &[]).await;
        dead.says(Saying::Hang);
        // Far more waits for the dead one than there are places.
        for _ in 0..40 {
            shop.merchant.order("1.00").await;
        }
        let other = shop.world.merchant("云裳时装").await;
        made(&other.owner().await, json!({ "url": well.url(), "eventTypes": ["ORDER_PAID"] })).await;
        other.paid_order("1.00").await;
        other.numbered().await;
        // Nor the merchant's own shop, which is called in another style.
        let called = Receiver::start().await;
        called.says(Saying::Status(200, "success".to_owned()));
        let owner = shop.merchant.owner().await;
        asked(&owner, "notifyKeySet", "key", json!({})).await;
        let url = json!({ "notifyUrl": called.url() });
        let order = shop.merchant.order_with("1.00", url).await;
        shop.merchant.numbered().await;
        let (app, courier) = (shop.world.app().clone(), shop.world.gateway.courier.clone());
        tokio::spawn(yigate::webhooks::worker::run(app, courier));
        crate::support::eventually("the well one is told", async || well.heard().len() == 1).await;
        crate::support::eventually("the dead one is busy", async || !dead.heard().is_empty()).await;
        order.pay().await;
        crate::support::eventually("the shop is told", async || called.heard().len() == 1).await;
        assert!(dead.heard().len() < 40, "most still waits: {}", dead.heard().len());
        assert!(dead.most_under_way() <= 4);
        shop.world.app().shutdown.cancel();
    }

    async fn what_cannot_be_composed_comes_to_its_end(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        receiver.says(Saying::Status(200, "success".to_owned()));
        asked(&shop.merchant.owner().await, "notifyKeySet", "key", json!({})).await;
        let url = json!({ "notifyUrl": receiver.url() });
        let order = shop.merchant.order_with("36.00", url).await;
        order.pay().await;
        // Nobody knows how to write such an amount.
        has_currency(&shop, order.id, "XXX").await;
        shop.works().await;
        let deliveries = shop.deliveries(json!({})).await;
        assert_eq!(deliveries[0]["attempts"][0]["error"], "NOT_COMPOSED", "{deliveries:#?}");
        assert_eq!(deliveries[0]["state"], "PENDING");
        has_currency(&shop, order.id, "CNY").await;
        shop.works_after(TimeDelta::minutes(1)).await;
        assert_eq!(shop.deliveries(json!({})).await[0]["state"], "DELIVERED");
        assert_eq!(receiver.heard().len(), 1);
        // One that never can comes to its end as any other.
        let url = json!({ "notifyUrl": receiver.url() });
        let order = shop.merchant.order_with("18.00", url).await;
        order.pay().await;
        has_currency(&shop, order.id, "XXX").await;
        for _ in 0..10 {
            shop.works_after(TimeDelta::hours(2)).await;
        }
        let last = shop.deliveries(json!({})).await.pop().expect("a delivery");
        assert_eq!((&last["state"], &last["lastError"]), (&json!("FAILED"), &json!("NOT_COMPOSED")));
        assert_eq!(receiver.heard().len(), 1);
    }

    async fn whose_events_cannot_be_read_holds_up_nobody(world: World) {
        use sea_orm::ConnectionTrait;
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        shop.endpoint(&receiver, &["ORDER_PAID"]).await;
        let other = shop.world.merchant("云裳时装").await;
        made(&other.owner().await, json!({ "url": receiver.url(), "eventTypes": ["ORDER_PAID"] })).await;
        for merchant in [&shop.merchant, &other] {
            merchant.paid_order("36.00").await;
            merchant.numbered().await;
        }
        // As where a later version writes events that this one does not know. Its merchant is looked at first.
        let becomes = async |from: &str, to: &str| {
            let id = shop.merchant.id.0;
            let sql = format!("UPDATE events SET kind = '{to}' WHERE merchant_id = {id} AND kind = '{from}'");
            shop.world.app().db.writer().execute_unprepared(&sql).await.expect("written");
        };
        becomes("ORDER_PAID", "OF_LATER").await;
        shop.works().await;
        assert_eq!(receiver.heard().len(), 1, "the other merchant's");
        becomes("OF_LATER", "ORDER_PAID").await;
        shop.works().await;
        assert_eq!(receiver.heard().len(), 2, "nothing is lost");
    }

    async fn what_was_made_while_its_endpoint_was_disabled_is_not_sent(world: World) {
        use entity::webhook_endpoint::{Column, DisabledBecause, Entity, WebhookEndpointState};
        use sea_orm::sea_query::Expr;
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        shop.endpoint(&receiver, &["ORDER_PAID"]).await;
        shop.merchant.paid_order("1.00").await;
        shop.merchant.numbered().await;
        yigate::webhooks::service::follow(shop.world.app()).await.expect("followed");
        Entity::update_of(shop.merchant.id)
            .col_expr(Column::State, Expr::value(WebhookEndpointState::Disabled))
            .col_expr(Column::DisabledBecause, Expr::value(DisabledBecause::Merchant))
            .exec(shop.world.app().db.writer())
            .await
            .expect("the database answers");
        shop.works().await;
        assert_eq!(receiver.heard().len(), 0);
        let delivery = shop.deliveries(Value::Null).await.remove(0);
        assert_eq!((&delivery["state"], &delivery["lastError"]), (&json!("FAILED"), &json!("ENDPOINT_DISABLED")));
    }

    async fn what_is_old_is_removed_and_what_is_still_sent_stays(world: World) {
        let (shop, receiver) = (Shop::open(world).await, Receiver::start().await);
        shop.endpoint(&receiver, &["ORDER_PAID"]).await;
        shop.merchant.paid_order("1.00").await;
        shop.works().await;
        shop.merchant.paid_order("2.00").await;
        shop.merchant.numbered().await;
        yigate::webhooks::service::follow(shop.world.app()).await.expect("followed");
        shop.world.clock.advance(TimeDelta::days(31));
        let prune = || yigate::webhooks::service::prune(shop.world.app(), shop.merchant.id);
        prune().await.expect("removed");
        let left = shop.deliveries(Value::Null).await;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0]["state"], "PENDING");
        shop.works().await;
        prune().await.expect("removed");
        assert_eq!(shop.deliveries(Value::Null).await.len(), 0);
        use sea_orm::PaginatorTrait;
        let attempts = entity::webhook_attempt::Entity::of(shop.merchant.id);
        assert_eq!(attempts.count(shop.world.app().db.reads_across()).await.expect("a count"), 0);
    }
}
