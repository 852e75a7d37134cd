//! The list of orders of 易支付 as a daily bill: JSON of `api.php?act=orders` (V1) or
//! `api/merchant/orders` (V2).
//!
//! A list is no day's bill: it holds orders of several days, methods and states, newest first, in pages of
//! at most 50. So all pages that reach back to the day are imported as one list, what is of another day or
//! method is left aside, and an order that two pages hold counts once. There are no fees and no rows of
//! refunds; V2 alone says how much was refunded.

mod fields;
mod transfers;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::channel::PaymentMethod;
use serde::Deserialize;
use serde_json::value::RawValue;

use self::fields::{Fields, text};
pub(super) use self::transfers::read as read_transfers;
use super::bill::{BillRow, PaidThere, PaymentRow, RefundedThere, Terms, push};
use super::refusal::ImportRefusal;
use crate::money::Currency;

/// A list, as the platform answers.
#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

/// An order of a list: numbers may be numbers or text.
#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    trade_no: Option<&'a RawValue>,
    #[serde(borrow)]
    out_trade_no: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    money: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    addtime: Option<&'a RawValue>,
    #[serde(borrow)]
    endtime: Option<&'a RawValue>,
    #[serde(borrow)]
    refundmoney: Option<&'a RawValue>,
}

/// Reads what of a list is of the day and the method.
pub(super) fn read(text: &str, terms: &Terms) -> Result<Vec<BillRow>, ImportRefusal> {
    require_yuan(terms)?;
    let text = text.trim();
    let entries: Vec<&RawValue> = if text.starts_with('[') {
        serde_json::from_str(text).map_err(|error| foreign(&error))?
    } else {
        let list: List<'_> = serde_json::from_str(text).map_err(|error| foreign(&error))?;
        list.data
    };
    let (mut rows, mut known, mut of_the_day) = (Vec::new(), HashSet::new(), entries.is_empty());
    for (no, entry) in (1..).zip(&entries) {
        let entry: Fields<Entry<'_>> = Fields::of(("data", no), entry, "trade_no")?;
        let made_at = entry.instant("addtime", entry.entry.addtime)?;
        let row = read_row(&entry, made_at, terms)?;
        let paid_or_made = [row.paid_at, made_at];
        of_the_day |= paid_or_made.iter().any(|at| terms.day.contains(*at));
        let wanted = terms.day.contains(row.paid_at) && entry.is_of(terms.method)?;
        if wanted && known.insert(row.trade_no.clone()) {
            push(&mut rows, BillRow::Payment(row))?;
        }
    }
    if of_the_day {
        return Ok(rows);
    }
    Err(ImportRefusal::WrongDay {
        found: None,
        day: terms.day.day,
    })
}

fn read_row(
    entry: &Fields<Entry<'_>>,
    made_at: DateTime<Utc>,
    terms: &Terms,
) -> Result<PaymentRow, ImportRefusal> {
    let (trade_no, order_no) = (
        entry.number("trade_no", entry.entry.trade_no)?,
        entry.number("out_trade_no", entry.entry.out_trade_no)?,
    );
    let amount_minor = entry.amount("money", entry.entry.money, terms)?;
    let refunded = match text(entry.entry.refundmoney).as_deref() {
        None | Some("") => None,
        Some(_) => Some(entry.amount("refundmoney", entry.entry.refundmoney, terms)?),
    };
    let nothing = refunded.map_or(RefundedThere::Nothing, RefundedThere::Exactly);
    let (state, refunded) = match text(entry.entry.status).as_deref() {
        // 4 is a reserved amount that was not taken.
        Some("0" | "4") => (PaidThere::Unpaid, RefundedThere::Unsaid),
        Some("1") => (PaidThere::Paid, nothing),
        Some("2") => (
            PaidThere::Paid,
            refunded.map_or(RefundedThere::Something, RefundedThere::Exactly),
        ),
        Some("3") => (PaidThere::Frozen, nothing),
        _ => {
            return Err(entry.unreadable(
                "status",
                entry.entry.status,
                "is 0 (unpaid), 1 (paid), 2 (refunded), 3 (frozen) or 4 (reserved)",
                "应为 0（未支付）、1（已支付）、2（已退款）、3（已冻结）或 4（预授权）",
            ));
        }
    };
    let paid_at = match state {
        PaidThere::Unpaid => made_at,
        PaidThere::Paid | PaidThere::Frozen => entry.instant("endtime", entry.entry.endtime)?,
    };
    Ok(PaymentRow {
        trade_no,
        order_no,
        amount_minor,
        fee_minor: None,
        paid_at,
        state,
        refunded,
    })
}

impl Fields<Entry<'_>> {
    /// Whether it was paid by a method: one account at the platform takes several.
    fn is_of(&self, method: PaymentMethod) -> Result<bool, ImportRefusal> {
        let name = match method {
            PaymentMethod::Alipay => "alipay",
            PaymentMethod::WechatPay => "wxpay",
            PaymentMethod::QqPay => "qqpay",
            PaymentMethod::UnionPay => "bank",
            PaymentMethod::Card => "card",
        };
        match text(self.entry.kind) {
            Some(kind) => Ok(kind == name),
            None => Err(self.unreadable(
                "type",
                self.entry.kind,
                "is a method such as alipay",
                "应为支付方式，例如 alipay",
            )),
        }
    }
}

/// The platform knows yuan alone.
fn require_yuan(terms: &Terms) -> Result<(), ImportRefusal> {
    match terms.currency {
        Currency::Cny => Ok(()),
        wanted => Err(ImportRefusal::WrongCurrency {
            found: None,
            wanted,
        }),
    }
}

fn foreign(error: &serde_json::Error) -> ImportRefusal {
    let (line, column) = (error.line(), error.column());
    ImportRefusal::not_a_bill(
        format!(
            "This is no list of orders of 易支付 (line {line}, column {column}): it is a JSON object with \
             `data`, or its array; put the entries of all pages into one array."
        ),
        format!(
            "不是易支付订单列表（第 {line} 行第 {column} 列）：应为含 `data` 数组的 JSON 对象或该数组本身，\
             多页数据请合并为一个数组。"
        ),
    )
}

#[cfg(test)]
mod tests;
