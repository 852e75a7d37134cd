//! Does what is done with members.

mod add;
mod changes;
mod duplicates;
mod erase;
mod figures;
mod list;
mod merge;
mod paid;
mod survivor;
mod timeline;

pub use add::{find_or_add, find_or_add_many};
pub use changes::{Change, note, note_many};
pub use duplicates::{Duplicates, Reached, duplicates};
pub use erase::{Erasure, erase};
pub use figures::{Figures, Visit, tally};
pub use list::{
    Totals, count, find_by_no, find_by_nos, find_many, id_of, list, maybe_find, totals, wanted,
};
pub use merge::{Merger, merge};
pub use paid::mark_paid;
pub use survivor::{lock, survivor};
pub use timeline::{Happened, Named, What, timeline};
