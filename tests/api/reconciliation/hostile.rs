//! Files that are no bills, or are meant to harm.

use std::io::Write;

use data_encoding::BASE64;
use encoding_rs::GBK;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::{Bill, MONDAY, TUESDAY, imported, next_morning, runs};
use crate::everywhere;

const WECHAT_PAY: &str = include_str!("../../data/bills/wechat_pay_all.csv");
const ALIPAY: &str = include_str!("../../data/bills/alipay_details.csv");
const EPAY: &str = include_str!("../../data/bills/epay_v1_orders.json");

/// Bytes packed by gzip.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

fn text(text: impl Into<String>) -> Value {
    json!({ "text": text.into() })
}

fn packed(bytes: &[u8]) -> Value {
    json!({ "gzipBase64": BASE64.encode(&gzip(bytes)) })
}

fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

everywhere! {
    async fn what_is_no_bill_is_refused_and_nothing_is_written(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("36.00").await;
        next_morning(&world);
        let owner = merchant.owner().await;
        let half = WECHAT_PAY.chars().take(900).collect::<String>();
        let lines: Vec<&str> = WECHAT_PAY.lines().collect();
        let without_sums = lines[..lines.len() - 2].join("\n");
        let (gbk, _, _) = GBK.encode(WECHAT_PAY);
        let rows = Bill::default().paid("12:00:00", ("1", "T"), "1.00", "0.00").wechat_pay(MONDAY);
        let row = rows.lines().nth(1).expect("a row");
        let huge = rows.replacen(row, &vec![row; 100_001].join("\n"), 1);
        let injected = WECHAT_PAY.replace("4200002086202611230745964084", "=cmd|' /C calc'!A0");
        for (what, format, day, bill, code) in [
            ("nothing", "WECHAT_PAY", MONDAY, text(""), "NOT_A_BILL"),
            ("cut off in a row", "WECHAT_PAY", MONDAY, text(half), "ROW_UNREADABLE"),
            ("cut off", "WECHAT_PAY", MONDAY, text(without_sums), "NOT_A_BILL"),
            ("of another platform", "WECHAT_PAY", MONDAY, text(ALIPAY), "NOT_A_BILL"),
            ("of another platform", "ALIPAY", MONDAY, text(WECHAT_PAY), "NOT_A_BILL"),
            ("of another platform", "EPAY", MONDAY, text(WECHAT_PAY), "NOT_A_BILL"),
            ("a page", "EPAY", MONDAY, text("<!DOCTYPE html><html>"), "NOT_A_BILL"),
            ("no base64", "ALIPAY", MONDAY, json!({ "gzipBase64": "账单" }), "NOT_A_BILL"),
            ("no gzip", "ALIPAY", MONDAY, json!({ "gzipBase64": BASE64.encode(ALIPAY.as_bytes()) }), "NOT_A_BILL"),
            ("UTF-16", "WECHAT_PAY", MONDAY, packed(&utf_16(WECHAT_PAY)), "NOT_A_BILL"),
            ("half a letter", "WECHAT_PAY", MONDAY, packed(&gbk[..gbk.len() / 2]), "NOT_A_BILL"),
            ("a bomb", "ALIPAY", MONDAY, packed(&vec![b','; 17 << 20]), "TOO_LARGE"),
            ("a bomb in a list", "EPAY", MONDAY, packed("[".repeat(1 << 20).as_bytes()), "NOT_A_BILL"),
            ("too many rows", "WECHAT_PAY", MONDAY, packed(huge.as_bytes()), "TOO_LARGE"),
            ("a formula", "WECHAT_PAY", MONDAY, text(injected), "ROW_UNREADABLE"),
            ("another amount", "EPAY", MONDAY, text(EPAY.replace("8.80", "1e9")), "ROW_UNREADABLE"),
            ("renamed", "WECHAT_PAY", MONDAY, text(WECHAT_PAY.replacen("手续费", "费", 1)), "COLUMN_MISSING"),
            ("another sum", "WECHAT_PAY", MONDAY, text(WECHAT_PAY.replace("`6,", "`5,")), "SUMS_DISAGREE"),
            ("another currency", "WECHAT_PAY", MONDAY, text(WECHAT_PAY.replace("`CNY", "`USD")), "WRONG_CURRENCY"),
            ("another day", "WECHAT_PAY", "2026-11-22", text(WECHAT_PAY), "WRONG_DAY"),
            ("another day", "ALIPAY", "2026-11-22", text(ALIPAY), "WRONG_DAY"),
            ("another day", "EPAY", "2026-11-20", text(EPAY), "WRONG_DAY"),
            ("today", "WECHAT_PAY", TUESDAY, text(WECHAT_PAY), "DAY_NOT_OVER"),
        ] {
            let payload = imported(&owner, &merchant, format, day, bill).await;
            assert_eq!(payload["userErrors"][0]["code"], code, "{what}: {payload}");
            assert_eq!(payload["run"], Value::Null);
        }
        assert_eq!(runs(&merchant).await, 0);
        assert_eq!(merchant.reconciliation_items().await.len(), 0);
        assert!(!merchant.events().await.contains(&"RECONCILIATION_IMPORTED".to_owned()));
    }

    async fn a_refusal_says_where_and_what_would_be_right_in_both_languages(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        next_morning(&world);
        let owner = merchant.owner().await;
        let bill = text(WECHAT_PAY.replace("0.77000", "=1+1"));
        let payload = imported(&owner, &merchant, "WECHAT_PAY", MONDAY, bill.clone()).await;
        assert_eq!(payload["userErrors"], json!([{
            "code": "ROW_UNREADABLE", "field": "bill",
            "message": "The bill's line 3, column `手续费` is a decimal such as 0.22; it is `=1+1`.",
        }]));
        let payload = imported(&owner.in_chinese(), &merchant, "WECHAT_PAY", MONDAY, bill).await;
        assert_eq!(
            payload["userErrors"][0]["message"],
            "账单第 3 行“手续费”列应为小数，例如 0.22，实际为“=1+1”。"
        );
    }

    async fn bills_of_the_real_formats_are_read(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        next_morning(&world);
        let owner = merchant.owner().await;
        for (format, bill, rows) in [
            ("WECHAT_PAY", text(WECHAT_PAY), 6),
            ("ALIPAY", text(ALIPAY), 3),
            ("ALIPAY", packed(include_bytes!("../../data/bills/alipay_details_gbk.csv")), 3),
            ("EPAY", text(EPAY), 1),
        ] {
            let payload = imported(&owner, &merchant, format, MONDAY, bill).await;
            assert_eq!(payload["run"]["rows"], rows, "{format}: {payload}");
            assert_eq!(payload["run"]["differences"], rows, "nothing of it is here");
        }
        // The file in GBK is the text in UTF-8.
        assert_eq!(runs(&merchant).await, 3);
    }
}
