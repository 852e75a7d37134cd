//! Handing out to a segment: to each who is in it and may have one more, or to nobody.

use serde_json::{Value, json};

use crate::checkout::regulars::{removed, segment, tier};
use crate::everywhere;
use crate::support::Merchant;
use crate::support::coupons::{asked, code, new_key};

/// Gives a segment coupons of a template, under a key; the payload.
async fn issued(merchant: &Merchant, key: &str, template: &str, segment: &str) -> Value {
    let input = json!({ "idempotencyKey": key, "templateId": template, "segmentId": segment });
    let fields = "batch { id count codes }";
    asked(&merchant.shop(), "couponIssue", fields, input).await
}

everywhere! {
    async fn each_who_is_in_it_is_given_one_and_the_same_key_gives_the_same(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({ "perMember": 1, "quantity": 10 })).await;
        let regulars = segment(&merchant, "常客", &["A", "B", "C"]).await.to_string();
        merchant.member_id("D").await;
        // Who has as many as one may is left out.
        assert_eq!(code(&merchant.issues(&template, &["B"]).await), "");
        let key = new_key();
        let made = issued(&merchant, &key, &template, &regulars).await;
        assert_eq!(code(&made), "", "{made}");
        assert_eq!(made["batch"]["count"], 2);
        for (no, many) in [("A", 1), ("B", 1), ("C", 1), ("D", 0)] {
            assert_eq!(merchant.coupons(json!({ "memberNo": no }), "id").await.len(), many, "{no}");
        }
        assert_eq!(issued(&merchant, &key, &template, &regulars).await, made);
        assert_eq!(code(&issued(&merchant, &new_key(), &template, &regulars).await), "NOBODY_TO_GIVE");
        let others = segment(&merchant, "其他", &["D"]).await.to_string();
        assert_eq!(code(&issued(&merchant, &key, &template, &others).await), "KEY_REUSED");
        let told = merchant.events().await;
        assert_eq!(told.iter().filter(|kind| *kind == "COUPON_ISSUED").count(), 2);
    }

    async fn all_of_it_or_nobody_is_given_one(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({ "quantity": 2 })).await;
        let regulars = segment(&merchant, "常客", &["A", "B", "C"]).await.to_string();
        let refused = issued(&merchant, &new_key(), &template, &regulars).await;
        assert_eq!(code(&refused), "USED_UP");
        assert_eq!(merchant.coupons(json!({ "templateId": template }), "id").await.len(), 0);
    }

    async fn ten_thousand_are_given_one_at_once_and_more_are_refused(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({ "quantity": 20_000, "perMember": 1 })).await;
        let nos: Vec<String> = (0..10_001).map(|no| format!("M{no:05}")).collect();
        let nos: Vec<&str> = nos.iter().map(String::as_str).collect();
        let all = segment(&merchant, "全部", &nos).await.to_string();
        let refused = issued(&merchant, &new_key(), &template, &all).await;
        assert_eq!(code(&refused), "SEGMENT_TOO_LARGE");
        let fewer = segment(&merchant, "少一人", &nos[1..]).await.to_string();
        let made = issued(&merchant, &new_key(), &template, &fewer).await;
        assert_eq!(made["batch"]["count"], 10_000, "{}", made["userErrors"]);
        assert_eq!(merchant.coupons(json!({ "memberNo": "M00000" }), "id").await.len(), 0);
    }

    async fn a_segment_that_is_not_there_or_not_theirs_gives_nobody_any(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let other = world.merchant("别家").await;
        let template = merchant.coupon_template(json!({})).await;
        let gone = segment(&merchant, "旧分群", &["A"]).await;
        let gold = tier(&merchant, "金卡", 0, |_| ()).await;
        removed(&merchant, gold, gone).await;
        let theirs = segment(&other, "常客", &["A"]).await;
        for id in [gone.to_string(), theirs.to_string(), "seg_".to_owned(), template.clone()] {
            let refused = issued(&merchant, &new_key(), &template, &id).await;
            assert_eq!(code(&refused), "SEGMENT_NOT_FOUND", "{id}");
            assert_eq!(refused["userErrors"][0]["field"], "segmentId");
        }
        let nobody = segment(&merchant, "空", &[]).await.to_string();
        assert_eq!(code(&issued(&merchant, &new_key(), &template, &nobody).await), "NOBODY_TO_GIVE");
    }

    async fn exactly_one_of_numbers_and_a_segment_is_named(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({})).await;
        let regulars = segment(&merchant, "常客", &["A"]).await.to_string();
        for more in [json!({}), json!({ "memberNos": ["A"], "segmentId": regulars })] {
            let mut input = json!({ "idempotencyKey": new_key(), "templateId": template });
            crate::support::merchant::merge(&mut input, more);
            let refused = asked(&merchant.shop(), "couponIssue", "batch { id }", input).await;
            assert_eq!(code(&refused), "INVALID", "{refused}");
            assert_eq!(refused["userErrors"][0]["field"], "segmentId");
        }
    }
}
