//! Every partition sums exactly to its total, whatever happened.

use chrono::TimeDelta;
use entity::channel;
use entity::channel::{ChannelKind, PaymentMethod};
use serde_json::{Value, json};

use super::scene::plain;
use crate::everywhere;
use crate::support::{Merchant, World};

const FIGURES: [&str; 9] = [
    "orders",
    "converted",
    "paidOrders",
    "gross",
    "discounts",
    "paid",
    "refunds",
    "refunded",
    "fees",
];
const FIELDS: &str = "orders converted paidOrders gross { amount } discounts { amount } paid { amount } \
    refunds refunded { amount } fees { amount }";

/// Figures in minor units or by the piece.
fn figures(measures: &Value) -> Vec<i64> {
    let read = |name: &&str| match &measures[*name] {
        Value::String(amount) => amount.replace('.', "").parse().unwrap(),
        other => other.as_i64().unwrap(),
    };
    FIGURES.iter().map(read).collect()
}

/// A line of an order.
fn line(category: &str, quantity: i32, amount: &str) -> Value {
    json!({ "title": format!("{category}一份"), "category": category, "quantity": quantity,
        "unitPrice": { "amount": amount, "currency": "CNY" } })
}

/// Orders of several channels, countries and categories, with discounts, fees and refunds.
async fn busy(world: &World) -> Merchant {
    let merchant = world.merchant("汇贤饭店").await;
    merchant.takes_fees("0.006").await;
    merchant
        .set_channel(channel::Column::RefundReturnsFee, true)
        .await;
    let alipay = merchant
        .channel(ChannelKind::Sandbox, PaymentMethod::Alipay, None)
        .await;
    let through = [merchant.clone(), merchant.through(alipay)];
    for turn in 0..12_usize {
        let merchant = &through[turn % 2];
        let lines = match turn % 4 {
            0 => json!([line("热菜", 1, "33.33"), line("酒水", 2, "16.67")]),
            1 => json!([line("酒水", 3, "9.99")]),
            2 => json!([
                line("热菜", 1, "20.00"),
                line("凉菜", 1, "20.00"),
                line("热菜", 1, "0.01")
            ]),
            _ => json!([{ "title": "打包盒", "quantity": 1,
                "unitPrice": { "amount": "1.00", "currency": "CNY" } }, line("主食", 7, "3.07")]),
        };
        let mut input = json!({ "lines": lines });
        if turn % 3 == 0 {
            input["discount"] = json!({ "amount": "1.01", "currency": "CNY" });
        }
        if turn % 3 != 2 {
            input["country"] = json!(["CN", "SG"][turn / 2 % 2]);
        }
        let order = merchant.order_with("1.00", input).await;
        world.clock.advance(TimeDelta::minutes(37));
        if turn % 5 != 4 {
            order.pay().await;
        }
        if turn % 3 == 1 && turn % 5 != 4 {
            merchant.adjusts("100.00").await;
            if turn % 2 == 0 {
                order.refund_amount("7.77").await;
            } else {
                order
                    .refund(json!({ "lines": [{ "lineNo": 1, "quantity": 1 }] }))
                    .await;
            }
            merchant.refunds_go_through().await;
        }
        world.clock.advance(TimeDelta::hours(3));
    }
    merchant
}

