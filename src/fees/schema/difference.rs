//! Fees that are not what their rules say.

use async_graphql::Enum;

use super::fee::Fee;
use crate::fees::model;
use crate::fees::service::{Checked, Suspect, cursor};
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::money::Money;

/// What is wrong with a fee 差异原因.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "model::DifferenceReason")]
pub enum FeeDifferenceReason {
    /// 规则不符: another rule, or version, held when it was taken.
    Rule,
    /// 计费不符: it is not what its rule gives.
    Tariff,
    /// 退还不符: refunds should have returned another part of it.
    Returned,
}

plain_scalars!(FeeDifferenceReason);

/// A fee that is not what its rule says.
#[derive(Clone, Debug)]
pub struct FeeDifference {
    fee: Lean<Fee>,
    found: model::Difference,
}

impl FeeDifference {
    fn money(&self, minor: i64) -> Money {
        self.fee.0.money(minor)
    }
}

plain_object! {
    /// A fee that is not what its rule says 手续费差异. It is listed with the first reason that there is: the
    /// rule, then the tariff, then what was returned.
    FeeDifference(self) {
        /// The fee as it was taken.
        fee / "fee": &Lean<Fee> = &self.fee;
        /// What is wrong.
        reason / "reason": FeeDifferenceReason = self.found.reason.into();
        /// What it is: the fee, or what was returned of it.
        actual / "actual": Money = self.money(self.found.actual_minor);
        /// What it would be.
        expected / "expected": Money = self.money(self.found.expected_minor);
        /// Actual less expected; zero where another rule gives the same.
        difference / "difference": Money =
            self.money(self.found.actual_minor - self.found.expected_minor);
    }
}

connection! {
    /// A list of fees that are not what their rules say. At most 20,000 payments are looked at for a page:
    /// it may have fewer items than asked for, or none, and more to come.
    FeeDifferenceConnection
    /// A difference in a list.
    FeeDifferenceEdge
    /// The difference.
    node: Lean<FeeDifference>
}

impl FeeDifferenceConnection {
    /// A page of what a check found. It goes on where the check stopped, which may be beyond the last item.
    pub fn of(checked: Checked, backward: bool) -> Self {
        let mut list = Self::page(
            checked.page,
            |suspect| cursor(&suspect.payment),
            |Suspect {
                 payment,
                 difference,
             }| {
                Lean(FeeDifference {
                    fee: Lean(Fee { row: payment }),
                    found: difference,
                })
            },
        );
        if let Some(goes_on_at) = checked.goes_on_at {
            if backward {
                list.page_info.start_cursor = Some(goes_on_at);
            } else {
                list.page_info.end_cursor = Some(goes_on_at);
            }
        }
        list
    }
}
