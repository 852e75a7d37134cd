//! Probes: who is asked, when, what is noted of the answer, and what a platform announces.

use chrono::TimeDelta;
use entity::channel::{ChannelKind, PaymentMethod};
use entity::{ChannelId, channel, channel_probe};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::channels::provider::Announced;
use yigate::health::addresses::Addresses;
use yigate::health::prober::work;
use yigate::health::service;

use super::scene::{health_events, of_channel, outage};
use crate::everywhere;
use crate::support::epay_stub::{Answering, EpayStub, KEY, PID};
use crate::support::{Merchant, World};

const PROBE: &str = "probe { probedAt failures error errorDetail nextAt }";

async fn probe(world: &World) -> u64 {
    let gateway = &world.gateway;
    work(&gateway.app, &gateway.providers, "here").await
}

pub(super) async fn known(merchant: &Merchant, channel: ChannelId) -> Value {
    let mut told = of_channel(&merchant.owner().await, channel, PROBE).await;
    told["probe"].take()
}

async fn open(merchant: &Merchant, channel: ChannelId, open: bool) {
    channel::Entity::update_of(merchant.id)
        .filter(channel::Column::Id.eq(channel))
        .col_expr(channel::Column::Enabled, Expr::value(open))
        .exec(merchant.app().db.writer())
        .await
        .expect("a channel");
}

