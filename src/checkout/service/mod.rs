//! Does what is done at the checkout: quotes, and what orders take of offers and give back.

mod again;
mod list;
mod offers;
mod paying;
mod quote;
mod reserve;
mod settle;
pub mod simulate;
mod standing;
mod tickets;

pub use list::{Redeemed, find_of_orders};
pub use offers::{Basket, Who};
pub use quote::{Priced, Quote, QuotedPoints, forget_offers, price_order, quote};
pub use reserve::reserve;
pub use settle::{Paid, commit, refund_returned, refunded, release};
