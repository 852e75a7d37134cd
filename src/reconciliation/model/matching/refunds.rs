//! Compares a bill's rows of refunds with the refunds here.

use entity::RefundId;
use entity::reconciliation_item::ReconciliationKind as Kind;
use entity::refund::{RefundKind, RefundStatus};

use super::{Comparison, Difference, Listed, REFUND, read_number};
use crate::reconciliation::model::bill::{RefundRow, RefundThere};
use crate::reconciliation::model::here::RefundHere;

impl<'a> Comparison<'a> {
    pub(super) fn refund(&mut self, row: &'a RefundRow) {
        self.found.rows += 1;
        let id = read_number::<RefundId>(&row.refund_no);
        let refund = id.and_then(|id| self.here.refunds.get(&id));
        let first = self.refund_rows.insert((&row.trade_no, &row.refund_no));
        match refund {
            Some(refund) if first => self.refund_of(row, refund),
            _ => {
                let order = self.order(&row.order_no, &row.trade_no);
                let about = Listed {
                    reference: format!("{REFUND}{} {}", row.trade_no, row.refund_no),
                    order_id: order.map(|order| order.id),
                    refund_id: refund.map(|refund| refund.id),
                    trade_no: row.trade_no.clone(),
                    received_minor: Some(row.amount_minor),
                    ..Listed::default()
                };
                let detail = (!first).then(|| "listed twice".to_owned());
                self.differs(Difference {
                    carried: first && self.day.is_near_midnight(row.at),
                    ..about.differs(Kind::MissingHere, detail)
                });
            }
        }
    }

    /// Compares a row with the refund that it names.
    fn refund_of(&mut self, row: &RefundRow, refund: &RefundHere) {
        self.refunds.insert(refund.id);
        let about = Listed {
            received_minor: Some(row.amount_minor),
            trade_no: row.trade_no.clone(),
            ..known(refund)
        };
        let of_the_day = refund.succeeded_at.is_some_and(|at| self.day.contains(at));
        if !of_the_day {
            self.found.listed.push(about.clone());
        }
        if row.amount_minor != refund.amount_minor {
            return self.differs(about.differs(Kind::AmountMismatch, None));
        }
        if !agrees(refund.state, row.state) {
            let states = format!("here {}, there {}", name(refund.state), row.state.name());
            return self.differs(about.differs(Kind::StatusMismatch, Some(states)));
        }
        // The fee of a payment that was not needed was never taken here.
        let compared = refund.kind == RefundKind::Order
            && refund.succeeded_at.is_some()
            && row.state == RefundThere::Succeeded;
        match row.fee_minor.filter(|_| compared) {
            Some(there) if there != refund.fee_returned_minor => {
                let fees = Listed {
                    expected_minor: Some(refund.fee_returned_minor),
                    received_minor: Some(there),
                    ..about
                };
                self.differs(fees.differs(Kind::FeeMismatch, None));
            }
            _ => self.fits(),
        }
    }

    /// What succeeded here on the day, and no row names. What was asked for on an earlier day may stand on
    /// that day's bill.
    pub(super) fn missing_refunds(&mut self) {
        let here = self.here;
        for refund in here.refunds.values() {
            let Some(at) = refund.succeeded_at else {
                continue;
            };
            if !self.day.contains(at) || self.refunds.contains(&refund.id) {
                continue;
            }
            let mut difference = self.missing_there(known(refund), at);
            difference.carried |= refund.asked_at() < self.day.from;
            self.differs(difference);
        }
    }
}

fn known(refund: &RefundHere) -> Listed {
    Listed {
        reference: format!("{REFUND}{}", refund.id.0),
        order_id: Some(refund.order_id),
        refund_id: Some(refund.id),
        trade_no: refund.trade_no.clone().unwrap_or_default(),
        expected_minor: Some(refund.amount_minor),
        ..Listed::default()
    }
}

/// Whether the two states can both be true, the bill's having been true when it was written.
const fn agrees(here: RefundStatus, there: RefundThere) -> bool {
    match there {
        RefundThere::Succeeded => matches!(here, RefundStatus::Succeeded | RefundStatus::Reversed),
        RefundThere::Processing => !matches!(
            here,
            RefundStatus::AwaitingApproval | RefundStatus::Rejected
        ),
        RefundThere::Failed => matches!(
            here,
            RefundStatus::Failed | RefundStatus::Abnormal | RefundStatus::Reversed
        ),
    }
}

const fn name(state: RefundStatus) -> &'static str {
    match state {
        RefundStatus::AwaitingApproval => "AWAITING_APPROVAL",
        RefundStatus::Rejected => "REJECTED",
        RefundStatus::Processing => "PROCESSING",
        RefundStatus::Unknown => "UNKNOWN",
        RefundStatus::Abnormal => "ABNORMAL",
        RefundStatus::Succeeded => "SUCCEEDED",
        RefundStatus::Failed => "FAILED",
        RefundStatus::Reversed => "REVERSED",
    }
}
