//! Points: earned, spent, taken back, given back, ended, adjusted; and after each of it, right.

mod adjusting;
mod database;
mod earning;
mod ending;
mod histories;
mod killed;
mod many;
mod program;
mod races;
mod refunding;
pub mod scene;
mod spending;
