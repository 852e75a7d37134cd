//! Templates: made, changed by who knows their version, listed; what cannot be meant is named.

use entity::membership::Role;
use serde_json::{Value, json};

use crate::everywhere;
use crate::support::coupons::{asked, code, template_input};

const FIELDS: &str = "couponTemplate { id name state version kind validFrom validUntil validDays quantity perMember \
    claimCode refundPolicy issued remaining used discountCost { amount } \
    rules { benefit { kind off { amount } } stacking { group } } }";

everywhere! {
    async fn a_template_is_made_and_changed_by_who_knows_its_version(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let marketing = merchant.client(Role::Marketing).await;
        let input = template_input(json!({ "claimCode": "spring-5", "perMember": 2 }));
        let made = asked(&marketing, "couponTemplateCreate", FIELDS, input).await;
        let made = &made["couponTemplate"];
        assert_eq!(made["rules"], json!({ "benefit": { "kind": "CASH", "off": { "amount": "5.00" } },
            "stacking": { "group": "coupon" } }));
        assert_eq!(
            [&made["state"], &made["kind"], &made["claimCode"], &made["refundPolicy"]],
            ["ACTIVE", "CASH", "SPRING-5", "RESTORE"]
        );
        assert_eq!(
            [&made["version"], &made["validDays"], &made["perMember"], &made["remaining"]],
            [1, 7, 2, 100]
        );
        let id = &made["id"];
        let wanted = json!({ "id": id, "expectedVersion": 1, "name": "春季五元券", "quantity": 50,
            "perMember": null, "claimCode": null, "refundPolicy": "KEEP", "state": "PAUSED" });
        let changed = asked(&marketing, "couponTemplateUpdate", FIELDS, wanted.clone()).await;
        let changed = &changed["couponTemplate"];
        assert_eq!([&changed["name"], &changed["state"], &changed["refundPolicy"]],
            ["春季五元券", "PAUSED", "KEEP"]);
        assert_eq!([&changed["perMember"], &changed["claimCode"]], [&Value::Null, &Value::Null]);
        assert_eq!([&changed["version"], &changed["quantity"]], [2, 50]);
        let late = asked(&marketing, "couponTemplateUpdate", FIELDS, wanted).await;
        assert_eq!(code(&late), "VERSION_CONFLICT");
        let same = json!({ "id": id, "expectedVersion": 2, "state": "PAUSED" });
        let same = asked(&marketing, "couponTemplateUpdate", FIELDS, same).await;
        assert_eq!(same["couponTemplate"]["version"], 2, "what changes nothing writes nothing");
        assert_eq!(merchant.events().await, ["COUPON_TEMPLATE_CREATED", "COUPON_TEMPLATE_UPDATED"]);
        let log = merchant.owner().await.data(
            "{ auditLog(first: 1) { edges { node { action target { id } } } } }", Value::Null).await;
        assert_eq!(log["auditLog"]["edges"][0]["node"]["action"], "couponTemplateUpdate");
    }

    async fn what_cannot_be_meant_is_named_in_both_languages(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let until = |until: &str| json!({ "fixed": { "until": until } });
        let cash = |amount: &str| json!({ "benefit": { "cash": { "off": { "amount": amount, "currency": "CNY" } } } });
        let mut limited = cash("5.00");
        limited["limits"] = json!({ "perDay": 5 });
        let mut elsewhere = cash("5.00");
        elsewhere["scope"] = json!({ "channelIds": ["chn_0000000000000"] });
        for (more, field) in [
            (json!({ "name": " " }), "name"),
            (json!({ "quantity": 0 }), "quantity"),
            (json!({ "perMember": 0 }), "perMember"),
            (json!({ "claimCode": "双十一大促" }), "claimCode"),
            (json!({ "validity": { "days": 0 } }), "validity.days"),
            (json!({ "validity": until("2026-11-23T04:00:00Z") }), "validity.fixed.until"),
            (json!({ "rules": limited }), "rules.limits"),
            (json!({ "rules": cash("0.00") }), "rules.benefit.cash.off"),
            (json!({ "rules": elsewhere }), "rules.scope.channelIds.0"),
        ] {
            let input = template_input(more.clone());
            let refused = asked(&owner, "couponTemplateCreate", FIELDS, input.clone()).await;
            assert_eq!(code(&refused), "INVALID", "{more}");
            assert_eq!(refused["userErrors"][0]["field"], field, "{more}");
            let chinese = asked(&owner.clone().in_chinese(), "couponTemplateCreate", FIELDS, input).await;
            let message = |payload: &Value| payload["userErrors"][0]["message"].as_str().expect("words").to_owned();
            assert!(message(&refused).is_ascii(), "{refused}");
            assert!(!message(&chinese).is_ascii(), "{chinese}");
        }
    }

    async fn never_fewer_than_are_handed_out_and_ended_for_good(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let id = merchant.coupon_template(json!({})).await;
        merchant.codes(&id, 40).await;
        let changed = |version: i32, more: Value| {
            let mut input = json!({ "id": id, "expectedVersion": version });
            for (name, value) in more.as_object().expect("an object") {
                input[name] = value.clone();
            }
            let owner = owner.clone();
            async move { asked(&owner, "couponTemplateUpdate", FIELDS, input).await }
        };
        let refused = changed(1, json!({ "quantity": 39 })).await;
        assert_eq!(code(&refused), "QUANTITY_BELOW_ISSUED");
        assert!(refused["userErrors"][0]["message"].as_str().unwrap_or_default().contains("40"), "{refused}");
        let fits = changed(1, json!({ "quantity": 40 })).await;
        assert_eq!([&fits["couponTemplate"]["issued"], &fits["couponTemplate"]["remaining"]], [40, 0]);
        assert_eq!(code(&changed(2, json!({ "state": "ENDED" })).await), "");
        assert_eq!(code(&changed(3, json!({ "state": "ACTIVE" })).await), "ENDED");
        assert_eq!(code(&changed(3, json!({ "name": "旧券" })).await), "");
    }

    async fn a_public_code_is_one_templates_in_a_merchant(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        merchant.coupon_template(json!({ "claimCode": "SPRING-5" })).await;
        let again = template_input(json!({ "claimCode": "spring-5" }));
        let refused = asked(&owner, "couponTemplateCreate", FIELDS, again.clone()).await;
        assert_eq!(code(&refused), "CLAIM_CODE_TAKEN");
        let other = merchant.coupon_template(json!({})).await;
        let wanted = json!({ "id": other, "expectedVersion": 1, "claimCode": "Spring-5" });
        let refused = asked(&owner, "couponTemplateUpdate", FIELDS, wanted).await;
        assert_eq!(code(&refused), "CLAIM_CODE_TAKEN");
        let theirs = world.merchant("云裳时装").await;
        let made = asked(&theirs.owner().await, "couponTemplateCreate", FIELDS, again).await;
        assert_eq!(code(&made), "");
    }

    async fn templates_are_listed_by_state_kind_and_name(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let cash = merchant.coupon_template(json!({ "name": "五元券", "claimCode": "FIVE" })).await;
        let rules = json!({ "benefit": { "discount": { "percentOff": "20" } } });
        let discount = merchant.coupon_template(json!({ "name": "八折 Summer 100%", "rules": rules })).await;
        let paused = json!({ "id": discount, "expectedVersion": 1, "state": "PAUSED" });
        asked(&owner, "couponTemplateUpdate", FIELDS, paused).await;
        let both = [discount.as_str(), cash.as_str()];
        for (filter, wanted) in [
            (json!({}), &both[..]),
            (json!({ "state": ["ACTIVE"] }), &both[1..]),
            (json!({ "kind": ["DISCOUNT"] }), &both[..1]),
            (json!({ "search": "summer" }), &both[..1]),
            (json!({ "search": "100%" }), &both[..1]),
            (json!({ "search": "_" }), &both[..0]),
            (json!({ "claimCode": "five" }), &both[1..]),
        ] {
            let document = "query($filter: CouponTemplateFilterInput) { couponTemplates(filter: $filter) { \
                totalCount edges { node { id } } } }";
            let seen = owner.data(document, json!({ "filter": filter })).await;
            let edges = seen["couponTemplates"]["edges"].as_array().expect("edges").iter();
            let ids: Vec<&str> = edges.filter_map(|edge| edge["node"]["id"].as_str()).collect();
            assert_eq!(ids, wanted, "{filter}");
            assert_eq!(seen["couponTemplates"]["totalCount"], wanted.len());
        }
        let (first, next) = ("first: 1", "first: 1, after: $after");
        let page = |paging: &str| format!("query($after: String) {{ couponTemplates({paging}) {{ edges {{ cursor node {{ id }} }} }} }}");
        let seen = owner.data(&page(first).replace("query($after: String)", "query"), Value::Null).await;
        let after = &seen["couponTemplates"]["edges"][0]["cursor"];
        let seen = owner.data(&page(next), json!({ "after": after })).await;
        assert_eq!(seen["couponTemplates"]["edges"][0]["node"]["id"], cash);
    }
}
