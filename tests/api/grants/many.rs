//! Many have the same day: each is given something once, in few transactions, as far as coupons go, on any instance.

use chrono::TimeDelta;
use entity::{event, event::EventKind, member, point_entry, point_lot};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::json;
use yigate::grants::worker;
use yigate::members::service::find_or_add_many;

use super::scene::gifts;
use crate::everywhere;
use crate::support::{Merchant, World};

/// So many members with the birthday of today.
async fn all_born_today(merchant: &Merchant, many: usize) {
    let app = merchant.app();
    let nos: Vec<String> = (0..many).map(|no| format!("m{no:04}")).collect();
    app.write(merchant.id, |txn| {
        let nos = nos.clone();
        async move {
            find_or_add_many(app, &txn, merchant.id, &nos).await?;
            Ok::<_, yigate::error::Error>(())
        }
    })
    .await
    .expect("members");
    member::Entity::update_of(merchant.id)
        .col_expr(member::Column::Birthday, Expr::value(1123))
        .exec(&app.db.writes(merchant.id))
        .await
        .expect("birthdays");
}

/// Each member has so many points, from a gift of theirs, and was told of once.
async fn each_has(merchant: &Merchant, points: i64) {
    let db = &merchant.app().db.reads(merchant.id);
    let gifts = merchant.all_gifts().await;
    let members = member::Entity::of(merchant.id)
        .all(db)
        .await
        .expect("members");
    assert_eq!(gifts.len(), members.len());
    let lots = point_lot::Entity::of(merchant.id)
        .all(db)
        .await
        .expect("lots");
    let entries = point_entry::Entity::of(merchant.id)
        .all(db)
        .await
        .expect("entries");
    for member in &members {
        assert_eq!(member.points, points);
        let gift = gifts
            .iter()
            .find(|gift| gift.member_id == member.id)
            .expect("a gift");
        let of_gift = |source: Option<i64>| source == Some(gift.id.0);
        let lots = lots
            .iter()
            .filter(|lot| lot.member_id == member.id && of_gift(lot.source_id));
        assert_eq!(lots.map(|lot| lot.remaining).sum::<i64>(), points);
        let entries = entries
            .iter()
            .filter(|entry| entry.member_id == member.id && of_gift(entry.source_id));
        assert_eq!(entries.map(|entry| entry.points).sum::<i64>(), points);
    }
    let told =
        event::Entity::of(merchant.id).filter(event::Column::Kind.eq(EventKind::MemberGranted));
    let mut told: Vec<i64> = told
        .all(db)
        .await
        .expect("events")
        .iter()
        .map(|row| row.subject_id)
        .collect();
    let mut known: Vec<i64> = members.iter().map(|row| row.id.0).collect();
    told.sort_unstable();
    known.sort_unstable();
    assert_eq!(told, known);
}

everywhere! {
    async fn twelve_hundred_birthdays_take_three_transactions(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        all_born_today(&merchant, 1_200).await;
        merchant.sets("BIRTHDAY", 0, json!({ "points": 100 })).await;
        for left in [700, 200, 0] {
            assert_eq!(worker::work(world.app()).await, 1);
            assert_eq!(merchant.all_gifts().await.len(), 1_200 - left);
        }
        gifts(world.app()).await;
        each_has(&merchant, 100).await;
        world.clock.advance(TimeDelta::days(1));
        gifts(world.app()).await;
        each_has(&merchant, 100).await;
    }

    async fn coupons_are_given_as_far_as_they_go(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        all_born_today(&merchant, 20).await;
        let template = merchant.coupon_template(json!({ "quantity": 10, "perMember": 1 })).await;
        merchant.issues(&template, &["m0003"]).await;
        merchant.sets("BIRTHDAY", 0, json!({ "couponTemplateId": template })).await;
        gifts(world.app()).await;
        let given = merchant.all_gifts().await;
        assert_eq!(given.len(), 9, "who gets nothing is told nothing");
        assert_eq!(merchant.gifts_of("m0003").await, [""; 0], "who has as many as one may");
        assert_eq!(merchant.coupons(json!({ "templateId": template }), "id").await.len(), 10);
        // More of them are there tomorrow: whose day is over has missed it.
        let more = json!({ "id": template, "expectedVersion": 1, "quantity": 100 });
        crate::support::coupons::asked(&merchant.owner().await, "couponTemplateUpdate", "couponTemplate { id }", more).await;
        world.clock.advance(TimeDelta::days(1));
        gifts(world.app()).await;
        assert_eq!(merchant.all_gifts().await.len(), 9);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_instances_give_each_member_one_gift() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let second = world.another_instance().await;
    let merchant = world.merchant("汇贤饭店").await;
    all_born_today(&merchant, 1_100).await;
    let template = merchant.coupon_template(json!({ "quantity": 5_000 })).await;
    let both = json!({ "points": 100, "couponTemplateId": template });
    merchant.sets("BIRTHDAY", 0, both).await;
    let here = world.app().clone();
    let there = second.app.clone();
    let one = tokio::spawn(async move { gifts(&here).await });
    let other = tokio::spawn(async move { gifts(&there).await });
    one.await.expect("nobody panics");
    other.await.expect("nobody panics");
    gifts(world.app()).await;
    each_has(&merchant, 100).await;
    let coupons = entity::coupon::Entity::of(merchant.id)
        .all(&world.app().db.reads(merchant.id))
        .await;
    assert_eq!(coupons.expect("coupons").len(), 1_100);
}
