//! The list of transfers out of 易支付 (代付记录) as a daily bill: JSON of `user/ajax2.php?act=transferList`, which the
//! merchant's back office there shows as a table.
//!
//! A list holds transfers of several days and states, newest first, in pages. What counts is when a transfer was
//! submitted: what is of another day is left aside, and a transfer that two pages hold counts once.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::fields::{Fields, text};
use super::require_yuan;
use crate::reconciliation::model::bill::{Terms, TransferRow, TransferThere, push};
use crate::reconciliation::model::refusal::ImportRefusal;

/// A list, as the back office answers.
#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    rows: Vec<&'a RawValue>,
}

/// A transfer of a list: numbers may be numbers or text. Account and holder, which stand beside it, are not read.
#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    biz_no: Option<&'a RawValue>,
    #[serde(borrow)]
    out_biz_no: Option<&'a RawValue>,
    #[serde(borrow)]
    pay_order_no: Option<&'a RawValue>,
    #[serde(borrow)]
    money: Option<&'a RawValue>,
    #[serde(borrow)]
    costmoney: Option<&'a RawValue>,
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    addtime: Option<&'a RawValue>,
    #[serde(borrow)]
    paytime: Option<&'a RawValue>,
}

/// Reads what of a list is of the day.
pub(in crate::reconciliation::model) fn read(
    text: &str,
    terms: &Terms,
) -> Result<Vec<TransferRow>, ImportRefusal> {
    require_yuan(terms)?;
    let text = text.trim();
    let entries: Vec<&RawValue> = if text.starts_with('[') {
        serde_json::from_str(text).map_err(|error| foreign(&error))?
    } else {
        let list: List<'_> = serde_json::from_str(text).map_err(|error| foreign(&error))?;
        list.rows
    };
    let (mut rows, mut known, mut of_the_day) = (Vec::new(), HashSet::new(), entries.is_empty());
    for (no, entry) in (1..).zip(&entries) {
        let row = read_row(&Fields::of(("rows", no), entry, "biz_no")?, terms)?;
        if terms.day.contains(row.at) {
            of_the_day = true;
            if known.insert(row.transfer_no.clone()) {
                push(&mut rows, row)?;
            }
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

fn read_row(fields: &Fields<Entry<'_>>, terms: &Terms) -> Result<TransferRow, ImportRefusal> {
    let entry = &fields.entry;
    let transfer_no = fields.number("biz_no", entry.biz_no)?;
    let amount_minor = fields.amount("money", entry.money, terms)?;
    let said = |value: Option<&RawValue>| text(value).is_some_and(|text| !text.is_empty());
    let fee_minor = if said(entry.costmoney) {
        let cost = fields.amount("costmoney", entry.costmoney, terms)?;
        Some(cost - amount_minor)
    } else {
        None
    };
    let state = match text(entry.status).as_deref() {
        // 3 waits for somebody there, 4 for the payee.
        Some("0" | "3" | "4") => TransferThere::Processing,
        Some("1") => TransferThere::Paid,
        Some("2") => TransferThere::Failed,
        _ => {
            return Err(fields.unreadable(
                "status",
                entry.status,
                "is 0 (under way), 1 (paid), 2 (failed), 3 (to be agreed to) or 4 (to be collected)",
                "应为 0（正在处理）、1（转账成功）、2（转账失败）、3（待处理）或 4（待领取）",
            ));
        }
    };
    // Older platforms keep but one time.
    let at = if said(entry.addtime) {
        fields.instant("addtime", entry.addtime)?
    } else {
        fields.instant("paytime", entry.paytime)?
    };
    let given = fields.maybe_number("out_biz_no", entry.out_biz_no)?;
    Ok(TransferRow {
        payout_no: if given.is_empty() {
            transfer_no.clone()
        } else {
            given
        },
        bank_no: fields.maybe_number("pay_order_no", entry.pay_order_no)?,
        transfer_no,
        amount_minor,
        fee_minor,
        at,
        state,
    })
}

fn foreign(error: &serde_json::Error) -> ImportRefusal {
    let (line, column) = (error.line(), error.column());
    ImportRefusal::not_a_bill(
        format!(
            "This is no list of transfers of 易支付 (line {line}, column {column}): it is a JSON object with \
             `rows`, or its array; put the entries of all pages into one array."
        ),
        format!(
            "不是易支付代付记录（第 {line} 行第 {column} 列）：应为含 `rows` 数组的 JSON 对象或该数组本身，\
             多页数据请合并为一个数组。"
        ),
    )
}

#[cfg(test)]
mod tests {
    use entity::channel::PaymentMethod;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::error::Refusal;
    use crate::money::Currency;
    use crate::reconciliation::model::bill::BillDay;

    fn terms() -> Terms {
        Terms {
            day: BillDay::of("2026-11-23".parse().unwrap()).unwrap(),
            currency: Currency::Cny,
            method: PaymentMethod::Alipay,
        }
    }

    fn entry(no: &str, status: Value, addtime: &str) -> Value {
        json!({
            "biz_no": no, "out_biz_no": no, "pay_order_no": format!("B{no}"), "uid": 1000, "type": "bank",
            "channel": 3, "account": "6222020200112233445", "username": "张伟", "money": "499.00",
            "costmoney": "501.50", "addtime": addtime, "paytime": null, "status": status, "api": 1,
            "desc": "十一月货款", "result": null, "ext": null,
        })
    }

    fn read_list(list: &Value) -> Result<Vec<TransferRow>, ImportRefusal> {
        read(&list.to_string(), &terms())
    }

    #[test]
    fn of_a_list_what_is_of_the_day_is_read_once() {
        let list = json!({ "total": 5, "rows": [
            entry("2245000000000000005", json!("0"), "2026-11-24 00:00:00"),
            entry("2245000000000000004", json!(3), "2026-11-23 23:59:59"),
            entry("2245000000000000003", json!("2"), "2026-11-23 12:00:00"),
            entry("2245000000000000002", json!(1), "2026-11-23 00:00:00"),
            entry("2245000000000000002", json!(1), "2026-11-23 00:00:00"),
        ] });
        let seen: Vec<_> = read_list(&list)
            .unwrap()
            .into_iter()
            .map(|row| {
                (
                    row.payout_no,
                    row.bank_no,
                    row.amount_minor,
                    row.fee_minor,
                    row.state,
                )
            })
            .collect();
        let row = |no: &str, state| (no.to_owned(), format!("B{no}"), 49_900, Some(250), state);
        assert_eq!(
            seen,
            [
                row("2245000000000000004", TransferThere::Processing),
                row("2245000000000000003", TransferThere::Failed),
                row("2245000000000000002", TransferThere::Paid),
            ]
        );
        assert_eq!(
            read_list(&list["rows"]).unwrap().len(),
            3,
            "the array alone"
        );
    }

    #[test]
    fn an_older_platform_keeps_but_one_time_and_one_number() {
        let mut one = entry("20261123120000123456", json!(1), "");
        one["paytime"] = json!("2026-11-23 12:00:00");
        for field in ["out_biz_no", "pay_order_no", "costmoney"] {
            one[field] = Value::Null;
        }
        let rows = read_list(&json!([one])).unwrap();
        assert_eq!(rows[0].payout_no, "20261123120000123456");
        assert_eq!((rows[0].bank_no.as_str(), rows[0].fee_minor), ("", None));
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_place() {
        for (field, value) in [
            ("biz_no", json!("")),
            ("out_biz_no", json!("=1+1")),
            ("money", json!("1e3")),
            ("money", json!(-1)),
            ("costmoney", json!("¥1")),
            ("status", json!(5)),
            ("addtime", json!("2026-13-01 00:00:00")),
        ] {
            let mut one = entry("2245000000000000002", json!(1), "2026-11-23 12:00:00");
            one[field] = value;
            let refusal = read_list(&json!([one])).unwrap_err();
            let message = refusal.message();
            assert!(
                message
                    .en
                    .contains(&format!("entry 1 of `rows`, field `{field}`")),
                "{}",
                message.en
            );
        }
        let other_day = json!([entry(
            "2245000000000000002",
            json!(1),
            "2026-11-22 12:00:00"
        )]);
        let refusal = read_list(&other_day).unwrap_err();
        assert!(matches!(
            refusal,
            ImportRefusal::WrongDay { found: None, .. }
        ));
        for text in ["", "{}", "{\"data\":[]}", "[1", "<html>", "\"rows\""] {
            let refusal = read(text, &terms()).unwrap_err();
            assert!(matches!(refusal, ImportRefusal::NotABill(_)), "{text}");
        }
        assert_eq!(read_list(&json!([])).unwrap(), []);
    }

    #[test]
    fn the_list_is_in_yuan() {
        let terms = Terms {
            currency: Currency::Usd,
            ..terms()
        };
        let refusal = read("[]", &terms).unwrap_err();
        assert!(matches!(refusal, ImportRefusal::WrongCurrency { .. }));
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "\\PC{0,80}") {
            let _ = read(&text, &terms());
            let _ = read(&format!("{{\"rows\":[{text}]}}"), &terms());
        }
    }
}
