//! Voiding: some, all or none; or all of a template that nobody holds.

use serde_json::{Value, json};
use yigate::coupons::service::reserve;

use crate::everywhere;
use crate::support::coupons::{asked, code};
use crate::support::{Client, Merchant};

async fn voided(client: &Client, which: Value, reason: &str) -> Value {
    let input = json!({ "which": which, "reason": reason });
    asked(client, "couponVoid", "voided reserved more", input).await
}

/// An order holds the coupon of a code.
async fn held(merchant: &Merchant, code: &str) {
    let order = merchant.order("36.00").await;
    let (app, merchant_id) = (merchant.app(), merchant.id);
    let coupon = yigate::coupons::service::find_by_code(app, merchant_id, code)
        .await
        .expect("a coupon");
    let (now, id) = (app.clock.instant(), coupon.id);
    let taken = app.write::<_, yigate::error::Error, _>(merchant_id, |txn| async move {
        Ok(reserve(&txn, merchant_id, id, order.id, None, now).await?)
    });
    assert!(taken.await.expect("the database answers"));
}

everywhere! {
    async fn all_of_them_are_voided_or_none(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let template = merchant.coupon_template(json!({})).await;
        let codes = merchant.codes(&template, 3).await;
        let mut ids = merchant.coupons(json!({ "templateId": template }), "id").await;
        ids.reverse();
        held(&merchant, &codes[2]).await;
        let refused = voided(&owner, json!({ "couponIds": ids }), "发错了").await;
        assert_eq!(code(&refused), "RESERVED");
        assert!(refused["userErrors"][0]["message"].as_str().unwrap_or_default().contains(&codes[2]), "{refused}");
        assert_eq!(merchant.coupons(json!({ "state": ["VOID"] }), "id").await.len(), 0);
        let done = voided(&owner, json!({ "couponIds": ids[..2] }), "发错了").await;
        assert_eq!(done, json!({ "voided": 2, "reserved": 0, "more": false, "userErrors": [] }));
        let again = voided(&owner, json!({ "couponIds": ids[..2] }), "发错了").await;
        assert_eq!(again["voided"], 0, "what is void stays void");
        let seen = "query($code: String!) { coupon(by: { code: $code }) { state voidReason voidedBy voidedAt } }";
        let seen = owner.data(seen, json!({ "code": codes[0] })).await;
        assert_eq!([&seen["coupon"]["state"], &seen["coupon"]["voidReason"]], ["VOID", "发错了"]);
        assert_eq!(code(&merchant.claims(&codes[0], "m1").await), "NOT_AVAILABLE");
        assert_eq!(code(&merchant.claims(&codes[2], "m1").await), "NOT_AVAILABLE");
        let told = merchant.events().await;
        assert_eq!(told.iter().filter(|kind| *kind == "COUPON_VOIDED").count(), 2);
    }

    async fn of_a_template_all_are_voided_but_those_that_orders_hold(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let template = merchant.coupon_template(json!({ "quantity": 3_000 })).await;
        let other = merchant.coupon_template(json!({})).await;
        merchant.codes(&other, 1).await;
        let codes = merchant.codes(&template, 2_100).await;
        held(&merchant, &codes[0]).await;
        let done = voided(&owner, json!({ "templateId": template }), "活动取消").await;
        assert_eq!(done, json!({ "voided": 2_099, "reserved": 1, "more": false, "userErrors": [] }));
        assert_eq!(merchant.coupons(json!({ "state": ["RESERVED"] }), "code").await, [codes[0].as_str()]);
        assert_eq!(merchant.coupons(json!({ "templateId": other }), "state").await, ["AVAILABLE"]);
        let again = voided(&owner, json!({ "templateId": template }), "活动取消").await;
        assert_eq!(again["voided"], 0);
    }

    async fn what_is_not_there_or_has_no_reason_is_not_voided(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        for (which, reason, wanted) in [
            (json!({ "couponIds": ["cpn_0000000000000"] }), "x", "NOT_FOUND"),
            (json!({ "couponIds": ["nothing"] }), "x", "NOT_FOUND"),
            (json!({ "templateId": "tpl_0000000000000" }), "x", "NOT_FOUND"),
            (json!({ "couponIds": [] }), "x", "INVALID"),
            (json!({ "couponIds": ["cpn_0000000000000"] }), " ", "INVALID"),
        ] {
            assert_eq!(code(&voided(&owner, which.clone(), reason).await), wanted, "{which}");
        }
    }
}
