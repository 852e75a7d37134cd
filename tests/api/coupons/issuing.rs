//! Handing out: to members, all or none; as codes, unique and within the quantity.

use std::collections::HashSet;

use chrono::TimeDelta;
use entity::event::{self, EventKind};
use entity::member;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};

use crate::everywhere;
use crate::support::coupons::{asked, code, new_key};

everywhere! {
    async fn each_member_is_given_a_coupon_or_none_is(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({ "perMember": 1, "quantity": 4 })).await;
        let made = merchant.issues(&template, &["m1", "m2", "m3"]).await;
        assert_eq!([&made["batch"]["count"], &made["batch"]["template"]["issued"]], [3, 3]);
        let refused = merchant.issues(&template, &["m4", "m2"]).await;
        assert_eq!(code(&refused), "MEMBER_LIMIT");
        assert!(refused["userErrors"][0]["message"].as_str().unwrap_or_default().contains("m2"), "{refused}");
        let refused = merchant.issues(&template, &["m4", "m5"]).await;
        assert_eq!(code(&refused), "USED_UP");
        assert!(refused["userErrors"][0]["message"].as_str().unwrap_or_default().contains('1'), "{refused}");
        assert_eq!(merchant.coupons(json!({ "memberNo": "m4" }), "id").await.len(), 0, "none was given one");
        assert_eq!(code(&merchant.issues(&template, &["m4"]).await), "");
        assert_eq!(code(&merchant.issues(&template, &["m6"]).await), "USED_UP");
        let codes = merchant.coupons(json!({ "templateId": template }), "code").await;
        assert_eq!(codes.len(), 4);
        assert_eq!(merchant.coupons(json!({ "memberNo": "m1" }), "origin").await, ["ISSUED"]);
        let told = merchant.events().await;
        let issued = told.iter().filter(|kind| *kind == "COUPON_ISSUED").count();
        assert_eq!(issued, 2, "one event for each issuing");
        let members = told.iter().filter(|kind| *kind == "MEMBER_CREATED").count();
        assert_eq!(members, 4, "nobody is made where nothing is given");
    }

    async fn who_has_as_many_as_one_may_is_named_wherever_their_number_stands(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({ "perMember": 1 })).await;
        assert_eq!(code(&merchant.issues(&template, &["m2"]).await), "");
        let refused = merchant.issues(&template, &["m3", "m2", "m1"]).await;
        assert_eq!(code(&refused), "MEMBER_LIMIT");
        let message = refused["userErrors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains("m2"), "not one of those who have none: {message}");
        assert_eq!(code(&merchant.issues(&template, &["m3", "m1"]).await), "");
    }

    async fn the_same_key_hands_out_the_same_coupons(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({})).await;
        let shop = merchant.shop();
        let fields = "batch { id count codes coupons(first: 2) { totalCount edges { node { code } } } }";
        let input = json!({ "idempotencyKey": new_key(), "templateId": template, "memberNos": ["m1", "m2", "m3"] });
        let first = asked(&shop, "couponIssue", fields, input.clone()).await;
        let batch = &first["batch"];
        assert_eq!(batch["coupons"]["totalCount"], 3);
        assert_eq!(batch["coupons"]["edges"][0]["node"]["code"], batch["codes"][2], "the last one first");
        assert_eq!(asked(&shop, "couponIssue", fields, input.clone()).await, first);
        let mut other = input.clone();
        other["memberNos"] = json!(["m1", "m2"]);
        assert_eq!(code(&asked(&shop, "couponIssue", fields, other).await), "KEY_REUSED");
        let codes = json!({ "idempotencyKey": input["idempotencyKey"], "templateId": template, "count": 3 });
        assert_eq!(code(&asked(&shop, "couponCodesCreate", fields, codes).await), "KEY_REUSED");
        let codes = json!({ "idempotencyKey": new_key(), "templateId": template, "count": 3 });
        let made = asked(&shop, "couponCodesCreate", fields, codes.clone()).await;
        assert_eq!(asked(&shop, "couponCodesCreate", fields, codes).await, made);
        assert_eq!(merchant.coupons(json!({ "batchId": made["batch"]["id"] }), "id").await.len(), 3);
        assert_eq!(merchant.coupons(json!({ "templateId": template }), "id").await.len(), 6);
    }

    async fn codes_are_made_in_bulk_unique_and_without_look_alikes(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({ "quantity": 2_600 })).await;
        let codes = merchant.codes(&template, 2_500).await;
        let distinct: HashSet<&String> = codes.iter().collect();
        assert_eq!(distinct.len(), 2_500);
        for code in &codes {
            let letters: Vec<&str> = code.split('-').collect();
            assert!(letters.iter().map(|group| group.len()).eq([4, 4, 4]), "{code}");
            assert!(!code.contains(['I', 'L', 'O', 'U']) && code.to_uppercase() == *code, "{code}");
        }
        let input = json!({ "idempotencyKey": new_key(), "templateId": template, "count": 101 });
        let refused = asked(&merchant.shop(), "couponCodesCreate", "batch { id }", input).await;
        assert_eq!(code(&refused), "USED_UP");
        assert!(refused["userErrors"][0]["message"].as_str().unwrap_or_default().contains("100"), "{refused}");
        let owned = merchant.coupons(json!({ "owned": true }), "id").await;
        assert_eq!(owned.len(), 0);
        let typed = codes[7].to_lowercase().replace('-', " ");
        assert_eq!(merchant.coupons(json!({ "code": typed }), "code").await, [codes[7].as_str()]);
        assert_eq!(merchant.coupons(json!({ "code": "Ü" }), "code").await, [""; 0]);
    }

    async fn nothing_is_handed_out_that_is_paused_over_or_cannot_be_meant(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let until = json!({ "fixed": { "until": "2026-11-23T05:00:00Z" } });
        let template = merchant.coupon_template(json!({ "validity": until })).await;
        let state = |version: i32, state: &str| json!({ "id": template, "expectedVersion": version, "state": state });
        asked(&owner, "couponTemplateUpdate", "couponTemplate { id }", state(1, "PAUSED")).await;
        assert_eq!(code(&merchant.issues(&template, &["m1"]).await), "NOT_ACTIVE");
        asked(&owner, "couponTemplateUpdate", "couponTemplate { id }", state(2, "ACTIVE")).await;
        assert_eq!(code(&merchant.issues(&template, &["m1"]).await), "");
        world.clock.advance(TimeDelta::hours(1));
        assert_eq!(code(&merchant.issues(&template, &["m2"]).await), "EXPIRED");
        assert_eq!(code(&merchant.issues("tpl_0000000000000", &["m2"]).await), "TEMPLATE_NOT_FOUND");
        let many: Vec<String> = (0..1_001).map(|no| format!("m{no}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for (members, field) in [
            (&[][..], "memberNos"),
            (&many[..], "memberNos"),
            (&["m1", "王小明"][..], "memberNos.1"),
            (&["m1", "m2", "m1"][..], "memberNos.2"),
        ] {
            let refused = merchant.issues(&template, members).await;
            assert_eq!(code(&refused), "INVALID", "{field}");
            assert_eq!(refused["userErrors"][0]["field"], field);
        }
    }

    async fn a_thousand_members_are_given_coupons_at_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({ "quantity": 1_000, "perMember": 1 })).await;
        let members: Vec<String> = (0..1_000).map(|no| format!("m{no}")).collect();
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        let made = merchant.issues(&template, &members).await;
        assert_eq!(made["batch"]["count"], 1_000, "{}", made["userErrors"]);
        assert_eq!(code(&merchant.issues(&template, &["m0"]).await), "MEMBER_LIMIT");
        let db = world.app().db.reads(merchant.id);
        let made = event::Entity::of(merchant.id).filter(event::Column::Kind.eq(EventKind::MemberCreated));
        let told = made.all(&db).await.expect("events");
        let mut told: Vec<i64> = told.iter().map(|row| row.subject_id).collect();
        let known = member::Entity::of(merchant.id).all(&db).await.expect("members");
        let mut known: Vec<i64> = known.iter().map(|row| row.id.0).collect();
        told.sort_unstable();
        known.sort_unstable();
        assert_eq!(told, known, "each is told of once");
    }

    async fn days_end_with_the_merchants_day_and_time_says_where_a_coupon_stands(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({ "validity": { "days": 1 } })).await;
        merchant.issues(&template, &["m1"]).await;
        let later = json!({ "fixed": { "from": "2026-11-24T00:00:00Z", "until": "2026-11-26T00:00:00Z" } });
        let later = merchant.coupon_template(json!({ "validity": later })).await;
        merchant.issues(&later, &["m2"]).await;
        let of = async |member: &str| merchant.coupons(json!({ "memberNo": member }), "state").await.remove(0);
        let ends = merchant.coupons(json!({ "memberNo": "m1" }), "validUntil").await;
        assert_eq!(ends, ["2026-11-24T16:00:00.000Z"], "the end of tomorrow in Shanghai");
        assert_eq!([of("m1").await, of("m2").await], ["AVAILABLE", "NOT_YET_VALID"]);
        let soon = json!({ "expiringBefore": "2026-11-25T00:00:00Z" });
        assert_eq!(merchant.coupons(soon, "validUntil").await, ends);
        world.clock.set("2026-11-24T15:59:59.999Z".parse().expect("an instant"));
        assert_eq!([of("m1").await, of("m2").await], ["AVAILABLE", "AVAILABLE"]);
        world.clock.advance(TimeDelta::milliseconds(1));
        assert_eq!([of("m1").await, of("m2").await], ["EXPIRED", "AVAILABLE"]);
        for (states, wanted) in [
            (json!(["EXPIRED"]), 1),
            (json!(["AVAILABLE"]), 1),
            (json!(["NOT_YET_VALID", "USED", "RESERVED", "VOID"]), 0),
            (json!(["AVAILABLE", "EXPIRED"]), 2),
        ] {
            let filter = json!({ "state": states });
            assert_eq!(merchant.coupons(filter, "id").await.len(), wanted, "{states}");
        }
    }

    async fn the_morning_brief_tells_of_coupons_that_end_soon(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let soon = merchant.coupon_template(json!({ "validity": { "days": 1 } })).await;
        merchant.issues(&soon, &["m1", "m2"]).await;
        let later = merchant.coupon_template(json!({ "validity": { "days": 30 } })).await;
        merchant.issues(&later, &["m1"]).await;
        let document = "{ dailyBrief { summary toDo { expiringCoupons { count value { amount } } } } }";
        let told = merchant.owner().await.data(document, Value::Null).await;
        let brief = &told["dailyBrief"];
        assert_eq!(brief["toDo"]["expiringCoupons"], json!({ "count": 2, "value": { "amount": "10.00" } }));
        let last = brief["summary"].as_array().and_then(|all| all.last()).expect("a sentence");
        assert_eq!(last, "Ending within three days: 2 coupons, worth up to 10.00 CNY.");
    }
}
