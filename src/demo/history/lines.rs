//! What was bought: an order's title and its lines.

use entity::order::FulfillmentState;
use entity::{OrderId, order_line};

use super::basket::Basket;
use crate::checkout::model::CartLine;
use crate::demo::shop::Shop;
use crate::demo::store::Store;
use crate::money::share_out;

/// What was bought, in a line: `宫保鸡丁 等3件`.
pub(super) fn title(shop: &Shop, basket: &Basket) -> String {
    let pieces: i32 = basket.picks.iter().map(|pick| pick.quantity).sum();
    let first = basket
        .picks
        .first()
        .map_or("", |pick| shop.products[pick.product].title);
    match (basket.picks.len(), pieces) {
        (_, 1) => first.to_owned(),
        (1, _) => format!("{first} ×{pieces}"),
        _ => format!("{first} 等{pieces}件"),
    }
}

/// The same as lines of a cart, before anything comes off.
pub(super) fn cart_lines(shop: &Shop, basket: &Basket) -> Vec<CartLine> {
    let lines = basket.picks.iter().map(|pick| {
        let product = &shop.products[pick.product];
        CartLine {
            title: product.title.to_owned(),
            category: product.category.to_owned(),
            amount_minor: product.price_minor * i64::from(pick.quantity),
        }
    });
    lines.collect()
}

/// The lines of an order, its discount shared out over them.
pub(super) fn lines(
    store: &Store,
    order_id: OrderId,
    basket: &Basket,
    state: FulfillmentState,
) -> Vec<order_line::Model> {
    let weights: Vec<i64> = basket
        .picks
        .iter()
        .map(|pick| store.shop.products[pick.product].price_minor * i64::from(pick.quantity))
        .collect();
    let shares = match (&basket.shares, basket.discount_minor) {
        (Some(shares), _) => shares.clone(),
        (None, 0) => vec![0; weights.len()],
        (None, discount) => share_out(discount, &weights),
    };
    let only = basket.picks.len() == 1;
    let mut line_no = 0;
    basket
        .picks
        .iter()
        .zip(shares)
        .map(|(pick, discount_minor)| {
            line_no += 1;
            let product = &store.products[pick.product];
            order_line::Model {
                merchant_id: store.merchant.id,
                order_id,
                line_no,
                product_id: product.id,
                title: product.title.clone(),
                category: product.category.clone(),
                quantity: pick.quantity,
                fulfilled_quantity: match state {
                    FulfillmentState::Fulfilled => pick.quantity,
                    // The first parcel holds the first line, or all but one of the only one.
                    FulfillmentState::Partial if only => pick.quantity - 1,
                    FulfillmentState::Partial if line_no == 1 => pick.quantity,
                    _ => 0,
                },
                unit_price_minor: store.shop.products[pick.product].price_minor,
                discount_minor,
            }
        })
        .collect()
}
