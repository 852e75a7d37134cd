//! What a page of fifty members costs that are searched for among a million, each with a name and a telephone number.
//!
//! `cargo bench --bench members -- postgres://…` fills an empty database of PostgreSQL, once, and prints the median of ten
//! pages of each search. What is there is measured again.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement stops where something is missing"
)]

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{MerchantId, TierId};
use sea_orm::{ConnectionTrait, Statement};
use yigate::app::App;
use yigate::auth::NewMerchant;
use yigate::channels::providers::epay::Reach;
use yigate::clock::{Clock, Ids};
use yigate::config::Settings;
use yigate::members::model::{
    Hashed, Likeness, MemberFilter, MemberSort, MemberSortField, SpentRange,
};
use yigate::members::service::list;
use yigate::paging::Paging;
use yigate::server;
use yigate::time_range::TimeRange;

const ROUNDS: usize = 10;
/// The tier of who spent most, and that of most members.
const GOLD: TierId = TierId(3);
const SILVER: TierId = TierId(1);

/// A million members, one each minute: seven in ten have paid, in the months after they came. Numbers are spread by primes,
/// not by chance: every run measures the same. Hashes are of numbers: five members share a name, a hundred the last digits.
const FILL: [&str; 4] = [
    "INSERT INTO members (merchant_id, id, member_no, first_order_id, first_paid_at, first_channel_id, first_method,
        joined_at, paid_orders, spent_minor, last_paid_at, points, birthday, consented_at)
     SELECT :m, (:now - 1262304000000 - (1000000 - g) * 60000) * 4194304, 'M' || lpad(g::text, 8, '0'),
        CASE WHEN g % 10 < 7 THEN g END, CASE WHEN g % 10 < 7 THEN :now - (1000000 - g) * 60000 END,
        CASE WHEN g % 10 < 7 THEN g % 4 END, CASE WHEN g % 10 < 7 THEN 'ALIPAY' END, :now - (1000000 - g) * 60000,
        CASE WHEN g % 10 < 7 THEN 1 + g % 14 ELSE 0 END, CASE WHEN g % 10 < 7 THEN (g * 104729) % 200000 ELSE 0 END,
        CASE WHEN g % 10 < 7 THEN :now - (1000000 - g) * 60 * (g * 7907 % 1000) END,
        g % 2000, (101 + (g % 12) * 100 + g % 28)::int, CASE WHEN g % 3 = 0 THEN :now END
     FROM generate_series(1::bigint, 1000000::bigint) AS g",
    "UPDATE members SET tier_id = CASE WHEN spent_minor >= 180000 THEN 3 WHEN spent_minor >= 120000 THEN 2 ELSE 1 END
     WHERE merchant_id = :m AND spent_minor > 0",
    "INSERT INTO member_tags (merchant_id, member_id, tag)
     SELECT :m, (:now - 1262304000000 - (1000000 - g) * 60000) * 4194304, t.tag
     FROM generate_series(1::bigint, 1000000::bigint) AS g, (VALUES ('vip', 10), ('咖啡', 3), ('办公室', 7)) AS t (tag, every)
     WHERE g % t.every = 0",
    "INSERT INTO member_profiles (merchant_id, member_id, sealed, name_hash, phone_hash, phone_tail_hash, email_hash)
     SELECT :m, (:now - 1262304000000 - (1000000 - g) * 60000) * 4194304, sha256(('a' || g)::bytea) || sha256(('b' || g)::bytea),
        sha256(('name' || g % 200000)::bytea), sha256(('phone' || g)::bytea), sha256(('tail' || g % 10000)::bytea),
        sha256(('email' || g)::bytea)
     FROM generate_series(1::bigint, 1000000::bigint) AS g",
];

/// What the filling hashed.
async fn likeness(app: &App, of: Hashed, text: &str) -> MemberFilter {
    let hash = format!("SELECT sha256('{text}'::bytea) AS hash");
    let hash = Statement::from_string(app.db.backend(), hash);
    let row = app.db.writer().query_one_raw(hash).await.unwrap().unwrap();
    MemberFilter {
        likenesses: vec![Likeness {
            of,
            hashes: vec![row.try_get("", "hash").unwrap()],
        }],
        ..MemberFilter::default()
    }
}

fn of_number(text: &str) -> MemberFilter {
    MemberFilter {
        member_no: Some(text.to_owned()),
        ..MemberFilter::default()
    }
}

