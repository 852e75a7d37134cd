//! Decides which terms a channel may have.

use entity::channel::{self, FundsMode};

use super::{no_channel, version_conflict};
use crate::error::{Problem, Refusal};
use crate::settlements::model::{BadTerms, Terms};

/// What is to be changed of a channel's terms; what is none stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TermsChange {
    /// Where the money goes.
    pub funds_mode: Option<FundsMode>,
    /// When it becomes available: terms of its own, or none of its own.
    pub settlement: Option<Option<Terms>>,
    /// What refunds it takes.
    pub refunds: RefundTermsChange,
}

/// What is to be changed of a channel's terms of refunds; what is none stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefundTermsChange {
    /// For how many days after the payment it refunds.
    pub window_days: Option<i32>,
    /// How many refunds of one order it takes.
    pub max_count: Option<i32>,
    /// How many seconds must lie between two refunds of one order.
    pub spacing_s: Option<i32>,
    /// Whether a part of a payment can be refunded.
    pub partial_allowed: Option<bool>,
    /// Whether the fee comes back with a refund.
    pub returns_fee: Option<bool>,
    /// After how many working days the payer has the money, at the most.
    pub arrival_days: Option<i32>,
}

/// Why a channel's terms were not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TermsRefusal {
    /// There is no such channel.
    NotFound,
    /// Somebody else was faster.
    VersionConflict {
        /// The version that it has.
        current: i32,
    },
    /// At once is not so many days later.
    InstantWithDays,
    /// Fewer than one day, or more than are agreed.
    DaysOutOfRange,
    /// A figure of the refund terms that no contract has.
    OutOfRange {
        /// The field.
        field: &'static str,
        /// The largest figure; the least is 0.
        most: i32,
    },
}

impl From<BadTerms> for TermsRefusal {
    fn from(bad: BadTerms) -> Self {
        match bad {
            BadTerms::InstantWithDays => Self::InstantWithDays,
            BadTerms::DaysOutOfRange => Self::DaysOutOfRange,
        }
    }
}

impl Refusal for TermsRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => no_channel(),
            Self::VersionConflict { current } => version_conflict(*current),
            Self::InstantWithDays => BadTerms::InstantWithDays.message(),
            Self::DaysOutOfRange => BadTerms::DaysOutOfRange.message(),
            Self::OutOfRange { field, most } => Problem::new(
                format!("`{field}` is from 0 to {most}."),
                format!("`{field}` 须为 0 至 {most}。"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::NotFound => Some("channelId".to_owned()),
            Self::VersionConflict { .. } => Some("expectedVersion".to_owned()),
            Self::InstantWithDays => BadTerms::InstantWithDays.field(),
            Self::DaysOutOfRange => BadTerms::DaysOutOfRange.field(),
            Self::OutOfRange { field, .. } => Some((*field).to_owned()),
        }
    }
}

impl TermsChange {
    /// Writes the terms into a channel's row; the change has been checked.
    pub fn write(self, row: &mut channel::Model) {
        row.funds_mode = self.funds_mode.unwrap_or(row.funds_mode);
        if let Some(settlement) = self.settlement {
            row.settlement_cycle = settlement.map(|terms| terms.cycle);
            row.settlement_days = settlement.map(Terms::kept_days);
        }
        self.refunds.write(row);
    }
}

impl RefundTermsChange {
    fn write(self, row: &mut channel::Model) {
        row.refund_window_days = self.window_days.unwrap_or(row.refund_window_days);
        row.refund_max_count = self.max_count.unwrap_or(row.refund_max_count);
        row.refund_spacing_s = self.spacing_s.unwrap_or(row.refund_spacing_s);
        row.refund_partial = self.partial_allowed.unwrap_or(row.refund_partial);
        row.refund_returns_fee = self.returns_fee.unwrap_or(row.refund_returns_fee);
        let arrival_days = self.arrival_days.and_then(|days| i16::try_from(days).ok());
        row.refund_arrival_days = arrival_days.unwrap_or(row.refund_arrival_days);
    }

    /// Whether a contract can say so.
    pub fn check(&self) -> Result<(), TermsRefusal> {
        for (field, given, most) in [
            ("refunds.windowDays", self.window_days, 3_650),
            ("refunds.maxCount", self.max_count, 1_000),
            ("refunds.spacingSeconds", self.spacing_s, 86_400),
            ("refunds.arrivalDays", self.arrival_days, 60),
        ] {
            if given.is_some_and(|given| !(0..=most).contains(&given)) {
                return Err(TermsRefusal::OutOfRange { field, most });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_refunds_have_limits() {
        let none = RefundTermsChange::default();
        for (change, field) in [
            (none, None),
            (
                RefundTermsChange {
                    window_days: Some(-1),
                    ..none
                },
                Some("refunds.windowDays"),
            ),
            (
                RefundTermsChange {
                    arrival_days: Some(61),
                    ..none
                },
                Some("refunds.arrivalDays"),
            ),
            (
                RefundTermsChange {
                    spacing_s: Some(86_400),
                    max_count: Some(0),
                    ..none
                },
                None,
            ),
        ] {
            let refused = change.check().err().and_then(|refusal| refusal.field());
            assert_eq!(refused.as_deref(), field, "{change:?}");
        }
    }
}
