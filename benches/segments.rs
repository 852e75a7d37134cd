//! What a preview of a segment costs among a million members with five million days.
//!
//! `cargo bench --bench segments -- postgres://…` fills an empty database of PostgreSQL, once, and prints of each segment
//! how many members it has, and the median of ten counts and of ten samples. What is there is measured again.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement stops where something is missing"
)]

use std::time::{Duration, Instant};

use entity::{MerchantId, TierId};
use sea_orm::{ConnectionTrait, Statement};
use yigate::app::App;
use yigate::auth::NewMerchant;
use yigate::channels::providers::epay::Reach;
use yigate::clock::{Clock, Ids};
use yigate::config::Settings;
use yigate::segments::model::{Range, Rule};
use yigate::segments::service::{sample, size};
use yigate::server;

const ROUNDS: usize = 10;
/// The tier of every tenth member, and that of four in ten.
const GOLD: TierId = TierId(3);
const SILVER: TierId = TierId(1);

/// A million members: seven in ten have paid, most of them lately. Numbers are spread by primes, not by chance: every run
/// measures the same.
const FILL: [&str; 4] = [
    "INSERT INTO members (merchant_id, id, member_no, first_order_id, first_paid_at, first_channel_id, first_method,
        joined_at, tier_id, paid_orders, spent_minor, last_paid_at, points, birthday, consented_at)
     SELECT :m, (:now - 1262304000000 - (1000000 - g) * 60000) * 4194304, 'M' || lpad(g::text, 8, '0'),
        CASE WHEN g % 10 < 7 THEN g END, CASE WHEN g % 10 < 7 THEN :now - (1000000 - g) * 60000 END,
        CASE WHEN g % 10 < 7 THEN g % 4 END, CASE WHEN g % 10 < 7 THEN 'ALIPAY' END, :now - (1000000 - g) * 60000,
        CASE WHEN g % 10 < 1 THEN 3 WHEN g % 10 < 3 THEN 2 WHEN g % 10 < 7 THEN 1 END, 0, 0, NULL, g % 2000,
        (101 + (g % 12) * 100 + g % 28)::int, CASE WHEN g % 3 = 0 THEN :now END
     FROM generate_series(1::bigint, 1000000::bigint) AS g",
    // Seven days each, on average, of the last two years, as they come to be written: the oldest first.
    "INSERT INTO member_days (merchant_id, member_id, day, orders, spent_minor, points)
     SELECT :m, (:now - 1262304000000 - (1000000 - g) * 60000) * 4194304,
        (:now / 86400000)::int - ((g * 104729) % 240)::int - (k * (5 + g % 60))::int, 1,
        500 + (g * (k + 1) * 7907) % 12000, 5
     FROM generate_series(1::bigint, 1000000::bigint) AS g, generate_series(0::bigint, 13::bigint) AS k
     WHERE g % 10 < 7 AND k < 1 + g % 14 ORDER BY 3",
    "UPDATE members SET paid_orders = d.orders, spent_minor = d.spent, last_paid_at = d.last::bigint * 86400000
     FROM (SELECT member_id, SUM(orders)::bigint AS orders, SUM(spent_minor)::bigint AS spent, MAX(day) AS last
        FROM member_days WHERE merchant_id = :m GROUP BY member_id) AS d
     WHERE members.merchant_id = :m AND members.id = d.member_id",
    "INSERT INTO member_tags (merchant_id, member_id, tag)
     SELECT :m, (:now - 1262304000000 - (1000000 - g) * 60000) * 4194304, t.tag
     FROM generate_series(1::bigint, 1000000::bigint) AS g, (VALUES ('vip', 10), ('咖啡', 3), ('办公室', 7)) AS t (tag, every)
     WHERE g % t.every = 0",
];

fn at_least(min: i64) -> Range {
    Range {
        min: Some(min),
        max: None,
    }
}

