//! Compares a bill's rows with what is here.
//!
//! A row finds its order by our number or by the platform's, and its refund by ours. What is here of the
//! bill's day and no row names is missing there. A row whose payment is here on another day is no
//! difference: it is *listed*, so that the other day's bill need not have it.

mod payouts;
mod refunds;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::order::PaymentState;
use entity::reconciliation_item::{self, ReconciliationKind as Kind};
use entity::reconciliation_run::BillFormat;
use entity::{OrderId, PayoutId, RefundId};

pub use self::payouts::compare_transfers;
use super::bill::{BillDay, BillRow, PaidThere, PaymentRow, RefundedThere};
use super::here::{Extra, Here, OrderHere};

/// What names of refunds begin with.
const REFUND: &str = "refund ";

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// How many payments and refunds, or transfers, the bill lists.
    pub rows: usize,
    /// How many of them fit.
    pub matched: usize,
    /// What does not fit.
    pub differences: Vec<Difference>,
    /// What fits, and is here of another day, or not settled yet.
    pub listed: Vec<Listed>,
}

/// What does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What.
    pub kind: Kind,
    /// What it is about.
    pub about: Listed,
    /// What else is worth knowing.
    pub detail: Option<String>,
    /// Whether a neighbouring day's bill may clear it.
    pub carried: bool,
}

/// A payment, refund or transfer that a bill lists, or should.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Its name, the same on every bill.
    pub reference: String,
    /// The order, where one is known.
    pub order_id: Option<OrderId>,
    /// The refund, where one is known.
    pub refund_id: Option<RefundId>,
    /// The payout, where one is known.
    pub payout_id: Option<PayoutId>,
    /// The platform's number of the payment or transfer; empty where there is none.
    pub trade_no: String,
    /// What is known here, in minor units.
    pub expected_minor: Option<i64>,
    /// What the platform reports, in minor units.
    pub received_minor: Option<i64>,
}

impl Listed {
    fn differs(self, kind: Kind, detail: Option<String>) -> Difference {
        Difference {
            kind,
            about: self,
            detail,
            carried: false,
        }
    }
}

/// A number of ours in decimal digits; none where the text is none.
#[must_use]
pub fn read_number<T: From<i64>>(text: &str) -> Option<T> {
    let digits = text.bytes().all(|digit| digit.is_ascii_digit());
    let canonical = digits && !text.starts_with('0');
    canonical
        .then(|| text.parse::<i64>().ok().map(T::from))
        .flatten()
}

/// How a payment of a known order is named: as where a notification found that it does not fit.
#[must_use]
pub fn reference_of_payment(order_id: OrderId, trade_no: &str) -> String {
    format!("{} {trade_no}", order_id.0)
}

/// Compares a bill with what is here.
#[must_use]
pub fn compare(format: BillFormat, rows: &[BillRow], here: &Here, day: &BillDay) -> Compared {
    let mut comparison = Comparison {
        here,
        day,
        found: Compared::default(),
        trades: HashSet::new(),
        unpaid: HashSet::new(),
        refunds: HashSet::new(),
        refund_rows: HashSet::new(),
    };
    for row in rows {
        match row {
            BillRow::Payment(row) => comparison.payment(row),
            BillRow::Refund(row) => comparison.refund(row),
        }
    }
    comparison.missing_payments();
    // A list of 易支付 has no rows of refunds.
    if format != BillFormat::Epay {
        comparison.missing_refunds();
    }
    let mut found = comparison.found;
    // In one order on every instance, whatever the order of a map.
    found
        .differences
        .sort_by(|a, b| a.about.reference.cmp(&b.about.reference));
    found
}

/// Whether a payment that a bill listed and nobody knew here has become known.
#[must_use]
pub fn is_known(item: &reconciliation_item::Model, here: &Here) -> bool {
    let paid = |id: &OrderId| {
        let order = here.orders.get(id);
        order.is_some_and(|order| order.state == PaymentState::Paid)
    };
    let trade_no = &item.provider_trade_no;
    let of_refund = item.reference.starts_with(REFUND);
    !of_refund
        && (here.by_trade_no.get(trade_no).is_some_and(paid) || here.extras.contains_key(trade_no))
}

