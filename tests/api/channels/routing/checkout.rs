//! What a shop's payment page shows.

use entity::channel::{Column, HideWhen, PaymentMethod};
use entity::channel_health::HealthState;
use entity::merchant::MerchantStatus;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use super::{becomes, open, policy, routed, set, took};
use crate::everywhere;
use crate::support::{Client, Merchant};

const PAGE: &str = "query($amount: MoneyInput!, $device: PayerDevice) { \
    checkoutChannels(amount: $amount, device: $device) { method name channelId recommended state notice } }";

async fn page(client: &Client, amount: &str, device: &str) -> Vec<Value> {
    let amount = json!({ "amount": amount, "currency": "CNY" });
    let variables = json!({ "amount": amount, "device": device });
    let answer = client.data(PAGE, variables).await;
    answer["checkoutChannels"]
        .as_array()
        .expect("a list")
        .clone()
}

/// The methods that are shown for an amount on a desktop, in their order, with their states.
async fn methods(merchant: &Merchant, amount: &str) -> Vec<String> {
    let shown = page(&merchant.shop(), amount, "DESKTOP").await;
    let text = |entry: &Value, name: &str| entry[name].as_str().expect("a text").to_owned();
    shown
        .iter()
        .map(|entry| format!("{} {}", text(entry, "method"), text(entry, "state")))
        .collect()
}

