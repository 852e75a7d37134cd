//! What made-up histories give: redemptions, coupons and counters agree with orders, recounted from the rows alone.

use chrono::TimeDelta;
use entity::campaign::{self, CampaignState};
use entity::coupon::{self, CouponState};
use entity::redemption::{self, RedemptionState};
use entity::{MerchantId, order, order_line};
use sea_orm::{ConnectionTrait, QueryOrder, Statement};
use yigate::app::App;
use yigate::campaigns::service::effect;
use yigate::demo;
use yigate::statistics::worker::Projector;

use crate::support::noon;

/// Statements that find what must not be there.
const BROKEN: [(&str, &str); 10] = [
    (
        "orders whose discount is not what was redeemed, and paid with points",
        "SELECT o.id FROM orders AS o JOIN redemptions AS r ON r.merchant_id = o.merchant_id AND r.order_id = o.id \
         LEFT JOIN order_points AS p ON p.merchant_id = o.merchant_id AND p.order_id = o.id \
         GROUP BY o.merchant_id, o.id, o.discount_minor, p.off_minor \
         HAVING SUM(r.off_minor) + COALESCE(p.off_minor, 0) <> o.discount_minor",
    ),
    (
        "redemptions whose state is not their order's",
        "SELECT r.id FROM redemptions AS r JOIN orders AS o ON o.merchant_id = r.merchant_id AND o.id = r.order_id \
         WHERE r.state <> CASE WHEN o.payment_state = 'PENDING' THEN 'RESERVED' WHEN o.payment_state = 'PAID' \
         AND o.refund_state <> 'FULL' THEN 'COMMITTED' ELSE 'ROLLED_BACK' END",
    ),
    (
        "redemptions that say another sale than their order",
        "SELECT r.id FROM redemptions AS r JOIN orders AS o ON o.merchant_id = r.merchant_id AND o.id = r.order_id \
         WHERE COALESCE(r.sales_minor, 0) <> o.paid_minor OR COALESCE(r.committed_at, 0) <> COALESCE(o.paid_at, 0) \
         OR COALESCE(r.member_id, 0) <> COALESCE(o.member_id, 0)",
    ),
    (
        "new members whose first order it was not",
        "SELECT r.id FROM redemptions AS r LEFT JOIN members AS m ON m.merchant_id = r.merchant_id \
         AND m.id = r.member_id WHERE r.newcomer <> (m.first_order_id IS NOT NULL AND m.first_order_id = r.order_id)",
    ),
    (
        "counters of campaigns that count something else",
        "SELECT c.offer_id FROM offer_counters AS c WHERE c.kind = 'CAMPAIGN' AND c.span = '' AND (c.taken <> \
         (SELECT COUNT(*) FROM redemptions AS r WHERE r.merchant_id = c.merchant_id AND r.offer_id = c.offer_id \
         AND r.offer = 'CAMPAIGN' AND r.state <> 'ROLLED_BACK') OR c.spent_minor <> (SELECT SUM(r.off_minor) FROM \
         redemptions AS r WHERE r.merchant_id = c.merchant_id AND r.offer_id = c.offer_id \
         AND r.offer = 'CAMPAIGN' AND r.state <> 'ROLLED_BACK'))",
    ),
    (
        "days and members that are not counted whole",
        "SELECT c.offer_id FROM offer_counters AS c WHERE c.kind = 'CAMPAIGN' AND c.span = '' AND c.taken <> \
         (SELECT SUM(d.taken) FROM offer_counters AS d WHERE d.merchant_id = c.merchant_id AND d.kind = c.kind \
         AND d.offer_id = c.offer_id AND d.span LIKE 'd%')",
    ),
    (
        "limits and budgets that are passed",
        "SELECT offer_id FROM offer_counters WHERE taken > most OR spent_minor > budget_minor",
    ),
    (
        "coupons that an order has and did not redeem",
        "SELECT c.id FROM coupons AS c WHERE (c.state IN ('USED', 'RESERVED')) <> EXISTS (SELECT 1 FROM redemptions AS r \
         WHERE r.merchant_id = c.merchant_id AND r.coupon_id = c.id AND r.order_id = c.order_id \
         AND r.state <> 'ROLLED_BACK')",
    ),
    (
        "templates that handed out another number",
        "SELECT c.offer_id FROM offer_counters AS c WHERE c.kind = 'COUPON_ISSUE' AND c.span = '' AND c.taken <> \
         (SELECT COUNT(*) FROM coupons AS o WHERE o.merchant_id = c.merchant_id AND o.template_id = c.offer_id)",
    ),
    (
        "coupons from before their member was known",
        "SELECT c.id FROM coupons AS c JOIN members AS m ON m.merchant_id = c.merchant_id AND m.id = c.member_id \
         WHERE c.id < m.id",
    ),
];

