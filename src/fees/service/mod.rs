//! Sets and reads rules, lists the fees that were taken, sums them up by month, and checks them.

mod check;
mod rules;
mod statement;
mod taken;

pub use check::{Checked, Suspect, check};
pub use rules::{Quote, assess, quote, rules, set};
pub use statement::{Dimensions, Statement, StatementRow, statement};
pub use taken::{FeeTotals, cursor, find_many, list, totals};