fn of_tiers(tiers: Vec<TierId>) -> MemberFilter {
    MemberFilter {
        tier_ids: Some(tiers),
        ..MemberFilter::default()
    }
}

fn of_spent(min_minor: i64) -> MemberFilter {
    MemberFilter {
        spent: SpentRange {
            min_minor: Some(min_minor),
            max_minor: None,
        },
        ..MemberFilter::default()
    }
}

type Search = (&'static str, MemberFilter, MemberSortField);

/// By what names them, and by the shop's own numbers.
async fn by_name(app: &App) -> Vec<Search> {
    let searches = [
        ("a name", likeness(app, Hashed::Name, "name77").await),
        (
            "a telephone number",
            likeness(app, Hashed::Phone, "phone77").await,
        ),
        (
            "last four digits",
            likeness(app, Hashed::PhoneTail, "tail77").await,
        ),
        ("an address", likeness(app, Hashed::Email, "email77").await),
        ("one number", of_number("M00000077")),
        ("numbers of ten thousand old ones", of_number("M0001")),
        ("numbers of a hundred thousand", of_number("M005")),
        ("numbers of all", of_number("M")),
    ];
    let newest_first = |(name, filter)| (name, filter, MemberSortField::Created);
    searches.into_iter().map(newest_first).collect()
}

/// By what the shop knows of them.
fn by_figures(now: DateTime<Utc>) -> Vec<Search> {
    use MemberSortField::{Created, LastPaid, Spent};
    let week = |days: i64| TimeRange {
        from: now - TimeDelta::days(days + 7),
        to: now - TimeDelta::days(days),
    };
    let everybody = MemberFilter::default;
    let tags = |tags: &[&str]| MemberFilter {
        tags: Some(tags.iter().map(|tag| (*tag).to_owned()).collect()),
        ..everybody()
    };
    let last_paid = |days: i64| MemberFilter {
        last_paid: Some(week(days)),
        ..everybody()
    };
    let first_paid = MemberFilter {
        first_paid: Some(week(90)),
        ..everybody()
    };
    let away = MemberFilter {
        not_paid_since_ms: Some((now - TimeDelta::days(90)).timestamp_millis()),
        ..everybody()
    };
    let born = MemberFilter {
        birth_month: Some(3),
        ..everybody()
    };
    let both = || of_tiers(vec![SILVER, GOLD]);
    vec![
        ("all", everybody(), Created),
        ("gold", of_tiers(vec![GOLD]), Created),
        ("silver, most spent", of_tiers(vec![SILVER]), Spent),
        ("silver and gold, most spent", both(), Spent),
        ("a tag", tags(&["vip"]), Created),
        ("any of two tags", tags(&["vip", "办公室"]), Created),
        ("a tag, most spent", tags(&["vip"]), Spent),
        ("a month of birth", born, Created),
        ("spent much", of_spent(199_000), Created),
        ("spent much, most first", of_spent(199_000), Spent),
        ("last paid a week ago", last_paid(0), LastPaid),
        ("last paid a year ago, by creation", last_paid(365), Created),
        ("first paid a quarter ago, by creation", first_paid, Created),
        ("not paid for ninety days, by creation", away, Created),
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
    for table in ["members", "member_tags", "member_profiles"] {
        let vacuum = format!("VACUUM (ANALYZE) {table}");
        app.db.writer().execute_unprepared(&vacuum).await.unwrap();
    }
    id
}

#[tokio::main]
async fn main() {
    let Some(url) = std::env::args().find(|text| text.starts_with("postgres://")) else {
        println!("name an empty database: cargo bench --bench members -- postgres://…");
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
    let paging = Paging {
        limit: 50,
        backward: false,
        beyond: None,
        until: None,
    };
    let mut searches = by_name(&app).await;
    searches.extend(by_figures(app.clock.now()));
    for (name, filter, field) in searches {
        let sort = MemberSort {
            field,
            downward: true,
        };
        let (mut found, mut took) = (0, Vec::new());
        for _ in 0..ROUNDS {
            let began = Instant::now();
            let page = list(&app, merchant_id, &filter, sort, &paging).await;
            took.push(began.elapsed());
            found = page.unwrap().items.len();
        }
        println!("{name}: {found} members in {:?}", median(took));
    }
    app.stop().await;
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}
