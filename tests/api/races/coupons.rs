//! Coupons that many want at once: the last one, one more than a member may have, one code.

use serde_json::{Value, json};

use super::{Two, at_once, count};
use crate::support::World;
use crate::support::coupons::{asked, new_key};

/// So many claims at once, on both instances by turns.
async fn claimed(two: &Two, claims: impl IntoIterator<Item = (String, String)>) -> Vec<Value> {
    at_once(
        claims
            .into_iter()
            .enumerate()
            .map(|(turn, (code, member))| {
                let merchant = two.by_turns(turn);
                async move { merchant.claims(&code, &member).await }
            }),
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_want_the_last_coupon_one_gets_it() {
    let Some(two) = Two::start().await else {
        return;
    };
    let template = json!({ "claimCode": "LAST-ONE", "quantity": 1 });
    let template = two.here.coupon_template(template).await;
    let claims = (0..48).map(|no| ("LAST-ONE".to_owned(), format!("m{no}")));
    let answers = claimed(&two, claims).await;
    assert_eq!(count(&answers, ""), 1);
    assert_eq!(count(&answers, "USED_UP"), 47);
    let coupons = two
        .here
        .coupons(json!({ "templateId": template }), "id")
        .await;
    assert_eq!(coupons.len(), 1);
    let members = "SELECT count(*) FROM members";
    assert_eq!(two.count(members).await, 1, "who gets nothing is not made");
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_member_never_gets_more_than_one_may_however_many_ask() {
    let Some(two) = Two::start().await else {
        return;
    };
    let template = json!({ "claimCode": "THREE-EACH", "perMember": 3, "quantity": 50 });
    two.here.coupon_template(template).await;
    let claims = (0..48).map(|no| ("THREE-EACH".to_owned(), format!("m{}", no % 4)));
    let answers = claimed(&two, claims).await;
    assert_eq!(count(&answers, ""), 12);
    assert_eq!(count(&answers, "MEMBER_LIMIT"), 36);
    for no in 0..4 {
        let of = json!({ "memberNo": format!("m{no}") });
        assert_eq!(two.here.coupons(of, "id").await.len(), 3);
    }
    let sum = "SELECT COALESCE(SUM(taken), 0)::BIGINT FROM offer_counters WHERE span = ''";
    assert_eq!(two.count(sum).await, 12, "what was refused is not counted");
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_single_use_code_becomes_one_members() {
    let Some(two) = Two::start().await else {
        return;
    };
    let template = two.here.coupon_template(json!({})).await;
    let code = two.here.codes(&template, 1).await.remove(0);
    let claims = (0..32).map(|no| (code.clone(), format!("m{no}")));
    let answers = claimed(&two, claims).await;
    assert_eq!(count(&answers, ""), 1);
    assert_eq!(count(&answers, "ALREADY_CLAIMED"), 31);
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn issuings_of_the_same_members_at_once_give_each_what_one_may_have() {
    let Some(two) = Two::start().await else {
        return;
    };
    let template = json!({ "perMember": 2, "quantity": 1_000 });
    let template = two.here.coupon_template(template).await;
    let answers = at_once((0..16).map(|turn| {
        let (merchant, template) = (two.by_turns(turn), template.clone());
        async move {
            // Each in another order: nobody waits in a circle.
            let mut members: Vec<String> = (0..20).map(|no| format!("m{no}")).collect();
            members.rotate_left(turn);
            let members: Vec<&str> = members.iter().map(String::as_str).collect();
            merchant.issues(&template, &members).await
        }
    }))
    .await;
    assert_eq!(count(&answers, ""), 2);
    assert_eq!(count(&answers, "MEMBER_LIMIT"), 14);
    for refused in answers.iter().filter(|answer| answer["batch"].is_null()) {
        let message = refused["userErrors"][0]["message"].as_str();
        let named = message.is_some_and(|message| message.contains("Member m0 "));
        assert!(named, "also where somebody was faster: {refused}");
    }
    let coupons = two
        .here
        .coupons(json!({ "templateId": template }), "id")
        .await;
    assert_eq!(coupons.len(), 40);
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_quantity_that_is_lowered_while_coupons_are_claimed_is_never_passed() {
    let Some(two) = Two::start().await else {
        return;
    };
    let template = json!({ "claimCode": "FEWER", "quantity": 100 });
    let template = two.here.coupon_template(template).await;
    let lowered = {
        let (owner, template) = (two.there.owner().await, template.clone());
        async move {
            let input = json!({ "id": template, "expectedVersion": 1, "quantity": 10 });
            asked(
                &owner,
                "couponTemplateUpdate",
                "couponTemplate { quantity }",
                input,
            )
            .await
        }
    };
    let lowered = tokio::spawn(lowered);
    let claims = (0..48).map(|no| ("FEWER".to_owned(), format!("m{no}")));
    let answers = claimed(&two, claims).await;
    let lowered = lowered.await.expect("nobody panics");
    let got = count(&answers, "");
    if lowered["userErrors"] == json!([]) {
        assert_eq!(got, 10, "{lowered}");
        assert_eq!(count(&answers, "USED_UP"), 38);
    } else {
        assert_eq!(lowered["userErrors"][0]["code"], "QUANTITY_BELOW_ISSUED");
        assert_eq!(got, 48);
    }
    assert_eq!(two.deadlocks().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_sent_many_times_claims_one_coupon() {
    let Some(two) = Two::start().await else {
        return;
    };
    let template = two
        .here
        .coupon_template(json!({ "claimCode": "SAME-KEY" }))
        .await;
    let key = new_key();
    let answers = at_once((0..32).map(|turn| {
        let (merchant, key) = (two.by_turns(turn), key.clone());
        async move {
            let input = json!({ "idempotencyKey": key, "code": "SAME-KEY", "memberNo": "m1" });
            asked(&merchant.shop(), "couponClaim", "coupon { id }", input).await
        }
    }))
    .await;
    let coupons = two
        .here
        .coupons(json!({ "templateId": template }), "id")
        .await;
    assert_eq!(coupons.len(), 1);
    for answer in answers {
        let same = answer["coupon"]["id"] == coupons[0].as_str();
        assert!(
            same || count(std::slice::from_ref(&answer), "IN_PROGRESS") == 1,
            "{answer}"
        );
    }
    assert_eq!(two.deadlocks().await, 0);
}

/// A claim that waits for one more connection while it holds one waits for itself: of four, all are held at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn claims_at_once_wait_for_no_second_connection() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let change = |settings: &mut yigate::config::Settings| {
        settings.database.max_connections = 4;
        settings.database.acquire_timeout_ms = 20_000;
    };
    let world = world.with_settings(change).await;
    let merchant = world.merchant("汇贤饭店").await;
    let last = json!({ "claimCode": "LAST-ONE", "quantity": 1 });
    let three = json!({ "claimCode": "THREE-EACH", "perMember": 3 });
    for template in [last, three] {
        merchant.coupon_template(template).await;
    }
    for (code, member, got, refusal) in [
        ("LAST-ONE", None, 1, "USED_UP"),
        ("THREE-EACH", Some("m1"), 3, "MEMBER_LIMIT"),
    ] {
        // Nobody remembers the merchant: who needs it asks the database.
        world.app().merchants.invalidate(&merchant.id);
        let answers = at_once((0..64).map(|turn| {
            let merchant = merchant.clone();
            let member = member.map_or_else(|| format!("n{turn}"), str::to_owned);
            async move { merchant.claims(code, &member).await }
        }))
        .await;
        assert_eq!(count(&answers, ""), got, "{code}");
        assert_eq!(count(&answers, refusal), 64 - got, "{code}");
    }
    assert_eq!(
        merchant
            .coupons(json!({ "memberNo": "m1" }), "id")
            .await
            .len(),
        3
    );
}