/// A comparison under way.
struct Comparison<'a> {
    here: &'a Here,
    day: &'a BillDay,
    found: Compared,
    /// The platform's numbers of payments that rows have named, and those of ours they stand for.
    trades: HashSet<&'a str>,
    /// Orders that the platform names as unpaid.
    unpaid: HashSet<OrderId>,
    /// Refunds that rows have named.
    refunds: HashSet<RefundId>,
    /// The platform's number of the payment and the refund number of each refund's row.
    refund_rows: HashSet<(&'a str, &'a str)>,
}

impl<'a> Comparison<'a> {
    fn fits(&mut self) {
        self.found.matched += 1;
    }

    fn differs(&mut self, difference: Difference) {
        self.found.differences.push(difference);
    }

    /// The order that a row names. A platform behind 易支付 knows a payment by the number that 易支付 gave
    /// it, as its order number.
    fn order(&self, order_no: &str, trade_no: &str) -> Option<&'a OrderHere> {
        let by_trade_no = |no: &str| self.here.by_trade_no.get(no).copied();
        let by_number =
            read_number::<OrderId>(order_no).filter(|id| self.here.orders.contains_key(id));
        let id = by_number
            .or_else(|| by_trade_no(trade_no))
            .or_else(|| by_trade_no(order_no))?;
        self.here.orders.get(&id)
    }

    fn payment(&mut self, row: &'a PaymentRow) {
        let order = self.order(&row.order_no, &row.trade_no);
        if row.state == PaidThere::Unpaid {
            self.unpaid.extend(order.map(|order| order.id));
            return;
        }
        self.found.rows += 1;
        if !self.trades.insert(&row.trade_no) {
            let difference = self.missing_here(row, order, Some("listed twice".to_owned()));
            return self.differs(Difference {
                carried: false,
                ..difference
            });
        }
        match order {
            None => {
                let difference = self.missing_here(row, None, None);
                self.differs(difference);
            }
            Some(order) => self.payment_of(row, order),
        }
    }

    /// Compares a row with the order that it names.
    fn payment_of(&mut self, row: &'a PaymentRow, order: &'a OrderHere) {
        let own = order.trade_no.as_deref();
        let is_own = own == Some(&row.trade_no) || own == Some(&row.order_no);
        if order.state == PaymentState::Paid && !is_own {
            return match self.here.extras.get(&row.trade_no) {
                Some(extra) => self.extra(row, *extra),
                None => {
                    let detail = own.map(|own| format!("here paid by {own}"));
                    let difference = self.missing_here(row, Some(order), detail);
                    self.differs(difference);
                }
            };
        }
        // As it is known here, so that it is known as named.
        self.trades.extend(own.filter(|_| is_own));
        let about = about(row, Some(order), Some(order.payable_minor));
        let states = format!("here {}, there {}", name(order.state), row.state.name());
        if order.paid_at.is_some_and(|at| !self.day.contains(at)) {
            self.found.listed.push(about.clone());
        }
        if row.amount_minor != order.payable_minor {
            return self.differs(about.differs(Kind::AmountMismatch, Some(states)));
        }
        if order.state != PaymentState::Paid || row.state != PaidThere::Paid {
            return self.differs(about.differs(Kind::StatusMismatch, Some(states)));
        }
        let mut fits = true;
        if let (Some(here), Some(there)) = (order.fee_minor, row.fee_minor)
            && here != there
        {
            let fees = Listed {
                expected_minor: Some(here),
                received_minor: Some(there),
                ..about
            };
            self.differs(fees.differs(Kind::FeeMismatch, None));
            fits = false;
        }
        if let Some(difference) = refunded(row, order) {
            self.differs(difference);
            fits = false;
        }
        if fits {
            self.fits();
        }
    }

    /// Compares a row with a payment that its order did not need.
    fn extra(&mut self, row: &PaymentRow, extra: Extra) {
        let about = Listed {
            reference: reference_of_payment(extra.order_id, &row.trade_no),
            order_id: Some(extra.order_id),
            trade_no: row.trade_no.clone(),
            expected_minor: extra.received_minor,
            received_minor: Some(row.amount_minor),
            ..Listed::default()
        };
        if extra.received_minor != Some(row.amount_minor) {
            return self.differs(about.differs(Kind::AmountMismatch, None));
        }
        self.fits();
        if !self.day.contains(extra.found_at) {
            self.found.listed.push(about);
        }
    }

    fn missing_here(
        &self,
        row: &PaymentRow,
        order: Option<&OrderHere>,
        detail: Option<String>,
    ) -> Difference {
        Difference {
            carried: self.day.is_near_midnight(row.paid_at),
            ..about(row, order, None).differs(Kind::MissingHere, detail)
        }
    }

    /// What was paid here on the day, and no row names.
    fn missing_payments(&mut self) {
        let here = self.here;
        for order in here.orders.values() {
            let (Some(trade_no), Some(at)) = (order.trade_no.as_deref(), order.paid_at) else {
                continue;
            };
            if !self.day.contains(at) || self.trades.contains(trade_no) {
                continue;
            }
            let about = Listed {
                reference: reference_of_payment(order.id, trade_no),
                order_id: Some(order.id),
                trade_no: trade_no.to_owned(),
                expected_minor: Some(order.payable_minor),
                ..Listed::default()
            };
            let difference = if self.unpaid.contains(&order.id) {
                about.differs(
                    Kind::StatusMismatch,
                    Some("here PAID, there UNPAID".to_owned()),
                )
            } else {
                self.missing_there(about, at)
            };
            self.differs(difference);
        }
        for (trade_no, extra) in &here.extras {
            if !self.day.contains(extra.found_at) || self.trades.contains(trade_no.as_str()) {
                continue;
            }
            let about = Listed {
                reference: reference_of_payment(extra.order_id, trade_no),
                order_id: Some(extra.order_id),
                trade_no: trade_no.clone(),
                expected_minor: extra.received_minor,
                ..Listed::default()
            };
            let difference = self.missing_there(about, extra.found_at);
            self.differs(difference);
        }
    }

    fn missing_there(&self, about: Listed, at: DateTime<Utc>) -> Difference {
        Difference {
            carried: self.day.is_near_midnight(at),
            ..about.differs(Kind::MissingThere, None)
        }
    }
}

