//! Places: no merchant, host or shop that answers slowly holds up another one.

use entity::webhook_delivery;
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::json;
use yigate::webhooks::service::{Claimed, claim, follow};

use super::{Shop, asked, made};
use crate::everywhere;
use crate::support::Merchant;

/// How many of some claims are a merchant's.
fn of(claimed: &[Claimed], merchant: &Merchant) -> usize {
    let theirs = claimed
        .iter()
        .filter(|one| one.delivery.merchant_id == merchant.id);
    theirs.count()
}

/// A merchant beside the shop's, with an endpoint and one paid order that it is to be told of.
async fn another(shop: &Shop) -> Merchant {
    let other = shop.world.merchant("云裳时装").await;
    let input = json!({ "url": "https://well.example/hooks", "eventTypes": ["ORDER_PAID"] });
    made(&other.owner().await, input).await;
    other
}

everywhere! {
    async fn a_merchant_whose_endpoints_are_slow_leaves_places_for_the_others(world: World) {
        let shop = Shop::open(world).await;
        let owner = shop.merchant.owner().await;
        for endpoint in 0..20 {
            let url = format!("https://slow{}.example/{endpoint}", endpoint % 5);
            made(&owner, json!({ "url": url, "eventTypes": ["ORDER_PAID"] })).await;
        }
        let other = another(&shop).await;
        for _ in 0..4 {
            shop.merchant.paid_order("1.00").await;
        }
        shop.merchant.numbered().await;
        follow(shop.world.app()).await.expect("followed");
        // Nothing is sent: each is under way for as long as it is held here.
        let slow = claim(shop.world.app(), &shop.desk).await.expect("claimed");
        assert_eq!(of(&slow, &shop.merchant), 16);
        other.paid_order("1.00").await;
        other.numbered().await;
        follow(shop.world.app()).await.expect("followed");
        let more = claim(shop.world.app(), &shop.desk).await.expect("claimed");
        assert_eq!((of(&more, &shop.merchant), of(&more, &other)), (0, 1));
    }

    async fn however_much_waits_for_a_slow_host_younger_deliveries_go_out(world: World) {
        let shop = Shop::open(world).await;
        let owner = shop.merchant.owner().await;
        for endpoint in 0..5 {
            let url = format!("https://slow.example/{endpoint}");
            made(&owner, json!({ "url": url, "eventTypes": ["ORDER_PAID"] })).await;
        }
        shop.merchant.paid_order("1.00").await;
        shop.merchant.numbered().await;
        follow(shop.world.app()).await.expect("followed");
        let db = shop.world.app().db.writer();
        let rows = webhook_delivery::Entity::of(shop.merchant.id).all(db).await.expect("rows");
        assert_eq!(rows.len(), 5);
        // More than are ever looked at in one go.
        for turn in 0..820_i64 {
            let copies = rows.iter().map(|row| {
                let mut row = row.clone();
                row.id.0 += (turn + 1) << 23;
                row.event_id.0 += (turn + 1) << 23;
                row.into_active_model()
            });
            webhook_delivery::Entity::insert_many(copies).exec_without_returning(db).await.expect("made");
        }
        let held = claim(shop.world.app(), &shop.desk).await.expect("claimed");
        assert_eq!(of(&held, &shop.merchant), 16);
        let other = another(&shop).await;
        shop.world.clock.advance(chrono::TimeDelta::seconds(1));
        other.paid_order("1.00").await;
        other.numbered().await;
        follow(shop.world.app()).await.expect("followed");
        let more = claim(shop.world.app(), &shop.desk).await.expect("claimed");
        assert_eq!(of(&more, &other), 1);
    }

    async fn a_dead_shop_silences_no_other_shop_of_its_merchant(world: World) {
        let shop = Shop::open(world).await;
        let app = shop.world.app();
        asked(&shop.merchant.owner().await, "notifyKeySet", "key", json!({ "replace": false })).await;
        let paid = async |host: &str| {
            let url = json!({ "notifyUrl": format!("https://{host}/notify") });
            shop.merchant.order_with("1.00", url).await.pay().await;
            shop.merchant.numbered().await;
            follow(app).await.expect("followed");
        };
        for _ in 0..3 {
            paid("dead.example").await;
        }
        let tried = webhook_delivery::Entity::update_of(shop.merchant.id)
            .col_expr(webhook_delivery::Column::Tries, Expr::value(1));
        tried.exec(app.db.writer()).await.expect("they were tried");
        let held = claim(app, &shop.desk).await.expect("claimed");
        assert_eq!(held.len(), 1, "one at a time");
        paid("well.example").await;
        let more = claim(app, &shop.desk).await.expect("claimed");
        assert_eq!(more.len(), 1);
        assert_eq!(more[0].delivery.tries, 1, "a first call");
    }
}
