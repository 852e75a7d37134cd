//! What orders do with coupons: hold one, use it up, give it back; never another member's, never twice.

use entity::{CouponId, MemberId, OrderId};
use serde_json::json;
use yigate::coupons::service::{self, available_of, find_by_codes};
use yigate::error::Error;

use crate::everywhere;
use crate::support::Merchant;

async fn reserved(
    merchant: &Merchant,
    id: CouponId,
    order: OrderId,
    buyer: Option<MemberId>,
) -> bool {
    let (app, merchant_id) = (merchant.app(), merchant.id);
    let now = app.clock.instant();
    let taken = app.write::<_, Error, _>(merchant_id, |txn| async move {
        Ok(service::reserve(&txn, merchant_id, id, order, buyer, now).await?)
    });
    taken.await.expect("the database answers")
}

async fn used(merchant: &Merchant, id: CouponId, order: OrderId) -> u64 {
    let (app, merchant_id) = (merchant.app(), merchant.id);
    let now = app.clock.instant();
    let used = app.write::<_, Error, _>(merchant_id, |txn| async move {
        Ok(service::use_(app, &txn, merchant_id, order, &[id], now).await?)
    });
    used.await.expect("the database answers")
}

async fn given_back(merchant: &Merchant, id: CouponId, order: OrderId) -> u64 {
    let (app, merchant_id) = (merchant.app(), merchant.id);
    let back = app.write::<_, Error, _>(merchant_id, |txn| async move {
        Ok(service::give_back(app, &txn, merchant_id, order, &[id]).await?)
    });
    back.await.expect("the database answers")
}

everywhere! {
    async fn an_order_holds_a_coupon_uses_it_and_gives_it_back(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({ "validity": { "days": 1 } })).await;
        merchant.issues(&template, &["m1", "m2"]).await;
        let (order, other) = (merchant.order("36.00").await.id, merchant.order("36.00").await.id);
        let home = &merchant.app().db;
        let db = home.reads(merchant.id);
        let codes = merchant.coupons(json!({ "memberNo": "m1" }), "code").await;
        let typed = [codes[0].to_lowercase(), "7K3M-9QXA-2B4C".to_owned(), "?".to_owned()];
        let found = find_by_codes(home, &db, merchant.id, &typed).await.expect("found");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].template.id.to_string(), template);
        let (id, member) = (found[0].coupon.id, found[0].coupon.member_id.expect("a member"));
        let available = async || {
            let now = merchant.app().clock.instant();
            available_of(home, &db, merchant.id, member, now).await.expect("read").len()
        };
        assert_eq!(available().await, 1);
        assert!(!reserved(&merchant, id, order, None).await, "it is a member's");
        assert!(!reserved(&merchant, id, order, Some(MemberId(member.0 + 1))).await, "another's");
        assert!(reserved(&merchant, id, order, Some(member)).await);
        assert!(!reserved(&merchant, id, other, Some(member)).await, "it is held");
        assert_eq!(available().await, 0);
        assert_eq!(used(&merchant, id, other).await, 0, "another order does not use it");
        assert_eq!(given_back(&merchant, id, other).await, 0);
        assert_eq!(used(&merchant, id, order).await, 1);
        assert_eq!(merchant.coupons(json!({ "memberNo": "m1" }), "state").await, ["USED"]);
        assert_eq!(given_back(&merchant, id, order).await, 1);
        assert_eq!(available().await, 1);
        let told = merchant.events().await;
        let told: Vec<&str> = told.iter().map(String::as_str).filter(|kind| kind.starts_with("COUPON_")).collect();
        let wanted = ["COUPON_TEMPLATE_CREATED", "COUPON_ISSUED", "COUPON_USED", "COUPON_RETURNED"];
        assert_eq!(told, wanted, "once each: what another order asked for changed nothing");
        world.clock.advance(chrono::TimeDelta::days(2));
        assert_eq!(available().await, 0);
        assert!(!reserved(&merchant, id, other, Some(member)).await, "it has expired");
    }

    async fn who_may_not_see_orders_or_members_sees_the_coupon_alone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({})).await;
        merchant.issues(&template, &["m1"]).await;
        let key = "mutation { apiKeyCreate(input: { name: \"x\", scopes: [CAMPAIGNS_READ] }) { secret } }";
        let key = merchant.owner().await.data(key, json!(null)).await;
        let key = key["apiKeyCreate"]["secret"].as_str().expect("a key").to_owned();
        let client = crate::support::Client::bearer(world.gateway.clone(), &key).await;
        let answer = client.ask(
            "{ coupons { edges { node { code member { memberNo } order { id } template { name } } } } }",
            json!(null),
        ).await;
        let by_member = "{ coupons(filter: { memberNo: \"m1\" }) { totalCount } }";
        assert_eq!(client.error(by_member, json!(null)).await.0, "FORBIDDEN", "it would tell who is a member");
        let node = &answer["data"]["coupons"]["edges"][0]["node"];
        assert_eq!([&node["member"], &node["order"]], [&json!(null), &json!(null)]);
        assert_eq!(node["template"]["name"], "五元券");
        let errors = answer["errors"].as_array().expect("errors").iter();
        let codes: Vec<_> = errors.map(|error| error["extensions"]["code"].as_str()).collect();
        assert_eq!(codes, [Some("FORBIDDEN"); 2]);
    }
    async fn who_may_not_hand_coupons_out_sees_no_code_that_anybody_could_use(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({})).await;
        merchant.issues(&template, &["m1"]).await;
        let codes = merchant.codes(&template, 1).await;
        let viewer = merchant.client(entity::membership::Role::Viewer).await;
        let list = "query($filter: CouponFilterInput) { coupons(filter: $filter) { edges { node { code } } } }";
        let seen = async |client: &crate::support::Client, owned: bool| {
            let answer = client.data(list, json!({ "filter": { "owned": owned } })).await;
            answer["coupons"]["edges"][0]["node"]["code"].as_str().expect("a code").to_owned()
        };
        let (owner, end) = (merchant.owner().await, &codes[0][10..]);
        assert_eq!(seen(&owner, false).await, codes[0]);
        assert_eq!(seen(&viewer, false).await, format!("****-****-{end}"));
        assert_eq!(seen(&viewer, true).await, seen(&owner, true).await, "it is that member's alone");
        let by_code = json!({ "filter": { "code": &codes[0][..1] } });
        assert_eq!(viewer.error(list, by_code.clone()).await.0, "FORBIDDEN", "letter by letter");
        owner.data(list, by_code).await;
        merchant.claims(&codes[0], "m2").await;
        let whose = json!({ "filter": { "memberNo": "m2" } });
        let shown = viewer.data(list, whose).await;
        assert_eq!(shown["coupons"]["edges"][0]["node"]["code"], codes[0].as_str(), "nobody else's any more");
    }
}