/// What a payment's row is about.
fn about(row: &PaymentRow, order: Option<&OrderHere>, expected_minor: Option<i64>) -> Listed {
    // A payment by which the order is known here keeps the name that it has here.
    let own = order.and_then(|order| order.trade_no.as_deref());
    let trade_no = own
        .filter(|own| *own == row.order_no)
        .unwrap_or(&row.trade_no);
    Listed {
        reference: order.map_or_else(
            || format!("payment {trade_no}"),
            |order| reference_of_payment(order.id, trade_no),
        ),
        order_id: order.map(|order| order.id),
        trade_no: trade_no.to_owned(),
        expected_minor,
        received_minor: Some(row.amount_minor),
        ..Listed::default()
    }
}

/// What does not fit of what a payment's own row says of its refunds.
fn refunded(row: &PaymentRow, order: &OrderHere) -> Option<Difference> {
    let here = order.refunded;
    let (there, kind) = match row.refunded {
        RefundedThere::Unsaid => return None,
        RefundedThere::Nothing if here.least == 0 => return None,
        RefundedThere::Nothing => (Some(0), Kind::StatusMismatch),
        RefundedThere::Something if here.most > 0 => return None,
        RefundedThere::Something => (None, Kind::StatusMismatch),
        RefundedThere::Exactly(there) if (here.least..=here.most).contains(&there) => return None,
        RefundedThere::Exactly(there) if there == 0 || here.most == 0 => {
            (Some(there), Kind::StatusMismatch)
        }
        RefundedThere::Exactly(there) => (Some(there), Kind::AmountMismatch),
    };
    let about = Listed {
        reference: format!("refunded {}", order.id.0),
        order_id: Some(order.id),
        trade_no: row.trade_no.clone(),
        expected_minor: Some(here.most),
        received_minor: there,
        ..Listed::default()
    };
    let word = |some: bool| if some { "REFUNDED" } else { "NOT REFUNDED" };
    let (here, there) = (word(here.most > 0), word(there != Some(0)));
    Some(about.differs(kind, Some(format!("here {here}, there {there}"))))
}

const fn name(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Pending => "PENDING",
        PaymentState::Paid => "PAID",
        PaymentState::Failed => "FAILED",
        PaymentState::Closed => "CLOSED",
    }
}

#[cfg(test)]
mod tests;
