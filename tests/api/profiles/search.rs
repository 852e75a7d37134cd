//! Members who are found by what is known of them, and lists in each order.

use chrono::TimeDelta;
use entity::member::{self, Column};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};

use super::{done, listed, seen, sold, with_scopes, zhang};
use crate::everywhere;
use crate::support::Merchant;

const NOBODY: [&str; 0] = [];

fn by(field: &str, direction: &str) -> Value {
    json!({ "field": field, "direction": direction })
}

fn yuan(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}

/// 张伟, two of the name 李娜, and one who is a number alone.
async fn people(merchant: &Merchant) {
    let owner = merchant.owner().await;
    done(&owner, "memberCreate", zhang()).await;
    for (no, phone, tags, month) in [
        ("M-2", "13900005678", json!(["常客"]), 2),
        ("M-3", "+14155550123", json!(["新客"]), 12),
    ] {
        let input = json!({ "memberNo": no, "name": "Li  NA", "phone": phone, "tags": tags,
            "birthday": { "month": month, "day": 1 } });
        done(&owner, "memberCreate", input).await;
    }
    done(&owner, "memberCreate", json!({ "memberNo": "M-4" })).await;
}

everywhere! {
    async fn members_are_found_by_name_and_by_what_reaches_them(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        people(&merchant).await;
        let owner = merchant.owner().await;
        for (filter, wanted) in [
            (json!({ "name": "张伟" }), vec!["M-1"]),
            (json!({ "name": "张" }), vec![]),
            (json!({ "name": " li na " }), vec!["M-3", "M-2"]),
            (json!({ "name": "  ", "contact": " ", "memberNo": " " }), vec!["M-4", "M-3", "M-2", "M-1"]),
            (json!({ "spent": { "min": yuan("0.00"), "max": yuan("0.00") } }), vec!["M-4", "M-3", "M-2", "M-1"]),
            (json!({ "name": "ＬＩ　Ｎａ" }), vec!["M-3", "M-2"]),
            (json!({ "contact": "＋８６ １３８－００００－５６７８" }), vec!["M-1"]),
            (json!({ "contact": "５６７８" }), vec!["M-2", "M-1"]),
            (json!({ "contact": "ｚｈａｎｇ．ｗｅｉ＠ｅｘａｍｐｌｅ．ｃｏｍ" }), vec!["M-1"]),
            (json!({ "contact": "13800005678" }), vec!["M-1"]),
            (json!({ "contact": "+86 138-0000-5678" }), vec!["M-1"]),
            (json!({ "contact": "5678" }), vec!["M-2", "M-1"]),
            (json!({ "contact": "0123" }), vec!["M-3"]),
            (json!({ "contact": "1380000" }), vec![]),
            (json!({ "contact": "ZHANG.wei@example.com" }), vec!["M-1"]),
            (json!({ "name": "li na", "contact": "5678" }), vec!["M-2"]),
            (json!({ "memberNo": "M-", "contact": "5678", "tags": ["VIP"] }), vec!["M-1"]),
            (json!({ "tags": ["常客"] }), vec!["M-2", "M-1"]),
            (json!({ "tags": ["VIP", "常客", "新客"] }), vec!["M-3", "M-2", "M-1"]),
            (json!({ "tags": ["常"] }), vec![]),
            (json!({ "birthMonth": 2 }), vec!["M-2", "M-1"]),
            (json!({ "birthMonth": 12 }), vec!["M-3"]),
            (json!({ "birthMonth": 1 }), vec![]),
        ] {
            assert_eq!(listed(&owner, filter.clone(), Value::Null).await, wanted, "{filter}");
        }
        for (wrong, field) in [
            (json!({ "contact": "张伟" }), "filter.contact"),
            (json!({ "birthMonth": 13 }), "filter.birthMonth"),
            (json!({ "notPaidForDays": 0 }), "filter.notPaidForDays"),
            (json!({ "tags": [] }), "filter.tags"),
            (json!({ "tierIds": ["x"] }), "filter.tierIds"),
            (json!({ "spent": { "min": { "amount": "1.00", "currency": "USD" } } }), "filter.spent.min"),
            (json!({ "spent": { "min": yuan("-0.01") } }), "filter.spent.min"),
            (json!({ "spent": { "max": yuan("-1.00") } }), "filter.spent.max"),
            (json!({ "spent": { "min": yuan("2.00"), "max": yuan("1.99") } }), "filter.spent"),
        ] {
            let document = "query($filter: MemberFilterInput) { members(filter: $filter) { totalCount } }";
            let told = owner.error(document, json!({ "filter": wrong })).await;
            assert_eq!(told.0, "BAD_USER_INPUT");
            assert!(told.1.contains(field), "{told:?}");
        }
    }

    async fn who_is_written_in_another_width_or_with_the_country_is_one_person(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        for (no, name, phone, email) in [
            ("M-1", "Ｌｉ　Ｎａ", "０２１－６２８８８８８８", "Ｌｉ＠ｅｘａｍｐｌｅ．ｃｏｍ"),
            ("M-2", "li na", "+86 21 6288 8888", "li@example.com"),
            ("M-3", "LI NA", "0086-21-62888888", "LI@EXAMPLE.COM"),
        ] {
            let input = json!({ "memberNo": no, "name": name, "phone": phone, "email": email });
            let made = done(&owner, "memberCreate", input).await;
            let shown = json!([made["name"], made["phone"], made["email"]]);
            assert_eq!(shown, json!([name, "02162888888", "li@example.com"]), "names stay as they are written");
        }
        for filter in [json!({ "name": "Ｌi na" }), json!({ "contact": "+８６ ２１ 62888888" }),
            json!({ "contact": "021-62888888" }), json!({ "contact": "LI＠example.com" })] {
            assert_eq!(listed(&owner, filter.clone(), Value::Null).await, ["M-3", "M-2", "M-1"], "{filter}");
        }
        for by in ["PHONE", "EMAIL"] {
            let document = format!("{{ memberDuplicates(by: {by}) {{ edges {{ node {{ count }} }} }} }}");
            let groups = owner.data(&document, Value::Null).await["memberDuplicates"]["edges"].clone();
            assert_eq!(groups, json!([{ "node": { "count": 3 } }]), "{by}");
        }
    }

    async fn who_is_shown_masked_values_cannot_try_what_is_behind_them(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        people(&merchant).await;
        let viewer = merchant.client(entity::membership::Role::Viewer).await;
        let document = "query($filter: MemberFilterInput) { members(filter: $filter) { totalCount } }";
        for filter in [
            json!({ "contact": "13800005678" }),
            json!({ "contact": "zhang.wei@example.com" }),
            json!({ "name": "张伟" }),
            json!({ "name": "张伟", "contact": "5678" }),
        ] {
            let told = viewer.error(document, json!({ "filter": filter })).await;
            assert_eq!(told.0, "FORBIDDEN", "{filter}");
        }
        assert_eq!(listed(&viewer, json!({ "contact": "5678" }), Value::Null).await, ["M-2", "M-1"]);
    }

    async fn who_is_changed_is_found_by_what_they_are_now(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        people(&merchant).await;
        let owner = merchant.owner().await;
        let id = seen(&owner, "M-1", "id").await["id"].clone();
        let input = json!({ "id": id, "expectedVersion": 1, "name": "张大伟", "phone": null, "tags": [] });
        done(&owner, "memberUpdate", input).await;
        for (filter, wanted) in [
            (json!({ "name": "张伟" }), vec![]),
            (json!({ "name": "张大伟" }), vec!["M-1"]),
            (json!({ "contact": "5678" }), vec!["M-2"]),
            (json!({ "contact": "13800005678" }), vec![]),
            (json!({ "contact": "zhang.wei@example.com" }), vec!["M-1"]),
            (json!({ "tags": ["VIP"] }), vec![]),
        ] {
            assert_eq!(listed(&owner, filter.clone(), Value::Null).await, wanted, "{filter}");
        }
    }

    async fn nobody_is_found_in_another_merchant(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        people(&theirs).await;
        let owner = ours.owner().await;
        for filter in [
            json!({ "name": "张伟" }), json!({ "contact": "5678" }), json!({ "contact": "zhang.wei@example.com" }),
            json!({ "tags": ["VIP"] }), json!({ "birthMonth": 2 }),
        ] {
            assert_eq!(listed(&owner, filter, Value::Null).await, NOBODY);
        }
        // The same person is another member here.
        done(&owner, "memberCreate", zhang()).await;
        assert_eq!(listed(&owner, json!({ "contact": "5678" }), Value::Null).await, ["M-1"]);
    }

    async fn members_are_found_and_sorted_by_what_they_bought(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        sold(&merchant, "A", "30.00").await;
        world.clock.advance(TimeDelta::days(10));
        let back = sold(&merchant, "B", "50.00").await;
        sold(&merchant, "C", "20.00").await;
        world.clock.advance(TimeDelta::days(10));
        sold(&merchant, "C", "10.00").await;
        done(&owner, "memberCreate", json!({ "memberNo": "D" })).await;
        let yuan = |amount: &str| json!({ "amount": amount, "currency": "CNY" });
        for (filter, order, wanted) in [
            (json!({ "spent": { "min": yuan("30.00") } }), Value::Null, vec!["C", "B", "A"]),
            (json!({ "spent": { "min": yuan("30.00"), "max": yuan("30.00") } }), Value::Null, vec!["C", "A"]),
            (json!({ "spent": { "max": yuan("29.99") } }), Value::Null, vec!["D"]),
            (json!({ "lastPaidAt": { "preset": "TODAY" } }), Value::Null, vec!["C"]),
            (json!({ "notPaidForDays": 1 }), Value::Null, vec!["B", "A"]),
            (json!({ "notPaidForDays": 10 }), Value::Null, vec!["B", "A"]),
            (json!({ "notPaidForDays": 11 }), Value::Null, vec!["A"]),
            (json!({ "notPaidForDays": 21 }), Value::Null, vec![]),
            (Value::Null, by("SPENT", "DESC"), vec!["B", "C", "A", "D"]),
            (Value::Null, by("SPENT", "ASC"), vec!["D", "A", "C", "B"]),
            (Value::Null, by("LAST_PAID", "DESC"), vec!["C", "B", "A"]),
            (Value::Null, by("LAST_PAID", "ASC"), vec!["A", "B", "C"]),
            (Value::Null, by("CREATED", "ASC"), vec!["A", "B", "C", "D"]),
            (json!({ "hasPaid": false }), by("LAST_PAID", "DESC"), vec![]),
            (json!({ "notPaidForDays": 1 }), by("LAST_PAID", "ASC"), vec!["A", "B"]),
        ] {
            assert_eq!(listed(&owner, filter.clone(), order.clone()).await, wanted, "{filter} {order}");
        }
        let fields = "consumption { recencyDays orders spent { amount } averageOrderValue { amount } ordersLastYear \
            spentLastYear { amount } }";
        let wanted = |recency: Value, orders: i64, spent: &str, average: Value| json!({ "consumption": {
            "recencyDays": recency, "orders": orders, "spent": { "amount": spent }, "averageOrderValue": average,
            "ordersLastYear": orders, "spentLastYear": { "amount": spent } } });
        let amount = |amount: &str| json!({ "amount": amount });
        assert_eq!(seen(&owner, "C", fields).await, wanted(json!(0), 2, "30.00", amount("15.00")));
        assert_eq!(seen(&owner, "B", fields).await, wanted(json!(10), 1, "50.00", amount("50.00")));
        assert_eq!(seen(&owner, "D", fields).await, wanted(Value::Null, 0, "0.00", Value::Null));
        // An order that is refunded in full is none, and its payment was one all the same.
        back.refund(json!({})).await;
        merchant.refunds_go_through().await;
        assert_eq!(seen(&owner, "B", fields).await, wanted(json!(10), 0, "0.00", Value::Null));
        assert_eq!(listed(&owner, Value::Null, by("SPENT", "DESC")).await, ["C", "A", "D", "B"]);
        // A year later nothing of it is of the last year.
        world.clock.advance(TimeDelta::days(365));
        let later = seen(&owner, "C", fields).await;
        assert_eq!(later["consumption"]["recencyDays"], 365);
        assert_eq!((&later["consumption"]["orders"], &later["consumption"]["ordersLastYear"]), (&json!(2), &json!(0)));
        let scoped = with_scopes(&world, &merchant, "MEMBERS_READ").await;
        for asks in [
            "filter: { spent: { min: { amount: \"1.00\", currency: \"CNY\" } } }", "filter: { notPaidForDays: 3 }",
            "filter: { lastPaidAt: { preset: TODAY } }", "orderBy: { field: SPENT }", "orderBy: { field: LAST_PAID }",
        ] {
            let told = scoped.error(&format!("{{ members({asks}) {{ totalCount }} }}"), Value::Null).await;
            assert_eq!(told.0, "FORBIDDEN", "{asks} would tell what they bought");
        }
        let answer = scoped.ask("{ member(by: { memberNo: \"C\" }) { memberNo consumption { orders } lastPaidAt } }",
            Value::Null).await;
        assert_eq!(answer["errors"].as_array().map(Vec::len), Some(2), "{answer}");
        assert_eq!(answer["data"]["member"]["memberNo"], "C");
    }

    async fn members_of_tiers_are_found(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        people(&merchant).await;
        let owner = merchant.owner().await;
        let silver: entity::TierId = world.app().ids.next();
        let gold: entity::TierId = world.app().ids.next();
        for (no, tier) in [("M-1", gold), ("M-2", silver), ("M-3", silver)] {
            member::Entity::update_of(merchant.id)
                .filter(Column::MemberNo.eq(no))
                .col_expr(Column::TierId, Expr::value(tier))
                .exec(world.app().db.writer())
                .await
                .unwrap();
        }
        let of = |ids: &[entity::TierId]| json!({ "tierIds": ids.iter().map(ToString::to_string).collect::<Vec<_>>() });
        assert_eq!(listed(&owner, of(&[gold]), Value::Null).await, ["M-1"]);
        assert_eq!(listed(&owner, of(&[silver]), Value::Null).await, ["M-3", "M-2"]);
        assert_eq!(listed(&owner, of(&[silver, gold]), Value::Null).await, ["M-3", "M-2", "M-1"]);
    }

    async fn pages_join_without_a_gap_in_each_order_either_way(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        // Of many the figures are the same.
        for (no, amount) in [("A", "3.00"), ("B", "1.00"), ("C", "3.00"), ("D", "2.00"), ("E", "3.00"), ("F", "1.00")] {
            sold(&merchant, no, amount).await;
            if no == "C" {
                world.clock.advance(TimeDelta::hours(1));
            }
        }
        done(&owner, "memberCreate", json!({ "memberNo": "G" })).await;
        for field in ["CREATED", "SPENT", "LAST_PAID"] {
            for direction in ["ASC", "DESC"] {
                let all = listed(&owner, Value::Null, by(field, direction)).await;
                assert_eq!(all.len(), if field == "LAST_PAID" { 6 } else { 7 });
                for forth in [true, false] {
                    let paged = paged(&merchant, &by(field, direction), forth).await;
                    assert_eq!(paged, all, "{field} {direction}, forth: {forth}");
                }
            }
        }
        let wrong = "{ members(orderBy: { field: SPENT }, after: \"mem_1\") { totalCount edges { cursor } } }";
        assert_eq!(owner.error(wrong, Value::Null).await.0, "BAD_USER_INPUT");
    }
}

