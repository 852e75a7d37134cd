//! Does what is done with rewards.

mod cancel;
mod catalogue;
mod fulfill;
mod list;
mod redeem;
mod write;

pub use cancel::cancel;
pub use catalogue::{create, update};
pub use fulfill::fulfill;
pub use list::{
    count, count_redemptions, find_many, find_redemptions, list, list_redemptions, maybe_find,
    maybe_find_redemption, points_of,
};
pub use redeem::{Asked, redeem};
