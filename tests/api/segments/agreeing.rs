//! What the database finds is what the rules say, told one member at a time: five hundred random trees over random people.

use std::collections::{BTreeSet, HashSet};

use chrono::TimeDelta;
use entity::segment::{self, SegmentKind};
use entity::{ChannelId, MemberId, SegmentId, TierId};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sea_orm::{EntityTrait, IntoActiveModel};
use yigate::members::worker;
use yigate::segments::model::{Range, Rule, Today};
use yigate::segments::service;

use super::people::{Person, add, tier};
use crate::everywhere;
use crate::support::{Merchant, World};

const PEOPLE: usize = 40;
const TREES: usize = 500;
const TAGS: [&str; 3] = ["vip", "咖啡", "办公室"];

fn any_person(tiers: Vec<TierId>, channels: Vec<ChannelId>) -> impl Strategy<Value = Person> {
    let days = prop::collection::btree_map(0_i32..120, (1_i64..4, 0_i64..5_000), 0..5);
    let birthday = (1_i32..13, 1_i32..29).prop_map(|(month, day)| month * 100 + day);
    (
        prop::option::of(prop::sample::select(tiers)),
        prop::sample::subsequence(TAGS.to_vec(), 0..=3),
        prop::option::weighted(0.7, birthday),
        (any::<bool>(), 0_i64..80, 0_i64..6),
        days,
        prop::sample::select(channels),
        prop::bool::weighted(0.1),
    )
        .prop_map(
            |(tier, tags, birthday, (consented, joined, points), days, channel, erased)| {
                let ago = |day: &i32| i64::from(*day);
                Person {
                    tier,
                    tags,
                    birthday,
                    consented,
                    joined,
                    points,
                    first_paid: days.keys().max().map(ago),
                    last_paid: days.keys().min().map(ago),
                    first_channel: (!days.is_empty()).then_some(channel),
                    days: days
                        .into_iter()
                        .map(|(day, (orders, spent))| (day, orders, spent))
                        .collect(),
                    erased,
                    ..Person::default()
                }
            },
        )
}

fn any_range(most: i64) -> impl Strategy<Value = Range> {
    (prop::option::of(0..most), prop::option::of(0..most)).prop_map(|(min, max)| Range { min, max })
}

fn any_rule(
    tiers: Vec<TierId>,
    channels: Vec<ChannelId>,
    snapshot: SegmentId,
) -> impl Strategy<Value = Rule> {
    let days = || prop::option::of(prop_oneof![1_i32..70, Just(30), Just(90), Just(180)]);
    let tags = prop::sample::subsequence(TAGS.to_vec(), 1..=2);
    let leaf = prop_oneof![
        (prop::sample::subsequence(tiers, 0..=2), any::<bool>())
            .prop_map(|(tiers, or_none)| Rule::Tier { tiers, or_none }),
        tags.prop_map(|tags| Rule::Tags(tags.into_iter().map(str::to_owned).collect())),
        (0_u8..10).prop_map(|no| Rule::MemberNo(format!("M-{no}"))),
        any::<bool>().prop_map(Rule::Consented),
        prop::collection::vec(1_i32..13, 1..4).prop_map(Rule::BirthdayMonths),
        (1_i32..367).prop_map(Rule::BirthdayWithin),
        (1_i32..90).prop_map(Rule::JoinedWithin),
        (1_i32..90).prop_map(Rule::JoinedBefore),
        (1_i32..70).prop_map(Rule::FirstPaidWithin),
        (1_i32..70).prop_map(Rule::PaidWithin),
        (1_i32..70).prop_map(Rule::NotPaidFor),
        any::<bool>().prop_map(Rule::NeverPaid),
        (any_range(8), days()).prop_map(|(range, days)| Rule::Orders { range, days }),
        (any_range(12_000), days()).prop_map(|(range, days)| Rule::Spent { range, days }),
        any_range(2_000).prop_map(Rule::AverageOrder),
        any_range(6).prop_map(Rule::Points),
        prop::sample::subsequence(channels, 1..=2).prop_map(Rule::FirstChannel),
        Just(Rule::InSnapshot(vec![snapshot])),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Rule::All),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Rule::Any),
            inner.prop_map(|rule| Rule::Not(Box::new(rule))),
        ]
    })
}

