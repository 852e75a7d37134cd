//! What comes off a basket of a history when its order is made.

use entity::channel::PaymentMethod;
use entity::order::PaymentState;
use entity::{OrderId, TierId};

use super::History;
use super::basket::Basket;
use super::lines::cart_lines;
use super::members::Known;
use super::offers::{Given, shop_time};
use super::story::Story;
use crate::checkout::model::Cart;

impl History {
    /// What campaigns, coupons, the buyer's tier and their points take off a basket, instead of what the shop would
    /// have. What no platform would take is left alone.
    pub(super) fn give(
        &mut self,
        id: OrderId,
        basket: &mut Basket,
        (story, method): (&Story, PaymentMethod),
        (member, tier): (Option<Known>, Option<TierId>),
    ) -> Option<Given> {
        let store = &self.store;
        let gives = !store.promotions.is_empty() || store.club.is_some();
        if !gives || story.payment == PaymentState::Failed {
            return None;
        }
        let mut cart = Cart {
            lines: cart_lines(store.shop, basket),
            channel: Some(store.channel(method)),
            method: Some(method),
            buyer: None,
            at: shop_time(store, id.made_at_ms()),
        };
        let mut given = self.offers.price(id, &mut cart, member, tier);
        if given.price.off_minor == 0 && basket.discount_minor > 0 {
            return None;
        }
        given.points = member.and_then(|known| self.loyalty.pay(id, known.id, &cart, &given.price));
        if given.off_minor() == 0 {
            return None;
        }
        basket.discount_minor = given.off_minor();
        basket.shares = Some(given.line_offs());
        Some(given)
    }
}
