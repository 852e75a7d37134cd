//! The daily bill of Alipay 支付宝业务明细.
//!
//! CSV between comments that begin with `#`: the span of days before the rows, the sums behind them. Values
//! may end with a tab. A payment's amount is 订单金额; a refund's is negative. 服务费 is negative where it
//! was taken, and positive where it came back.

use csv::{ReaderBuilder, StringRecord};
use rust_decimal::Decimal;

use super::amounts;
use super::bill::{
    BillRow, PaidThere, PaymentRow, RefundRow, RefundThere, RefundedThere, Terms, push,
};
use super::refusal::{ImportRefusal, Place};
use super::table::{Columns, Row};
use crate::money::Currency;

/// The columns that are read.
const NEEDED: [&str; 8] = [
    "支付宝交易号",
    "商户订单号",
    "业务类型",
    "完成时间",
    "订单金额",
    "商家实收",
    "退款批次号/请求号",
    "服务费",
];

/// How many payments or refunds there are, and what the shop got by them.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    count: usize,
    received: Decimal,
}

/// Reads a bill whose sums agree with its rows.
pub(super) fn read(text: &str, terms: &Terms) -> Result<Vec<BillRow>, ImportRefusal> {
    if terms.currency != Currency::Cny {
        return Err(ImportRefusal::WrongCurrency {
            found: None,
            wanted: terms.currency,
        });
    }
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let mut next = || records.next().transpose().map_err(|_| foreign());
    let heading = loop {
        let record = next()?.ok_or_else(foreign)?;
        match note(&record) {
            None => break record,
            Some(note) => check_note(line(&record), &note, terms)?,
        }
    };
    let columns = Columns::of(headings(&heading), &NEEDED).map_err(|missing| {
        let known = headings(&heading).iter().any(|text| text == NEEDED[0]);
        if known { missing } else { foreign() }
    })?;
    let (mut rows, mut paid, mut refunded) = (Vec::new(), Sum::default(), Sum::default());
    let end = loop {
        let record = next()?.ok_or_else(cut_off)?;
        if let Some(note) = note(&record) {
            break note;
        }
        let values = record.iter().map(str::to_owned).collect();
        let row = columns.row(line(&record), values)?;
        let read = read_row(&row, terms)?;
        let sum = match read {
            BillRow::Payment(_) => &mut paid,
            BillRow::Refund(_) => &mut refunded,
        };
        sum.count += 1;
        sum.received += row.decimal("商家实收")?;
        push(&mut rows, read)?;
    };
    if !end.contains("列表结束") {
        return Err(cut_off());
    }
    let mut summed = (false, refunded.count == 0);
    while let Some(record) = next()? {
        let note = note(&record).ok_or_else(cut_off)?;
        if let Some(found) = note.split("交易合计：").nth(1) {
            agree(line(&record), "交易合计", found, &paid)?;
            summed.0 = true;
        } else if let Some(found) = note.split("退款合计：").nth(1) {
            agree(line(&record), "退款合计", found, &refunded)?;
            summed.1 = true;
        }
    }
    if summed == (true, true) {
        return Ok(rows);
    }
    Err(cut_off())
}

fn read_row(row: &Row<'_>, terms: &Terms) -> Result<BillRow, ImportRefusal> {
    let at = row.instant("完成时间", &terms.day)?;
    let (trade_no, order_no) = (row.number("支付宝交易号")?, row.maybe_number("商户订单号")?);
    let fee = row.fee("服务费", terms)?;
    match row.text("业务类型") {
        "交易" => Ok(BillRow::Payment(PaymentRow {
            trade_no,
            order_no,
            amount_minor: row.amount("订单金额", terms)?,
            fee_minor: Some(-fee),
            paid_at: at,
            state: PaidThere::Paid,
            refunded: RefundedThere::Unsaid,
        })),
        "退款" => Ok(BillRow::Refund(RefundRow {
            trade_no,
            order_no,
            refund_no: row.maybe_number("退款批次号/请求号")?,
            amount_minor: refunded(row, terms)?,
            fee_minor: Some(fee),
            at,
            state: RefundThere::Succeeded,
        })),
        _ => Err(row.unreadable("业务类型", "is 交易 or 退款", "应为“交易”或“退款”")),
    }
}

