//! Gifts: on birthdays and on the day on which members joined, once a year, days ahead, over year ends and leap years.

mod days;
mod killed;
mod many;
mod rules;
pub mod scene;
