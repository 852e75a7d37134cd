//! Decides about routes: pure, without clock, chance, database or network.

mod choice;
mod page;
mod policy;
mod replay;

pub use choice::{Candidate, Fit, Lot, Moment, Unfit, Wish, choose, fits, fitting};
pub use page::{Entry, arrange, method_name};
pub use policy::{Hours, Policy, PolicyRefusal, RemoveRefusal, Target, next_version};
pub use replay::{Past, Replay, Sum, replay};

#[cfg(test)]
mod tests;
