//! Claiming: by a public code, within both limits; by a single-use code, which becomes the member's.

use chrono::TimeDelta;
use serde_json::json;

use crate::everywhere;
use crate::support::coupons::{COUPON, asked, code, new_key};

everywhere! {
    async fn members_claim_by_the_public_code_as_many_as_they_may(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let wanted = json!({ "claimCode": "spring-5", "perMember": 2, "quantity": 3 });
        merchant.coupon_template(wanted).await;
        let first = merchant.claims("Spring-5", "m1").await;
        let coupon = &first["coupon"];
        assert_eq!([&coupon["state"], &coupon["origin"], &coupon["member"]["memberNo"]],
            ["AVAILABLE", "CLAIMED", "m1"]);
        assert_eq!(code(&merchant.claims(" SPRING-5 ", "m1").await), "");
        let refused = merchant.claims("SPRING-5", "m1").await;
        assert_eq!(code(&refused), "MEMBER_LIMIT");
        assert!(refused["userErrors"][0]["message"].as_str().unwrap_or_default().contains('2'), "{refused}");
        assert_eq!(code(&merchant.claims("SPRING-5", "m2").await), "");
        assert_eq!(code(&merchant.claims("SPRING-5", "m3").await), "USED_UP");
        let chinese = merchant.shop().in_chinese();
        let input = json!({ "idempotencyKey": new_key(), "code": "SPRING-5", "memberNo": "m3" });
        let refused = asked(&chinese, "couponClaim", COUPON, input).await;
        assert_eq!(refused["userErrors"][0]["message"], "该优惠券已领完。");
        assert_eq!(merchant.coupons(json!({ "memberNo": "m1" }), "id").await.len(), 2);
        assert_eq!(merchant.coupons(json!({ "memberNo": "m3" }), "id").await.len(), 0);
    }

    async fn the_same_key_claims_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({ "claimCode": "SPRING-5" })).await;
        let shop = merchant.shop();
        let input = json!({ "idempotencyKey": new_key(), "code": "SPRING-5", "memberNo": "m1" });
        let first = asked(&shop, "couponClaim", COUPON, input.clone()).await;
        assert_eq!(asked(&shop, "couponClaim", COUPON, input.clone()).await, first);
        let mut other = input.clone();
        other["memberNo"] = json!("m2");
        assert_eq!(code(&asked(&shop, "couponClaim", COUPON, other).await), "KEY_REUSED");
        // The answer stays, whatever became of the code.
        let gone = json!({ "id": template, "expectedVersion": 1, "claimCode": null, "state": "PAUSED" });
        asked(&merchant.owner().await, "couponTemplateUpdate", "couponTemplate { id }", gone).await;
        assert_eq!(asked(&shop, "couponClaim", COUPON, input).await, first);
        assert_eq!(code(&merchant.claims("SPRING-5", "m2").await), "CODE_NOT_FOUND");
        assert_eq!(merchant.coupons(json!({ "templateId": template }), "id").await.len(), 1);
    }

    async fn a_single_use_code_becomes_the_members_however_it_is_typed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({ "perMember": 1 })).await;
        let codes = merchant.codes(&template, 3).await;
        let typed = codes[0].to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        let claimed = merchant.claims(&typed, "m1").await;
        assert_eq!(claimed["coupon"]["code"], codes[0], "{claimed}");
        assert_eq!(claimed["coupon"]["member"]["memberNo"], "m1");
        let again = merchant.claims(&codes[0], "m1").await;
        assert_eq!(again, claimed, "what is theirs already stays theirs");
        assert_eq!(code(&merchant.claims(&codes[0], "m2").await), "ALREADY_CLAIMED");
        assert_eq!(code(&merchant.claims(&codes[1], "m1").await), "MEMBER_LIMIT");
        assert_eq!(code(&merchant.claims(&codes[1], "m2").await), "");
        assert_eq!(code(&merchant.claims("7K3M-9QXA-2B4C", "m2").await), "CODE_NOT_FOUND");
        let theirs = world.merchant("云裳时装").await;
        assert_eq!(code(&theirs.claims(&codes[2], "m1").await), "CODE_NOT_FOUND");
        let told = merchant.events().await;
        assert_eq!(told.iter().filter(|kind| *kind == "COUPON_CLAIMED").count(), 2);
        assert_eq!(theirs.events().await, [""; 0]);
    }

    async fn days_begin_when_a_code_has_an_owner_and_what_is_over_is_not_claimed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({ "validity": { "days": 3 }, "claimCode": "DAYS" })).await;
        let codes = merchant.codes(&template, 2).await;
        world.clock.advance(TimeDelta::days(2));
        let claimed = merchant.claims(&codes[0], "m1").await;
        assert_eq!(claimed["coupon"]["validUntil"], "2026-11-28T16:00:00.000Z");
        world.clock.advance(TimeDelta::days(2));
        assert_eq!(code(&merchant.claims(&codes[1], "m1").await), "EXPIRED");
        let fixed = json!({ "fixed": { "until": "2026-11-30T00:00:00Z" } });
        merchant.coupon_template(json!({ "validity": fixed, "claimCode": "FIXED" })).await;
        assert_eq!(code(&merchant.claims("FIXED", "m1").await), "");
        world.clock.advance(TimeDelta::days(4));
        assert_eq!(code(&merchant.claims("FIXED", "m2").await), "EXPIRED");
        assert_eq!(code(&merchant.claims("DAYS", "m2").await), "");
    }

    async fn a_code_that_is_the_members_is_claimed_again_only_while_it_can_be_used(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let template = merchant.coupon_template(json!({ "validity": { "days": 3 } })).await;
        let codes = merchant.codes(&template, 2).await;
        let first = merchant.claims(&codes[0], "m1").await;
        assert_eq!(merchant.claims(&codes[0], "m1").await, first);
        let input = json!({ "which": { "couponIds": [first["coupon"]["id"]] }, "reason": "发错了" });
        assert_eq!(asked(&owner, "couponVoid", "voided", input).await["voided"], 1);
        assert_eq!(code(&merchant.claims(&codes[0], "m1").await), "NOT_AVAILABLE");
        assert_eq!(code(&merchant.claims(&codes[0], "m2").await), "ALREADY_CLAIMED");
        assert_eq!(code(&merchant.claims(&codes[1], "m1").await), "");
        world.clock.advance(TimeDelta::days(4));
        assert_eq!(code(&merchant.claims(&codes[1], "m1").await), "EXPIRED");
    }

    async fn a_single_use_code_is_out_once_it_is_made_whatever_becomes_of_its_template(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let template = merchant.coupon_template(json!({ "claimCode": "SPRING-5" })).await;
        let codes = merchant.codes(&template, 2).await;
        for (version, state) in [(1, "PAUSED"), (2, "ENDED")] {
            let input = json!({ "id": template, "expectedVersion": version, "state": state });
            asked(&owner, "couponTemplateUpdate", "couponTemplate { id }", input).await;
            assert_eq!(code(&merchant.claims("SPRING-5", "m1").await), "NOT_ACTIVE", "{state}");
            let code_of = &codes[usize::from(state == "ENDED")];
            assert_eq!(code(&merchant.claims(code_of, "m1").await), "", "{state}");
        }
    }

    async fn a_member_has_a_number_that_can_be_one(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.coupon_template(json!({ "claimCode": "SPRING-5" })).await;
        let refused = merchant.claims("SPRING-5", "王小明").await;
        assert_eq!(code(&refused), "INVALID");
        assert_eq!(refused["userErrors"][0]["field"], "memberNo");
    }
}
