//! Keeps the buckets of statistics, and answers from them.

mod answer;
mod behind;
mod check;
mod facts;
mod months;
mod people;
mod project;
mod read;
mod rebuild;
mod remove;
mod scan;
mod serve;
mod turn;
mod write;

pub use answer::{Source, answer, answer_from, heatmap};
pub use behind::{Behind, behind, unbuilt};
pub use check::{Difference, Differences, ProductDifference, check};
pub use project::project;
pub use rebuild::rebuild;
pub use serve::{Served, served};
