//! Statistics: what counts where, days and hours of every zone, comparisons, builds, and races.

mod asking;
mod building;
mod comparing;
mod counting;
mod partitions;
mod races;
mod scene;
mod time;
