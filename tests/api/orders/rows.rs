//! Orders written straight into the tables: many, and in states that would take a story to reach.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use entity::channel::PaymentMethod;
use entity::order::{self, FulfillmentState, PaymentState, RefundState};
use entity::{ChannelId, Instant, MerchantId, OrderId, ProductId, order_line, product};
use sea_orm::{EntityTrait, IntoActiveModel};

use crate::support::{Merchant, World, noon};

/// An order of one line, unpaid unless it is told otherwise.
#[derive(Clone)]
pub struct Row {
    pub order: order::Model,
    pub titles: Vec<String>,
}

/// An order that was made at an instant; the shop calls it `no`.
pub fn order(merchant: &Merchant, no: impl Into<String>, at: DateTime<Utc>) -> Row {
    // Orders of one millisecond are told apart as they were made.
    static TAIL: AtomicI64 = AtomicI64::new(1);
    let tail = TAIL.fetch_add(1, Ordering::SeqCst);
    let id = OrderId(OrderId::first_at(at.timestamp_millis()).0 + tail);
    let order = order::Model {
        merchant_id: merchant.id,
        id,
        merchant_order_no: no.into(),
        title: "宫保鸡丁".to_owned(),
        currency: "CNY".to_owned(),
        amount_minor: 3_600,
        discount_minor: 0,
        paid_minor: 0,
        channel_id: merchant.channel_id,
        method: PaymentMethod::WechatPay,
        country: None,
        payment_state: PaymentState::Pending,
        refund_state: RefundState::None,
        fulfillment_state: FulfillmentState::Unfulfilled,
        late: false,
        provider_trade_no: None,
        paid_at: None,
        expires_at: Instant(at + TimeDelta::minutes(30)),
        closed_at: None,
        fulfilled_at: None,
        payment_code_kind: None,
        payment_code: None,
        sealed_buyer: None,
        next_query_at: None,
        query_attempts: 0,
        updated_at: Instant(at),
        refunded_minor: 0,
        refunding_minor: 0,
        member_id: None,
        tier_id: None,
    };
    Row {
        order,
        titles: vec!["宫保鸡丁".to_owned()],
    }
}

impl Row {
    pub fn amount(mut self, minor: i64) -> Self {
        self.order.amount_minor = minor;
        if self.order.payment_state == PaymentState::Paid {
            self.order.paid_minor = minor - self.order.discount_minor;
        }
        self
    }

    pub fn discount(mut self, minor: i64) -> Self {
        self.order.discount_minor = minor;
        self
    }

    pub fn paid(mut self, at: DateTime<Utc>) -> Self {
        self.order.payment_state = PaymentState::Paid;
        self.order.paid_at = Some(Instant(at));
        self.order.paid_minor = self.order.amount_minor - self.order.discount_minor;
        self
    }

    /// Paid by the platform's number.
    pub fn paid_as(self, trade_no: &str, at: DateTime<Utc>) -> Self {
        let mut row = self.paid(at);
        row.order.provider_trade_no = Some(trade_no.to_owned());
        row
    }

    pub fn late(mut self) -> Self {
        self.order.late = true;
        self
    }

    pub fn payment(mut self, state: PaymentState) -> Self {
        self.order.payment_state = state;
        self
    }

    pub fn refund(mut self, state: RefundState) -> Self {
        self.order.refund_state = state;
        self
    }

    pub fn fulfillment(mut self, state: FulfillmentState) -> Self {
        self.order.fulfillment_state = state;
        self
    }

    pub fn through(mut self, channel_id: ChannelId, method: PaymentMethod) -> Self {
        self.order.channel_id = channel_id;
        self.order.method = method;
        self
    }

    pub fn from(mut self, country: &str) -> Self {
        self.order.country = Some(country.to_owned());
        self
    }

    pub fn lines(mut self, titles: &[&str]) -> Self {
        self.titles = titles.iter().map(|title| (*title).to_owned()).collect();
        self
    }

    /// The shop's own number.
    pub fn no(&self) -> &str {
        &self.order.merchant_order_no
    }
}

/// Writes orders of one merchant with their lines.
pub async fn insert(world: &World, rows: &[Row]) {
    let db = world.app().db.writer();
    let Some(merchant_id) = rows.first().map(|row| row.order.merchant_id) else {
        return;
    };
    let products = insert_products(world, merchant_id, rows).await;
    for some in rows.chunks(200) {
        let orders = some.iter().map(|row| row.order.clone().into_active_model());
        order::Entity::insert_many(orders)
            .exec_without_returning(db)
            .await
            .expect("orders");
        let lines = some.iter().flat_map(|row| lines_of(row, &products));
        order_line::Entity::insert_many(lines.map(IntoActiveModel::into_active_model))
            .exec_without_returning(db)
            .await
            .expect("lines");
    }
}

async fn insert_products(
    world: &World,
    merchant_id: MerchantId,
    rows: &[Row],
) -> Vec<(String, ProductId)> {
    let mut titles: Vec<&String> = rows.iter().flat_map(|row| &row.titles).collect();
    titles.sort();
    titles.dedup();
    let products: Vec<product::Model> = titles
        .into_iter()
        .map(|title| product::Model {
            merchant_id,
            id: world.app().ids.next(),
            title: title.clone(),
            // A category of its own, so that another call may sell the same title.
            category: format!("{:x}", rand::random::<u64>()),
        })
        .collect();
    let inserted = products.iter().cloned();
    product::Entity::insert_many(inserted.map(IntoActiveModel::into_active_model))
        .exec_without_returning(world.app().db.writer())
        .await
        .expect("products");
    products
        .into_iter()
        .map(|product| (product.title, product.id))
        .collect()
}

fn lines_of(row: &Row, products: &[(String, ProductId)]) -> Vec<order_line::Model> {
    let many = i64::try_from(row.titles.len()).expect("few lines");
    (1_i16..)
        .zip(&row.titles)
        .map(|(line_no, title)| {
            // The first line takes what does not divide.
            let rest = if line_no == 1 {
                (row.order.amount_minor % many, row.order.discount_minor)
            } else {
                (0, 0)
            };
            order_line::Model {
                merchant_id: row.order.merchant_id,
                order_id: row.order.id,
                line_no,
                product_id: products
                    .iter()
                    .find(|(known, _)| known == title)
                    .expect("a product")
                    .1,
                title: title.clone(),
                category: "热菜".to_owned(),
                quantity: 1,
                fulfilled_quantity: 0,
                unit_price_minor: row.order.amount_minor / many + rest.0,
                discount_minor: rest.1,
            }
        })
        .collect()
}

/// So many minutes before noon.
pub fn before_noon(minutes: i64) -> DateTime<Utc> {
    noon() - TimeDelta::minutes(minutes)
}
