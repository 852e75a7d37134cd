//! Does what is done with refunds: a write is one function and one transaction.

mod act;
mod book;
mod create;
mod decide;
mod due;
mod extra;
mod known;
mod list;
mod quote;
mod resolve;
mod retry;
mod search;

pub use act::act;
pub use create::create;
pub use decide::{approve, reject};
pub use due::{Claimed, claim_due};
pub use extra::{create_extra, extras};
pub use list::{
    StateCount, Totals, count, find, find_lines, find_many, find_of_orders, list, states, totals,
};
pub use quote::{Quote, quote};
pub use resolve::resolve;
pub use retry::retry;
