//! Keeps the buckets of statistics, and answers from them.

mod answer;
mod read;
mod serve;

pub use answer::{answer, heatmap};
pub use serve::{Served, served};
