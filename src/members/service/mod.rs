//! Does what is done with members.

mod add;
mod figures;
mod list;
mod paid;
mod survivor;

pub use add::{find_or_add, find_or_add_many};
pub use figures::{Figures, Visit, tally};
pub use list::{
    Totals, count, find_by_no, find_by_nos, find_many, id_of, list, maybe_find, totals, wanted,
};
pub use paid::mark_paid;
pub use survivor::{lock, survivor};