everywhere! {
    async fn an_open_channel_is_probed_at_once_and_every_half_minute(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let channel = merchant.channel_id;
        assert_eq!(known(&merchant, channel).await, Value::Null);
        assert_eq!(probe(&world).await, 1);
        let first = known(&merchant, channel).await;
        assert_eq!(first["probedAt"], "2026-11-23T04:00:00.000Z");
        assert_eq!((&first["failures"], &first["error"]), (&json!(0), &Value::Null));
        let next: chrono::DateTime<chrono::Utc> = first["nextAt"].as_str().unwrap().parse().unwrap();
        let wait = (next - world.clock.now()).num_milliseconds();
        assert!((27_000..=33_000).contains(&wait), "{wait} ms");
        world.clock.advance(TimeDelta::milliseconds(wait - 1));
        assert_eq!(probe(&world).await, 0, "not before its turn");
        world.clock.advance(TimeDelta::milliseconds(1));
        assert_eq!(probe(&world).await, 1);
        // What is closed is not probed, and is not known about; opened again, it is at once.
        open(&merchant, channel, false).await;
        world.clock.advance(TimeDelta::minutes(1));
        probe(&world).await;
        assert_eq!(known(&merchant, channel).await, Value::Null);
        assert_eq!(probe(&world).await, 0);
        open(&merchant, channel, true).await;
        assert_eq!(probe(&world).await, 1);
    }

    async fn failures_count_until_the_platform_answers_again(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        for (kind, error, failures) in [
            (Some("UNAVAILABLE"), json!("UNAVAILABLE"), 1),
            (Some("UNREADABLE"), json!("UNREADABLE"), 2),
            // What payers notice, a probe does not.
            (Some("UNPAYABLE"), Value::Null, 0),
            (Some("UNAVAILABLE"), json!("UNAVAILABLE"), 1),
            (None, Value::Null, 0),
        ] {
            outage(&owner, channel, kind, "1").await;
            probe(&world).await;
            let told = known(&merchant, channel).await;
            assert_eq!((&told["error"], &told["failures"]), (&error, &json!(failures)), "{kind:?}");
            world.clock.advance(TimeDelta::minutes(1));
        }
        // Where fewer than half of all calls fail, a probe is none of them.
        outage(&owner, channel, Some("UNAVAILABLE"), "0.499999").await;
        probe(&world).await;
        assert_eq!(known(&merchant, channel).await["failures"], 0);
    }

    async fn after_a_first_failure_the_next_probe_comes_soon(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        outage(&owner, channel, Some("UNAVAILABLE"), "1").await;
        for (failures, soonest, latest) in [(1, 9_000, 11_000), (2, 27_000, 33_000), (3, 27_000, 33_000)] {
            assert_eq!(probe(&world).await, 1);
            let told = known(&merchant, channel).await;
            assert_eq!(told["failures"], failures);
            let next: chrono::DateTime<chrono::Utc> = told["nextAt"].as_str().unwrap().parse().unwrap();
            let wait = (next - world.clock.now()).num_milliseconds();
            assert!((soonest..=latest).contains(&wait), "{failures}: {wait} ms");
            world.clock.advance(TimeDelta::milliseconds(wait));
        }
    }

    async fn what_a_dead_instance_was_asking_another_asks_in_time(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (app, channel) = (world.app(), merchant.channel_id);
        service::enter_new(app).await.unwrap();
        let claimed = service::claim_due(app, "dead", 100).await.unwrap();
        assert_eq!(claimed.len(), 1);
        world.clock.advance(TimeDelta::milliseconds(5_999));
        assert_eq!(probe(&world).await, 0, "an answer may still come");
        world.clock.advance(TimeDelta::milliseconds(1));
        assert_eq!(probe(&world).await, 1);
        // What was only held up has no say any more.
        let told = known(&merchant, channel).await;
        world.clock.advance(TimeDelta::seconds(1));
        let providers = &world.gateway.providers;
        service::probe(app, providers, &Addresses::default(), &claimed[0], 0).await.unwrap();
        assert_eq!(known(&merchant, channel).await, told);
    }

    async fn since_when_a_platform_fails_and_whether_it_ever_answered_is_known(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, channel) = (merchant.owner().await, merchant.channel_id);
        let reads = world.app().db.reads_across();
        let minute = |place: i64| crate::support::noon() + TimeDelta::minutes(place);
        for (place, kind, since, answered) in [
            (0, Some("UNAVAILABLE"), Some(0), None),
            (1, Some("UNREADABLE"), Some(0), None),
            (2, None, None, Some(2)),
            (3, Some("UNAVAILABLE"), Some(3), Some(2)),
            (4, Some("UNAVAILABLE"), Some(3), Some(2)),
            (5, None, None, Some(5)),
        ] {
            world.clock.set(minute(place));
            outage(&owner, channel, kind, "1").await;
            probe(&world).await;
            let row = channel_probe::Entity::of(merchant.id).one(reads).await.unwrap().unwrap();
            let told = (row.failing_since.map(|at| at.0), row.answered_at.map(|at| at.0));
            assert_eq!(told, (since.map(minute), answered.map(minute)), "minute {place}");
            let shown = of_channel(&owner, channel, "probe { answeredAt }").await;
            assert_eq!(shown["probe"]["answeredAt"].is_null(), answered.is_none(), "minute {place}");
        }
    }

    async fn what_a_platform_announces_is_entered_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let hours = |hours| world.clock.now() + TimeDelta::hours(hours);
        let announced = |from, to| Announced {
            starts_at: hours(from),
            ends_at: hours(to),
            note: Some("系统升级".to_owned()),
        };
        // The second meets the first; it is not entered.
        let (first, second, third) = (announced(2, 4), announced(3, 5), announced(8, 9));
        merchant.sandbox().announce(vec![first.clone(), second, third.clone()]);
        probe(&world).await;
        let document = "{ maintenanceWindows { edges { node { id startsAt source note createdBy } } } }";
        let seen = owner.data(document, Value::Null).await["maintenanceWindows"]["edges"].clone();
        let seen: Vec<&Value> = seen.as_array().unwrap().iter().map(|edge| &edge["node"]).collect();
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[1]["startsAt"], "2026-11-23T06:00:00.000Z");
        assert_eq!(
            (&seen[1]["source"], &seen[1]["note"], &seen[1]["createdBy"]),
            (&json!("PROVIDER"), &json!("系统升级"), &json!("system"))
        );
        // Called off by the merchant, it is not entered again.
        let cancel = "mutation($id: ID!) { maintenanceWindowCancel(input: { windowId: $id }) { userErrors { code } } }";
        owner.data(cancel, json!({ "id": seen[1]["id"] })).await;
        merchant.sandbox().announce(vec![first, third]);
        world.clock.advance(TimeDelta::minutes(1));
        probe(&world).await;
        let events = health_events(&merchant).await;
        assert_eq!(events, ["MAINTENANCE_SCHEDULED", "MAINTENANCE_SCHEDULED", "MAINTENANCE_CANCELED"]);
    }
}

