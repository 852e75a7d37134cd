//! The daily bills of one channel, compared, and a payment that came twice.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use entity::channel::PaymentMethod;
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::order_timeline::TimelineKind;
use entity::reconciliation_item::{self, ReconciliationKind, Resolution};
use entity::reconciliation_run::{self, BillFormat};
use entity::refund::{self, RefundKind, RefundReason, RefundStatus};
use entity::{ChannelId, Day, ReconciliationItemId, ReconciliationRunId, RefundId, order};

use super::books::Books;
use super::refunds::{Wish, end, new};
use super::returns::Settled;
use super::story::{Doer, Happening};
use super::{DAY_MS, HOUR_MS, instant, numbers};
use crate::ledger::model::Balances;
use crate::money::{Currency, Money};
use crate::orders::model::set_aside;
use crate::refunds::model::Part;

/// How many daily bills were compared.
const BILLS: i32 = 10;
/// So many days before the last one a bill did not fit.
const UNFIT: i32 = 3;
/// So many days before the last one an order was paid twice.
const TWICE: i32 = 5;
/// How many millionths the platform took where our rule says less.
const OLD_RATE_PPM: i64 = 6_000;

/// What stands on a bill that we know.
#[derive(Debug, Default)]
struct Bill {
    rows: i32,
    fee_mismatch: Option<order::Model>,
    fee_minor: i64,
}

/// The bills of one channel.
#[derive(Debug)]
pub struct Bills {
    /// Who compares them.
    pub importer: String,
    channel_id: ChannelId,
    last: Day,
    bills: BTreeMap<Day, Bill>,
    twice: bool,
}

/// What the comparisons leave behind.
pub type Compared = (
    Vec<reconciliation_run::Model>,
    Vec<reconciliation_item::Model>,
);

impl Bills {
    /// The bills of a store's WeChat Pay channel up to yesterday.
    pub fn open(books: &Books, importer: String) -> Option<Self> {
        let of_wechat = |one: &&entity::channel::Model| one.method == PaymentMethod::WechatPay;
        let channel = books.store.channels.iter().find(of_wechat)?;
        let today = books.day(books.until_ms);
        Some(Self {
            importer,
            channel_id: channel.id,
            last: Day(today.0 - 1),
            bills: BTreeMap::new(),
            twice: false,
        })
    }

    fn bill(&mut self, day: Day) -> Option<&mut Bill> {
        let compared = day.0 > self.last.0 - BILLS && day <= self.last;
        compared.then(|| self.bills.entry(day).or_default())
    }

    /// Takes down what bills say of an order; the first on a certain day was paid twice.
    pub fn note(
        &mut self,
        books: &mut Books,
        order: &order::Model,
        settled: &mut Settled,
        happened: &mut Vec<Happening>,
    ) -> Option<reconciliation_item::Model> {
        let paid_at = order.paid_at?;
        if order.channel_id != self.channel_id {
            return None;
        }
        let (last, day) = (self.last, books.day(paid_at.0.timestamp_millis()));
        let fee_minor = settled.funds.payment.fee_minor;
        if let Some(bill) = self.bill(day) {
            bill.rows += 1;
            if bill.fee_mismatch.is_none() && day.0 == last.0 - UNFIT {
                bill.fee_mismatch = Some(order.clone());
                bill.fee_minor = fee_minor;
            }
        }
        let mut item = None;
        if !self.twice && day.0 == last.0 - TWICE && settled.refunds.is_empty() {
            self.twice = true;
            item = pay_twice(books, order, settled, happened);
            if item.is_some() {
                self.bill(day)?.rows += 1;
            }
        }
        for refund in &settled.refunds {
            if let Some(at) = refund.succeeded_at
                && let Some(bill) = self.bill(books.day(at.0.timestamp_millis()))
            {
                bill.rows += 1;
            }
        }
        item
    }

    /// Compares the bills, each on the morning after.
    pub fn close(self, books: &Books) -> Compared {
        let (mut runs, mut items) = (Vec::new(), Vec::new());
        for day in (self.last.0 - BILLS + 1..=self.last.0).map(Day) {
            let at_ms =
                books.release_ms(day) + DAY_MS + 10 * HOUR_MS + i64::from(day.0 % 7) * 61_000;
            if at_ms > books.until_ms {
                continue;
            }
            let id = ReconciliationRunId::first_at(at_ms);
            let bill = self.bills.get(&day);
            let rows = bill.map_or(0, |bill| bill.rows);
            let found = bill.map_or_else(Vec::new, |bill| self.unfit(bill, id, at_ms));
            let differences = i32::try_from(found.len()).unwrap_or(0);
            // One of the two that do not fit is not known here at all.
            let unknown = differences / 2;
            let text = format!("{} {}", self.channel_id, day.0);
            runs.push(reconciliation_run::Model {
                merchant_id: books.store.merchant.id,
                id,
                channel_id: self.channel_id,
                format: BillFormat::WechatPay,
                bill_on: day,
                file_hash: digest::digest(&digest::SHA256, text.as_bytes())
                    .as_ref()
                    .to_vec(),
                rows: rows + unknown,
                matched: rows + unknown - differences,
                differences,
                carried: 0,
                imported_by: self.importer.clone(),
                imported_at: instant(at_ms),
            });
            items.extend(found);
        }
        (runs, items)
    }

