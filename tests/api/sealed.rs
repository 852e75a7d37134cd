//! The master key changes: what it sealed stays readable, is sealed again, and the key before can go.

use data_encoding::BASE64;
use entity::channel::{ChannelKind, PaymentMethod};
use entity::{channel, order, signing_key};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::channels::provider::Callback;
use yigate::config::Settings;
use yigate::orders::service::{Notice, notify};
use yigate::seal::Resealed;
use yigate::{auth, channels, orders};

use crate::everywhere;
use crate::orders::rows;
use crate::support::epay_stub::{EpayStub, Notification};
use crate::support::{Client, Merchant, Order, World};

/// The key that every world begins with, and another.
const KEYS: [[u8; 32]; 2] = [[7; 32], [8; 32]];

/// A gateway's master key is the second, and the first only opens.
fn changed(settings: &mut Settings) {
    settings.secrets.master_key = Some(BASE64.encode(&KEYS[1]));
    settings.secrets.previous_master_keys = vec![BASE64.encode(&KEYS[0])];
}

/// Everything is sealed again: signing keys, channels' credentials, buyers.
async fn resealed(world: &World) -> [Resealed; 3] {
    let app = world.app();
    [
        auth::reseal::reseal(app).await.expect("signing keys"),
        channels::service::reseal(app).await.expect("credentials"),
        orders::service::reseal(app).await.expect("buyers"),
    ]
}

/// What a key that is lost sealed.
fn lost(bound_to: &str) -> Vec<u8> {
    let key = yigate::seal::MasterKey::parse(&BASE64.encode(&[9; 32])).expect("a key");
    key.seal(b"{}", bound_to).expect("it seals")
}

fn counted(done: [Resealed; 3]) -> [(u64, u64); 3] {
    done.map(|one| (one.resealed, one.seen))
}

/// Who bought an order, as the owner sees it.
async fn buyer(merchant: &Merchant, id: entity::OrderId) -> Value {
    let document = "query($id: ID!) { order(by: { id: $id }) { buyer { name phone } } }";
    let seen = merchant
        .owner()
        .await
        .data(document, json!({ "id": id.to_string() }))
        .await;
    seen["order"]["buyer"].clone()
}

/// The platform's notification of a paid order arrives.
async fn is_believed(merchant: &Merchant, stub: &EpayStub, order: &Order) -> bool {
    stub.pay(&order.order_no, "2026-11-23 12:00:00");
    let gateway = merchant.gateway();
    let now = gateway.app.clock.now().timestamp();
    let told = Callback {
        query: stub.notification(&order.order_no, &Notification::default(), now),
        body: Vec::new(),
    };
    let (app, providers) = (&gateway.app, &gateway.providers);
    let notice = notify(app, providers, merchant.id, merchant.channel_id, &told).await;
    notice.expect("the database answers") == Notice::Accepted
}

