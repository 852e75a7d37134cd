//! Members who bought: counted once each, whatever rows are by; new ones once in a lifetime.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, NaiveDate, SubsecRound, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use entity::channel::{ChannelKind, PaymentMethod};
use serde_json::{Value, json};

use super::scene::{at, between, merchant_in};
use crate::everywhere;
use crate::support::{Merchant, World};

const PEOPLE: &str = "buyers newMembers returningMembers";

fn people(buyers: usize, new_members: usize) -> Value {
    json!({ "buyers": buyers, "newMembers": new_members, "returningMembers": buyers - new_members })
}

/// A sale, as the list of orders tells it.
#[derive(Clone)]
struct Sale {
    at: DateTime<Utc>,
    channel: String,
    method: String,
    country: Option<String>,
    member: String,
    is_first: bool,
}

/// Every sale to a member.
async fn sales(merchant: &Merchant) -> Vec<Sale> {
    let document = "{ orders(first: 100, filter: { paymentState: [PAID] }) { edges { node { id paidAt method country \
        channel { id } member { memberNo firstOrder { id } } } } } }";
    let answer = merchant.owner().await.data(document, Value::Null).await;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let orders = answer["orders"]["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| &edge["node"]);
    orders
        .filter(|order| !order["member"].is_null())
        .map(|order| Sale {
            at: at(order["paidAt"].as_str().unwrap()),
            channel: text(&order["channel"]["id"]).unwrap(),
            method: text(&order["method"]).unwrap(),
            country: text(&order["country"]),
            member: text(&order["member"]["memberNo"]).unwrap(),
            is_first: order["member"]["firstOrder"]["id"] == order["id"],
        })
        .collect()
}

/// Those who bought, said in other words.
fn counted<'a>(sales: impl Iterator<Item = &'a Sale>) -> Value {
    let (mut members, mut first) = (BTreeSet::new(), BTreeSet::new());
    for sale in sales {
        members.insert(&sale.member);
        if sale.is_first {
            first.insert(&sale.member);
        }
    }
    people(members.len(), first.len())
}

/// What begins a row's time.
fn begins(sale: &Sale, grain: &str, zone: Tz) -> String {
    let local = sale.at.with_timezone(&zone);
    let day = local.date_naive();
    let first = |month: u32| NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap();
    match grain {
        "HOUR" => {
            let since = TimeDelta::minutes(local.minute().into())
                + TimeDelta::seconds(local.second().into());
            (sale.at - since).trunc_subsecs(0).to_rfc3339()
        }
        "DAY" => day.to_string(),
        "WEEK" => (day - Days::new(day.weekday().num_days_from_monday().into())).to_string(),
        "MONTH" => first(day.month()).to_string(),
        "YEAR" => first(1).to_string(),
        _ => String::new(),
    }
}

/// Some weeks of a shop with two channels, three countries, and members who come and come back.
async fn busy(world: &World, zone: &str) -> Merchant {
    let merchant = merchant_in(world, zone).await;
    let alipay = merchant
        .channel(ChannelKind::Sandbox, PaymentMethod::Alipay, None)
        .await;
    let wechat = merchant
        .channel(ChannelKind::Sandbox, PaymentMethod::WechatPay, None)
        .await;
    let through = [
        merchant.clone(),
        merchant.through(alipay),
        merchant.through(wechat),
    ];
    for turn in 0..30_usize {
        let mut input = json!({});
        if turn % 4 != 3 {
            input["memberNo"] = json!(format!("M-{}", turn * turn % 11));
        }
        if turn % 3 != 2 {
            input["country"] = json!(["CN", "SG"][turn / 3 % 2]);
        }
        let order = through[turn * 7 % 5 % 3].order_with("10.00", input).await;
        world.clock.advance(TimeDelta::minutes(20));
        if turn % 6 != 5 {
            order.pay().await;
        }
        world.clock.advance(TimeDelta::hours([1, 9, 30][turn % 3]));
    }
    merchant
}

/// Which sales are wanted.
type Wanted = Box<dyn Fn(&Sale) -> bool>;

