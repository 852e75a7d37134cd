//! Moves points: in the transaction of what moves them, under the lock on the member's row.

mod book;
mod gifts;
mod program;
mod wallet;

pub use gifts::grant_many;
pub use program::{find_program, lot_end, lot_end_in};
pub use wallet::{GiveBack, Grant, Spend, forfeit, give_back, grant, merge, spend};