everywhere! {
    async fn what_the_key_before_sealed_is_read_and_sealed_again_and_nothing_else_changes(world: World) {
        let stub = EpayStub::start().await;
        let merchant = world.merchant("汇贤饭店").await;
        let credentials = Some(stub.v1_credentials());
        let id = merchant.channel(ChannelKind::EpayV1, PaymentMethod::WechatPay, credentials).await;
        let (sandbox, merchant) = (merchant.channel_id, merchant.through(id));
        let with_buyer = json!({ "buyer": { "name": "张伟", "phone": "13812345678" } });
        let bought = merchant.order_with("36.00", with_buyer.clone()).await;
        let mut waiting = Vec::new();
        for _ in 0..3 {
            waiting.push(merchant.order("36.00").await);
        }
        // The platform still signs with the keys that the channel had before.
        let input = json!({
            "channelId": id.to_string(), "expectedVersion": 1,
            "credentials": { "epayV1": { "baseUrl": stub.base_url(), "pid": "1001", "key": "another" } },
        });
        crate::channels::done(&merchant.owner().await, "channelCredentialsSet", input).await;
        let token = world.gateway.auth.mint(merchant.staff(entity::membership::Role::Owner), merchant.id).await;
        let token = token.expect("a token").text;
        let rows = async |world: &World| {
            let db = world.app().db.reads_across();
            let mut channels = channel::Entity::of(merchant.id).all(db).await.unwrap();
            let mut orders = order::Entity::of(merchant.id).all(db).await.unwrap();
            channels.sort_by_key(|row| row.id);
            orders.sort_by_key(|row| row.id);
            (channels, orders)
        };

        let world = world.with_settings(changed).await;
        let ours = merchant.on(&world.gateway);
        let wanted = json!({ "name": "张伟", "phone": "13812345678" });
        assert_eq!(buyer(&ours, bought.id).await, wanted);
        assert!(is_believed(&ours, &stub, &waiting[0]).await);
        // What is sealed from now on, is sealed under the new key.
        let later = ours.through(sandbox).order_with("36.00", with_buyer).await;
        assert_eq!(buyer(&ours, later.id).await, wanted);
        let before = rows(&world).await;
        let keys = signing_key::Entity::alive(world.clock.instant()).all(world.app().db.reads_across()).await.unwrap();
        assert_eq!(counted(resealed(&world).await), [(1, 1), (2, 2), (1, 2)]);
        assert_eq!(counted(resealed(&world).await), [(0, 1), (0, 2), (0, 2)], "once");

        let after = rows(&world).await;
        let bare = |(mut channels, mut orders): (Vec<channel::Model>, Vec<order::Model>)| {
            for row in &mut channels {
                row.sealed_credentials = None;
                row.sealed_previous_credentials = None;
            }
            for row in &mut orders {
                row.sealed_buyer = None;
            }
            (channels, orders)
        };
        assert_eq!(bare(before.clone()), bare(after.clone()), "nothing else");
        assert_ne!(before, after);

        // The key before can go.
        let world = world.with_settings(|settings| settings.secrets.previous_master_keys.clear()).await;
        let ours = merchant.on(&world.gateway);
        assert_eq!(buyer(&ours, bought.id).await, wanted);
        assert!(is_believed(&ours, &stub, &waiting[1]).await, "the keys before of the channel, too");
        Client::bearer(world.gateway.clone(), &token).await.data("{ viewer { scopes } }", Value::Null).await;
        let now = signing_key::Entity::alive(world.clock.instant()).all(world.app().db.reads_across()).await.unwrap();
        assert_eq!(now.len(), keys.len());
        assert_eq!(now[0].public_key, keys[0].public_key);
    }

    async fn what_no_key_opens_is_counted_and_stops_nobody_behind_it(world: World) {
        let stub = EpayStub::start().await;
        let merchants = [world.merchant("汇贤饭店").await, world.merchant("云裳时装").await];
        let mut channels = Vec::new();
        let mut orders = Vec::new();
        for merchant in &merchants {
            let credentials = Some(stub.v1_credentials());
            channels.push(merchant.channel(ChannelKind::EpayV1, PaymentMethod::Card, credentials).await);
            let with_buyer = json!({ "buyer": { "name": "张伟", "phone": "13812345678" } });
            orders.push(merchant.order_with("36.00", with_buyer).await.id);
        }
        let (first, db) = (merchants[0].id, world.app().db.writer());
        channel::Entity::update_of(first)
            .filter(channel::Column::Id.eq(channels[0]))
            .col_expr(channel::Column::SealedCredentials, Expr::value(lost(&format!("{first} {}", channels[0]))))
            .exec(db)
            .await
            .unwrap();
        order::Entity::update_of(first)
            .filter(order::Column::Id.eq(orders[0]))
            .col_expr(order::Column::SealedBuyer, Expr::value(lost(&first.to_string())))
            .exec(db)
            .await
            .unwrap();
        let world = world.with_settings(changed).await;
        let [_, credentials, buyers] = resealed(&world).await;
        for done in [credentials, buyers] {
            assert_eq!(done, Resealed { seen: 2, resealed: 1, unreadable: 1 });
        }
        // The key before can go: all but the lost ones are read without it.
        let world = world.with_settings(|settings| settings.secrets.previous_master_keys.clear()).await;
        let seen = buyer(&merchants[1].on(&world.gateway), orders[1]).await;
        assert_eq!(seen, json!({ "name": "张伟", "phone": "13812345678" }));
    }

    async fn buyers_are_sealed_again_batch_by_batch_and_who_begins_again_goes_on(world: World) {
        let merchants = [world.merchant("汇贤饭店").await, world.merchant("云裳时装").await];
        let mut models = Vec::new();
        for merchant in &merchants {
            for no in 0..600 {
                let mut row = rows::order(merchant, format!("S{no}"), world.clock.now());
                let sealed = world.app().key.seal(b"{}", &merchant.id.to_string()).unwrap();
                row.order.sealed_buyer = (no % 6 > 0).then_some(sealed);
                models.push(row.order);
            }
        }
        let db = world.app().db.writer();
        for some in models.chunks(100) {
            let some = some.iter().map(|one| sea_orm::IntoActiveModel::into_active_model(one.clone()));
            order::Entity::insert_many(some).exec_without_returning(db).await.unwrap();
        }
        let world = world.with_settings(changed).await;
        // Some are done already, as if it had been broken off.
        for row in models.iter().filter(|row| row.sealed_buyer.is_some()).take(40) {
            let again = world.app().key.seal(b"{}", &row.merchant_id.to_string()).unwrap();
            let done = order::ActiveModel {
                merchant_id: sea_orm::ActiveValue::Unchanged(row.merchant_id),
                id: sea_orm::ActiveValue::Unchanged(row.id),
                sealed_buyer: sea_orm::ActiveValue::Set(Some(again)),
                ..order::ActiveModel::default()
            };
            order::Entity::update(done).exec(world.app().db.writer()).await.unwrap();
        }
        let [_, _, done] = resealed(&world).await;
        assert_eq!((done.resealed, done.seen), (960, 1_000));
        let alone = yigate::seal::MasterKey::parse(&BASE64.encode(&KEYS[1])).unwrap();
        for merchant in &merchants {
            let all = order::Entity::of(merchant.id).all(world.app().db.reads_across()).await.unwrap();
            assert_eq!(all.len(), 600);
            for sealed in all.iter().filter_map(|row| row.sealed_buyer.as_ref()) {
                assert_eq!(alone.open(sealed, &merchant.id.to_string()).unwrap(), b"{}");
            }
        }
    }
}
