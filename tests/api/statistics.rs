//! Statistics: what counts where, days and hours of every zone, comparisons, builds, and races.

mod asking;
mod brief;
mod building;
mod comparing;
mod counting;
mod keeping;
mod partitions;
mod people;
mod pictures;
mod products;
mod races;
pub(crate) mod scene;
mod tiers;
mod time;
mod today;
