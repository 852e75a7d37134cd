//! People of tests: members as tables keep them, with what they have bought.

use chrono::{DateTime, TimeDelta, Utc};
use entity::channel::PaymentMethod;
use entity::{
    ChannelId, Day, Instant, MemberId, OrderId, TierId, member, member_day, member_tag, tier,
};
use sea_orm::{ActiveValue, EntityTrait, IntoActiveModel};

use crate::support::{Merchant, World};

/// A member; times are days before today.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub no: String,
    pub tier: Option<TierId>,
    pub tags: Vec<&'static str>,
    pub birthday: Option<i32>,
    pub consented: bool,
    pub joined: i64,
    pub first_paid: Option<i64>,
    pub first_channel: Option<ChannelId>,
    pub last_paid: Option<i64>,
    /// Days ago, orders, and what was spent in minor units.
    pub days: Vec<(i32, i64, i64)>,
    pub points: i64,
    pub merged_into: Option<MemberId>,
    pub erased: bool,
}

impl Person {
    pub fn orders(&self) -> i64 {
        self.days.iter().map(|(_, orders, _)| orders).sum()
    }

    pub fn spent(&self) -> i64 {
        self.days.iter().map(|(.., spent)| spent).sum()
    }

    fn row(&self, merchant: &Merchant, id: MemberId, now: DateTime<Utc>) -> member::Model {
        let ago = |days: i64| Instant(now - TimeDelta::days(days));
        let first = self.first_paid.map(ago);
        let channel = self.first_channel.unwrap_or(merchant.channel_id);
        member::Model {
            first_order_id: first.map(|_| OrderId(1)),
            first_paid_at: first,
            first_channel_id: first.map(|_| channel),
            first_method: first.map(|_| PaymentMethod::WechatPay),
            joined_at: ago(self.joined),
            tier_id: self.tier,
            paid_orders: self.orders(),
            spent_minor: self.spent(),
            last_paid_at: self.last_paid.map(ago),
            points: self.points,
            birthday: self.birthday,
            consented_at: self.consented.then(|| ago(1)),
            merged_into: self.merged_into,
            erased_at: self.erased.then(|| ago(0)),
            ..member::Model::nobody(merchant.id, id, self.no.clone())
        }
    }
}

/// Writes a member as tables keep one; the id.
pub async fn add(world: &World, merchant: &Merchant, person: &Person) -> MemberId {
    let app = world.app();
    let (now, id): (_, MemberId) = (world.clock.now(), app.ids.next());
    let writer = app.db.writer();
    let row = person.row(merchant, id, now).into_active_model();
    member::Entity::insert(row)
        .exec_without_returning(writer)
        .await
        .expect("a member");
    let today = Day::from(now.with_timezone(&chrono_tz::Asia::Shanghai).date_naive());
    let days = person
        .days
        .iter()
        .map(|(ago, orders, spent)| member_day::ActiveModel {
            merchant_id: ActiveValue::Set(merchant.id),
            member_id: ActiveValue::Set(id),
            day: ActiveValue::Set(Day(today.0 - ago)),
            orders: ActiveValue::Set(*orders),
            spent_minor: ActiveValue::Set(*spent),
            points: ActiveValue::Set(0),
        });
    if !person.days.is_empty() {
        member_day::Entity::insert_many(days)
            .exec_without_returning(writer)
            .await
            .expect("days");
    }
    let tags = person.tags.iter().map(|tag| member_tag::ActiveModel {
        merchant_id: ActiveValue::Set(merchant.id),
        member_id: ActiveValue::Set(id),
        tag: ActiveValue::Set((*tag).to_owned()),
    });
    if !person.tags.is_empty() {
        member_tag::Entity::insert_many(tags)
            .exec_without_returning(writer)
            .await
            .expect("tags");
    }
    id
}

/// Writes a tier as tables keep one; the id.
pub async fn tier(world: &World, merchant: &Merchant, rank: i32, name: &str) -> TierId {
    let app = world.app();
    let id: TierId = app.ids.next();
    let row = tier::Model {
        merchant_id: merchant.id,
        id,
        rank,
        name: name.to_owned(),
        name_en: None,
        version: 1,
        spend_minor: Some(100),
        points: None,
        orders: None,
        window_days: None,
        retention_days: None,
        downgrade: tier::DowngradeRule::Qualified,
        discount_ppm: 0,
        discount_exclusive: false,
        multiplier_ppm: 1_000_000,
        birthday_points: None,
        birthday_template_id: None,
        priority: false,
        perks: None,
        perks_en: None,
        updated_at: app.clock.instant(),
        removed_at: None,
    };
    tier::Entity::insert(row.into_active_model())
        .exec_without_returning(app.db.writer())
        .await
        .expect("a tier");
    id
}

/// A shop with a few members, and two tiers.
pub struct Shop {
    pub merchant: Merchant,
    pub gold: TierId,
    pub silver: TierId,
    pub other_channel: ChannelId,
}

/// A regular, one who came twice, a new one, one who is long gone; and two who are not there any more.
pub async fn shop(world: &World) -> Shop {
    let merchant = world.merchant("汇贤咖啡").await;
    let gold = tier(world, &merchant, 2, "金卡").await;
    let silver = tier(world, &merchant, 1, "银卡").await;
    let other_channel = merchant
        .channel(
            entity::channel::ChannelKind::Sandbox,
            PaymentMethod::Alipay,
            None,
        )
        .await;
    let regular = Person {
        no: "A-1".to_owned(),
        tier: Some(gold),
        tags: vec!["vip", "咖啡"],
        birthday: Some(1125),
        consented: true,
        joined: 400,
        first_paid: Some(200),
        last_paid: Some(5),
        days: vec![(5, 2, 30_000), (40, 1, 20_000), (200, 3, 90_000)],
        points: 500,
        ..Person::default()
    };
    let twice = Person {
        no: "B-1".to_owned(),
        tier: Some(silver),
        tags: vec!["咖啡"],
        birthday: Some(229),
        joined: 100,
        first_paid: Some(90),
        last_paid: Some(60),
        days: vec![(60, 1, 5_000), (90, 1, 8_000)],
        ..Person::default()
    };
    let new = Person {
        no: "C-1".to_owned(),
        consented: true,
        joined: 10,
        ..Person::default()
    };
    let gone = Person {
        no: "D-1".to_owned(),
        tier: Some(silver),
        joined: 700,
        first_paid: Some(300),
        first_channel: Some(other_channel),
        last_paid: Some(300),
        days: vec![(300, 1, 100_000)],
        ..Person::default()
    };
    let kept = add(world, &merchant, &regular).await;
    for person in [&twice, &new, &gone] {
        add(world, &merchant, person).await;
    }
    add_those_who_are_not_there(world, &merchant, &regular, kept).await;
    Shop {
        merchant,
        gold,
        silver,
        other_channel,
    }
}

/// Two like a member: one who has become a part of them, and one who was erased.
async fn add_those_who_are_not_there(
    world: &World,
    merchant: &Merchant,
    like: &Person,
    kept: MemberId,
) {
    let merged = Person {
        no: "E-1".to_owned(),
        merged_into: Some(kept),
        ..like.clone()
    };
    let erased = Person {
        no: "F-1".to_owned(),
        erased: true,
        ..like.clone()
    };
    for person in [&merged, &erased] {
        add(world, merchant, person).await;
    }
}