async fn number(app: &App, sql: &str) -> i64 {
    let counted = format!("SELECT CAST(COUNT(*) AS BIGINT) AS found FROM ({sql}) AS rows");
    let statement = Statement::from_string(app.db.backend(), counted);
    let row = app.db.writer().query_one_raw(statement).await.unwrap();
    row.unwrap().try_get("", "found").unwrap()
}

/// What of each redemption fell to each line adds up to the lines' discounts.
async fn shares_are_the_lines_discounts(app: &App, id: MerchantId) {
    let db = app.db.reads_across();
    let redeemed = redemption::Entity::of(id)
        .order_by_asc(redemption::Column::OrderId)
        .all(db)
        .await
        .unwrap();
    let lines = order_line::Entity::of(id)
        .order_by_asc(order_line::Column::OrderId)
        .order_by_asc(order_line::Column::LineNo)
        .all(db)
        .await
        .unwrap();
    let mut given = std::collections::HashMap::<_, Vec<i64>>::new();
    for row in &redeemed {
        let shares: Vec<i64> = serde_json::from_str(&row.shares).unwrap();
        assert_eq!(shares.iter().sum::<i64>(), row.off_minor);
        let sums = given
            .entry(row.order_id)
            .or_insert_with(|| vec![0; shares.len()]);
        sums.iter_mut()
            .zip(shares)
            .for_each(|(sum, share)| *sum += share);
    }
    for of_order in lines.chunk_by(|one, next| one.order_id == next.order_id) {
        let Some(shares) = given.get(&of_order[0].order_id) else {
            continue;
        };
        let discounts: Vec<i64> = of_order.iter().map(|line| line.discount_minor).collect();
        assert_eq!(&discounts, shares);
    }
}

/// Every stage of a campaign and of a coupon is there to look at.
async fn something_is_there_to_look_at(app: &App, made: &demo::Demo) {
    let db = app.db.reads_across();
    let campaigns = campaign::Entity::of(made.restaurant).all(db).await.unwrap();
    for state in [
        CampaignState::Draft,
        CampaignState::Active,
        CampaignState::Ended,
    ] {
        assert!(campaigns.iter().any(|one| one.state == state), "{state:?}");
    }
    let coupons = coupon::Entity::of(made.fashion).all(db).await.unwrap();
    for state in [CouponState::Available, CouponState::Used] {
        assert!(
            coupons.iter().filter(|one| one.state == state).count() > 10,
            "{state:?}"
        );
    }
    let soon = noon() + TimeDelta::days(3);
    let expiring = coupons
        .iter()
        .filter(|one| one.state == CouponState::Available);
    let expiring = expiring.filter(|one| one.valid_until.0 > noon() && one.valid_until.0 < soon);
    assert!(expiring.count() > 5);
    for row in campaigns.iter().filter(|row| row.activated_at.is_some()) {
        let span = effect::span(app, row).await.unwrap().unwrap();
        let totals = effect::totals(app, row, RedemptionState::Committed)
            .await
            .unwrap();
        assert!(totals.orders > 100 && totals.members > 20, "{totals:?}");
        let days = effect::days(app, row, &span).await.unwrap();
        let of_days: i64 = days.iter().map(|day| day.redeemed.sales_minor).sum();
        assert_eq!(of_days, totals.sales_minor);
        assert!(
            days.iter()
                .all(|day| day.redeemed.orders <= day.all.paid_orders)
        );
        let told = effect::baseline(app, row, &span).await.unwrap();
        let told = told.baseline.expect("enough data");
        assert!(told.uplift_minor.high > 0, "{told:?}");
    }
    // Others are priced by the shop itself, as before.
    let orders = order::Entity::of(made.restaurant).all(db).await.unwrap();
    assert!(orders.iter().any(|order| order.discount_minor == 1_000));
}

crate::everywhere! {
    async fn what_the_demo_gives_agrees_with_its_orders(world: World) {
        let app = world.app();
        let made = demo::fill_days(app, 1, noon(), TimeDelta::days(150)).await.expect("a demo");
        for (what, sql) in BROKEN {
            assert_eq!(number(app, sql).await, 0, "{what}");
        }
        let mut projector = Projector::named("a test");
        for _ in 0..200 {
            projector.work(app).await.expect("the database answers");
            let served = yigate::statistics::service::served(app, made.restaurant).await.unwrap();
            if !projector.is_building() && served.as_of.is_some() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        shares_are_the_lines_discounts(app, made.restaurant).await;
        shares_are_the_lines_discounts(app, made.fashion).await;
        something_is_there_to_look_at(app, &made).await;
    }
}
