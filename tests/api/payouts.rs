//! Payouts: money out, by nobody who has only a session.

mod approving;
mod asking;
mod database;
mod edited;
mod guarding;
mod histories;
mod lists;
mod live;
mod schedules;
mod sending;