everywhere! {
    async fn a_page_shows_each_method_that_takes_the_amount_on_the_device(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let alipay = open(&merchant, PaymentMethod::Alipay, 2).await;
        let card = open(&merchant, PaymentMethod::Card, 3).await;
        open(&merchant, PaymentMethod::WechatPay, 4).await;
        set(&merchant, card, Column::MinMinor, Expr::value(10_000)).await;
        set(&merchant, alipay, Column::Devices, Expr::value("DESKTOP")).await;
        let shop = merchant.shop();
        let entry = |method: &str, name: &str, id: String, recommended: bool| json!({
            "method": method, "name": name, "channelId": id, "recommended": recommended,
            "state": "UNKNOWN", "notice": null,
        });
        let wechat = entry("WECHAT_PAY", "WeChat Pay", merchant.channel_id.to_string(), true);
        assert_eq!(page(&shop, "99.99", "DESKTOP").await, [
            wechat.clone(),
            entry("ALIPAY", "Alipay", alipay.to_string(), false),
        ]);
        assert_eq!(page(&shop, "100.00", "MOBILE").await, [
            wechat,
            entry("CARD", "Bank card", card.to_string(), false),
        ]);
        let chinese = page(&shop.in_chinese(), "100.00", "DESKTOP").await;
        let names: Vec<_> = chinese.iter().map(|entry| &entry["name"]).collect();
        assert_eq!(names, ["微信支付", "支付宝", "银行卡"]);
        // What is closed, or has no room left today, is not there.
        set(&merchant, alipay, Column::Enabled, Expr::value(false)).await;
        set(&merchant, card, Column::DailyMaxMinor, Expr::value(20_000)).await;
        took(&merchant, card, "2026-11-23T03:00:00Z", 10_000).await;
        assert_eq!(methods(&merchant, "100.00").await, ["WECHAT_PAY UNKNOWN", "CARD UNKNOWN"]);
        assert_eq!(methods(&merchant, "100.01").await, ["WECHAT_PAY UNKNOWN"]);
    }

    async fn a_method_that_is_ill_stands_last_with_a_notice_or_is_left_out(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (wechat, alipay) = (merchant.channel_id, open(&merchant, PaymentMethod::Alipay, 2).await);
        becomes(&merchant, wechat, HealthState::Degraded).await;
        becomes(&merchant, alipay, HealthState::Healthy).await;
        let shown = page(&merchant.shop(), "1.00", "DESKTOP").await;
        assert_eq!((&shown[0]["method"], &shown[0]["notice"]), (&json!("ALIPAY"), &Value::Null));
        assert_eq!((&shown[0]["recommended"], &shown[1]["recommended"]), (&json!(true), &json!(false)));
        let notice = "WeChat Pay may be slow or fail at the moment. Please pay with Alipay.";
        assert_eq!((&shown[1]["state"], &shown[1]["notice"]), (&json!("DEGRADED"), &json!(notice)));
        let chinese = page(&merchant.shop().in_chinese(), "1.00", "DESKTOP").await;
        assert_eq!(chinese[1]["notice"], "微信支付当前可能较慢或支付失败。建议使用支付宝付款。");

        set(&merchant, wechat, Column::HideWhen, Expr::value(HideWhen::Down)).await;
        assert_eq!(methods(&merchant, "1.00").await, ["ALIPAY HEALTHY", "WECHAT_PAY DEGRADED"]);
        becomes(&merchant, wechat, HealthState::Down).await;
        assert_eq!(methods(&merchant, "1.00").await, ["ALIPAY HEALTHY"]);
        // Restored by itself.
        becomes(&merchant, wechat, HealthState::Healthy).await;
        assert_eq!(methods(&merchant, "1.00").await, ["WECHAT_PAY HEALTHY", "ALIPAY HEALTHY"]);
        // Another channel of the method stands in.
        becomes(&merchant, wechat, HealthState::Maintenance).await;
        open(&merchant, PaymentMethod::WechatPay, 3).await;
        assert_eq!(methods(&merchant, "1.00").await, ["WECHAT_PAY UNKNOWN", "ALIPAY HEALTHY"]);
    }

    async fn a_page_is_not_empty_while_there_is_anything_to_try(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let alipay = open(&merchant, PaymentMethod::Alipay, 2).await;
        for id in [merchant.channel_id, alipay] {
            set(&merchant, id, Column::HideWhen, Expr::value(HideWhen::Degraded)).await;
        }
        becomes(&merchant, merchant.channel_id, HealthState::Down).await;
        becomes(&merchant, alipay, HealthState::Degraded).await;
        assert_eq!(methods(&merchant, "1.00").await, ["ALIPAY DEGRADED", "WECHAT_PAY DOWN"]);
        set(&merchant, alipay, Column::Enabled, Expr::value(false)).await;
        let shown = page(&merchant.shop(), "1.00", "DESKTOP").await;
        let notice = "WeChat Pay does not work at the moment. If it fails, please try again in a few minutes.";
        assert_eq!((shown.len(), &shown[0]["notice"]), (1, &json!(notice)));
        set(&merchant, merchant.channel_id, Column::Enabled, Expr::value(false)).await;
        assert_eq!(methods(&merchant, "1.00").await, Vec::<String>::new());
    }

    async fn a_page_offers_what_an_order_by_method_would_take(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let second = open(&merchant, PaymentMethod::WechatPay, 2).await;
        policy(&merchant, "PRIORITY", json!([
            { "channelId": second.to_string(), "maxAmount": { "amount": "100.00", "currency": "CNY" } },
        ])).await;
        let shown = page(&merchant.shop(), "100.00", "DESKTOP").await;
        assert_eq!(shown[0]["channelId"], second.to_string());
        assert_eq!(routed(&merchant, "100.00").await.1, second);
        assert_eq!(methods(&merchant, "100.01").await, Vec::<String>::new());
    }

    async fn a_suspended_merchants_page_is_empty(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        assert_eq!(methods(&merchant, "1.00").await, ["WECHAT_PAY UNKNOWN"]);
        let suspended = Expr::value(MerchantStatus::Suspended);
        merchant.changes(entity::merchant::Column::Status, suspended).await;
        assert_eq!(methods(&merchant, "1.00").await, Vec::<String>::new());
    }

    async fn an_amount_that_cannot_be_paid_is_named(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let shop = merchant.shop();
        for (amount, currency, says) in [
            ("1.00", "USD", "`amount.currency`: must be CNY, the merchant's currency."),
            ("0.00", "CNY", "`amount`: must be more than 0."),
            ("-1.00", "CNY", "`amount`: must be more than 0."),
            ("0.001", "CNY", "`amount`: has at most 2 decimals in CNY."),
        ] {
            let amount = json!({ "amount": amount, "currency": currency });
            let told = shop.error(PAGE, json!({ "amount": amount })).await;
            assert_eq!(told, ("BAD_USER_INPUT".to_owned(), says.to_owned()));
        }
    }
}
