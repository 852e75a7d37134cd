//! The discount of a member's tier: where it stands among campaigns and coupons, and what becomes of it.

use entity::campaign::RefundPolicy;
use entity::tier;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::error::Error;
use yigate::members;

use super::books::counters_are_right;
use super::regulars::{has_points, has_tier, program, row_of, tier as a_tier, with_points};
use super::scene::{REDEMPTIONS, cash, cash_rules, code, lines, until_waiting};
use crate::everywhere;
use crate::payments::close;
use crate::support::World;

fn kinds(list: &Value) -> Vec<(&str, &str, &str)> {
    let list = list.as_array().expect("a list").iter();
    list.map(|it| {
        (
            it["kind"].as_str().expect("a kind"),
            it["name"].as_str().expect("a name"),
            it["off"]["amount"].as_str().expect("an amount"),
        )
    })
    .collect()
}

everywhere! {
    async fn it_comes_off_behind_campaigns_and_before_coupons(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let gold = a_tier(&merchant, "金卡", 10, |_| ()).await;
        let member = has_tier(&merchant, "M1", Some(gold)).await;
        merchant.campaign("立减", json!({ "benefit": cash("10.00"), "stacking": { "priority": -1000 } })).await;
        let template = merchant.template("五元券", &cash_rules(500), RefundPolicy::Restore).await;
        let coupon = merchant.coupon_of(template, Some(member)).await;
        let input = json!({ "lines": lines("100.00"), "memberNo": "M1", "couponCodes": [coupon] });
        let quote = merchant.quote(input).await;
        let expected = [("CAMPAIGN", "立减", "10.00"), ("TIER", "金卡", "9.00"), ("COUPON", "五元券", "5.00")];
        assert_eq!(kinds(&quote["applied"]), expected);
        assert_eq!(quote["payable"]["amount"], "76.00");
        assert_eq!(quote["bestCoupons"], json!([coupon]));
        let order = merchant.checked_out("100.00", "76.00", &[&coupon], json!({ "memberNo": "M1" })).await;
        let seen = order.read(REDEMPTIONS).await;
        assert_eq!(kinds(&seen["redemptions"]), expected);
        assert_eq!(seen["discount"]["amount"], "24.00");
        assert_eq!(seen["redemptions"][1]["version"], 1);
        counters_are_right(&merchant).await;
        order.pay().await;
        assert_eq!(order.read(REDEMPTIONS).await["redemptions"][1]["state"], "COMMITTED");
        counters_are_right(&merchant).await;
    }

    async fn who_has_no_tier_or_one_without_a_discount_pays_in_full(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let plain = a_tier(&merchant, "普卡", 0, |_| ()).await;
        has_tier(&merchant, "M1", Some(plain)).await;
        merchant.member_id("M2").await;
        for no in [Some("M1"), Some("M2"), Some("NEW"), None] {
            let quote = merchant.quote(json!({ "lines": lines("100.00"), "memberNo": no })).await;
            assert_eq!(quote["payable"]["amount"], "100.00", "{no:?}");
            assert_eq!(quote["notApplied"], json!([]), "{no:?}");
        }
    }

    async fn one_that_stands_alone_is_given_where_it_takes_more_off(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let gold = a_tier(&merchant, "金卡", 20, |row| row.discount_exclusive = true).await;
        has_tier(&merchant, "M1", Some(gold)).await;
        merchant.campaign("立减", json!({ "benefit": cash("10.00") })).await;
        let told = async |amount: &str| {
            let input = json!({ "lines": lines(amount), "memberNo": "M1" });
            merchant.quote(input).await
        };
        let much = told("100.00").await;
        assert_eq!(kinds(&much["applied"]), [("TIER", "金卡", "20.00")]);
        assert_eq!(much["notApplied"][0]["code"], "EXCLUSIVE");
        let little = told("40.00").await;
        assert_eq!(kinds(&little["applied"]), [("CAMPAIGN", "立减", "10.00")]);
        assert_eq!(little["notApplied"][0]["kind"], "TIER");
        assert_eq!(little["notApplied"][0]["code"], "EXCLUSIVE");
    }

    async fn who_has_another_tier_by_now_is_told_the_price_of_now(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let gold = a_tier(&merchant, "金卡", 10, |_| ()).await;
        has_tier(&merchant, "M1", Some(gold)).await;
        let member = json!({ "memberNo": "M1" });
        let input = merchant.checkout_input("100.00", "90.00", &[], member.clone());
        has_tier(&merchant, "M1", None).await;
        let refused = merchant.asked_for(input).await;
        assert_eq!(code(&refused), "PRICE_CHANGED");
        merchant.checked_out("100.00", "100.00", &[], member.clone()).await;
        // The same where the tier itself brings less.
        has_tier(&merchant, "M1", Some(gold)).await;
        tier::Entity::update_of(merchant.id)
            .filter(tier::Column::Id.eq(gold))
            .col_expr(tier::Column::DiscountPpm, Expr::value(50_000))
            .col_expr(tier::Column::Version, Expr::value(2))
            .exec(merchant.app().db.writer())
            .await
            .expect("the database answers");
        let input = merchant.checkout_input("100.00", "90.00", &[], member.clone());
        assert_eq!(code(&merchant.asked_for(input).await), "PRICE_CHANGED");
        let order = merchant.checked_out("100.00", "95.00", &[], member).await;
        assert_eq!(order.read(REDEMPTIONS).await["redemptions"][0]["version"], 2);
        close(&merchant.owner().await, &order).await;
        assert_eq!(order.read(REDEMPTIONS).await["redemptions"][0]["state"], "ROLLED_BACK");
        order.pay().await;
        let paid_late = order.read(REDEMPTIONS).await;
        assert_eq!(paid_late["redemptions"][0]["state"], "COMMITTED");
        counters_are_right(&merchant).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_order_that_meets_a_change_of_its_members_tier_is_priced_once_more() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let merchant = world.merchant("汇贤饭店").await;
    program(&merchant, |_| ()).await;
    let gold = a_tier(&merchant, "金卡", 10, |_| ()).await;
    has_tier(&merchant, "M1", Some(gold)).await;
    let id = has_points(&merchant, "M1", 1_000).await;
    // Priced with the tier, it waits for who takes that away.
    let input = with_points(&merchant, "M1", "100.00", "85.00", 500);
    let app = merchant.app();
    let asked = app.write::<_, Error, _>(merchant.id, |txn| {
        let (merchant, input) = (merchant.clone(), input.clone());
        async move {
            members::service::lock(&txn, merchant.id, id).await?;
            let shop = merchant.clone();
            let asked = tokio::spawn(async move { shop.asked_for(input).await });
            until_waiting(merchant.app(), 1).await;
            entity::member::Entity::update_of(merchant.id)
                .filter(entity::member::Column::Id.eq(id))
                .col_expr(
                    entity::member::Column::TierId,
                    Expr::value(None::<entity::TierId>),
                )
                .exec(&*txn)
                .await?;
            Ok(asked)
        }
    });
    let asked = asked.await.expect("the database answers");
    let payload = asked.await.expect("nobody panics");
    assert_eq!(code(&payload), "PRICE_CHANGED", "{payload}");
    assert_eq!(row_of(&merchant, "M1").await.points, 1_000);
    counters_are_right(&merchant).await;
}
