//! The list of orders of 易支付 as a daily bill: JSON of `api.php?act=orders` (V1) or
//! `api/merchant/orders` (V2).
//!
//! A list is no day's bill: it holds orders of several days, methods and states, newest first, in pages of
//! at most 50. So all pages that reach back to the day are imported as one list, what is of another day or
//! method is left aside, and an order that two pages hold counts once. There are no fees and no rows of
//! refunds; V2 alone says how much was refunded.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::channel::PaymentMethod;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::amounts;
use super::bill::{BillRow, PaidThere, PaymentRow, RefundedThere, Terms, push};
use super::refusal::{ImportRefusal, Place};
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
    if terms.currency != Currency::Cny {
        return Err(ImportRefusal::WrongCurrency {
            found: None,
            wanted: terms.currency,
        });
    }
    let text = text.trim();
    let entries: Vec<&RawValue> = if text.starts_with('[') {
        serde_json::from_str(text).map_err(|error| foreign(&error))?
    } else {
        let list: List<'_> = serde_json::from_str(text).map_err(|error| foreign(&error))?;
        list.data
    };
    let (mut rows, mut known, mut of_the_day) = (Vec::new(), HashSet::new(), entries.is_empty());
    for (no, entry) in (1..).zip(&entries) {
        let entry = Fields::of(no, entry)?;
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
    entry: &Fields<'_>,
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

/// An entry's fields, named in errors by the entry's place.
struct Fields<'a> {
    no: u64,
    entry: Entry<'a>,
}

impl<'a> Fields<'a> {
    fn of(no: u64, entry: &'a RawValue) -> Result<Self, ImportRefusal> {
        match serde_json::from_str(entry.get()) {
            Ok(entry) => Ok(Self { no, entry }),
            Err(_) => Err(ImportRefusal::unreadable(
                Place::Field {
                    entry: no,
                    field: "trade_no".to_owned(),
                },
                entry.get(),
                "stands in an object, each field once",
                "所在条目应为对象，且字段不重复",
            )),
        }
    }

    fn unreadable(
        &self,
        field: &str,
        value: Option<&RawValue>,
        en: &str,
        zh: &str,
    ) -> ImportRefusal {
        let place = Place::Field {
            entry: self.no,
            field: field.to_owned(),
        };
        ImportRefusal::unreadable(place, value.map_or("", RawValue::get), en, zh)
    }

    fn number(&self, field: &str, value: Option<&RawValue>) -> Result<String, ImportRefusal> {
        text(value)
            .filter(|text| amounts::is_number(text))
            .ok_or_else(|| {
                self.unreadable(
                    field,
                    value,
                    "is a number of letters and digits",
                    "应为由字母和数字组成的编号",
                )
            })
    }

    fn amount(
        &self,
        field: &str,
        value: Option<&RawValue>,
        terms: &Terms,
    ) -> Result<i64, ImportRefusal> {
        text(value)
            .and_then(|text| amounts::minor(&text, terms.currency))
            .filter(|amount| *amount >= 0)
            .ok_or_else(|| {
                self.unreadable(
                    field,
                    value,
                    "is an amount such as 36.00",
                    "应为金额，例如 36.00",
                )
            })
    }

    fn instant(
        &self,
        field: &str,
        value: Option<&RawValue>,
    ) -> Result<DateTime<Utc>, ImportRefusal> {
        text(value)
            .and_then(|text| amounts::instant(&text))
            .ok_or_else(|| {
                self.unreadable(
                    field,
                    value,
                    "is a time such as 2026-11-23 12:00:00",
                    "应为时间，例如 2026-11-23 12:00:00",
                )
            })
    }

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

/// A JSON token as text: of numbers, the digits that stand there. None where it is missing, null or nested.
fn text(value: Option<&RawValue>) -> Option<String> {
    let token = value?.get();
    match token.as_bytes().first()? {
        b'"' => {
            let text: String = serde_json::from_str(token).ok()?;
            Some(text.trim().to_owned())
        }
        b'-' | b'0'..=b'9' => Some(token.to_owned()),
        _ => None,
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