    /// Another fee than ours, and a payment that is not here.
    fn unfit(
        &self,
        bill: &Bill,
        run: ReconciliationRunId,
        at_ms: i64,
    ) -> Vec<reconciliation_item::Model> {
        let Some(order) = &bill.fee_mismatch else {
            return Vec::new();
        };
        let trade_no = order.provider_trade_no.clone().unwrap_or_default();
        let taken = (order.paid_minor * OLD_RATE_PPM + 500_000) / 1_000_000;
        let fee = reconciliation_item::Model {
            run_id: Some(run),
            expected_minor: Some(bill.fee_minor),
            received_minor: Some(taken.max(bill.fee_minor + 1)),
            ..item(order, ReconciliationKind::FeeMismatch, &trade_no, at_ms, 1)
        };
        let unknown = foreign(&trade_no);
        let payment = reconciliation_item::Model {
            reference: format!("payment {unknown}"),
            order_id: None,
            run_id: Some(run),
            expected_minor: None,
            received_minor: Some(8_800),
            ..item(order, ReconciliationKind::MissingHere, &unknown, at_ms, 2)
        };
        vec![fee, payment]
    }
}

/// A number of the platform beside one that is known.
fn foreign(trade_no: &str) -> String {
    let mut digits = trade_no.to_owned();
    let last = digits.pop().unwrap_or('0');
    digits.push(if last == '9' { '0' } else { '9' });
    digits
}

fn item(
    order: &order::Model,
    kind: ReconciliationKind,
    trade_no: &str,
    at_ms: i64,
    place: i64,
) -> reconciliation_item::Model {
    reconciliation_item::Model {
        merchant_id: order.merchant_id,
        id: ReconciliationItemId(ReconciliationItemId::first_at(at_ms).0 | place),
        kind,
        reference: format!("{} {trade_no}", order.id.0),
        channel_id: order.channel_id,
        order_id: Some(order.id),
        refund_id: None,
        payout_id: None,
        run_id: None,
        provider_trade_no: trade_no.to_owned(),
        expected_minor: Some(order.paid_minor),
        received_minor: None,
        currency: order.currency.clone(),
        detail: None,
        carried: false,
        created_at: instant(at_ms),
        resolved_at: None,
        resolved_by: None,
        resolution: None,
        resolution_note: None,
    }
}

/// A paid order is paid again: the money is set aside, and goes back by itself.
fn pay_twice(
    books: &mut Books,
    order: &order::Model,
    settled: &mut Settled,
    happened: &mut Vec<Happening>,
) -> Option<reconciliation_item::Model> {
    let (paid_ms, minor) = (order.paid_at?.0.timestamp_millis(), order.paid_minor);
    let (came_ms, asked_ms, gone_ms) = (paid_ms + 47_310, paid_ms + 49_120, paid_ms + 52_950);
    let currency = Currency::of_code(&order.currency)?;
    let trade_no = foreign(order.provider_trade_no.as_deref()?);
    let amount = Money::of_minor(minor, currency).to_decimal();
    let found = item(
        order,
        ReconciliationKind::SecondPayment,
        &trade_no,
        came_ms,
        3,
    );
    let source = (LedgerSource::ExtraPayment, found.id.0);
    let changes = set_aside(minor);
    let funds = &mut settled.funds;
    funds.post(books, source, LedgerStep::Credited, 1, changes, came_ms);
    let wish = Wish {
        part: Part::Everything,
        reason: RefundReason::DuplicatePayment,
        words: None,
        by: Doer::System,
        at_ms: asked_ms,
    };
    let id = RefundId(RefundId::first_at(asked_ms).0 | funds.tail());
    let mut refund = refund::Model {
        kind: RefundKind::ExtraPayment,
        provider_trade_no: Some(trade_no.clone()),
        reconciliation_item_id: Some(found.id),
        attempts: 2,
        lease: 2,
        state: RefundStatus::Succeeded,
        provider_refund_no: Some(numbers::provider_refund_no(order.method, id)),
        updated_at: instant(gone_ms),
        ..new(order, id, minor, &wish)
    };
    end(&mut refund, RefundStatus::Succeeded, gone_ms);
    let source = (LedgerSource::Refund, id.0);
    let changes = Balances(changes.0.map(|change| -change));
    funds.post(books, source, LedgerStep::Settled, 1, changes, gone_ms);
    settled.refunds.push(refund);
    let mut tell = |kind, at_ms, by, note| {
        happened.push(Happening {
            kind,
            at_ms,
            by,
            note,
        });
    };
    let (provider, came) = (Doer::Provider, format!("{trade_no}: {amount}"));
    tell(TimelineKind::SecondPayment, came_ms, provider, Some(came));
    let asked = Some(trade_no);
    tell(TimelineKind::RefundRequested, asked_ms, Doer::System, asked);
    tell(TimelineKind::RefundSucceeded, gone_ms, provider, None);
    Some(reconciliation_item::Model {
        received_minor: Some(minor),
        resolved_at: Some(instant(gone_ms)),
        resolved_by: Some("system".to_owned()),
        resolution: Some(Resolution::Refunded),
        ..found
    })
}
