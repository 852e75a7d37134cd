//! What a round of judging costs the database, however many channels there are.

use std::time::Instant;

use chrono::TimeDelta;
use entity::channel::{ChannelKind, PaymentMethod};
use entity::channel_traffic::{self, Grain};
use entity::{ChannelId, MerchantId, channel};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use yigate::app::App;
use yigate::health::service::{Judge, count_payment, flush};

use crate::orders::plans::{Ran, busy};
use crate::support::{Merchant, World};

const MINUTE_MS: i64 = 60_000;

/// A minute or an hour of a channel.
fn counted(
    merchant_id: MerchantId,
    channel_id: ChannelId,
    grain: Grain,
    starts_ms: i64,
) -> channel_traffic::ActiveModel {
    let row = channel_traffic::Model {
        merchant_id,
        channel_id,
        grain,
        starts_ms,
        attempts: 60,
        attempted_minor: 60_000,
        paid: 40,
        paid_minor: 40_000,
        refused: 0,
        unavailable: 1,
        unreadable: 0,
        misconfigured: 0,
    };
    row.into_active_model()
}

/// Channels with two days of minutes, a few of each hour, and eight weeks of hours.
async fn channels(world: &World, app: &App, count: usize) -> Merchant {
    let merchant = world.merchant("汇贤饭店").await;
    let now = world.clock.now().timestamp_millis();
    for _ in 0..count {
        let method = PaymentMethod::Alipay;
        let channel = merchant.channel(ChannelKind::Sandbox, method, None).await;
        let of = |grain, age: i64| counted(merchant.id, channel, grain, now - age);
        let recent = (0..20).map(|age| of(Grain::Minute, age * MINUTE_MS));
        let old = (3..200).map(|age| of(Grain::Minute, age * 14 * MINUTE_MS));
        let hours = (1..=56).map(|day| of(Grain::Hour, day * 24 * 60 * MINUTE_MS));
        channel_traffic::Entity::insert_many(recent.chain(old).chain(hours))
            .exec_without_returning(app.db.writer())
            .await
            .expect("traffic");
    }
    app.db
        .writer()
        .execute_unprepared("ANALYZE")
        .await
        .expect("statistics");
    merchant
}

#[tokio::test]
async fn a_round_reads_all_channels_in_a_few_statements_by_index() {
    let Some(busy) = busy().await else { return };
    let app = &busy.gateway.app;
    for count in [3, 60] {
        channels(&busy.world, app, count).await;
        let mut judge = Judge::named("test");
        judge.round(app).await.expect("a round");
        for run in 1..=7 {
            busy.world.clock.advance(TimeDelta::seconds(2));
            busy.statements.take();
            judge.round(app).await.expect("a round");
            let mut ran = busy.statements.take();
            // Events are numbered in the background.
            let aside = ["event_heads", "events"];
            ran.retain(|ran| aside.iter().all(|table| !ran.text().contains(table)));
            let texts: Vec<&str> = ran.iter().map(Ran::text).collect();
            // Traffic, channels, health, probes, windows; figures, and what incidents cost, now and then.
            assert!(
                (5..=7).contains(&ran.len()),
                "{count} more, run {run}: {texts:#?}"
            );
            for node in ran.iter().flat_map(Ran::nodes) {
                let scanned =
                    node["Relation Name"] == "channel_traffic" && node["Node Type"] == "Seq Scan";
                assert!(!scanned, "{count} more, run {run}: {texts:#?}");
            }
        }
    }
}

/// `cargo test --test api what_a_round_costs -- --ignored --nocapture`
#[tokio::test]
#[ignore = "it measures, and has nothing to compare with"]
async fn what_a_round_costs() {
    let worlds = [
        ("SQLite", Some(World::on_sqlite().await)),
        ("PostgreSQL", World::on_postgres().await),
    ];
    for (name, world) in worlds {
        let Some(world) = world else { continue };
        let merchant = channels(&world, world.app(), 1_000).await;
        let rows = channel::Entity::of(merchant.id)
            .all(world.app().db.reads_across())
            .await;
        let rows = rows.expect("channels");
        let began = Instant::now();
        for turn in 0..100_000 {
            count_payment(
                world.app(),
                &rows[turn % 1_000],
                world.app().ids.next(),
                1_000,
            );
        }
        println!(
            "{name}, one payment of 100,000: {:?}",
            began.elapsed() / 100_000
        );
        let began = Instant::now();
        flush(world.app()).await.expect("written");
        println!("{name}, 1,000 channels written: {:?}", began.elapsed());
        let mut judge = Judge::named("test");
        for round in 0..14 {
            world.clock.advance(TimeDelta::seconds(2));
            let began = Instant::now();
            judge.round(world.app()).await.expect("a round");
            println!("{name}, round {round}: {:?}", began.elapsed());
        }
    }
}
