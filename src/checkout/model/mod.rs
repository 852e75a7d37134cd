//! What a cart costs, decided without a database.

mod pricing;

pub use pricing::{
    Applied, Buyer, Cart, CartLine, NotApplied, Offer, OfferId, Price, Taken, price,
};
