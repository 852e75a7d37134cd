//! What is read of lists of 易支付, and what is refused.

use proptest::prelude::*;

use super::*;
use crate::error::Refusal;
use crate::reconciliation::model::bill::BillDay;

const V1: &str = include_str!("../../../../tests/data/bills/epay_v1_orders.json");
const V2: &str = include_str!("../../../../tests/data/bills/epay_v2_orders.json");

fn terms() -> Terms {
    Terms {
        day: BillDay::of("2026-11-23".parse().unwrap()).unwrap(),
        currency: Currency::Cny,
        method: PaymentMethod::Alipay,
    }
}

fn read_text(text: &str) -> Result<Vec<PaymentRow>, ImportRefusal> {
    let rows = read(text, &terms())?;
    Ok(rows
        .into_iter()
        .map(|row| match row {
            BillRow::Payment(row) => row,
            BillRow::Refund(row) => panic!("{row:?}"),
        })
        .collect())
}

#[test]
fn of_a_list_what_is_of_the_day_and_the_method_is_read() {
    let rows = read_text(V1).unwrap();
    let seen: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.order_no.as_str(),
                row.amount_minor,
                row.state,
                row.refunded,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (
                "2235800000000000005",
                1_200,
                PaidThere::Unpaid,
                RefundedThere::Unsaid
            ),
            (
                "2235800000000000003",
                5_000,
                PaidThere::Paid,
                RefundedThere::Something
            ),
            (
                "2235800000000000002",
                3_600,
                PaidThere::Paid,
                RefundedThere::Nothing
            ),
        ]
    );
    assert!(rows.iter().all(|row| row.fee_minor.is_none()));
}

#[test]
fn the_second_generation_says_how_much_was_refunded_and_pages_may_overlap() {
    let rows = read_text(V2).unwrap();
    let seen: Vec<_> = rows
        .iter()
        .map(|row| (row.amount_minor, row.state, row.refunded))
        .collect();
    assert_eq!(
        seen,
        [
            (5_000, PaidThere::Paid, RefundedThere::Exactly(2_000)),
            (3_650, PaidThere::Paid, RefundedThere::Nothing),
            (500, PaidThere::Frozen, RefundedThere::Nothing),
        ]
    );
}

#[test]
fn an_empty_list_is_the_bill_of_a_day_without_orders() {
    assert_eq!(read_text("[]").unwrap(), []);
    assert_eq!(read_text(r#"{"code":1,"data":[]}"#).unwrap(), []);
}

#[test]
fn what_cannot_be_read_is_named_by_entry_and_field() {
    for (from, to, words) in [
        (
            "\"8.80\"",
            "\"8.805\"",
            "entry 2 of `data`, field `money` is an amount",
        ),
        (
            "\"8.80\"",
            "8.8e1",
            "entry 2 of `data`, field `money` is an amount",
        ),
        (
            "\"8.80\"",
            "null",
            "entry 2 of `data`, field `money` is an amount",
        ),
        (
            "\"2026-11-23 20:00:30\"",
            "\"soon\"",
            "entry 2 of `data`, field `endtime` is a time",
        ),
        (
            "\"status\": \"2\"",
            "\"status\": \"9\"",
            "entry 3 of `data`, field `status` is 0 (unpaid)",
        ),
        (
            "\"2026112323590012345\"",
            "\"=1+1\"",
            "entry 1 of `data`, field `trade_no` is a number",
        ),
        (
            "\"out_trade_no\"",
            "\"number\"",
            "entry 1 of `data`, field `out_trade_no` is a number",
        ),
    ] {
        assert!(V1.contains(from), "{from}");
        let message = read_text(&V1.replacen(from, to, 1))
            .unwrap_err()
            .message()
            .en;
        assert!(message.contains(words), "{from} → {to}: {message}");
    }
}

#[test]
fn what_is_no_list_is_refused() {
    let half = &V1[..V1.len() / 2];
    for text in [
        "",
        "{}",
        "<html>",
        "1",
        r#"{"code":-3,"msg":"商户ID不存在"}"#,
        r#"{"data":{}}"#,
        half,
    ] {
        let refusal = read_text(text).unwrap_err();
        assert!(
            matches!(refusal, ImportRefusal::NotABill(_)),
            "{text}: {refusal:?}"
        );
    }
    let unreadable = read_text("[1]").unwrap_err();
    assert!(
        matches!(unreadable, ImportRefusal::RowUnreadable { .. }),
        "{unreadable:?}"
    );
}

#[test]
fn a_list_that_does_not_reach_the_day_is_refused() {
    let refusal = read_text(&V1.replace("2026-11-23", "2026-11-21")).unwrap_err();
    assert!(
        matches!(refusal, ImportRefusal::WrongDay { .. }),
        "{refusal:?}"
    );
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,100}", entry in "[\\[\\]{}\":,a-z0-9]{0,60}") {
        let _ = (read_text(&text), read_text(&format!("[{entry}]")));
    }
}