impl Person {
    /// Who they are so many days later.
    fn later(&self, days: i32) -> Self {
        let ago = |ago: i64| ago + i64::from(days);
        let moved = |(day, orders, spent): &(i32, i64, i64)| (day + days, *orders, *spent);
        Self {
            joined: ago(self.joined),
            first_paid: self.first_paid.map(ago),
            last_paid: self.last_paid.map(ago),
            days: self.days.iter().map(moved).collect(),
            ..self.clone()
        }
    }
}

/// Whether a rule holds for somebody, told without a database.
fn holds(rule: &Rule, person: &Person, written_down: bool, today: Today) -> bool {
    let within = |ago: Option<i64>, days: i32| ago.is_some_and(|ago| ago < i64::from(days));
    let windowed = |days: Option<i32>, of: &dyn Fn(&(i32, i64, i64)) -> i64| -> i64 {
        let days = days.unwrap_or(i32::MAX);
        person.days.iter().filter(|day| day.0 < days).map(of).sum()
    };
    match rule {
        Rule::All(rules) => rules
            .iter()
            .all(|rule| holds(rule, person, written_down, today)),
        Rule::Any(rules) => rules
            .iter()
            .any(|rule| holds(rule, person, written_down, today)),
        Rule::Not(rule) => !holds(rule, person, written_down, today),
        Rule::Tier { tiers, or_none } => person.tier.map_or(*or_none, |tier| tiers.contains(&tier)),
        Rule::Tags(tags) => tags.iter().any(|tag| person.tags.contains(&tag.as_str())),
        Rule::MemberNo(no) => person.no.starts_with(no.as_str()),
        Rule::Consented(wanted) => person.consented == *wanted,
        Rule::BirthdayMonths(months) => person
            .birthday
            .is_some_and(|birthday| months.contains(&(birthday / 100))),
        Rule::BirthdayWithin(days) => person.birthday.is_some_and(|birthday| {
            let mut spans = today.birthdays(*days).into_iter();
            spans.any(|(from, to)| (from..=to).contains(&birthday))
        }),
        Rule::JoinedWithin(days) => person.joined < i64::from(*days),
        Rule::JoinedBefore(days) => person.joined >= i64::from(*days),
        Rule::FirstPaidWithin(days) => within(person.first_paid, *days),
        Rule::PaidWithin(days) => within(person.last_paid, *days),
        Rule::NotPaidFor(days) => person.last_paid.is_some() && !within(person.last_paid, *days),
        Rule::NeverPaid(wanted) => person.last_paid.is_none() == *wanted,
        Rule::Orders { range, days } => range.holds(windowed(*days, &|day| day.1)),
        Rule::Spent { range, days } => range.holds(windowed(*days, &|day| day.2)),
        Rule::AverageOrder(range) => match person.orders() {
            0 => false,
            orders => {
                range.min.is_none_or(|min| person.spent() >= min * orders)
                    && range.max.is_none_or(|max| person.spent() <= max * orders)
            }
        },
        Rule::Points(range) => range.holds(person.points),
        Rule::FirstChannel(ids) => person.first_channel.is_some_and(|id| ids.contains(&id)),
        Rule::InSnapshot(_) => written_down,
        Rule::Bought(_) | Rule::HoldsCoupon(_) | Rule::Rfm(_) => unreachable!("not among these"),
    }
}

/// A segment as tables keep one; the id.
async fn keep(world: &World, merchant: &Merchant, name: &str, rule: &Rule) -> SegmentId {
    let app = world.app();
    let id = app.ids.next();
    let row = segment::Model {
        merchant_id: merchant.id,
        id,
        name: name.to_owned(),
        kind: SegmentKind::Rules,
        version: 1,
        rules: rule.to_text().expect("a text"),
        members: None,
        snapshot_at: None,
        created_by: "test".to_owned(),
        updated_at: app.clock.instant(),
        removed_at: None,
    };
    segment::Entity::insert(row.into_active_model())
        .exec_without_returning(app.db.writer())
        .await
        .expect("a segment");
    id
}

struct Crowd {
    merchant: Merchant,
    people: Vec<(MemberId, Person)>,
    snapshot: SegmentId,
    written_down: HashSet<MemberId>,
    rules: BoxedStrategy<Rule>,
    runner: TestRunner,
}