/// The numbers on all pages of two, read from one end to the other.
async fn paged(merchant: &Merchant, order: &Value, forth: bool) -> Vec<String> {
    let page = if forth {
        "first: 2, after: $at"
    } else {
        "last: 2, before: $at"
    };
    let document = format!(
        "query($at: String, $by: MemberSortInput) {{ members(orderBy: $by, {page}) {{ edges {{ node {{ memberNo }} }} \
         pageInfo {{ startCursor endCursor hasNextPage hasPreviousPage }} }} }}"
    );
    let owner = merchant.owner().await;
    let (mut seen, mut at) = (Vec::new(), Value::Null);
    loop {
        let answer = owner
            .data(&document, json!({ "at": at, "by": order }))
            .await;
        let edges = answer["members"]["edges"].as_array().unwrap();
        let numbers = edges
            .iter()
            .map(|edge| edge["node"]["memberNo"].as_str().unwrap().to_owned());
        let info = &answer["members"]["pageInfo"];
        if forth {
            seen.extend(numbers);
            at = info["endCursor"].clone();
        } else {
            seen.splice(0..0, numbers);
            at = info["startCursor"].clone();
        }
        if info[if forth {
            "hasNextPage"
        } else {
            "hasPreviousPage"
        }] == false
        {
            return seen;
        }
    }
}
