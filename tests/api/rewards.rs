//! Rewards: made and changed, had for points, handed over, called off; the last one, and the last points.

mod canceling;
mod catalogue;
mod histories;
mod killed;
mod races;
mod redeeming;
pub mod scene;
