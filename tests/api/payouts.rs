//! Payouts: money out, by nobody who has only a session.

#![allow(clippy::too_many_lines, reason = "a test tells a story")]

mod approving;
mod asking;
mod database;
mod guarding;
mod histories;
mod lists;
mod live;
mod schedules;
mod sending;
