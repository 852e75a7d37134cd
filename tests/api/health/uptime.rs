//! A channel's days: from its changes, its traffic and its incidents, in four statements.

use chrono::TimeDelta;
use entity::channel_latency::{Entity as Latencies, Measure, Model as Latency};
use entity::channel_traffic::Grain::{Hour, Minute};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::scene::{alipay, of_channel, set, traffic};
use crate::everywhere;
use crate::orders::plans::busy;

const DAY: &str = "date availability attempts paid successRate createP50Ms callbackP95Ms incidents \
    downSeconds degradedSeconds worst";

everywhere! {
    async fn a_channels_days_tell_what_happened_on_them(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        // Yesterday from noon: healthy; down for six hours, two of them after midnight; degraded until now.
        let yesterday = world.clock.now();
        set(&owner, channel, "HEALTHY").await;
        world.clock.advance(TimeDelta::hours(8));
        set(&owner, channel, "DOWN").await;
        world.clock.advance(TimeDelta::hours(6));
        set(&owner, channel, "DEGRADED").await;
        world.clock.advance(TimeDelta::hours(10));
        traffic(&merchant, channel, Hour, yesterday, (100, 60, 0)).await;
        traffic(&merchant, channel, Hour, yesterday + TimeDelta::hours(1), (100, 65, 0)).await;
        traffic(&merchant, channel, Minute, yesterday, (7, 7, 0)).await;
        let latency = Latency {
            merchant_id: merchant.id,
            channel_id: channel,
            starts_ms: yesterday.timestamp_millis(),
            measure: Measure::Create,
            bucket: 0,
            count: 10,
        };
        Latencies::insert(latency.into_active_model())
            .exec_without_returning(world.app().db.writer()).await.unwrap();
        let days = of_channel(&owner, channel, &format!("uptime(days: 3) {{ {DAY} }}")).await;
        assert_eq!(days["uptime"], json!([
            {
                "date": "2026-11-22", "availability": null, "attempts": 0, "paid": 0, "successRate": null,
                "createP50Ms": null, "callbackP95Ms": null, "incidents": 0, "downSeconds": 0,
                "degradedSeconds": 0, "worst": "UNKNOWN",
            },
            {
                "date": "2026-11-23", "availability": "0.666666", "attempts": 200, "paid": 125,
                "successRate": "0.625", "createP50Ms": 0, "callbackP95Ms": null, "incidents": 1,
                "downSeconds": 4 * 3_600, "degradedSeconds": 0, "worst": "DOWN",
            },
            {
                "date": "2026-11-24", "availability": "0.833333", "attempts": 0, "paid": 0,
                "successRate": null, "createP50Ms": null, "callbackP95Ms": null, "incidents": 0,
                "downSeconds": 2 * 3_600, "degradedSeconds": 10 * 3_600, "worst": "DOWN",
            },
        ]));
        // A state that began before the first day is known all the same.
        let today = of_channel(&owner, channel, "uptime(days: 1) { availability worst }").await;
        assert_eq!(today["uptime"], json!([{ "availability": "0.833333", "worst": "DOWN" }]));
        assert_eq!(of_channel(&owner, channel, "uptime { date }").await["uptime"].as_array().unwrap().len(), 30);
        for days in [0, -1, 367] {
            let document = format!("{{ channels {{ uptime(days: {days}) {{ date }} }} }}");
            assert_eq!(owner.error(&document, Value::Null).await.0, "BAD_USER_INPUT", "{days}");
        }
        let year = of_channel(&owner, channel, "uptime(days: 366) { date }").await;
        assert_eq!(year["uptime"][0]["date"], "2025-11-24");
    }

    async fn days_are_summed_where_they_begin_and_a_year_of_everything_is_too_dear(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        // Midnight in Shanghai is 16:00 of the day before.
        let midnight = world.clock.now() - TimeDelta::hours(12);
        for (hours, counts) in [(-1, (1, 1, 0)), (0, (2, 1, 0)), (11, (4, 2, 0)), (12, (8, 8, 0))] {
            let at = midnight + TimeDelta::hours(hours);
            traffic(&merchant, channel, Hour, at, counts).await;
            for (measure, bucket) in [(Measure::Create, 20), (Measure::Callback, 30)] {
                let latency = Latency {
                    merchant_id: merchant.id,
                    channel_id: channel,
                    starts_ms: at.timestamp_millis(),
                    measure,
                    bucket: bucket + i16::try_from(hours).unwrap() / 2,
                    count: 1,
                };
                Latencies::insert(latency.into_active_model())
                    .exec_without_returning(world.app().db.writer()).await.unwrap();
            }
        }
        let fields = "uptime(days: 2) { date attempts paid createP50Ms createP95Ms callbackP50Ms callbackP95Ms }";
        let told = of_channel(&owner, channel, fields).await["uptime"].clone();
        let of = |day: usize| (&told[day]["date"], &told[day]["attempts"], &told[day]["paid"]);
        assert_eq!(of(0), (&json!("2026-11-22"), &json!(1), &json!(1)));
        assert_eq!(of(1), (&json!("2026-11-23"), &json!(14), &json!(11)));
        for field in ["createP50Ms", "createP95Ms", "callbackP50Ms", "callbackP95Ms"] {
            let (first, second) = (told[0][field].as_i64().unwrap(), told[1][field].as_i64().unwrap());
            assert!(first < second, "{field}: {told}");
        }
        // A year of all channels, or of everything of one, may be asked for; of both it is too much at once.
        let year = "{ channels { uptime(days: 366) { date attempts } } }";
        owner.data(year, Value::Null).await;
        let all = "createP50Ms createP95Ms callbackP50Ms callbackP95Ms";
        of_channel(&owner, channel, &format!("uptime(days: 366) {{ {all} }}")).await;
        let dear = format!("{{ channels {{ uptime(days: 366) {{ {all} }} }} }}");
        let answer = owner.ask(&dear, Value::Null).await.to_string();
        assert!(answer.contains("LIMIT_EXCEEDED"), "{}", &answer[..600.min(answer.len())]);
    }

    async fn what_is_known_of_several_channels_is_each_ones_own(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, wechat) = (merchant.owner().await, merchant.channel_id);
        let other = alipay(&merchant).await;
        set(&owner, wechat, "DOWN").await;
        set(&owner, other, "HEALTHY").await;
        world.clock.advance(TimeDelta::hours(1));
        let document = "{ channels { id openIncident { severity } uptime(days: 1) { worst incidents } } }";
        let mut seen = owner.data(document, Value::Null).await["channels"].as_array().unwrap().clone();
        seen.sort_by_key(|channel| channel["id"] != wechat.to_string());
        assert_eq!(seen[0]["uptime"], json!([{ "worst": "DOWN", "incidents": 1 }]));
        assert_eq!(seen[0]["openIncident"], json!({ "severity": "DOWN" }));
        assert_eq!(seen[1]["uptime"], json!([{ "worst": "HEALTHY", "incidents": 0 }]));
        assert_eq!(seen[1]["openIncident"], Value::Null);
    }
}

#[tokio::test]
async fn all_channels_and_days_are_read_in_four_statements() {
    let Some(busy) = busy().await else { return };
    for (document, statements) in [
        // How long anything took is not read where nobody asks.
        ("{ channels { uptime(days: 90) { date availability } } }", 3),
        (
            "{ channels { uptime(days: 90) { ...Took } } } fragment Took on ChannelDay { p: callbackP95Ms }",
            4,
        ),
        ("{ channels { openIncident { id } } }", 1),
        ("{ channels { maintenance { id } } }", 1),
        ("{ channels { probe { failures } } }", 1),
    ] {
        let (answer, ran) = busy.ask(document, &Value::Null).await;
        let channels = answer["channels"].as_array().unwrap();
        assert!(channels.len() > 1, "{answer}");
        let ran: Vec<&str> = ran.iter().map(crate::orders::plans::Ran::text).collect();
        assert_eq!(ran.len(), statements, "{document}: {ran:#?}");
    }
}
