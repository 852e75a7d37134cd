//! Decides what is usual, what is not, and how it is said.

mod brief;
mod usual;
mod words;

pub use brief::{Brief, ChannelBrief, DayFigures, Figures, WEEKS, brief};
pub use usual::{Compared, Floor, Verdict, compared};
pub use words::{Expiring, Incidents, Waiting, sentences};
