//! Compares a list of transfers with the payouts here, and with the small amounts that checked bank accounts.
//!
//! A transfer finds its payout by our number, or by that of the bank behind the platform. Days are those on which the
//! platform was asked: both sides know that moment to the second, while the bank takes days.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::payout::PayoutStatus;
use entity::reconciliation_item::ReconciliationKind as Kind;
use entity::{BankAccountId, PayoutId};

use super::{Compared, Difference, Listed, read_number};
use crate::reconciliation::model::bill::{BillDay, TransferRow, TransferThere};
use crate::reconciliation::model::here::{CheckHere, Here, PayoutHere};

/// Compares a list of transfers with what is here.
#[must_use]
pub fn compare_transfers(rows: &[TransferRow], here: &Here, day: &BillDay) -> Compared {
    let mut comparison = Comparison {
        here,
        day,
        found: Compared::default(),
        rows: HashSet::new(),
        payouts: HashSet::new(),
        checks: HashSet::new(),
    };
    for row in rows {
        comparison.transfer(row);
    }
    comparison.missing_payouts();
    comparison.missing_checks();
    let mut found = comparison.found;
    // In one order on every instance, whatever the order of a map.
    found
        .differences
        .sort_by(|a, b| a.about.reference.cmp(&b.about.reference));
    found
}

/// A comparison under way.
struct Comparison<'a> {
    here: &'a Here,
    day: &'a BillDay,
    found: Compared,
    /// The numbers that were given for the transfers so far.
    rows: HashSet<&'a str>,
    /// Payouts that rows have named.
    payouts: HashSet<PayoutId>,
    /// Bank accounts whose checks rows have named.
    checks: HashSet<BankAccountId>,
}

impl<'a> Comparison<'a> {
    fn differs(&mut self, about: Listed, kind: Kind, detail: Option<String>) {
        self.found.differences.push(about.differs(kind, detail));
    }

    fn transfer(&mut self, row: &'a TransferRow) {
        self.found.rows += 1;
        // Sent under one number twice: the second is one too many, whatever it was for.
        if !self.rows.insert(&row.payout_no) {
            let about = Listed {
                reference: format!("transfer {}", row.transfer_no),
                payout_id: self.payout(row).map(|payout| payout.id),
                ..of_row(row)
            };
            return self.differs(about, Kind::MissingHere, Some("listed twice".to_owned()));
        }
        if let Some(payout) = self.payout(row) {
            return self.transfer_of(row, payout);
        }
        if let Some(check) = self.check(row) {
            return self.check_of(row, check);
        }
        // What failed there moved nothing.
        if row.state == TransferThere::Failed {
            self.found.matched += 1;
            return;
        }
        let about = Listed {
            reference: format!("transfer {}", row.transfer_no),
            ..of_row(row)
        };
        let detail = format!("there {}", row.state.name());
        self.differs(about, Kind::MissingHere, Some(detail));
    }

