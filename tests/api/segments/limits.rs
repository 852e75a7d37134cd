//! Rules that cannot be meant are named by their path, in both languages.

use serde_json::{Value, json};

use super::people::shop;
use super::{made, money, refused};
use crate::everywhere;

/// A rule that lies so deep.
fn deep(levels: usize) -> Value {
    (1..levels).fold(
        json!({ "neverPaid": true }),
        |rule, _| json!({ "not": rule }),
    )
}

fn many(count: usize) -> Value {
    let some = |count: usize| vec![json!({ "neverPaid": true }); count];
    json!({ "and": [{ "or": some(count - 3 - 20) }, { "or": some(20) }] })
}

everywhere! {
    async fn what_cannot_be_meant_is_named_by_its_path(world: World) {
        let shop = shop(&world).await;
        let owner = shop.merchant.owner().await;
        for (rules, field) in [
            (json!({ "and": [] }), "rules.and"),
            (json!({ "and": [{ "or": [] }] }), "rules.and.0.or"),
            (json!({ "tier": {} }), "rules.tier.tierIds"),
            (json!({ "tier": { "tierIds": ["ord_0000000000001"] } }), "rules.tier.tierIds.0"),
            (json!({ "tags": [] }), "rules.tags"),
            (json!({ "tags": ["vip", " "] }), "rules.tags.1"),
            (json!({ "memberNo": "" }), "rules.memberNo"),
            (json!({ "birthdayMonths": [0] }), "rules.birthdayMonths.0"),
            (json!({ "birthdayWithinDays": 367 }), "rules.birthdayWithinDays"),
            (json!({ "not": { "paidWithinDays": 0 } }), "rules.not.paidWithinDays"),
            (json!({ "notPaidForDays": 3_651 }), "rules.notPaidForDays"),
            (json!({ "orders": {} }), "rules.orders"),
            (json!({ "orders": { "min": -1 } }), "rules.orders.min"),
            (json!({ "orders": { "min": 2, "max": 1 } }), "rules.orders.max"),
            (json!({ "spent": { "min": money("1.00"), "days": 0 } }), "rules.spent.days"),
            (json!({ "spent": { "min": { "amount": "1", "currency": "USD" } } }), "rules.spent.min.currency"),
            (json!({ "averageOrder": {} }), "rules.averageOrder"),
            (json!({ "bought": {} }), "rules.bought"),
            (json!({ "bought": { "products": ["拿铁", ""] } }), "rules.bought.products.1"),
            (json!({ "rfm": [] }), "rules.rfm"),
            (deep(7), "rules.not.not.not.not.not.not"),
            (many(51), "rules"),
        ] {
            let answer = refused(&owner, "segmentCreate", json!({ "name": "甲", "rules": rules })).await;
            assert_eq!(answer, ("INVALID".to_owned(), field.to_owned()), "{rules}");
        }
        made(&owner, "六层", deep(6)).await;
        made(&owner, "五十条", many(50)).await;
        for name in ["", " ", "一行\n两行"] {
            let input = json!({ "name": name, "rules": { "neverPaid": true } });
            assert_eq!(refused(&owner, "segmentCreate", input).await, ("INVALID".to_owned(), "name".to_owned()));
        }
        let two = owner.ask("{ segmentPreview(rules: { neverPaid: true, consented: true }) { size } }", Value::Null).await;
        assert!(two["errors"][0]["message"].is_string(), "{two}");
    }

    async fn a_preview_tells_what_is_wrong_in_both_languages(world: World) {
        let shop = shop(&world).await;
        let owner = shop.merchant.owner().await;
        let document = "{ segmentPreview(rules: { or: [{ neverPaid: true }, { orders: { min: 2, max: 1 } }] }) { size } }";
        let english = owner.error(document, Value::Null).await;
        assert_eq!(english, ("BAD_USER_INPUT".to_owned(), "`rules.or.1.orders.max`: must not be less than `min`.".to_owned()));
        let chinese = owner.in_chinese().error(document, Value::Null).await;
        assert_eq!(chinese.1, "`rules.or.1.orders.max`：不能小于 `min`。");
    }
}