everywhere! {
    async fn every_partition_sums_to_the_total(world: World) {
        let merchant = busy(&world).await;
        merchant.counted().await;
        merchant.is_counted_right().await;
        let dimensions = ["", "CHANNEL", "METHOD", "COUNTRY", "CATEGORY", "CHANNEL, COUNTRY",
            "CHANNEL, CATEGORY", "COUNTRY, CATEGORY", "METHOD, CATEGORY", "CHANNEL, METHOD"];
        let range = "range: { preset: LAST_7_DAYS }";
        let whole = merchant.statistics(range, &format!("totals {{ {FIELDS} }}")).await;
        let whole = figures(&plain(&whole["totals"]));
        assert_eq!((whole[0], whole[2] > 8, whole[6] > 2), (12, true, true), "{whole:?}");
        for grain in ["", "grain: HOUR", "grain: DAY", "grain: WEEK", "grain: YEAR"] {
            for by in dimensions {
                for top in ["", "top: 1"] {
                    let arguments = format!("{range} {grain} dimensions: [{by}] {top}");
                    let fields = format!("totals {{ {FIELDS} }} rows {{ isOther measures {{ {FIELDS} }} }}");
                    let told = plain(&merchant.statistics(&arguments, &fields).await);
                    assert_eq!(figures(&told["totals"]), whole, "{arguments}");
                    let mut sums = vec![0; whole.len()];
                    for row in told["rows"].as_array().unwrap() {
                        for (sum, figure) in sums.iter_mut().zip(figures(&row["measures"])) {
                            *sum += figure;
                        }
                    }
                    assert_eq!(sums, whole, "{arguments}");
                }
            }
        }
    }

    async fn filters_take_apart_what_they_sum_to(world: World) {
        let merchant = busy(&world).await;
        let range = "range: { preset: LAST_7_DAYS }";
        let whole = merchant.statistics(range, &format!("totals {{ {FIELDS} }}")).await;
        let whole = figures(&plain(&whole["totals"]));
        for parts in [
            vec![r#"methods: [WECHAT_PAY]"#, r#"methods: [ALIPAY]"#],
            vec![r#"categories: ["热菜"]"#, r#"categories: ["凉菜", "酒水"]"#, r#"categories: ["主食", ""]"#],
            vec![r#"countries: ["CN"]"#, r#"countries: ["SG"], countryUnknown: false"#, "countryUnknown: true"],
            vec![r#"countries: ["SG", "US"], countryUnknown: true"#, r#"countries: ["CN"]"#],
            vec![r#"methods: [WECHAT_PAY], categories: ["热菜"]"#,
                r#"methods: [WECHAT_PAY], categories: ["凉菜", "酒水", "主食", ""]"#, r#"methods: [ALIPAY]"#],
        ] {
            let mut sums = vec![0; whole.len()];
            for filter in &parts {
                for grain in ["", "grain: HOUR"] {
                    let arguments = format!("{range} {grain} filter: {{ {filter} }}");
                    let told = merchant.statistics(&arguments, &format!("totals {{ {FIELDS} }}")).await;
                    if grain.is_empty() {
                        let figures = figures(&plain(&told["totals"]));
                        for (sum, figure) in sums.iter_mut().zip(&figures) {
                            *sum += figure;
                        }
                    }
                }
            }
            assert_eq!(sums, whole, "{parts:?}");
        }
        let nothing = merchant.statistics(&format!("{range} filter: {{ methods: [CARD] }}"),
            "totals { orders } rows { measures { orders } }").await;
        assert_eq!(nothing["totals"]["orders"], 0);
    }

    async fn the_hours_of_a_week_sum_to_the_total(world: World) {
        let merchant = busy(&world).await;
        merchant.counted().await;
        let document = "{ hourlyHeatmap(range: { preset: LAST_30_DAYS }) { asOf cells { weekday hour orders \
            paidOrders paid { amount } } }
            statistics(range: { preset: LAST_30_DAYS }) { totals { orders paidOrders paid { amount } } } }";
        let told = plain(&merchant.owner().await.data(document, Value::Null).await);
        let cells = told["hourlyHeatmap"]["cells"].as_array().unwrap();
        assert_eq!(cells.len(), 168);
        assert_eq!((&cells[0]["weekday"], &cells[0]["hour"]), (&json!("MONDAY"), &json!(0)));
        assert_eq!((&cells[167]["weekday"], &cells[167]["hour"]), (&json!("SUNDAY"), &json!(23)));
        let sum = |name: &str| -> i64 {
            cells.iter().map(|cell| match &cell[name] {
                Value::String(amount) => amount.replace('.', "").parse::<i64>().unwrap(),
                other => other.as_i64().unwrap(),
            }).sum()
        };
        let totals = &told["statistics"]["totals"];
        assert_eq!(sum("orders"), totals["orders"].as_i64().unwrap());
        assert_eq!(sum("paidOrders"), totals["paidOrders"].as_i64().unwrap());
        assert_eq!(sum("paid"), figures_of(&totals["paid"]));
        // The first order was made on Monday at noon.
        let noon = cells.iter().find(|cell| cell["weekday"] == "MONDAY" && cell["hour"] == 12);
        assert_eq!(noon.unwrap()["orders"], 1);
    }
}

fn figures_of(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}
