//! Payments: an order is made, paid once and for good, closed, delivered, and none is lost.

mod callbacks;
mod closing;
mod creating;
mod delivering;
mod http;
mod losses;

use entity::channel;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{Client, Merchant, Order};

const CLOSE: &str = "mutation($id: ID!) { orderClose(input: { orderId: $id }) { \
    order { paymentState closedAt } userErrors { code field } } }";

/// What somebody is told who closes an order.
pub async fn close(client: &Client, order: &Order) -> Value {
    let answer = client
        .data(CLOSE, json!({ "id": order.id.to_string() }))
        .await;
    answer["orderClose"].clone()
}

/// The first refusal of a payload: its code and field.
fn refusal(payload: &Value) -> (&str, &str) {
    let error = &payload["userErrors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default();
    (text("code"), text("field"))
}

/// The merchant changes something of its channel.
async fn set_channel(merchant: &Merchant, column: channel::Column, value: Expr) {
    channel::Entity::update_of(merchant.id)
        .filter(channel::Column::Id.eq(merchant.channel_id))
        .col_expr(column, value)
        .exec(merchant.app().db.writer())
        .await
        .expect("the database answers");
}
