//! What a coffee chain gives to those who come back: points, tiers, rewards and gifts; and who they are.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::grant_rule::{self, GrantKind};
use entity::reward::{self, RewardKind, RewardState};
use entity::tier::{self, DowngradeRule};
use entity::{Instant, MerchantId, RewardId, TierId, points_program};
use rand::{Rng, RngExt};

use super::history::member_no;
use super::people;
use super::shop::Shop;
use crate::members::model::Profile;

/// Of a hundred members, so many agree to be written to.
const CONSENTING: u32 = 68;
/// Of a hundred members, so many have told their birthday.
const WITH_BIRTHDAY: u32 = 83;
/// What a shop notes of its members, and of how many of a hundred.
const TAGS: [(&str, u32); 4] = [
    ("企业客户", 8),
    ("自带杯", 14),
    ("爱喝手冲", 11),
    ("外带", 37),
];

/// What a shop gives to its members.
#[derive(Clone, Debug)]
pub struct Club {
    /// How points are earned and spent.
    pub program: points_program::Model,
    /// Its tiers, from the lowest.
    pub tiers: Vec<tier::Model>,
    /// What points are given for.
    pub rewards: Vec<reward::Model>,
    /// What members are given on a day of theirs.
    pub gifts: Vec<grant_rule::Model>,
    /// Who its members are, by their numbers.
    pub people: HashMap<String, Person>,
}

/// A member as the shop knows them.
#[derive(Clone, Debug)]
pub struct Person {
    /// What names them.
    pub profile: Profile,
    /// The birthday, where it is known: a hundred times the month, and the day.
    pub birthday: Option<i32>,
    /// Whether they agree to be written to.
    pub consents: bool,
    /// The language that they are written to in.
    pub locale: &'static str,
    /// What the shop has noted.
    pub tags: Vec<&'static str>,
}

/// A tier as it is thought up.
struct Step {
    name: &'static str,
    name_en: &'static str,
    spend_minor: Option<i64>,
    multiplier_ppm: i32,
    discount_ppm: i32,
    birthday_points: i64,
    perks: Option<(&'static str, &'static str)>,
}

const STEPS: [Step; 3] = [
    Step {
        name: "普卡",
        name_en: "Classic",
        spend_minor: None,
        multiplier_ppm: 1_000_000,
        discount_ppm: 0,
        birthday_points: 50,
        perks: None,
    },
    Step {
        name: "银卡",
        name_en: "Silver",
        spend_minor: Some(70_000),
        multiplier_ppm: 1_200_000,
        discount_ppm: 30_000,
        birthday_points: 200,
        perks: Some(("每月一次免费升杯", "One free larger cup a month")),
    },
    Step {
        name: "金卡",
        name_en: "Gold",
        spend_minor: Some(105_000),
        multiplier_ppm: 1_500_000,
        discount_ppm: 50_000,
        birthday_points: 500,
        perks: Some((
            "每月一次免费升杯，新品先尝",
            "One free larger cup a month, and new coffees first",
        )),
    },
];

/// A reward as it is thought up: name, name in English, kind, points, stock, how many one member may have.
type Idea = (
    &'static str,
    &'static str,
    RewardKind,
    i64,
    Option<i64>,
    Option<i64>,
);

const REWARDS: [Idea; 4] = [
    (
        "中杯美式一杯",
        "A medium Americano",
        RewardKind::Service,
        160,
        None,
        None,
    ),
    (
        "可颂一个",
        "A croissant",
        RewardKind::Goods,
        140,
        None,
        None,
    ),
    (
        "木棉随行杯",
        "Mumian tumbler",
        RewardKind::Goods,
        1_280,
        Some(300),
        Some(1),
    ),
    (
        "手冲体验课",
        "A class in hand brewing",
        RewardKind::Service,
        900,
        Some(160),
        Some(1),
    ),
];

/// What a shop gives to its members, of whom there are so many.
pub fn of(
    rng: &mut impl Rng,
    shop: &Shop,
    merchant_id: MerchantId,
    opened_at: DateTime<Utc>,
    count: u64,
    by: &str,
) -> Club {
    Club {
        program: program(merchant_id, Instant(opened_at)),
        tiers: tiers(merchant_id, opened_at),
        rewards: rewards(merchant_id, opened_at, by),
        gifts: gifts(merchant_id, Instant(opened_at)),
        people: (0..count)
            .map(|number| (member_no(number), person(rng, shop)))
            .collect(),
    }
}

