//! Quotes: which rule holds, to the unit and to the millisecond, and what a payment costs by it.

use chrono::TimeDelta;
use entity::channel::{ChannelKind, PaymentMethod};
use serde_json::{Value, json};

use super::{QUOTE, money, next_version, payment_of, quote, rule, with};
use crate::everywhere;
use crate::support::noon;

/// So many milliseconds after noon.
fn at(milliseconds: i64) -> Value {
    json!((noon() + TimeDelta::milliseconds(milliseconds)).to_rfc3339())
}

everywhere! {
    async fn the_most_exact_rule_holds(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let other = merchant.channel(ChannelKind::Sandbox, PaymentMethod::WechatPay, None).await;
        let ours = json!({ "channelId": merchant.channel_id.to_string() });
        let (method, country) = (json!({ "method": "WECHAT_PAY" }), json!({ "country": "CN" }));
        let band = json!({ "amountBelow": money("1000.00") });
        // From the least to the most exact: channel before method before country before amount.
        let mut rules = Vec::new();
        for place in 0..16 {
            let mut conditions = json!({});
            for (bit, condition) in [(8, &ours), (4, &method), (2, &country), (1, &band)] {
                if place & bit != 0 {
                    conditions = with(conditions, condition);
                }
            }
            rules.push((format!("0.0{:02}", place + 1), conditions));
        }
        let rate = |place: usize| rules[place].0.parse::<rust_decimal::Decimal>().unwrap().normalize().to_string();
        let foreign = json!({ "country": "US" });
        let (chinese, elsewhere) = (&country, json!({ "channelId": other.to_string() }));
        for (place, (rate_text, conditions)) in rules.iter().enumerate() {
            rule(&merchant, with(json!({ "rate": rate_text }), conditions)).await;
            let own = quote(&merchant, "100.00", chinese).await;
            assert_eq!(own["rate"], rate(place), "{conditions}");
        }
        // What does not fit falls to the most exact that does.
        for (what, amount, input, place) in [
            ("all four", "999.99", country.clone(), 15),
            ("above the band", "1000.00", country.clone(), 14),
            ("another country", "100.00", foreign.clone(), 13),
            ("no country", "100.00", json!({}), 13),
            ("another country above the band", "1000.00", foreign.clone(), 12),
            ("another channel", "100.00", with(elsewhere.clone(), &country), 7),
            ("another channel and country", "100.00", with(elsewhere.clone(), &foreign), 5),
            ("another channel and country above the band", "1000.00", with(elsewhere, &foreign), 4),
        ] {
            assert_eq!(quote(&merchant, amount, &input).await["rate"], rate(place), "{what}");
        }
        let alipay = merchant.channel(ChannelKind::Sandbox, PaymentMethod::Alipay, None).await;
        let alipay = json!({ "channelId": alipay.to_string() });
        for (what, amount, input, place) in [
            ("another method", "100.00", with(alipay.clone(), &country), 3),
            ("another method above the band", "1000.00", with(alipay.clone(), &country), 2),
            ("only the amount", "100.00", alipay.clone(), 1),
            ("nothing", "1000.00", alipay, 0),
        ] {
            assert_eq!(quote(&merchant, amount, &input).await["rate"], rate(place), "{what}");
        }
    }

    async fn of_rules_as_exact_the_newest_holds(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        rule(&merchant, json!({ "rate": "0.01", "amountBelow": money("100.00") })).await;
        world.clock.advance(TimeDelta::seconds(1));
        rule(&merchant, json!({ "rate": "0.02", "amountFrom": money("50.00") })).await;
        for (amount, rate) in [("49.99", "0.01"), ("50.00", "0.02"), ("99.99", "0.02"), ("100.00", "0.02")] {
            assert_eq!(quote(&merchant, amount, &json!({})).await["rate"], rate, "{amount}");
        }
        let before = quote(&merchant, "50.00", &json!({ "at": at(999) })).await;
        assert_eq!(before["rate"], "0.01");
    }

    async fn a_band_begins_with_its_first_unit_and_ends_before_its_last(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        rule(&merchant, json!({ "rate": "0", "fixed": money("0.01"), "amountBelow": money("10.00") })).await;
        rule(&merchant, json!({
            "rate": "0", "fixed": money("0.02"), "amountFrom": money("10.00"), "amountBelow": money("20.00"),
        })).await;
        rule(&merchant, json!({ "rate": "0", "fixed": money("0.03"), "amountFrom": money("20.00") })).await;
        for (amount, fee) in [
            ("0.01", "0.01"), ("9.99", "0.01"), ("10.00", "0.02"), ("19.99", "0.02"), ("20.00", "0.03"),
            ("9999999.99", "0.03"),
        ] {
            assert_eq!(quote(&merchant, amount, &json!({})).await["fee"]["amount"], fee, "{amount}");
        }
    }

    async fn a_version_holds_from_its_first_millisecond_until_the_next_begins(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let first = rule(&merchant, json!({ "rate": "0.01", "effectiveFrom": at(1_000) })).await;
        let id = &first["ruleId"];
        next_version(&merchant, id, json!({ "rate": "0.02", "effectiveFrom": at(2_000), "effectiveTo": at(3_000) }))
            .await;
        next_version(&merchant, id, json!({ "rate": "0.03", "effectiveFrom": at(4_000) })).await;
        for (milliseconds, version) in [
            (0, 0), (999, 0), (1_000, 1), (1_999, 1), (2_000, 2), (2_999, 2), (3_000, 0), (3_999, 0), (4_000, 3),
        ] {
            let quoted = quote(&merchant, "100.00", &json!({ "at": at(milliseconds) })).await;
            let wanted = if version == 0 { json!(null) } else { json!({ "version": version }) };
            assert_eq!(quoted["rule"], wanted, "{milliseconds}");
            assert_eq!(quoted["fee"]["amount"], format!("{version}.00"));
        }
    }

    async fn a_fee_is_rounded_half_up_within_its_limits_and_explained_in_both_languages(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let made = rule(&merchant, json!({
            "rate": "0.006", "fixed": money("0.10"), "minFee": money("0.20"), "maxFee": money("5.00"),
        })).await;
        let id = made["ruleId"].as_str().expect("an id");
        let chinese = merchant.owner().await.in_chinese();
        for (amount, fee, en, zh) in [
            ("100.00", "0.70", "100.00 × 0.6% + 0.10 = 0.70 CNY", ""),
            ("20.83", "0.22", "20.83 × 0.6% + 0.10 ≈ 0.22 CNY", ""),
            ("24.16", "0.24", "24.16 × 0.6% + 0.10 ≈ 0.24 CNY", ""),
            ("24.17", "0.25", "24.17 × 0.6% + 0.10 ≈ 0.25 CNY", ""),
            ("10.00", "0.20", "10.00 × 0.6% + 0.10 = 0.16 → 0.20 CNY, the least fee", "，按最低收费"),
            ("10000.00", "5.00", "10000.00 × 0.6% + 0.10 = 60.10 → 5.00 CNY, the largest fee", "，按封顶收费"),
            ("0.15", "0.15", "0.15 × 0.6% + 0.10 ≈ 0.10 → 0.15 CNY, never above the amount", "，不超过收款金额"),
        ] {
            let quoted = quote(&merchant, amount, &json!({})).await;
            assert_eq!(quoted["fee"]["amount"], fee, "{amount}");
            assert_eq!(quoted["explanation"], format!("{en} (rule {id}, version 1)"));
            let input = json!({ "amount": money(amount), "channelId": merchant.channel_id.to_string() });
            let told = chinese.data(QUOTE, json!({ "input": input })).await;
            let sum = en.split(", ").next().expect("a sum");
            assert_eq!(told["feeQuote"]["explanation"], format!("{sum}{zh}（规则 {id} 第 1 版）"));
        }
    }

    async fn what_is_quoted_is_what_is_taken_and_kept(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for (amount, input) in [
            ("36.00", json!(null)),
            ("36.00", json!({ "rate": "0.0038" })),
            ("1.00", json!({ "country": "CN", "rate": "0.029", "fixed": money("0.30") })),
            ("0.03", json!({ "country": "US", "rate": "0.029", "fixed": money("0.30") })),
            ("9999.99", json!({ "country": "JP", "rate": "0.006", "minFee": money("0.10"), "maxFee": money("20.00") })),
        ] {
            if !input.is_null() {
                rule(&merchant, input.clone()).await;
            }
            let country = json!({ "country": input["country"] });
            let quoted = quote(&merchant, amount, &country).await;
            let order = merchant.order_with(amount, country).await;
            order.pay().await;
            let fields = "fee { base { amount } amount { amount } returned { amount } net { amount } rate \
                fixed { amount } ruleId rule { version } explanation takenAt order { id } channel { id } }";
            let fee = order.read(fields).await["fee"].clone();
            for (ours, theirs) in [
                ("base", "base"), ("amount", "fee"), ("rate", "rate"), ("fixed", "fixed"), ("ruleId", "ruleId"),
                ("rule", "rule"), ("explanation", "explanation"), ("net", "fee"),
            ] {
                assert_eq!(fee[ours], quoted[theirs], "{ours} of {amount}");
            }
            assert_eq!(fee["returned"]["amount"], "0.00");
            assert_eq!(fee["order"]["id"], order.id.to_string());
            assert_eq!(fee["channel"]["id"], merchant.channel_id.to_string());
            let kept = payment_of(&order).await;
            let minor = |value: &Value| {
                value["amount"].as_str().expect("an amount").replace('.', "").parse::<i64>().expect("a number")
            };
            assert_eq!(kept.fee_minor, minor(&fee["amount"]));
            assert_eq!(kept.paid_minor - kept.fee_minor, minor(&quoted["net"]));
            world.clock.advance(TimeDelta::seconds(1));
        }
        let none = quote(&merchant, "36.00", &json!({ "at": at(-1) })).await;
        assert_eq!((&none["rule"], &none["fee"]["amount"]), (&json!(null), &json!("0.00")));
        assert_eq!(none["explanation"], "No fee rule fits: no fee.");
    }

    async fn what_cannot_be_quoted_is_named(world: World) {
        let (merchant, other) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let owner = merchant.owner().await;
        let own = merchant.channel_id.to_string();
        for (code, amount, channel) in [
            ("NOT_FOUND", money("1.00"), other.channel_id.to_string()),
            ("BAD_USER_INPUT", money("0.00"), own.clone()),
            ("BAD_USER_INPUT", money("-1.00"), own.clone()),
            ("BAD_USER_INPUT", money("1.001"), own.clone()),
            ("BAD_USER_INPUT", json!({ "amount": "1.00", "currency": "USD" }), own.clone()),
            ("BAD_USER_INPUT", money("1.00"), "no id".to_owned()),
        ] {
            let input = json!({ "input": { "amount": amount, "channelId": channel } });
            assert_eq!(owner.error(QUOTE, input.clone()).await.0, code, "{input}");
        }
    }
}
