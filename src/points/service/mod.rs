//! Moves points: in the transaction of what moves them, under the lock on the member's row.

mod adjust;
mod book;
mod due;
mod gifts;
mod list;
mod orders;
mod program;
mod refunds;
mod wallet;

pub use adjust::{Adjusted, adjust};
pub use due::settle_due;
pub use gifts::grant_many;
pub use list::{
    Ending, Liability, MonthOfLiability, count_entries, ending, expiring, find_of_orders, last_day,
    liability, list_entries, live_lots, place_of,
};
pub use orders::{PaidFor, add_to_day, holds, paid_for_order, release_of_order};
pub use program::{find_program, lot_end, set_program, shown_program};
pub use refunds::{RefundEffect, RefundedOf, refund_effect, refunded_of_order};
pub use wallet::{GiveBack, Grant, Spend, give_back, grant, spend};