everywhere! {
    async fn what_a_platform_says_while_it_is_at_work_counts_too(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let began = world.clock.now() - TimeDelta::minutes(10);
        let announced = |minutes| Announced {
            starts_at: began,
            ends_at: began + TimeDelta::minutes(minutes),
            note: None,
        };
        let document = "{ maintenanceWindows(filter: { includePast: true }) { edges { node { startsAt endsAt source } } } }";
        for (minutes, ends_at, events) in [
            (60, "2026-11-23T04:50:00.000Z", 1),
            (60, "2026-11-23T04:50:00.000Z", 1),
            (120, "2026-11-23T05:50:00.000Z", 2),
            (120, "2026-11-23T05:50:00.000Z", 2),
            (90, "2026-11-23T05:20:00.000Z", 3),
        ] {
            merchant.sandbox().announce(vec![announced(minutes)]);
            probe(&world).await;
            let seen = owner.data(document, Value::Null).await["maintenanceWindows"]["edges"].clone();
            assert_eq!(seen, json!([{ "node": {
                "startsAt": "2026-11-23T03:50:00.000Z", "endsAt": ends_at, "source": "PROVIDER",
            } }]));
            let told = health_events(&merchant).await;
            let told = told.iter().filter(|kind| *kind == "MAINTENANCE_SCHEDULED");
            assert_eq!(told.count(), events, "{minutes} minutes");
            world.judged().await;
            assert_eq!(merchant.state().await.0, "MAINTENANCE");
            world.clock.advance(TimeDelta::minutes(1));
        }
    }
}

/// One channel of each generation of 易支付.
pub(super) async fn of_epay(world: &World) -> (Merchant, EpayStub, [ChannelId; 2]) {
    let merchant = world.merchant("汇贤饭店").await;
    open(&merchant, merchant.channel_id, false).await;
    let stub = EpayStub::start().await;
    let alipay = PaymentMethod::Alipay;
    let (v1, v2) = (stub.v1_credentials(), stub.v2_credentials());
    let v1 = merchant
        .channel(ChannelKind::EpayV1, alipay, Some(v1))
        .await;
    let v2 = merchant
        .channel(ChannelKind::EpayV2, alipay, Some(v2))
        .await;
    (merchant, stub, [v1, v2])
}

#[tokio::test]
async fn both_generations_of_epay_are_asked_about_the_account() {
    let world = World::on_sqlite().await;
    let (merchant, stub, channels) = of_epay(&world).await;
    assert_eq!(probe(&world).await, 2);
    for channel in channels {
        let told = known(&merchant, channel).await;
        assert_eq!(
            (&told["failures"], &told["error"]),
            (&json!(0), &Value::Null),
            "{told}"
        );
    }
    let asked = stub.journal();
    let v1 = asked.iter().find(|asked| asked.path == "/api.php").unwrap();
    assert_eq!(
        (v1.parameters["act"].as_str(), v1.parameters["pid"].as_str()),
        ("query", PID)
    );
    let v2 = asked
        .iter()
        .find(|asked| asked.path == "/api/merchant/info")
        .unwrap();
    assert_eq!(
        (v2.method.as_str(), v2.parameters["sign_type"].as_str()),
        ("POST", "RSA")
    );
}

#[tokio::test]
async fn each_wrong_answer_of_epay_has_its_name_and_none_shows_the_key() {
    let world = World::on_sqlite().await;
    let (merchant, stub, channels) = of_epay(&world).await;
    let closed = "the account is closed at the platform";
    for (answering, v1, v2, detail) in [
        (Answering::Html, "UNREADABLE", "UNREADABLE", "接口地址错误"),
        (Answering::Status(502), "UNAVAILABLE", "UNAVAILABLE", ""),
        (
            Answering::Refuse(-3, KEY),
            "MISCONFIGURED",
            "MISCONFIGURED",
            "code -3",
        ),
        (Answering::Refuse(-5, "No Act!"), "", "", ""),
        (
            Answering::Account(0),
            "MISCONFIGURED",
            "MISCONFIGURED",
            closed,
        ),
        (
            Answering::Account(2),
            "MISCONFIGURED",
            "MISCONFIGURED",
            "approval",
        ),
        (
            Answering::WronglySigned,
            "",
            "MISCONFIGURED",
            "signature is wrong",
        ),
        (
            Answering::SignedEarlier(301),
            "",
            "MISCONFIGURED",
            "another time",
        ),
        (
            Answering::Raw(format!("{KEY} {{")),
            "UNREADABLE",
            "UNREADABLE",
            "no JSON",
        ),
        (
            Answering::ForMerchant("1002"),
            "UNREADABLE",
            "UNREADABLE",
            "another merchant",
        ),
    ] {
        stub.answer(answering.clone());
        world.clock.advance(TimeDelta::minutes(1));
        assert_eq!(probe(&world).await, 2);
        for (channel, expected) in channels.into_iter().zip([v1, v2]) {
            let told = known(&merchant, channel).await;
            assert_eq!(
                told["error"].as_str().unwrap_or_default(),
                expected,
                "{answering:?}"
            );
            let words = told["errorDetail"].as_str().unwrap_or_default();
            assert!(!told.to_string().contains(KEY), "{told}");
            if !expected.is_empty() {
                assert!(words.contains(detail), "{answering:?}: {words}");
            }
        }
    }
}
