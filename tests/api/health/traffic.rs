//! What goes through channels is counted once, wherever and however often it is written down.

use chrono::TimeDelta;
use entity::channel_latency::{self, Measure};
use entity::channel_traffic::Grain;
use entity::merchant;
use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::Expr;
use serde_json::json;
use yigate::health::model::latency::percentile;
use yigate::health::service::{flush, prune_minutes};

use crate::everywhere;
use crate::support::{Merchant, World};

const MINUTE_MS: i64 = 60_000;

everywhere! {
    async fn each_attempt_and_each_payment_is_counted_in_its_minute_and_its_hour(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.tries(3, "宫保鸡丁").await;
        merchant.tries(1, "sandbox:refuse").await;
        let order = merchant.order("36.00").await;
        flush(world.app()).await.unwrap();
        world.clock.advance(TimeDelta::seconds(70));
        merchant.tries(2, "sandbox:unavailable").await;
        merchant.tries(1, "sandbox:unreadable").await;
        order.pay().await;
        order.pay().await;
        flush(world.app()).await.unwrap();
        flush(world.app()).await.unwrap();

        let told = |row: &entity::channel_traffic::Model| {
            [row.attempts, row.attempted_minor, row.refused, row.unavailable, row.unreadable,
                row.misconfigured, row.paid, row.paid_minor]
        };
        let minutes = merchant.traffic(Grain::Minute).await;
        let starts: Vec<i64> = minutes.iter().map(|row| row.starts_ms).collect();
        let noon = crate::support::noon().timestamp_millis();
        assert_eq!(starts, [noon, noon + MINUTE_MS]);
        assert_eq!(told(&minutes[0]), [5, 3_000 + 3_600, 1, 0, 0, 0, 0, 0]);
        assert_eq!(told(&minutes[1]), [3, 3_000, 0, 2, 1, 0, 1, 3_600], "a second notification is no payment");
        let hours = merchant.traffic(Grain::Hour).await;
        assert_eq!((hours.len(), hours[0].starts_ms), (1, noon));
        assert_eq!(told(&hours[0]), [8, 9_600, 1, 2, 1, 0, 1, 3_600]);

        let latencies = channel_latency::Entity::of(merchant.id).all(world.app().db.reads_across()).await.unwrap();
        let of = |measure| {
            let rows = latencies.iter().filter(move |row| row.measure == measure);
            rows.map(|row| (row.bucket, row.count)).collect::<Vec<_>>()
        };
        let codes: i64 = of(Measure::Create).iter().map(|(_, count)| count).sum();
        assert_eq!(codes, 4, "what has no code took no time to get it");
        let callback = percentile(&of(Measure::Callback), 50).unwrap();
        assert!((50_000..=100_000).contains(&callback), "70 seconds: {callback}");
    }

    async fn a_payer_who_asks_again_and_again_counts_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let mut input = merchant.order_input("10.00");
        input["lines"][0]["title"] = json!("sandbox:unavailable");
        for _ in 0..12 {
            let answer = merchant.asked_for(input.clone()).await;
            assert_eq!(answer["userErrors"][0]["code"], "PROVIDER_UNAVAILABLE");
        }
        world.judged().await;
        let minutes = merchant.traffic(Grain::Minute).await;
        assert_eq!((minutes[0].attempts, minutes[0].unavailable), (1, 1));
        assert_eq!(merchant.state().await.0, "UNKNOWN");
    }

    async fn an_hour_begins_where_the_merchants_clock_says_so(world: World) {
        let merchant = world.merchant("Chai Point").await;
        let zone = Expr::value("Asia/Kolkata");
        merchant.changes(merchant::Column::TimeZone, zone).await;
        // 09:59 there.
        world.clock.set("2026-11-23T04:29:00Z".parse().unwrap());
        merchant.tries(1, "masala chai").await;
        world.clock.advance(TimeDelta::minutes(2));
        merchant.tries(1, "masala chai").await;
        flush(world.app()).await.unwrap();
        let hours = merchant.traffic(Grain::Hour).await;
        let starts: Vec<i64> = hours.iter().map(|row| row.starts_ms).collect();
        let at = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis();
        assert_eq!(starts, [at("2026-11-23T03:30:00Z"), at("2026-11-23T04:30:00Z")]);
    }

    async fn what_cannot_be_written_is_written_with_what_comes_next(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.tries(2, "宫保鸡丁").await;
        let writer = world.app().db.writer();
        let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
        writer.execute_unprepared(&rename("channel_latencies", "away")).await.unwrap();
        for _ in 0..2 {
            flush(world.app()).await.unwrap_err();
        }
        assert_eq!(merchant.traffic(Grain::Minute).await, [], "all of it is written, or nothing");
        merchant.tries(3, "宫保鸡丁").await;
        writer.execute_unprepared(&rename("away", "channel_latencies")).await.unwrap();
        flush(world.app()).await.unwrap();
        for grain in [Grain::Minute, Grain::Hour] {
            assert_eq!(merchant.traffic(grain).await[0].attempts, 5);
        }
    }

    async fn minutes_are_kept_for_two_days_and_hours_for_good(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for _ in 0..4 {
            merchant.tries(1, "宫保鸡丁").await;
            world.clock.advance(TimeDelta::minutes(21));
        }
        flush(world.app()).await.unwrap();
        world.clock.set(crate::support::noon() + TimeDelta::hours(48) + TimeDelta::minutes(42));
        prune_minutes(world.app()).await.unwrap();
        let left = merchant.traffic(Grain::Minute).await;
        let noon = crate::support::noon().timestamp_millis();
        let starts: Vec<i64> = left.iter().map(|row| (row.starts_ms - noon) / MINUTE_MS).collect();
        assert_eq!(starts, [42, 63]);
        let hours: i64 = merchant.traffic(Grain::Hour).await.iter().map(|row| row.attempts).sum();
        assert_eq!(hours, 4);
    }

    async fn how_long_channels_took_is_kept_for_as_long_as_days_are_told_of(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let other = world.merchant("老街面馆").await;
        merchant.tries(1, "宫保鸡丁").await;
        other.tries(1, "牛肉面").await;
        flush(world.app()).await.unwrap();
        world.clock.advance(TimeDelta::hours(2));
        merchant.tries(1, "宫保鸡丁").await;
        flush(world.app()).await.unwrap();
        let left = async |of: &Merchant| {
            let rows = channel_latency::Entity::of(of.id).all(world.app().db.reads_across()).await;
            rows.unwrap().len()
        };
        world.clock.set(crate::support::noon() + TimeDelta::days(400));
        prune_minutes(world.app()).await.unwrap();
        assert_eq!((left(&merchant).await, left(&other).await), (2, 1));
        world.clock.advance(TimeDelta::hours(1));
        prune_minutes(world.app()).await.unwrap();
        assert_eq!((left(&merchant).await, left(&other).await), (1, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn instances_that_write_the_same_minutes_add_up_and_never_block_each_other() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let second = world.another_instance().await;
    let merchant = world.merchant("汇贤饭店").await;
    let instances = [world.gateway.clone(), second];
    let channels = join_all((0..12).map(|_| {
        let method = entity::channel::PaymentMethod::Alipay;
        merchant.channel(entity::channel::ChannelKind::Sandbox, method, None)
    }))
    .await;
    let works = instances.iter().map(|instance| {
        let (instance, merchant, channels) =
            (instance.clone(), merchant.on(instance), channels.clone());
        tokio::spawn(async move {
            for round in 0..20 {
                for channel in &channels {
                    let minute = yigate::traffic::Minute {
                        merchant_id: merchant.id,
                        channel_id: *channel,
                        starts_ms: (round % 3) * MINUTE_MS,
                    };
                    instance.app.traffic.add(minute, |counts| {
                        counts.attempts += 1;
                        counts.took(Measure::Create, 7, 1);
                    });
                }
                flush(&instance.app).await.expect("nobody is in the way");
            }
        })
    });
    for done in join_all(works).await {
        done.unwrap();
    }
    for channel in channels {
        let minutes = merchant.through(channel).traffic(Grain::Minute).await;
        let attempts: Vec<i64> = minutes.iter().map(|row| row.attempts).collect();
        assert_eq!(attempts, [14, 14, 12]);
        let hours = merchant.through(channel).traffic(Grain::Hour).await;
        assert_eq!(hours[0].attempts, 40);
    }
}