    fn payout(&self, row: &TransferRow) -> Option<&'a PayoutHere> {
        let by_number =
            read_number::<PayoutId>(&row.payout_no).filter(|id| self.here.payouts.contains_key(id));
        let by_bank_no = || self.here.by_bank_no.get(&row.bank_no).copied();
        self.here.payouts.get(&by_number.or_else(by_bank_no)?)
    }

    fn check(&self, row: &TransferRow) -> Option<&'a CheckHere> {
        let id = read_number::<BankAccountId>(&row.payout_no)?;
        self.here.checks.get(&id)
    }

    /// Compares a row with the payout that it is.
    fn transfer_of(&mut self, row: &TransferRow, payout: &PayoutHere) {
        self.payouts.insert(payout.id);
        let about = Listed {
            received_minor: Some(row.amount_minor),
            trade_no: of_row(row).trade_no,
            ..of_payout(payout)
        };
        if !payout.sent_at.is_some_and(|at| self.day.contains(at)) {
            self.found.listed.push(about.clone());
        }
        if row.amount_minor != payout.net_minor {
            return self.differs(about, Kind::AmountMismatch, None);
        }
        if !agrees(payout.state, row.state) {
            let states = format!("here {}, there {}", name(payout.state), row.state.name());
            return self.differs(about, Kind::StatusMismatch, Some(states));
        }
        let compared = payout.state == PayoutStatus::Paid && row.state == TransferThere::Paid;
        match row.fee_minor.filter(|_| compared) {
            Some(there) if there != payout.fee_minor => {
                let fees = Listed {
                    expected_minor: Some(payout.fee_minor),
                    received_minor: Some(there),
                    ..about
                };
                self.differs(fees, Kind::FeeMismatch, None);
            }
            _ => self.found.matched += 1,
        }
    }

    /// Compares a row with the check that it is.
    fn check_of(&mut self, row: &TransferRow, check: &CheckHere) {
        self.checks.insert(check.id);
        let about = Listed {
            received_minor: Some(row.amount_minor),
            trade_no: of_row(row).trade_no,
            ..of_check(check)
        };
        if !check.asked_at.is_some_and(|at| self.day.contains(at)) {
            self.found.listed.push(about.clone());
        }
        if row.amount_minor != check.amount_minor {
            return self.differs(about, Kind::AmountMismatch, None);
        }
        let agrees = match row.state {
            TransferThere::Paid => check.sent,
            TransferThere::Failed => !check.sent,
            TransferThere::Processing => true,
        };
        if agrees {
            self.found.matched += 1;
            return;
        }
        let here = if check.sent { "SENT" } else { "NOT SENT" };
        let states = format!("here {here}, there {}", row.state.name());
        self.differs(about, Kind::StatusMismatch, Some(states));
    }

    /// Payouts that left, or may have left, on the day, and that no row names.
    fn missing_payouts(&mut self) {
        let here = self.here;
        for payout in here.payouts.values().filter(|payout| payout.of_channel) {
            let Some(at) = payout.sent_at.filter(|at| self.day.contains(*at)) else {
                continue;
            };
            let left = matches!(
                payout.state,
                PayoutStatus::Paid | PayoutStatus::Returned | PayoutStatus::Unknown
            );
            if left && !self.payouts.contains(&payout.id) {
                let state = format!("here {}", name(payout.state));
                self.missing_there(of_payout(payout), at, Some(state));
            }
        }
    }

    /// Small amounts that left on the day, and that no row names.
    fn missing_checks(&mut self) {
        let here = self.here;
        for check in here.checks.values().filter(|check| check.of_channel) {
            let Some(at) = check.asked_at.filter(|at| self.day.contains(*at)) else {
                continue;
            };
            if check.sent && !self.checks.contains(&check.id) {
                self.missing_there(of_check(check), at, None);
            }
        }
    }

    fn missing_there(&mut self, about: Listed, at: DateTime<Utc>, detail: Option<String>) {
        self.found.differences.push(Difference {
            carried: self.day.is_near_midnight(at),
            ..about.differs(Kind::MissingThere, detail)
        });
    }
}

/// What a row is about: the number of the bank behind the platform, or the platform's own.
fn of_row(row: &TransferRow) -> Listed {
    let number = if row.bank_no.is_empty() {
        &row.transfer_no
    } else {
        &row.bank_no
    };
    Listed {
        trade_no: number.clone(),
        received_minor: Some(row.amount_minor),
        ..Listed::default()
    }
}

fn of_payout(payout: &PayoutHere) -> Listed {
    Listed {
        reference: format!("payout {}", payout.id.0),
        payout_id: Some(payout.id),
        trade_no: payout.bank_no.clone().unwrap_or_default(),
        expected_minor: Some(payout.net_minor),
        ..Listed::default()
    }
}

fn of_check(check: &CheckHere) -> Listed {
    Listed {
        reference: format!("account check {}", check.id.0),
        expected_minor: Some(check.amount_minor),
        ..Listed::default()
    }
}

/// Whether the two states can both be true, the list's having been true when it was written.
const fn agrees(here: PayoutStatus, there: TransferThere) -> bool {
    match there {
        TransferThere::Paid => matches!(here, PayoutStatus::Paid | PayoutStatus::Returned),
        TransferThere::Processing => !matches!(
            here,
            PayoutStatus::AwaitingApproval | PayoutStatus::Rejected | PayoutStatus::Canceled
        ),
        TransferThere::Failed => matches!(here, PayoutStatus::Failed | PayoutStatus::Returned),
    }
}

const fn name(state: PayoutStatus) -> &'static str {
    match state {
        PayoutStatus::AwaitingApproval => "AWAITING_APPROVAL",
        PayoutStatus::Rejected => "REJECTED",
        PayoutStatus::Processing => "PROCESSING",
        PayoutStatus::Unknown => "UNKNOWN",
        PayoutStatus::Paid => "PAID",
        PayoutStatus::Failed => "FAILED",
        PayoutStatus::Canceled => "CANCELED",
        PayoutStatus::Returned => "RETURNED",
    }
}

#[cfg(test)]
mod tests;
