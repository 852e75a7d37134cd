//! Settlement terms, as merchants and channels have them.

use async_graphql::{Enum, InputObject};
use entity::channel;

use crate::graphql::plain::{plain_object, plain_scalars};
use crate::settlements::model::{BadTerms, Terms};

/// How the days until a settlement are counted 结算周期.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "channel::SettlementCycle")]
pub enum SettlementCycle {
    /// 实时: at once.
    Instant,
    /// D+N 自然日: so many calendar days later.
    D,
    /// T+N 工作日: so many working days later.
    T,
}

plain_scalars!(SettlementCycle);

/// When money becomes available.
#[derive(Clone, Copy, Debug)]
pub struct SettlementTerms(pub Terms);

plain_object! {
    /// When money becomes available 结算条款: so many days after the merchant's day on which it was paid.
    SettlementTerms(self) {
        /// How the days are counted.
        cycle / "cycle": SettlementCycle = self.0.cycle.into();
        /// How many; 0 where it is available at once.
        days / "days": i32 = i32::from(self.0.kept_days());
    }
}

/// When money is to become available. It holds for payments from now on.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct SettlementTermsInput {
    /// How the days are counted.
    pub cycle: SettlementCycle,
    /// How many: 0 for INSTANT, 1 to 30 for D and T.
    pub days: i32,
}

impl SettlementTermsInput {
    /// The terms that are meant.
    pub fn read(self) -> Result<Terms, BadTerms> {
        Terms::read(self.cycle.into(), self.days)
    }
}
