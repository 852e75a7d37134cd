//! Two members who are one person.

use chrono::TimeDelta;
use entity::membership::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    assert_sums, by_id, find, give_points, how_often, merged, merging_input, owes, person, seen,
    sold, with_scopes,
};
use crate::everywhere;
use crate::support::World;
use crate::support::coupons::{asked, code, new_key};

everywhere! {
    async fn who_stays_has_all_that_both_had(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let from = person(&merchant, json!({ "memberNo": "OLD", "name": "王小明", "phone": "13800000000",
            "tags": ["老客", "咖啡"], "birthday": { "month": 2, "day": 29, "year": 1996 }, "consent": true })).await;
        let first = sold(&merchant, "OLD", "36.00").await;
        world.clock.advance(TimeDelta::hours(1));
        let into = person(&merchant, json!({ "memberNo": "NEW", "name": "王明", "tags": ["老客", "新客"] })).await;
        sold(&merchant, "NEW", "10.00").await;
        let template = merchant.coupon_template(json!({})).await;
        merchant.issues(&template, &["OLD", "NEW"]).await;
        let done = merged(&merchant, &from, &into).await;
        assert_eq!((&done["userErrors"], &done["member"]["id"]), (&json!([]), &json!(into)), "{done}");
        let fields = "id name phone tags birthday { month day year } consentedAt paidOrders spent { amount } \
            firstOrder { id } orders { totalCount }";
        let one = seen(&merchant, "OLD", fields).await;
        assert_eq!(one, seen(&merchant, "NEW", fields).await, "both numbers lead to who stays");
        assert_eq!((&one["name"], &one["phone"]), (&json!("王明"), &json!("13800000000")));
        assert_eq!(one["birthday"], json!({ "month": 2, "day": 29, "year": 1996 }));
        assert_eq!(one["consentedAt"], Value::Null, "nobody agrees for who stays");
        assert_eq!((&one["paidOrders"], &one["spent"]["amount"]), (&json!(2), &json!("46.00")));
        assert_eq!(one["firstOrder"]["id"], first.id.to_string());
        assert_eq!(one["orders"]["totalCount"], 2);
        let mut tags: Vec<&str> = one["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect();
        tags.sort_unstable();
        let mut wanted = ["咖啡", "新客", "老客"];
        wanted.sort_unstable();
        assert_eq!(tags, wanted);
        assert_eq!(merchant.coupons(json!({ "memberNo": "OLD" }), "id").await.len(), 2);
        let gone = by_id(&merchant, &from, "name mergedInto { id } paidOrders").await;
        assert_eq!(gone, json!({ "name": null, "mergedInto": { "id": into }, "paidOrders": 0 }));
        let owner = merchant.owner().await;
        let list = owner.data("{ members { totalCount edges { node { id } } } }", Value::Null).await;
        assert_eq!(list["members"], json!({ "totalCount": 1, "edges": [{ "node": { "id": into } }] }));
        assert_eq!(how_often(&merchant, "MEMBER_MERGED").await, 1);
        // The whole number of who is gone finds who stays, who is found by the other number once, and by no part of it.
        let document = "query($filter: MemberFilterInput) { members(filter: $filter) { totalCount edges { node { id } } } }";
        for (filter, is_found) in [
            (json!({ "memberNo": "OLD" }), true),
            (json!({ "memberNo": "NEW" }), true),
            (json!({ "memberNo": "OLD", "hasPaid": true }), true),
            (json!({ "memberNo": "OLD", "hasPaid": false }), false),
            (json!({ "memberNo": "OL" }), false),
        ] {
            let told = owner.data(document, json!({ "filter": filter })).await["members"].clone();
            let wanted = if is_found { list["members"].clone() } else { json!({ "totalCount": 0, "edges": [] }) };
            assert_eq!(told, wanted, "{filter}");
        }
    }

    async fn who_took_it_back_last_is_not_written_to_as_the_other(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let (mut ids, mut told) = (Vec::new(), Vec::new());
        for no in ["EARLY", "STAYS", "LATE"] {
            ids.push(person(&merchant, json!({ "memberNo": no, "consent": true })).await);
            world.clock.advance(TimeDelta::hours(1));
            if no != "STAYS" {
                let input = json!({ "id": ids.last(), "consent": false, "source": "短信退订" });
                told.push(asked(&owner, "memberConsentSet", "", input).await["userErrors"].clone());
                world.clock.advance(TimeDelta::hours(1));
            }
        }
        assert_eq!(told, [json!([]), json!([])]);
        assert_eq!(merged(&merchant, &ids[0], &ids[1]).await["userErrors"], json!([]));
        assert!(by_id(&merchant, &ids[1], "consentedAt").await["consentedAt"].is_string(), "they agreed since");
        let before = how_often(&merchant, "MEMBER_CONSENT_CHANGED").await;
        assert_eq!(merged(&merchant, &ids[2], &ids[1]).await["userErrors"], json!([]));
        assert_eq!(by_id(&merchant, &ids[1], "consentedAt").await["consentedAt"], Value::Null);
        assert_eq!(how_often(&merchant, "MEMBER_CONSENT_CHANGED").await, before + 1);
    }

    async fn an_order_or_a_coupon_that_names_who_is_gone_is_of_who_stayed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let unpaid = merchant.order_with("36.00", json!({ "memberNo": "OLD" })).await;
        let from = seen(&merchant, "OLD", "id").await["id"].as_str().unwrap().to_owned();
        let into = person(&merchant, json!({ "memberNo": "NEW" })).await;
        assert_eq!(merged(&merchant, &from, &into).await["userErrors"], json!([]));
        unpaid.pay().await;
        let named = sold(&merchant, "OLD", "10.00").await;
        assert_eq!(named.read("member { id }").await["member"]["id"], into);
        let template = merchant.coupon_template(json!({ "claimCode": "HELLO" })).await;
        merchant.issues(&template, &["OLD"]).await;
        merchant.claims("HELLO", "OLD").await;
        assert_eq!(merchant.coupons(json!({ "memberNo": "NEW" }), "id").await.len(), 2);
        let one = by_id(&merchant, &into, "paidOrders spent { amount } firstOrder { id }").await;
        assert_eq!((&one["paidOrders"], &one["spent"]["amount"]), (&json!(2), &json!("46.00")));
        assert_eq!(one["firstOrder"]["id"], unpaid.id.to_string());
        assert_eq!(find(&world, &merchant, &from).await.paid_orders, 0);
        // Whoever had become a part of who is gone now, is a part of who stays as well.
        let third = person(&merchant, json!({ "memberNo": "THIRD" })).await;
        assert_eq!(merged(&merchant, &into, &third).await["userErrors"], json!([]));
        assert_eq!(seen(&merchant, "OLD", "id").await["id"], third);
        assert_eq!(by_id(&merchant, &from, "mergedInto { id }").await["mergedInto"]["id"], third);
    }

    async fn points_are_what_lots_and_entries_sum_to_for_both(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let from = person(&merchant, json!({ "memberNo": "OLD" })).await;
        let into = person(&merchant, json!({ "memberNo": "NEW" })).await;
        give_points(&world, &merchant, &from, 30, false).await;
        give_points(&world, &merchant, &from, 20, true).await;
        give_points(&world, &merchant, &into, 5, false).await;
        owes(&world, &merchant, &from, 12).await;
        assert_eq!(merged(&merchant, &from, &into).await["userErrors"], json!([]));
        for id in [&from, &into] {
            assert_sums(&world, &merchant, id).await;
        }
        let one = find(&world, &merchant, &into).await;
        assert_eq!((one.points, one.points_pending, one.points_owed), (23, 20, 0), "what was owed is paid");
        let gone = find(&world, &merchant, &from).await;
        assert_eq!((gone.points, gone.points_pending, gone.points_owed), (0, 0, 0));
        assert_eq!(how_often(&merchant, "MEMBER_POINTS_CHANGED").await, 1);
    }

    async fn what_both_had_of_an_offer_counts_for_who_stays(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let template = merchant.coupon_template(json!({ "perMember": 2 })).await;
        merchant.issues(&template, &["OLD", "NEW"]).await;
        let from = seen(&merchant, "OLD", "id").await["id"].as_str().unwrap().to_owned();
        let into = seen(&merchant, "NEW", "id").await["id"].as_str().unwrap().to_owned();
        assert_eq!(merged(&merchant, &from, &into).await["userErrors"], json!([]));
        let once_more = merchant.issues(&template, &["NEW"]).await;
        assert_eq!(code(&once_more), "MEMBER_LIMIT", "{once_more}");
    }

    async fn what_is_not_merged_is_told_why(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let a = person(&merchant, json!({ "memberNo": "A", "name": "甲" })).await;
        let b = person(&merchant, json!({ "memberNo": "B", "name": "乙" })).await;
        let c = person(&merchant, json!({ "memberNo": "C" })).await;
        assert_eq!(code(&merged(&merchant, &a, &a).await), "SAME_MEMBER");
        let mut input = merging_input(&merchant, &a, &b).await;
        input["expectedVersion"] = json!(9);
        assert_eq!(code(&asked(&owner, "memberMerge", "", input.clone()).await), "VERSION_CONFLICT");
        input["intoId"] = json!("mem_0000000000000");
        input["idempotencyKey"] = json!(new_key());
        assert_eq!(code(&asked(&owner, "memberMerge", "", input).await), "INTO_NOT_FOUND");
        let input = merging_input(&merchant, &a, &b).await;
        let first = asked(&owner, "memberMerge", "member { id version }", input.clone()).await;
        assert_eq!(first["userErrors"], json!([]), "{first}");
        let again = asked(&owner, "memberMerge", "member { id version }", input.clone()).await;
        assert_eq!(again, first, "the same key answers the same");
        assert_eq!(how_often(&merchant, "MEMBER_MERGED").await, 1);
        let mut reused = input.clone();
        reused["intoId"] = json!(c);
        assert_eq!(code(&asked(&owner, "memberMerge", "", reused).await), "KEY_REUSED");
        assert_eq!(code(&merged(&merchant, &a, &c).await), "ALREADY_MERGED");
        assert_eq!(code(&merged(&merchant, &c, &a).await), "INTO_MERGED");
        let erase = json!({ "memberId": c, "reason": "本人要求" });
        assert_eq!(asked(&owner, "memberErase", "", erase).await["userErrors"], json!([]));
        assert_eq!(code(&merged(&merchant, &c, &b).await), "ERASED");
        let viewer = merchant.client(Role::Viewer).await;
        let document = "mutation($input: MemberMergeInput!) { memberMerge(input: $input) { userErrors { code } } }";
        assert_eq!(viewer.error(document, json!({ "input": input })).await.0, "FORBIDDEN");
    }

    async fn members_whom_the_same_number_or_address_reaches_are_found(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for (no, phone, email) in [
            ("A", "13800000000", "a@example.com"),
            ("B", "+86 138-0000-0000", "b@example.com"),
            ("C", "13900000000", "A@example.com"),
            ("D", "13700000000", "d@example.com"),
            ("E", "13700000000", "e@example.com"),
            ("F", "13700000000", "f@example.com"),
        ] {
            person(&merchant, json!({ "memberNo": no, "phone": phone, "email": email })).await;
        }
        let owner = merchant.owner().await;
        let document = "query($by: MemberDuplicateBy!, $after: String) { memberDuplicates(by: $by, first: 1, \
            after: $after) { edges { node { count members { memberNo } } } pageInfo { hasNextPage endCursor } } }";
        let mut groups = Vec::new();
        for (by, wanted) in [("PHONE", 2), ("EMAIL", 1)] {
            let mut after = Value::Null;
            for turn in 1..=wanted {
                let page = owner.data(document, json!({ "by": by, "after": after })).await;
                let list = &page["memberDuplicates"];
                assert_eq!(list["pageInfo"]["hasNextPage"], json!(turn < wanted), "{by}");
                after = list["pageInfo"]["endCursor"].clone();
                let node = &list["edges"][0]["node"];
                let members = node["members"].as_array().unwrap().iter();
                let numbers: Vec<&str> = members.map(|member| member["memberNo"].as_str().unwrap()).collect();
                assert_eq!(node["count"], numbers.len());
                groups.push(numbers.join(""));
            }
        }
        groups.sort_unstable();
        assert_eq!(groups, ["AB", "AC", "DEF"]);
        let nobody = with_scopes(&world, &merchant, "ORDERS_READ").await;
        let masked = with_scopes(&world, &merchant, "MEMBERS_READ, MEMBERS_WRITE").await;
        for client in [nobody, masked] {
            let told = client.error("{ memberDuplicates { edges { cursor } } }", Value::Null).await;
            assert_eq!(told.0, "FORBIDDEN");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn orders_that_are_made_and_paid_while_their_member_is_merged_lose_nothing() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let merchant = world.merchant("汇贤饭店").await;
    for round in 0..6 {
        let (old, new) = (format!("OLD-{round}"), format!("NEW-{round}"));
        let mut orders = Vec::new();
        for _ in 0..4 {
            orders.push(
                merchant
                    .order_with("10.00", json!({ "memberNo": old }))
                    .await,
            );
        }
        let from = seen(&merchant, &old, "id").await["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let into = person(&merchant, json!({ "memberNo": new })).await;
        let pays = orders.iter().map(|order| order.pay());
        let makes = (0..4).map(|_| sold(&merchant, &old, "1.00"));
        let (done, _, _) = tokio::join!(
            merged(&merchant, &from, &into),
            join_all(pays),
            join_all(makes)
        );
        assert_eq!(done["userErrors"], json!([]), "{done}");
        let fields = "paidOrders spent { amount } orders { totalCount } firstOrder { id }";
        let one = seen(&merchant, &old, fields).await;
        assert_eq!(
            (&one["paidOrders"], &one["orders"]["totalCount"]),
            (&json!(8), &json!(8)),
            "{one}"
        );
        assert_eq!(one["spent"]["amount"], "44.00");
        assert!(one["firstOrder"]["id"].is_string());
        let gone = find(&world, &merchant, &from).await;
        assert_eq!((gone.paid_orders, gone.spent_minor), (0, 0));
    }
}