/// The tiers, from the lowest.
fn tiers(merchant_id: MerchantId, opened_at: DateTime<Utc>) -> Vec<tier::Model> {
    let first = TierId::first_at(opened_at.timestamp_millis()).0;
    let tiers = STEPS.iter().zip(1_i32..).map(|(step, rank)| tier::Model {
        merchant_id,
        id: TierId(first + i64::from(rank)),
        rank,
        name: step.name.to_owned(),
        name_en: Some(step.name_en.to_owned()),
        version: 1,
        spend_minor: step.spend_minor,
        points: None,
        orders: step.spend_minor.is_none().then_some(1),
        window_days: step.spend_minor.map(|_| 365),
        retention_days: step.spend_minor.map(|_| 365),
        downgrade: DowngradeRule::OneStep,
        discount_ppm: step.discount_ppm,
        discount_exclusive: false,
        multiplier_ppm: step.multiplier_ppm,
        birthday_points: Some(step.birthday_points),
        birthday_template_id: None,
        priority: step.name_en == "Gold",
        perks: step.perks.map(|(zh, _)| zh.to_owned()),
        perks_en: step.perks.map(|(_, en)| en.to_owned()),
        updated_at: Instant(opened_at),
        removed_at: None,
    });
    tiers.collect()
}

/// What points are given for, as somebody has made it.
fn rewards(merchant_id: MerchantId, opened_at: DateTime<Utc>, by: &str) -> Vec<reward::Model> {
    let first = RewardId::first_at(opened_at.timestamp_millis()).0;
    let rewards = REWARDS.iter().zip(1_i64..).map(
        |((name, name_en, kind, points, stock, per_member), place)| reward::Model {
            merchant_id,
            id: RewardId(first + place),
            name: (*name).to_owned(),
            name_en: Some((*name_en).to_owned()),
            description: None,
            description_en: None,
            kind: *kind,
            template_id: None,
            state: RewardState::Active,
            version: 1,
            points: *points,
            stock: *stock,
            taken: 0,
            per_member: *per_member,
            starts_at: None,
            ends_at: None,
            created_by: by.to_owned(),
            updated_at: Instant(opened_at),
        },
    );
    rewards.collect()
}

/// What is given on birthdays, and on the day on which somebody became a member.
fn gifts(merchant_id: MerchantId, updated_at: Instant) -> Vec<grant_rule::Model> {
    let gift = |kind, points, days_before| grant_rule::Model {
        merchant_id,
        kind,
        version: 1,
        enabled: true,
        points: Some(points),
        template_id: None,
        days_before,
        updated_at,
    };
    vec![
        gift(GrantKind::Birthday, 50, 3),
        gift(GrantKind::Anniversary, 100, 0),
    ]
}

/// A point for each yuan, good for a year; a hundred are worth a yuan, up to half of an order.
fn program(merchant_id: MerchantId, updated_at: Instant) -> points_program::Model {
    points_program::Model {
        merchant_id,
        version: 1,
        enabled: true,
        earn_points: 1,
        earn_per_minor: 100,
        valid_days: Some(365),
        pending_days: 0,
        pay_enabled: true,
        pay_points: 100,
        pay_minor: 100,
        pay_cap_ppm: 500_000,
        adjust_limit: 2_000,
        updated_at,
    }
}

fn person(rng: &mut impl Rng, shop: &Shop) -> Person {
    let buyer = people::buyer(rng, shop);
    let abroad = !matches!(buyer.country, "CN" | "TW");
    let phone: String = buyer.phone.split_whitespace().collect();
    let known = rng.random_range(0..100) < WITH_BIRTHDAY;
    let year = rng.random_range(1958..=2007);
    let day = NaiveDate::from_yo_opt(year, rng.random_range(1..=365));
    let birthday = day.filter(|_| known);
    Person {
        profile: Profile {
            name: Some(buyer.name),
            phone: Some(phone),
            email: None,
            birth_year: birthday.map(|_| year),
            remark: None,
        },
        birthday: birthday.map(key_of),
        consents: rng.random_range(0..100) < CONSENTING,
        locale: if abroad { "en" } else { "zh-CN" },
        tags: TAGS
            .iter()
            .filter(|(_, share)| rng.random_range(0..100) < *share)
            .map(|(tag, _)| *tag)
            .collect(),
    }
}

fn key_of(day: NaiveDate) -> i32 {
    use chrono::Datelike;
    i32::try_from(day.month() * 100 + day.day()).unwrap_or(101)
}
