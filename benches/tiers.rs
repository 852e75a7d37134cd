//! What a night costs: all members of a merchant are looked at again, on PostgreSQL.
//!
//! `YIGATE_BENCH_DATABASE=postgres://… cargo bench --bench tiers` fills an empty database with 1,000,000 members
//! (`YIGATE_BENCH_MEMBERS` says another number) of six days each in the year before, and prints how long two nights
//! took: the first, in which nearly all reach a tier, and one in which nothing changes.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement stops where something is missing"
)]

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use entity::tier::DowngradeRule;
use entity::{Day, MemberId, MerchantId, loyalty_run, tier};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use yigate::app::App;
use yigate::auth::NewMerchant;
use yigate::channels::providers::epay::Reach;
use yigate::clock::{Clock, Ids};
use yigate::config::Settings;
use yigate::{server, tiers};

const MEMBERS: i64 = 1_000_000;

#[tokio::main]
async fn main() {
    let Ok(url) = std::env::var("YIGATE_BENCH_DATABASE") else {
        println!("YIGATE_BENCH_DATABASE names no empty PostgreSQL database: nothing is measured.");
        return;
    };
    let many = std::env::var("YIGATE_BENCH_MEMBERS");
    let many = many.map_or(MEMBERS, |text| text.parse().unwrap());
    let now: DateTime<Utc> = "2026-11-23T04:00:00Z".parse().unwrap();
    let clock = Clock::set_at(now);
    let mut settings = Settings::default();
    settings.database.url = url;
    settings.database.statement_timeout_ms = 3_600_000;
    settings.secrets.master_key = Some(data_encoding::BASE64.encode(&[7; 32]));
    let ids = Ids::new(clock.clone(), None);
    let app = App::start(settings, clock.clone(), ids).await.unwrap();
    app.db.migrate().await.unwrap();
    let gateway = server::gateway(&app, Reach::Anywhere).await.unwrap();
    let merchant = gateway.auth.merchant_create(NewMerchant::named("晨光咖啡"));
    let merchant_id = merchant.await.unwrap().id;
    let began = Instant::now();
    fill(&app, merchant_id, many, now).await;
    println!(
        "{many} members were made in {:.1} s",
        began.elapsed().as_secs_f64()
    );
    for night in ["the first night", "a night in which nothing changes"] {
        clock.advance(TimeDelta::days(1));
        let (steps, longest, all) = whole_night(&app, merchant_id).await;
        println!(
            "{night}: {:.1} s in {steps} steps, the longest {} ms",
            all.as_secs_f64(),
            longest.as_millis(),
        );
    }
    app.stop().await;
}

/// Goes through all members; how many steps, the longest one, and all of them.
async fn whole_night(app: &App, merchant_id: MerchantId) -> (usize, Duration, Duration) {
    let (mut steps, mut longest) = (0, Duration::ZERO);
    let began = Instant::now();
    loop {
        let step = Instant::now();
        let goes_on = tiers::service::go_on(app, merchant_id).await.unwrap();
        steps += 1;
        longest = longest.max(step.elapsed());
        if !goes_on {
            return (steps, longest, began.elapsed());
        }
    }
}

/// Three tiers, and members who have bought on six days of the last year each.
async fn fill(app: &App, merchant_id: MerchantId, many: i64, now: DateTime<Utc>) {
    let ladder = [(1, 1_000, 365), (2, 30_000, 365), (3, 60_000, 180)];
    for (rank, spend_minor, window) in ladder {
        let row = tier::Model {
            merchant_id,
            id: app.ids.next(),
            rank,
            name: format!("等级{rank}"),
            name_en: None,
            version: 1,
            spend_minor: Some(spend_minor),
            points: None,
            orders: None,
            window_days: Some(window),
            retention_days: Some(365),
            downgrade: DowngradeRule::Qualified,
            discount_ppm: 0,
            discount_exclusive: false,
            multiplier_ppm: 1_000_000,
            birthday_points: None,
            birthday_template_id: None,
            priority: false,
            perks: None,
            perks_en: None,
            updated_at: entity::Instant(now),
            removed_at: None,
        };
        let row = tier::Entity::insert(row.into_active_model());
        row.exec_without_returning(app.db.writer()).await.unwrap();
    }
    let run = loyalty_run::Model {
        merchant_id,
        kind: loyalty_run::LoyaltyRunKind::Tiers,
        day: Day(0),
        after_id: 0,
        next_at: entity::Instant(now),
    };
    let run = loyalty_run::Entity::insert(run.into_active_model());
    run.exec_without_returning(app.db.writer()).await.unwrap();
    let first = MemberId::first_at(now.timestamp_millis() - 86_400_000).0;
    let (merchant, today) = (merchant_id.0, Day::from(now.date_naive()).0);
    for statement in [
        format!(
            "INSERT INTO members (merchant_id, id, member_no, joined_at)
             SELECT {merchant}, {first} + no, 'M-' || no, {} FROM generate_series(1, {many}) AS no",
            now.timestamp_millis(),
        ),
        format!(
            "INSERT INTO member_days (merchant_id, member_id, day, orders, spent_minor, points)
             SELECT {merchant}, {first} + no, {today} - 60 * visit - no % 60, 1, 1000 + no::bigint * 7919 % 12000, 10
             FROM generate_series(1, {many}) AS no, generate_series(0, 5) AS visit",
        ),
        "ANALYZE members".to_owned(),
        "ANALYZE member_days".to_owned(),
    ] {
        app.db.writer().execute_unprepared(&statement).await.unwrap();
    }
}
