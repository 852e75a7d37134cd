//! What a cart costs, decided without a database.

mod choice;
mod code;
pub mod points;
mod pricing;
pub mod simulation;
mod tier;
mod wish;
mod words;

pub use choice::choose;
pub use code::{CodeProblem, check_coupon};
pub use points::{PointsProblem, Spending};
pub use pricing::{
    Applied, Buyer, Cart, CartLine, NotApplied, Offer, OfferId, Price, Taken, price,
};
pub use tier::TierDiscount;
pub use wish::{CheckoutRefusal, CheckoutWish};

/// The most coupons of one order.
pub const MOST_COUPONS: usize = 10;
