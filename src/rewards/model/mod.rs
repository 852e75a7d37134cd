//! Decides what a reward may be, and whether it can be had.

mod draft;
mod filter;
mod redemption;
mod refusal;

#[cfg(test)]
mod tests;

pub use draft::{RewardChange, RewardDraft, Texts};
pub use filter::{RedemptionFilter, RewardFilter};
pub use redemption::{LONGEST_NOTE, check_note, check_reason, hindrance};
pub use refusal::{CancelRefusal, CreateRefusal, FulfillRefusal, RedeemRefusal, UpdateRefusal};
