//! A merchant of a test, and its orders.

use entity::channel::{ChannelKind, PaymentMethod};
use entity::membership::Role;
use entity::{ChannelId, Instant, MerchantId, OrderId, StaffId, channel};
use sea_orm::{ActiveValue, EntityTrait};
use serde_json::{Value, json};
use yigate::auth::model::Actor;
use yigate::channels::providers::sandbox::Sandbox;
use yigate::clock::Clock;
use yigate::graphql::gateway::Gateway;
use yigate::orders::service::{Notice, notify};

use super::client::Client;

/// A merchant of a test.
#[derive(Clone)]
pub struct Merchant {
    pub(super) gateway: Gateway,
    pub(super) clock: Clock,
    /// Its id.
    pub id: MerchantId,
    pub(super) staff: Vec<(Role, StaffId)>,
    /// Its sandbox channel.
    pub channel_id: ChannelId,
}

impl Merchant {
    /// A client signed in with a role.
    pub async fn client(&self, role: Role) -> Client {
        let (_, staff_id) = self
            .staff
            .iter()
            .find(|(known, _)| *known == role)
            .expect("each role has a member");
        let minted = self.gateway.auth.mint(*staff_id, self.id).await;
        let token = minted.expect("a token").text;
        Client::bearer(self.gateway.clone(), &token).await
    }

    /// A client signed in as the owner.
    pub async fn owner(&self) -> Client {
        self.client(Role::Owner).await
    }

    /// A member of staff's id.
    pub fn staff(&self, role: Role) -> StaffId {
        let found = self.staff.iter().find(|(known, _)| *known == role);
        found.expect("each role has a member").1
    }

    /// The shop's server, which makes orders.
    pub fn shop(&self) -> Client {
        Client::acting(self.gateway.clone(), Some(Actor::system(self.id)))
    }

    /// One more channel, with sealed credentials where it has any.
    pub async fn channel(
        &self,
        kind: ChannelKind,
        method: PaymentMethod,
        credentials: Option<Value>,
    ) -> ChannelId {
        let id = self.gateway.app.ids.next();
        self.insert_channel(id, kind, method, credentials).await;
        id
    }

    pub(super) async fn insert_channel(
        &self,
        id: ChannelId,
        kind: ChannelKind,
        method: PaymentMethod,
        credentials: Option<Value>,
    ) {
        let app = &self.gateway.app;
        let sealed = credentials.map(|credentials| {
            let binding = yigate::channels::providers::binding(self.id, id);
            let plain = credentials.to_string();
            app.key.seal(plain.as_bytes(), &binding).expect("sealed")
        });
        let now: Instant = app.clock.instant();
        channel::Entity::insert(channel::ActiveModel {
            merchant_id: ActiveValue::Set(self.id),
            id: ActiveValue::Set(id),
            kind: ActiveValue::Set(kind),
            method: ActiveValue::Set(method),
            name: ActiveValue::Set(format!("{method:?}")),
            display_order: ActiveValue::Set(1),
            enabled: ActiveValue::Set(true),
            min_minor: ActiveValue::Set(None),
            max_minor: ActiveValue::Set(None),
            sealed_credentials: ActiveValue::Set(sealed),
            created_at: ActiveValue::Set(now),
            updated_at: ActiveValue::Set(now),
            pays_out_from: ActiveValue::Set((kind == ChannelKind::EpayV2).then_some(now)),
            ..channel::ActiveModel::default()
        })
        .exec_without_returning(app.db.writer())
        .await
        .expect("a channel");
    }

    /// The sandbox of its channel.
    pub fn sandbox(&self) -> Sandbox {
        let providers = &self.gateway.providers;
        providers.sandbox(&self.gateway.app, self.id, self.channel_id)
    }

    /// An order of one line, unpaid, made through `orderCreate`; what `input` names wins over defaults.
    pub async fn order_with(&self, amount: &str, input: Value) -> Order {
        let mut all = self.order_input(amount);
        merge(&mut all, input);
        let answer = self.shop().data(CREATE, json!({ "input": all })).await;
        let payload = &answer["orderCreate"];
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        Order {
            merchant: self.clone(),
            id: payload["order"]["id"]
                .as_str()
                .expect("an id")
                .parse()
                .expect("an id"),
            order_no: payload["order"]["orderNo"]
                .as_str()
                .expect("a number")
                .to_owned(),
        }
    }

    /// The input of an order of one line, with numbers of its own.
    pub fn order_input(&self, amount: &str) -> Value {
        let no: u64 = rand::random();
        json!({
            "idempotencyKey": format!("key-{no:016x}"),
            "merchantOrderNo": format!("S{no:016x}"),
            "channelId": self.channel_id.to_string(),
            "lines": [{
                "title": "宫保鸡丁",
                "category": "热菜",
                "quantity": 1,
                "unitPrice": { "amount": amount, "currency": "CNY" },
            }],
        })
    }

    /// An unpaid order.
    pub async fn order(&self, amount: &str) -> Order {
        self.order_with(amount, json!({})).await
    }

    /// A paid order.
    pub async fn paid_order(&self, amount: &str) -> Order {
        let order = self.order(amount).await;
        order.pay().await;
        order
    }
}

/// Makes an order.
pub const CREATE: &str = "mutation($input: OrderCreateInput!) { orderCreate(input: $input) { \
    order { id orderNo merchantOrderNo paymentState paymentCode { kind content } } \
    userErrors { code field message } } }";

/// An order of a test.
#[derive(Clone)]
pub struct Order {
    pub(super) merchant: Merchant,
    /// Its id.
    pub id: OrderId,
    /// Our number.
    pub order_no: String,
}

impl Order {
    /// The payer pays, and the platform's notification arrives.
    pub async fn pay(&self) {
        let now = self.merchant.clock.now();
        let callback = self
            .merchant
            .sandbox()
            .pay(&self.order_no, now)
            .expect("known there");
        assert_eq!(self.notified(&callback).await, Notice::Accepted);
    }

    /// A notification of the sandbox arrives.
    pub async fn notified(&self, callback: &yigate::channels::provider::Callback) -> Notice {
        let gateway = &self.merchant.gateway;
        let (merchant_id, channel_id) = (self.merchant.id, self.merchant.channel_id);
        notify(
            &gateway.app,
            &gateway.providers,
            merchant_id,
            channel_id,
            callback,
        )
        .await
        .expect("the database answers")
    }

    /// What the owner sees of it.
    pub async fn read(&self, fields: &str) -> Value {
        let document = format!("query($id: ID!) {{ order(by: {{ id: $id }}) {{ {fields} }} }}");
        let owner = self.merchant.owner().await;
        let answer = owner
            .data(&document, json!({ "id": self.id.to_string() }))
            .await;
        answer["order"].clone()
    }
}

/// Puts the fields of one object over those of another.
pub fn merge(into: &mut Value, from: Value) {
    if let (Some(into), Value::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}