async fn crowd(world: &World) -> Crowd {
    let merchant = world.merchant("汇贤咖啡").await;
    let mut runner = TestRunner::deterministic();
    let tiers = vec![
        tier(world, &merchant, 1, "银卡").await,
        tier(world, &merchant, 2, "金卡").await,
    ];
    let channels = vec![merchant.channel_id, world.app().ids.next()];
    let any = any_person(tiers.clone(), channels.clone());
    let mut people = Vec::new();
    for no in 0..PEOPLE {
        let mut person = any.new_tree(&mut runner).expect("a person").current();
        person.no = format!("M-{no}");
        people.push((add(world, &merchant, &person).await, person));
    }
    let actor = yigate::auth::model::Actor::system(merchant.id);
    let of = keep(world, &merchant, "有同意的", &Rule::Consented(true)).await;
    let snapshot = service::snapshot(world.app(), &actor, of, "快照")
        .await
        .expect("a snapshot")
        .id;
    let written_down = people
        .iter()
        .filter(|(_, person)| person.consented && !person.erased);
    Crowd {
        written_down: written_down.map(|(id, _)| *id).collect(),
        rules: any_rule(tiers, channels, snapshot).boxed(),
        merchant,
        people,
        snapshot,
        runner,
    }
}

everywhere! {
    async fn random_trees_find_whom_they_say(world: World) {
        let mut crowd = crowd(&world).await;
        let (app, merchant) = (world.app(), crowd.merchant.id);
        let mut found_some = 0;
        for tree in 0..TREES {
            // Windows are summed by days alone, then ahead, then of some ahead and of others not, as days go by.
            if tree == TREES / 4 {
                worker::work(app).await;
            }
            if tree > TREES / 2 && tree % 25 == 0 {
                world.clock.advance(TimeDelta::days(3));
                crowd.people.iter_mut().for_each(|(_, person)| *person = person.later(3));
            }
            if tree == TREES * 3 / 4 {
                worker::work(app).await;
            }
            let today = Today { now: app.clock.instant(), zone: chrono_tz::Asia::Shanghai };
            let rule = crowd.rules.new_tree(&mut crowd.runner).expect("a rule").current();
            let is_in = |(id, person): &&(MemberId, Person)| {
                !person.erased && holds(&rule, person, crowd.written_down.contains(id), today)
            };
            let wanted: BTreeSet<MemberId> = crowd.people.iter().filter(is_in).map(|(id, _)| *id).collect();
            let found = service::sample(app, merchant, &rule, 100).await.expect("the database answers");
            let found: BTreeSet<MemberId> = found.into_iter().map(|row| row.id).collect();
            assert_eq!(found, wanted, "{rule:?}");
            let size = service::size(app, merchant, &rule).await.expect("the database answers");
            assert_eq!(size, i64::try_from(wanted.len()).unwrap(), "{rule:?}");
            found_some += usize::from(!wanted.is_empty() && wanted.len() < PEOPLE);
        }
        assert!(found_some > TREES / 4, "{found_some} of them told people apart");
    }

    async fn a_member_is_in_the_segments_that_list_them(world: World) {
        let mut crowd = crowd(&world).await;
        let (app, merchant) = (world.app(), crowd.merchant.id);
        let mut ids = vec![crowd.snapshot];
        for no in 0..20 {
            let rule = crowd.rules.new_tree(&mut crowd.runner).expect("a rule").current();
            ids.push(keep(&world, &crowd.merchant, &format!("分群 {no}"), &rule).await);
        }
        let mut listed: HashSet<(SegmentId, MemberId)> = HashSet::new();
        for id in &ids {
            // In pages, from one member to the next.
            let mut after = None;
            loop {
                let some = service::members_in(app, merchant, *id, after, 7).await.expect("a page");
                listed.extend(some.iter().map(|member| (*id, *member)));
                after = some.last().copied();
                if some.len() < 7 {
                    break;
                }
            }
        }
        let unknown: SegmentId = app.ids.next();
        let asked: Vec<SegmentId> = ids.iter().copied().chain([unknown]).collect();
        for (member, _) in &crowd.people {
            let held = service::memberships(app, merchant, *member, &asked).await.expect("an answer");
            let wanted = ids.iter().copied().filter(|id| listed.contains(&(*id, *member)));
            assert_eq!(held, wanted.collect::<HashSet<_>>());
        }
        let nobody = service::memberships(app, merchant, app.ids.next(), &asked).await.expect("an answer");
        assert_eq!(nobody, HashSet::new());
        assert!(service::condition_of(app, merchant, unknown).await.is_err());
    }
}
