//! What is read of bills of Alipay, and what is refused.

use entity::channel::PaymentMethod;
use proptest::prelude::*;

use super::*;
use crate::error::Refusal;
use crate::reconciliation::model::bill::BillDay;
use crate::reconciliation::model::unpack::text_of;

const BILL: &str = include_str!("../../../../tests/data/bills/alipay_details.csv");
const GBK: &[u8] = include_bytes!("../../../../tests/data/bills/alipay_details_gbk.csv");

fn terms() -> Terms {
    Terms {
        day: BillDay::of("2026-11-23".parse().unwrap()).unwrap(),
        currency: Currency::Cny,
        method: PaymentMethod::Alipay,
    }
}

fn read_text(text: &str) -> Result<Vec<BillRow>, ImportRefusal> {
    read(text, &terms())
}

#[test]
fn payments_and_refunds_are_read_without_tabs_and_signs() {
    let rows = read_text(BILL).unwrap();
    assert_eq!(rows.len(), 3);
    let BillRow::Payment(payment) = &rows[1] else {
        panic!("{rows:?}")
    };
    assert_eq!(payment.trade_no, "2026112322001458860513822558");
    assert_eq!(payment.order_no, "2235800000000000002");
    assert_eq!(
        (payment.amount_minor, payment.fee_minor),
        (12_800, Some(77))
    );
    let BillRow::Refund(refund) = &rows[2] else {
        panic!("{rows:?}")
    };
    assert_eq!(refund.refund_no, "2235900000000000001");
    assert_eq!((refund.amount_minor, refund.fee_minor), (600, Some(4)));
    assert_eq!(refund.at.to_rfc3339(), "2026-11-23T06:15:12+00:00");
}

#[test]
fn files_are_written_in_gbk() {
    let text = text_of(GBK.to_vec()).unwrap();
    assert_eq!(read_text(&text).unwrap(), read_text(BILL).unwrap());
}

#[test]
fn what_does_not_agree_is_named_by_line_and_column() {
    for (from, to, words) in [
        (
            "[2026年11月23日 00:00:00]",
            "[2026年11月22日 00:00:00]",
            "not of 2026-11-23: line 3 says 2026年11月22日",
        ),
        (
            "[2026年11月24日 00:00:00]",
            "[2026年11月30日 00:00:00]",
            "not of 2026-11-23: line 3 says",
        ),
        (
            "2026-11-23 10:55:23",
            "2026-11-24 00:00:00",
            "line 6, column `完成时间` says 2026-11-24",
        ),
        (
            "\t,交易\t",
            "\t,充值\t",
            "line 6, column `业务类型` is 交易 or 退款; it is `充值`",
        ),
        (
            "-6.00,-6.00",
            "6.00,-6.00",
            "line 8, column `订单金额` is an amount below 0",
        ),
        (
            "36.00,36.00",
            "x,36.00",
            "line 6, column `订单金额` is an amount above 0",
        ),
        ("-0.77", "free", "line 7, column `服务费` is a decimal"),
        (
            "2026112322001458860513822558",
            "=1+1",
            "line 7, column `支付宝交易号` is a number",
        ),
        (
            "共164.00元",
            "共163.00元",
            "line 10, column `交易合计` says 2笔，163.00元, and its rows sum up to 2笔，164.00元",
        ),
        (
            "退款合计：1笔",
            "退款合计：2笔",
            "line 11, column `退款合计` says 2笔",
        ),
        ("服务费（元）", "手续费（元）", "no column `服务费`"),
    ] {
        assert!(BILL.contains(from), "{from}");
        let message = read_text(&BILL.replacen(from, to, 1))
            .unwrap_err()
            .message()
            .en;
        assert!(message.contains(words), "{from} → {to}: {message}");
    }
}

#[test]
fn what_is_no_such_bill_or_not_all_of_it_is_refused() {
    let end = BILL
        .find("#-----------------------------------------业务明细列表结束")
        .unwrap();
    let sums = BILL.find("#交易合计").unwrap();
    let accounts = BILL.replace("业务明细", "账务明细");
    let quoted = BILL.replacen("\"水煮鱼, 双人\"", "\"水煮鱼", 1);
    assert!(read_text(&quoted).is_err(), "a quote without an end");
    let twice = format!("{BILL}{BILL}");
    for text in [
        "",
        "a,b\n1,2",
        &BILL[..end],
        &BILL[..sums],
        &accounts,
        &twice,
    ] {
        let refusal = read_text(text).unwrap_err();
        assert!(matches!(refusal, ImportRefusal::NotABill(_)), "{refusal:?}");
    }
}

#[test]
fn alipay_counts_in_yuan() {
    let terms = Terms {
        currency: Currency::Hkd,
        ..terms()
    };
    let refusal = read(BILL, &terms).unwrap_err();
    assert!(matches!(refusal, ImportRefusal::WrongCurrency { .. }));
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "[#\"',\t\n\\PC]{0,200}") {
        let _ = read_text(&text);
        let _ = read_text(&format!("{}{text}", &BILL[..BILL.find("2026112322").unwrap()]));
    }

    #[test]
    fn a_bill_that_was_cut_is_refused(at in 0_usize..3_000) {
        let at = BILL.char_indices().map(|(at, _)| at).nth(at % BILL.chars().count()).unwrap();
        // Behind the last sum, and its zeros, comes nothing that counts.
        let end = BILL.find(".00元，商家优惠退款共").unwrap();
        prop_assert!(at >= end || read_text(&BILL[..at]).is_err());
    }
}
