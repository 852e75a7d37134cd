//! What is read of bills of WeChat Pay, and what is refused.

use entity::channel::PaymentMethod;
use entity::reconciliation_run::BillFormat;
use proptest::prelude::*;

use super::*;
use crate::money::Currency;
use crate::reconciliation::model::bill::{Bill, BillDay, read as read_bill};
use crate::reconciliation::model::unpack::text_of;

const BILL: &str = include_str!("../../../../tests/data/bills/wechat_pay_all.csv");

fn terms() -> Terms {
    Terms {
        day: BillDay::of("2026-11-23".parse().unwrap()).unwrap(),
        currency: Currency::Cny,
        method: PaymentMethod::WechatPay,
    }
}

fn read_text(text: &str) -> Result<Vec<BillRow>, ImportRefusal> {
    let text = text_of(text.as_bytes().to_vec())?;
    match read_bill(BillFormat::WechatPay, &text, &terms())? {
        Bill::Trades(rows) => Ok(rows),
        Bill::Transfers(rows) => panic!("{rows:?}"),
    }
}

#[test]
fn payments_and_refunds_are_read_whatever_commas_stand_in_names() {
    let rows = read_text(BILL).unwrap();
    assert_eq!(rows.len(), 6);
    let BillRow::Payment(payment) = &rows[1] else {
        panic!("{rows:?}")
    };
    assert_eq!(payment.order_no, "2235800000000000002");
    assert_eq!(payment.trade_no, "4200002086202611230745964085");
    assert_eq!(
        (payment.amount_minor, payment.fee_minor),
        (12_800, Some(77))
    );
    assert_eq!(payment.paid_at.to_rfc3339(), "2026-11-23T04:30:41+00:00");
    // What the payer was asked for, whoever paid the voucher.
    assert!(matches!(&rows[3], BillRow::Payment(row) if row.amount_minor == 5_000));
    let BillRow::Refund(refund) = &rows[4] else {
        panic!("{rows:?}")
    };
    assert_eq!(refund.refund_no, "2235900000000000001");
    assert_eq!((refund.amount_minor, refund.fee_minor), (2_800, Some(17)));
    assert_eq!(refund.state, RefundThere::Succeeded);
    assert!(matches!(&rows[5], BillRow::Refund(row) if row.state == RefundThere::Processing));
}

#[test]
fn a_day_without_payments_has_a_bill_too() {
    let headings = BILL.lines().next().unwrap();
    let sums = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";
    let text = format!("{headings}\n{sums}\n`0,`0.00,`0.00,`0.00,`0.00000,`0.00,`0.00\n");
    assert_eq!(read_text(&text).unwrap(), []);
    // Some bills prefix their headings, and write counts as decimals.
    let prefixed = sums
        .split(',')
        .map(|text| format!("`{text}"))
        .collect::<Vec<_>>()
        .join(",");
    let text = format!("{headings}\n{prefixed}\n`0.0,`0,`0,`0,`0,`0,`0");
    assert_eq!(read_text(&text).unwrap(), []);
}

/// What a bill is refused for, with `from` replaced by `to`, in English.
fn refused(from: &str, to: &str) -> String {
    assert!(BILL.contains(from), "{from}");
    said(&read_text(&BILL.replacen(from, to, 1)).unwrap_err())
}

fn said(refusal: &ImportRefusal) -> String {
    use crate::error::Refusal;
    refusal.message().en
}

#[test]
fn what_does_not_agree_is_named_by_line_and_column() {
    for (from, to, words) in [
        (
            "`36.00,`0.00,`\r",
            "`36.005,`0.00,`\r",
            "line 2, column `订单金额` is an amount above 0",
        ),
        (
            "`36.00,`0.00,`\r",
            "`0.00,`0.00,`\r",
            "line 2, column `订单金额` is an amount above 0",
        ),
        ("`0.77000", "`a0.77", "line 3, column `手续费` is a decimal"),
        (
            "2026-11-23 19:05:00",
            "2026-11-22 19:05:00",
            "2026-11-23: line 4, column `交易时间` says 2026-11-22 19:05:00",
        ),
        (
            "2026-11-23 19:05:00",
            "yesterday",
            "line 4, column `交易时间` is a time such as",
        ),
        (
            "`CNY",
            "`USD",
            "not in CNY: line 2, column `货币种类` says USD",
        ),
        (
            "`SUCCESS,`OTHERS",
            "`USERPAYING,`OTHERS",
            "line 2, column `交易状态` is SUCCESS, REFUND or REVOKED",
        ),
        (
            "`ORIGINAL,`SUCCESS",
            "`ORIGINAL,`WHAT",
            "line 6, column `退款状态` is SUCCESS",
        ),
        (
            "`4200002086202611230745964084",
            "`=cmd|' /C calc'!A0",
            "line 2, column `微信订单号` is a number of letters and digits",
        ),
        (
            "`6,",
            "`7,",
            "line 9, column `总交易单数` says 7, and its rows sum up to 6",
        ),
        (
            "`0.60%,`36.00",
            "`0.60%,`37.00",
            "column `订单总金额` says 214.02, and its rows sum up to 215.02",
        ),
        (",手续费,", ",服务费,", "no column `手续费`"),
        (
            "`宫保鸡丁, 米饭",
            "`宫保鸡丁,` 米饭",
            "line 2 has as many values as there are columns, 27; it is `28`",
        ),
    ] {
        let message = refused(from, to);
        assert!(message.contains(words), "{from} → {to}: {message}");
    }
}

#[test]
fn what_is_no_such_bill_or_not_all_of_it_is_refused() {
    let last = BILL.trim_end().rfind('\n').unwrap();
    let sums = BILL.find("总交易单数").unwrap();
    let twice = format!("{BILL}{BILL}");
    for text in [
        "",
        "a,b\n1,2",
        "<xml/>",
        &BILL[..last],
        &BILL[..sums],
        &twice,
    ] {
        let refusal = read_text(text).unwrap_err();
        assert!(matches!(refusal, ImportRefusal::NotABill(_)), "{refusal:?}");
    }
}

#[test]
fn more_rows_than_a_bill_has_are_refused() {
    let mut lines = BILL.lines();
    let (headings, row) = (lines.next().unwrap(), lines.next().unwrap());
    let rows = vec![row; crate::reconciliation::model::MOST_ROWS + 1].join("\n");
    let refusal = read_text(&format!("{headings}\n{rows}\n")).unwrap_err();
    assert!(matches!(refusal, ImportRefusal::TooLarge(_)), "{refusal:?}");
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,200}") {
        let _ = read_text(&text);
    }

    #[test]
    fn a_bill_that_was_cut_or_changed_anywhere_is_refused_or_reads_the_same(
        at in 0_usize..3_000,
        letter in "[`0-9a-z,\n]",
    ) {
        let at = BILL.char_indices().map(|(at, _)| at).nth(at % BILL.chars().count()).unwrap();
        let zeros = BILL[at..].trim().chars().all(|letter| matches!(letter, '0' | '.'));
        prop_assert!(read_text(&BILL[..at]).is_err() || zeros);
        let mut changed = BILL.to_owned();
        changed.insert_str(at, &letter);
        if let Ok(rows) = read_text(&changed) {
            // Names may change, and numbers that no sum covers; never amounts.
            let amount = |row: &BillRow| match row {
                BillRow::Payment(row) => row.amount_minor,
                BillRow::Refund(row) => row.amount_minor,
            };
            let before: i64 = read_text(BILL).unwrap().iter().map(amount).sum();
            prop_assert_eq!(rows.iter().map(amount).sum::<i64>(), before);
        }
    }
}
