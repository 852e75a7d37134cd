//! Statistics in GraphQL.

pub mod change;
pub mod heatmap;
pub mod inputs;
pub mod kept;
pub mod measures;
pub mod query;
pub mod row;
pub mod wanted;

pub use query::{StatisticsQuery, fits_a_heatmap};