/// A refund's amount, which the bill writes below zero.
fn refunded(row: &Row<'_>, terms: &Terms) -> Result<i64, ImportRefusal> {
    amounts::minor(row.text("订单金额"), terms.currency)
        .filter(|amount| *amount < 0)
        .map(|amount| -amount)
        .ok_or_else(|| {
            row.unreadable(
                "订单金额",
                "is an amount below 0 such as -36.00, as of every refund",
                "退款行应为小于 0 的金额，例如 -36.00",
            )
        })
}

/// A comment's text; none where the line is none.
fn note(record: &StringRecord) -> Option<String> {
    record
        .get(0)
        .is_some_and(|first| first.starts_with('#'))
        .then(|| record.iter().collect::<Vec<_>>().join(","))
}

/// Looks into a comment before the rows: another kind of bill and another day show there.
fn check_note(line: u64, note: &str, terms: &Terms) -> Result<(), ImportRefusal> {
    if note.contains("账务明细") || note.contains("汇总查询") {
        return Err(foreign());
    }
    let Some(from) = dated(note, "起始日期：[") else {
        return Ok(());
    };
    let day = terms.day.day.format("%Y年%m月%d日").to_string();
    let next = terms.day.day.succ_opt().unwrap_or(terms.day.day);
    let next = next.format("%Y年%m月%d日 00:00:00").to_string();
    let to = dated(note, "终止日期：[").unwrap_or_default();
    let begins = from == day || from == format!("{day} 00:00:00");
    let ends = to == next || to.starts_with(&day);
    if begins && ends {
        return Ok(());
    }
    Err(ImportRefusal::WrongDay {
        found: Some((Place::Line(line), format!("{from} – {to}"))),
        day: terms.day.day,
    })
}

fn dated<'a>(note: &'a str, name: &str) -> Option<&'a str> {
    Some(note.split(name).nth(1)?.split(']').next()?.trim())
}

/// Compares `6笔，商家实收共0.06元，…` with the rows.
fn agree(line: u64, column: &str, found: &str, rows: &Sum) -> Result<(), ImportRefusal> {
    let count = found.split('笔').next().unwrap_or_default().trim();
    let received = found
        .split('共')
        .nth(1)
        .and_then(|rest| rest.split('元').next());
    let received = received.unwrap_or_default().trim();
    let agrees =
        count.parse() == Ok(rows.count) && amounts::decimal(received) == Some(rows.received);
    if agrees {
        return Ok(());
    }
    Err(ImportRefusal::SumsDisagree {
        place: Place::Cell {
            line,
            column: column.to_owned(),
        },
        rows: format!("{}笔，{}元", rows.count, rows.received),
        found: format!("{count}笔，{received}元"),
    })
}

/// The headings, without the unit that some bills write behind them.
fn headings(record: &StringRecord) -> Vec<String> {
    let bare = |text: &str| {
        let text = text.trim();
        let text = text
            .strip_suffix("（元）")
            .or_else(|| text.strip_suffix("(元)"))
            .unwrap_or(text);
        text.to_owned()
    };
    record.iter().map(bare).collect()
}

fn line(record: &StringRecord) -> u64 {
    record.position().map_or(0, csv::Position::line)
}

fn foreign() -> ImportRefusal {
    ImportRefusal::not_a_bill(
        "This is no daily bill of Alipay: its headings begin with 支付宝交易号,商户订单号,业务类型; of the \
         downloaded files import the one that is named 业务明细.",
        "不是支付宝业务明细账单：表头应为“支付宝交易号,商户订单号,业务类型,…”，请导入下载文件中的“业务明细”。",
    )
}

fn cut_off() -> ImportRefusal {
    ImportRefusal::not_a_bill(
        "The bill does not end with 业务明细列表结束 and its sums (交易合计, 退款合计): it is cut off, or \
         several were put together.",
        "账单末尾缺少“业务明细列表结束”或汇总（交易合计、退款合计）：文件不完整，或由多份账单拼接而成。",
    )
}

#[cfg(test)]
mod tests;
