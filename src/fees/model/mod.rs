//! Decides which rule holds, what a payment costs, and how a rule may be set.

mod difference;
mod fee;
mod filter;
mod rule;
mod setting;

pub use difference::{Difference, DifferenceReason, difference};
pub use fee::{Fee, RATE_DECIMALS, Tariff, assess};
pub use filter::FeeFilter;
pub use rule::{Assessed, RuleState, choose, in_effect, of_channel, state};
pub use setting::{MOST_VERSIONS, RuleDraft, RuleSetRefusal, Setting};
