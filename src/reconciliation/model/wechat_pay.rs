//! The daily bill of WeChat Pay 微信支付交易账单, of the kind ALL.
//!
//! CSV without quotes: every value is prefixed by a backtick, so that a value may hold a comma. Under the
//! rows stand a second heading and the sums. A payment's amount is 订单金额, a refund's 申请退款金额: what
//! the payer was asked for, before vouchers. 手续费 is negative where it came back.

use csv::{ReaderBuilder, StringRecord};
use rust_decimal::Decimal;

use super::bill::{
    BillRow, PaidThere, PaymentRow, RefundRow, RefundThere, RefundedThere, Terms, push,
};
use super::refusal::{ImportRefusal, Place};
use super::table::{Columns, Row};

/// The columns that are read.
const NEEDED: [&str; 13] = [
    "交易时间",
    "微信订单号",
    "商户订单号",
    "交易状态",
    "货币种类",
    "应结订单金额",
    "商户退款单号",
    "退款金额",
    "充值券退款金额",
    "退款状态",
    "手续费",
    "订单金额",
    "申请退款金额",
];

/// Where the sums begin.
const COUNT: &str = "总交易单数";

/// Each sum, and the column that it is the sum of.
const SUMS: [(&str, &str); 6] = [
    ("应结订单总金额", "应结订单金额"),
    ("退款总金额", "退款金额"),
    ("充值券退款总金额", "充值券退款金额"),
    ("手续费总金额", "手续费"),
    ("订单总金额", "订单金额"),
    ("申请退款总金额", "申请退款金额"),
];

/// Reads a bill whose sums agree with its rows.
pub(super) fn read(text: &str, terms: &Terms) -> Result<Vec<BillRow>, ImportRefusal> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .quoting(false)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let mut next = || records.next().transpose().map_err(|_| foreign());
    let headings = headings(&next()?.ok_or_else(foreign)?);
    if headings.first().map(String::as_str) != Some("交易时间") {
        return Err(foreign());
    }
    let columns = Columns::of(headings, &NEEDED)?;
    let (mut rows, mut sums) = (Vec::new(), [Decimal::ZERO; SUMS.len()]);
    while let Some(record) = next()? {
        let line = line(&record);
        if record.get(0).map(bare) == Some(COUNT) {
            let found = next()?.ok_or_else(cut_off)?;
            agree(&record, &found, rows.len(), &sums)?;
            return match next()? {
                None => Ok(rows),
                Some(_) => Err(cut_off()),
            };
        }
        let row = columns.row(line, values(line, &record)?)?;
        for ((_, column), sum) in SUMS.iter().zip(&mut sums) {
            *sum += row.decimal(column)?;
        }
        push(&mut rows, read_row(&row, terms)?)?;
    }
    Err(cut_off())
}

fn read_row(row: &Row<'_>, terms: &Terms) -> Result<BillRow, ImportRefusal> {
    let currency = row.text("货币种类");
    if currency != terms.currency.code() {
        return Err(ImportRefusal::WrongCurrency {
            found: Some((row.place("货币种类"), currency.to_owned())),
            wanted: terms.currency,
        });
    }
    let at = row.instant("交易时间", &terms.day)?;
    let (trade_no, order_no) = (row.number("微信订单号")?, row.maybe_number("商户订单号")?);
    let fee = row.fee("手续费", terms)?;
    match row.text("交易状态") {
        "SUCCESS" => Ok(BillRow::Payment(PaymentRow {
            trade_no,
            order_no,
            amount_minor: row.amount("订单金额", terms)?,
            fee_minor: Some(fee),
            paid_at: at,
            state: PaidThere::Paid,
            refunded: RefundedThere::Unsaid,
        })),
        // A payment at the counter that was revoked has a row like that of a refund.
        "REFUND" | "REVOKED" => Ok(BillRow::Refund(RefundRow {
            trade_no,
            order_no,
            refund_no: row.maybe_number("商户退款单号")?,
            amount_minor: row.amount("申请退款金额", terms)?,
            fee_minor: Some(-fee),
            at,
            state: refund_state(row)?,
        })),
        _ => Err(row.unreadable(
            "交易状态",
            "is SUCCESS, REFUND or REVOKED",
            "应为 SUCCESS、REFUND 或 REVOKED",
        )),
    }
}

fn refund_state(row: &Row<'_>) -> Result<RefundThere, ImportRefusal> {
    match row.text("退款状态") {
        "SUCCESS" | "" => Ok(RefundThere::Succeeded),
        "PROCESSING" => Ok(RefundThere::Processing),
        "FAIL" | "CHANGE" | "ABNORMAL" | "CLOSED" => Ok(RefundThere::Failed),
        _ => Err(row.unreadable(
            "退款状态",
            "is SUCCESS, PROCESSING, FAIL or CHANGE",
            "应为 SUCCESS、PROCESSING、FAIL 或 CHANGE",
        )),
    }
}

/// Compares the sums at the end with those of the rows.
fn agree(
    headings_record: &StringRecord,
    found: &StringRecord,
    count: usize,
    sums: &[Decimal],
) -> Result<(), ImportRefusal> {
    let needed: Vec<&str> = [COUNT]
        .into_iter()
        .chain(SUMS.iter().map(|(sum, _)| *sum))
        .collect();
    let columns = Columns::of(headings(headings_record), &needed)?;
    let line = line(found);
    let row = columns.row(line, values(line, found)?)?;
    row.agrees(COUNT, Decimal::from(count))?;
    SUMS.iter()
        .zip(sums)
        .try_for_each(|((column, _), sum)| row.agrees(column, *sum))
}

/// A line's headings: some bills prefix them, too.
fn headings(record: &StringRecord) -> Vec<String> {
    record.iter().map(|text| bare(text).to_owned()).collect()
}

fn bare(text: &str) -> &str {
    text.trim().trim_start_matches('`')
}

/// A row's values. What a comma divided is put together again: a value begins with a backtick.
fn values(line: u64, record: &StringRecord) -> Result<Vec<String>, ImportRefusal> {
    let mut values: Vec<String> = Vec::with_capacity(record.len());
    for part in record {
        match (part.strip_prefix('`'), values.last_mut()) {
            (Some(value), _) => values.push(value.to_owned()),
            (None, Some(value)) => {
                value.push(',');
                value.push_str(part);
            }
            (None, None) => {
                return Err(ImportRefusal::unreadable(
                    Place::Line(line),
                    part,
                    "begins each value with a backtick",
                    "的每个值应以反引号“`”开头",
                ));
            }
        }
    }
    Ok(values)
}

fn line(record: &StringRecord) -> u64 {
    record.position().map_or(0, csv::Position::line)
}

fn foreign() -> ImportRefusal {
    ImportRefusal::not_a_bill(
        "This is no daily bill of WeChat Pay: it begins with the headings 交易时间,公众账号ID,…; download \
         the bill of the kind ALL.",
        "不是微信支付交易账单：首行应为“交易时间,公众账号ID,…”，请下载“全部（ALL）”类型的交易账单。",
    )
}

fn cut_off() -> ImportRefusal {
    ImportRefusal::not_a_bill(
        "The bill does not end with its sums (总交易单数,…): it is cut off, or several were put together.",
        "账单末尾缺少汇总（总交易单数,…）：文件不完整，或由多份账单拼接而成。",
    )
}

#[cfg(test)]
mod tests;
