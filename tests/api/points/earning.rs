//! What orders earn: of what is paid, by the rules and the tier of that moment.

use chrono::TimeDelta;
use entity::tier::{self, DowngradeRule};
use entity::{TierId, member as row};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::scene::{
    bought, cny, happened, has, has_rules, member, of_order, ordered, points_are_right,
    points_workers_work,
};
use crate::everywhere;
use crate::support::Merchant;

/// A member has a tier that earns so many millionths.
async fn has_tier(merchant: &Merchant, member_no: &str, multiplier_ppm: i32) {
    let (app, now) = (merchant.app(), merchant.app().clock.instant());
    let id: TierId = app.ids.next();
    let tier = tier::Model {
        merchant_id: merchant.id,
        id,
        rank: multiplier_ppm,
        name: "金卡".to_owned(),
        name_en: None,
        version: 1,
        spend_minor: None,
        points: None,
        orders: None,
        window_days: None,
        retention_days: None,
        downgrade: DowngradeRule::Qualified,
        discount_ppm: 0,
        discount_exclusive: false,
        multiplier_ppm,
        birthday_points: None,
        birthday_template_id: None,
        priority: false,
        perks: None,
        perks_en: None,
        updated_at: now,
        removed_at: None,
    };
    tier::Entity::insert(tier.into_active_model())
        .exec_without_returning(app.db.writer())
        .await
        .expect("a tier");
    row::Entity::update_of(merchant.id)
        .filter(row::Column::MemberNo.eq(member_no))
        .col_expr(row::Column::TierId, Expr::value(id))
        .exec(app.db.writer())
        .await
        .expect("a member");
}

everywhere! {
    async fn an_order_earns_points_of_what_is_paid(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({})).await;
        let input = json!({ "memberNo": "M1", "discount": cny("1.00") });
        let order = merchant.order_with("36.99", input).await;
        assert_eq!(of_order(&order).await, [0; 4]);
        order.pay().await;
        assert_eq!(of_order(&order).await, [0, 0, 35, 0]);
        assert_eq!(has(&merchant, "M1").await, [35, 0, 0]);
        let fields = "points { worth { amount } } pointLots { origin earned remaining lastDay releasesAt } \
            pointsEntries { totalCount edges { node { kind points balance actor order { id } refund { id } \
            member { memberNo } } } }";
        let seen = member(&merchant, "M1", fields).await;
        assert_eq!(seen["points"]["worth"]["amount"], json!("0.35"));
        assert_eq!(seen["pointLots"], json!([{ "origin": "ORDER", "earned": 35, "remaining": 35,
            "lastDay": "2027-11-23", "releasesAt": null }]));
        assert_eq!(seen["pointsEntries"]["totalCount"], json!(1));
        assert_eq!(seen["pointsEntries"]["edges"][0]["node"], json!({ "kind": "EARNED", "points": 35,
            "balance": 35, "actor": "system", "order": { "id": order.id.to_string() }, "refund": null,
            "member": { "memberNo": "M1" } }));
        let events = merchant.events().await;
        assert_eq!(events.iter().filter(|kind| kind.starts_with("MEMBER_POINTS")).count(), 1, "{events:?}");
        points_are_right(&merchant).await;
    }

    async fn nothing_is_earned_without_rules_or_a_member(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        bought(&merchant, "M1", "36.00").await;
        has_rules(&merchant, json!({ "enabled": false })).await;
        bought(&merchant, "M1", "36.00").await;
        assert_eq!(has(&merchant, "M1").await, [0; 3]);
        has_rules(&merchant, json!({})).await;
        let order = merchant.paid_order("36.00").await;
        assert_eq!(order.read("points { earned }").await["points"], json!(null));
        assert_eq!(has(&merchant, "M1").await, [0; 3]);
    }

    async fn a_tier_earns_more_and_only_while_the_member_has_it(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({})).await;
        bought(&merchant, "M1", "19.99").await;
        has_tier(&merchant, "M1", 1_500_000).await;
        let order = bought(&merchant, "M1", "19.99").await;
        assert_eq!(of_order(&order).await[2], 29);
        assert_eq!(has(&merchant, "M1").await, [48, 0, 0]);
        // It is taken back by the rule that it was earned by, whatever holds now.
        has_tier(&merchant, "M1", 1_000_001).await;
        has_rules(&merchant, json!({ "earn": { "points": 7, "per": cny("1.00") } })).await;
        order.refund_amount("10.00").await;
        merchant.refunds_go_through().await;
        // 9.99 yuan have earned 14.
        assert_eq!(of_order(&order).await[3], 15);
        points_are_right(&merchant).await;
    }

    async fn an_order_earns_by_the_tier_of_when_it_was_made(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({})).await;
        let before = ordered(&merchant, "M1", "10.00").await;
        has_tier(&merchant, "M1", 1_200_000).await;
        let silver = ordered(&merchant, "M1", "10.00").await;
        has_tier(&merchant, "M1", 1_500_000).await;
        let gold = ordered(&merchant, "M1", "10.00").await;
        // The member was told so, even where the tier is gone when they pay.
        tier::Entity::update_of(merchant.id)
            .col_expr(tier::Column::RemovedAt, Expr::value(world.clock.instant()))
            .exec(merchant.app().db.writer()).await.expect("tiers");
        for (order, points) in [(before, 10), (silver, 12), (gold, 15)] {
            order.pay().await;
            assert_eq!(of_order(&order).await[2], points);
        }
        points_are_right(&merchant).await;
    }

    async fn points_that_wait_can_be_spent_once_their_day_has_come(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({ "pendingDays": 7 })).await;
        bought(&merchant, "M1", "36.00").await;
        assert_eq!(has(&merchant, "M1").await, [0, 36, 0]);
        world.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
        points_workers_work(&merchant).await;
        assert_eq!(has(&merchant, "M1").await, [0, 36, 0]);
        world.clock.advance(TimeDelta::seconds(1));
        points_workers_work(&merchant).await;
        assert_eq!(has(&merchant, "M1").await, [36, 0, 0]);
        let kinds: Vec<String> = happened(&merchant, "M1").await.into_iter().map(|it| it.0).collect();
        assert_eq!(kinds, ["EARNED", "RELEASED"]);
        points_are_right(&merchant).await;
    }

    async fn a_late_payment_earns_as_well(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({})).await;
        let order = ordered(&merchant, "M1", "36.00").await;
        let close = "mutation($id: ID!) { orderClose(input: { orderId: $id }) { userErrors { code } } }";
        merchant.owner().await.data(close, json!({ "id": order.id.to_string() })).await;
        order.pay().await;
        assert_eq!(of_order(&order).await, [0, 0, 36, 0]);
        points_are_right(&merchant).await;
    }

    async fn what_a_day_has_earned_is_counted_by_day(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        has_rules(&merchant, json!({})).await;
        let order = bought(&merchant, "M1", "36.00").await;
        bought(&merchant, "M1", "4.00").await;
        order.refund_amount("6.00").await;
        merchant.refunds_go_through().await;
        let db = merchant.app().db.reads_across();
        let days = entity::member_day::Entity::of(merchant.id).all(db).await.expect("rows");
        let days: Vec<i64> = days.iter().map(|day| day.points).collect();
        assert_eq!(days, [34]);
    }
}