fn segments() -> Vec<(&'static str, Rule)> {
    let spent = |min: i64, days: Option<i32>| Rule::Spent {
        range: at_least(min),
        days,
    };
    let tags = |tag: &str| Rule::Tags(vec![tag.to_owned()]);
    let tier = |tiers: Vec<TierId>| Rule::Tier {
        tiers,
        or_none: false,
    };
    vec![
        (
            "a tier, not paid for 30 days, spent over 500",
            Rule::All(vec![
                tier(vec![SILVER, GOLD]),
                Rule::NotPaidFor(30),
                spent(50_000, None),
            ]),
        ),
        ("spent over 200 in 90 days", spent(20_000, Some(90))),
        ("spent over 500 in 365 days", spent(50_000, Some(365))),
        ("spent over 200 in 60 days", spent(20_000, Some(60))),
        (
            "gold, or spent over 200 in 90 days",
            Rule::Any(vec![tier(vec![GOLD]), spent(20_000, Some(90))]),
        ),
        ("a tag", tags("vip")),
        (
            "a tag, and not another",
            Rule::All(vec![tags("咖啡"), Rule::Not(Box::new(tags("vip")))]),
        ),
        (
            "consented, birthday in 7 days",
            Rule::All(vec![Rule::Consented(true), Rule::BirthdayWithin(7)]),
        ),
        (
            "not twice in 30 days",
            Rule::Not(Box::new(Rule::Orders {
                range: at_least(2),
                days: Some(30),
            })),
        ),
    ]
}

async fn fill(app: &App) -> MerchantId {
    let first = "SELECT id FROM merchants ORDER BY id LIMIT 1".to_owned();
    let first = Statement::from_string(app.db.backend(), first);
    if let Some(found) = app.db.writer().query_one_raw(first).await.unwrap() {
        return MerchantId(found.try_get("", "id").unwrap());
    }
    let gateway = server::gateway(app, Reach::Anywhere).await.unwrap();
    let made = gateway.auth.merchant_create(NewMerchant::named("汇贤咖啡"));
    let id = made.await.unwrap().id;
    let now = app.clock.now().timestamp_millis();
    for statement in FILL {
        let statement = statement
            .replace(":m", &id.0.to_string())
            .replace(":now", &now.to_string());
        app.db
            .writer()
            .execute_unprepared(&statement)
            .await
            .unwrap();
    }
    let began = Instant::now();
    yigate::members::worker::work(app).await;
    println!(
        "windows of all members, summed anew, in {:?}",
        began.elapsed()
    );
    for table in ["members", "member_days", "member_tags"] {
        let vacuum = format!("VACUUM (ANALYZE) {table}");
        app.db.writer().execute_unprepared(&vacuum).await.unwrap();
    }
    id
}

#[tokio::main]
async fn main() {
    let Some(url) = std::env::args().find(|text| text.starts_with("postgres://")) else {
        println!("name an empty database: cargo bench --bench segments -- postgres://…");
        return;
    };
    let mut settings = Settings::default();
    settings.database.url = url;
    settings.database.statement_timeout_ms = 600_000;
    settings.secrets.master_key = Some("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".to_owned());
    let clock = Clock::system();
    let ids = Ids::new(clock.clone(), None);
    let app = App::start(settings, clock, ids).await.unwrap();
    app.db.migrate().await.unwrap();
    let merchant_id = fill(&app).await;
    for (name, rule) in segments() {
        let mut found = 0;
        let (mut counts, mut samples) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let began = Instant::now();
            found = size(&app, merchant_id, &rule).await.unwrap();
            counts.push(began.elapsed());
            let began = Instant::now();
            sample(&app, merchant_id, &rule, 10).await.unwrap();
            samples.push(began.elapsed());
        }
        println!(
            "{name}: {found} members, counted in {:?}, sampled in {:?}",
            median(counts),
            median(samples),
        );
    }
    app.stop().await;
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}