everywhere! {
    async fn who_buys_on_two_days_and_through_two_channels_is_one_buyer_of_all(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let alipay = merchant.channel(ChannelKind::Sandbox, PaymentMethod::Alipay, None).await;
        // A Monday at noon.
        merchant.sold_to("M-1", "10.00").await;
        merchant.through(alipay).sold_to("M-1", "10.00").await;
        merchant.sold_to("M-2", "10.00").await;
        merchant.paid_order("10.00").await;
        merchant.order_by("M-3", "10.00").await;
        world.clock.advance(TimeDelta::days(1));
        merchant.sold_to("M-1", "10.00").await;
        let told = merchant.statistics("range: { preset: LAST_3_DAYS }, grain: DAY",
            &format!("totals {{ paidOrders {PEOPLE} }} rows {{ startsOn measures {{ {PEOPLE} }} }}")).await;
        assert_eq!(told["totals"], json!({ "paidOrders": 5, "buyers": 2, "newMembers": 2, "returningMembers": 0 }));
        assert_eq!(told["rows"], json!([
            { "startsOn": "2026-11-22", "measures": people(0, 0) },
            { "startsOn": "2026-11-23", "measures": people(2, 2) },
            { "startsOn": "2026-11-24", "measures": people(1, 0) },
        ]));
        let told = merchant.statistics("range: { preset: LAST_3_DAYS }, dimensions: [METHOD]",
            &format!("totals {{ {PEOPLE} }} rows {{ method measures {{ {PEOPLE} }} }}")).await;
        assert_eq!(told["totals"], people(2, 2));
        assert_eq!(told["rows"], json!([
            { "method": "WECHAT_PAY", "measures": people(2, 2) },
            // Their first payment was by the other method.
            { "method": "ALIPAY", "measures": people(1, 0) },
        ]));
    }

    async fn buyers_of_every_row_are_those_that_the_orders_tell(world: World) {
        // Over the beginning of summer time, on the 14th.
        world.clock.set(at("2027-03-04T02:00:00Z"));
        for zone in ["America/New_York", "Asia/Kathmandu"] {
            let merchant = busy(&world, zone).await;
            let sales = sales(&merchant).await;
            assert!(sales.len() > 15);
            let (zone, range) = (zone.parse::<Tz>().unwrap(), between("2026-12-01T00:00:00Z", "2027-12-01T00:00:00Z"));
            let hours = between(&(world.clock.now() - TimeDelta::days(19)).to_rfc3339(), &(world.clock.now() + TimeDelta::days(1)).to_rfc3339());
            for grain in ["", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"] {
                for by in ["", "CHANNEL", "METHOD", "COUNTRY", "CHANNEL, COUNTRY", "METHOD, COUNTRY"] {
                    let key = |sale: &Sale| {
                        let part = |name: &str, value: Option<&str>| {
                            by.split(", ").any(|one| one == name).then(|| value.map(str::to_owned)).flatten()
                        };
                        (begins(sale, grain, zone), part("CHANNEL", Some(&sale.channel)),
                            part("METHOD", Some(&sale.method)), part("COUNTRY", sale.country.as_deref()))
                    };
                    let mut expected: BTreeMap<_, Vec<&Sale>> = BTreeMap::new();
                    for sale in &sales {
                        expected.entry(key(sale)).or_default().push(sale);
                    }
                    let (range, grain_of) = match grain {
                        "" => (&range, String::new()),
                        "HOUR" => (&hours, "grain: HOUR".to_owned()),
                        _ => (&range, format!("grain: {grain}")),
                    };
                    let told = merchant.statistics(&format!("{range} {grain_of} dimensions: [{by}]"),
                        &format!("totals {{ {PEOPLE} }} rows {{ startsAt startsOn channel {{ id }} method country \
                            measures {{ {PEOPLE} }} }}")).await;
                    assert_eq!(told["totals"], counted(sales.iter()), "{grain} {by}");
                    let text = |value: &Value| value.as_str().map(str::to_owned);
                    for row in told["rows"].as_array().unwrap() {
                        let begins = match grain {
                            "" => String::new(),
                            "HOUR" => at(row["startsAt"].as_str().unwrap()).to_rfc3339(),
                            _ => text(&row["startsOn"]).unwrap(),
                        };
                        let key = (begins, text(&row["channel"]["id"]), text(&row["method"]), text(&row["country"]));
                        let of_row = expected.remove(&key).unwrap_or_default();
                        assert_eq!(row["measures"], counted(of_row.into_iter()), "{grain} {by} {row}");
                    }
                    assert!(expected.is_empty(), "{grain} {by}: {:?}", expected.keys());
                    let new: i64 = told["rows"].as_array().unwrap().iter()
                        .map(|row| row["measures"]["newMembers"].as_i64().unwrap()).sum();
                    assert_eq!(told["totals"]["newMembers"], new, "{grain} {by}: each is new once");
                }
            }
        }
    }

    async fn the_row_of_all_others_counts_each_buyer_once(world: World) {
        let merchant = busy(&world, "Asia/Shanghai").await;
        let sales = sales(&merchant).await;
        let range = "range: { preset: LAST_90_DAYS }";
        for (by, of) in [
            ("CHANNEL", (|sale: &Sale| json!({ "id": sale.channel })) as fn(&Sale) -> Value),
            ("COUNTRY", |sale: &Sale| json!(sale.country)),
        ] {
            for grain in ["", "grain: YEAR"] {
                let told = merchant.statistics(&format!("{range} {grain} dimensions: [{by}] top: 1"),
                    &format!("rows {{ isOther channel {{ id }} country measures {{ {PEOPLE} }} }}")).await;
                let rows = told["rows"].as_array().unwrap();
                assert_eq!(rows.len(), 2);
                let first = &rows[0][by.to_lowercase()];
                let is_first = |sale: &&Sale| of(sale) == *first;
                assert_eq!(rows[0]["measures"], counted(sales.iter().filter(is_first)), "{by} {grain}");
                assert_eq!(rows[1]["isOther"], true);
                let others = sales.iter().filter(|sale| !is_first(sale));
                assert_eq!(rows[1]["measures"], counted(others), "{by} {grain}");
            }
        }
    }

    async fn filters_count_who_bought_of_what_they_want(world: World) {
        let merchant = busy(&world, "Asia/Shanghai").await;
        let sales = sales(&merchant).await;
        let channel = sales[0].channel.clone();
        let cases: Vec<(String, Wanted)> = vec![
            (format!(r#"channelIds: ["{channel}"]"#), Box::new(move |sale| sale.channel == channel)),
            ("methods: [ALIPAY]".to_owned(), Box::new(|sale| sale.method == "ALIPAY")),
            ("countries: [\"SG\"]".to_owned(), Box::new(|sale| sale.country.as_deref() == Some("SG"))),
            ("countryUnknown: true".to_owned(), Box::new(|sale| sale.country.is_none())),
            ("methods: [WECHAT_PAY] countries: [\"CN\"] countryUnknown: true".to_owned(),
                Box::new(|sale| sale.method == "WECHAT_PAY" && sale.country.as_deref() != Some("SG"))),
            ("methods: [CARD]".to_owned(), Box::new(|_| false)),
        ];
        for (filter, wants) in cases {
            let told = merchant.statistics(&format!("range: {{ preset: LAST_90_DAYS }} filter: {{ {filter} }}"),
                &format!("totals {{ {PEOPLE} }} rows {{ measures {{ {PEOPLE} }} }}")).await;
            let expected = counted(sales.iter().filter(|sale| wants(sale)));
            assert_eq!(told["totals"], expected, "{filter}");
            assert_eq!(told["rows"][0]["measures"], expected, "{filter}");
        }
    }

    async fn by_category_nobody_can_say_who_bought(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.sold_to("M-1", "10.00").await;
        let none = json!({ "buyers": null, "newMembers": null, "returningMembers": null });
        let told = merchant.statistics("range: { preset: TODAY } dimensions: [CATEGORY]",
            &format!("totals {{ paidOrders {PEOPLE} }} rows {{ measures {{ {PEOPLE} }} }}")).await;
        assert_eq!(told["rows"], json!([{ "measures": none }]));
        assert_eq!(told["totals"]["buyers"], Value::Null);
        let told = merchant.statistics("range: { preset: TODAY } filter: { categories: [\"热菜\"] }",
            &format!("totals {{ {PEOPLE} }}")).await;
        assert_eq!(told["totals"], none);
    }

    async fn buyers_are_compared_with_those_of_the_time_before(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.sold_to("M-1", "10.00").await;
        merchant.sold_to("M-2", "10.00").await;
        world.clock.advance(TimeDelta::days(1));
        merchant.sold_to("M-2", "10.00").await;
        let fields = format!("totals {{ {PEOPLE} }} previousTotals {{ {PEOPLE} }} \
            changes {{ buyers {{ value percent }} newMembers {{ value }} returningMembers {{ value percent }} }} \
            rows {{ measures {{ {PEOPLE} }} previous {{ {PEOPLE} }} change {{ buyers {{ value }} }} }}");
        for grain in ["", "grain: DAY", "grain: HOUR"] {
            let told = merchant.statistics(&format!("range: {{ preset: TODAY }} {grain} compareTo: PREVIOUS_PERIOD"),
                &fields).await;
            assert_eq!(told["totals"], people(1, 0), "{grain}");
            assert_eq!(told["previousTotals"], people(2, 2), "{grain}");
            assert_eq!(told["changes"], json!({ "buyers": { "value": -1, "percent": "-50" },
                "newMembers": { "value": -2 }, "returningMembers": { "value": 1, "percent": null } }), "{grain}");
            if grain != "grain: HOUR" {
                assert_eq!(told["rows"], json!([{ "measures": people(1, 0), "previous": people(2, 2),
                    "change": { "buyers": { "value": -1 } } }]), "{grain}");
            } else {
                // Noon beside noon.
                assert_eq!(told["rows"][12]["previous"], people(2, 2));
                assert_eq!(told["rows"][13]["previous"], people(0, 0));
            }
        }
    }

    async fn another_time_zone_moves_a_buyer_to_another_day(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        // 23:30 in Shanghai.
        world.clock.advance(TimeDelta::minutes(11 * 60 + 30));
        merchant.sold_to("M-1", "10.00").await;
        world.clock.advance(TimeDelta::hours(2));
        merchant.sold_to("M-2", "10.00").await;
        let of = async |day: &str| {
            let told = merchant.statistics("range: { preset: LAST_7_DAYS } grain: DAY",
                &format!("rows {{ startsOn measures {{ {PEOPLE} }} }}")).await;
            let rows = told["rows"].as_array().unwrap().clone();
            let row = rows.into_iter().find(|row| row["startsOn"] == day);
            row.map(|row| row["measures"].clone()).unwrap_or_default()
        };
        assert_eq!((of("2026-11-23").await, of("2026-11-24").await), (people(1, 1), people(1, 1)));
        merchant.lives_in("UTC").await;
        assert_eq!((of("2026-11-23").await, of("2026-11-24").await), (people(2, 2), Value::Null));
    }

    async fn a_kept_answer_does_not_hide_a_new_buyer(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let buyers = async || merchant.totals_of("TODAY", "buyers newMembers").await;
        assert_eq!(buyers().await, json!({ "buyers": 0, "newMembers": 0 }));
        for no in 1..=3 {
            merchant.sold_to(&format!("M-{no}"), "10.00").await;
            assert_eq!(buyers().await, json!({ "buyers": no, "newMembers": no }));
            merchant.sold_to("M-1", "10.00").await;
            assert_eq!(buyers().await, json!({ "buyers": no, "newMembers": no }));
        }
    }

    async fn the_front_page_and_the_brief_tell_of_new_members(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for no in ["M-1", "M-1", "M-2"] {
            merchant.sold_to(no, "10.00").await;
        }
        merchant.order_by("M-3", "10.00").await;
        merchant.counted().await;
        let told = merchant.owner().await.data("{ today { newMembers } dailyBrief { newMembers } }", Value::Null).await;
        assert_eq!(told, json!({ "today": { "newMembers": 2 }, "dailyBrief": { "newMembers": 0 } }));
        world.clock.advance(TimeDelta::days(1));
        merchant.sold_to("M-2", "10.00").await;
        merchant.counted().await;
        let told = merchant.owner().await.data("{ today { newMembers } dailyBrief { newMembers } }", Value::Null).await;
        assert_eq!(told, json!({ "today": { "newMembers": 0 }, "dailyBrief": { "newMembers": 2 } }));
    }

    async fn nobody_elses_members_are_counted(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        theirs.sold_to("M-1", "10.00").await;
        ours.sold_to("M-1", "10.00").await;
        ours.sold_to("M-2", "10.00").await;
        for (merchant, wanted) in [(&ours, people(2, 2)), (&theirs, people(1, 1))] {
            let told = merchant.statistics("range: { preset: TODAY } dimensions: [CHANNEL]",
                &format!("totals {{ {PEOPLE} }} rows {{ measures {{ {PEOPLE} }} }}")).await;
            assert_eq!(told["totals"], wanted);
            assert_eq!(told["rows"], json!([{ "measures": wanted }]));
        }
    }
}

impl Merchant {
    /// The totals of a preset.
    async fn totals_of(&self, preset: &str, fields: &str) -> Value {
        let range = format!("range: {{ preset: {preset} }}");
        let told = self
            .statistics(&range, &format!("totals {{ {fields} }}"))
            .await;
        told["totals"].clone()
    }
}
