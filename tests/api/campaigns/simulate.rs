//! What a campaign would have cost: the same as it did cost, where the same orders come.

use chrono::TimeDelta;
use serde_json::{Value, json};
use yigate::auth::model::{Actor, Scope, Scopes};
use yigate::campaigns::model::{Benefit, Rules};
use yigate::checkout::service::simulate::simulate_last;
use yigate::merchant;

use super::effect::{bought, effect};
use super::{begun, full, made, money};
use crate::statistics::scene::plain;
use crate::support::{Client, Merchant};

const SIMULATE: &str = "query($input: CampaignSimulateInput!) { campaignSimulate(input: $input) { truncated replayed \
    orders share participants ordersWithoutMember discountCost { amount } amount { amount } averageDiscount { amount } \
    belowThreshold tooLate budgetExhaustedAt usedUpAt byDay { on replayed orders discountCost { amount } } } }";

/// What is told of rules; amounts as their texts.
async fn simulated(merchant: &Merchant, rules: Value, days: i32) -> Value {
    let input = json!({ "rules": rules, "days": days });
    let owner = merchant.owner().await;
    let answer = owner.data(SIMULATE, json!({ "input": input })).await;
    plain(&answer["campaignSimulate"])
}

crate::everywhere! {
    async fn a_simulation_is_what_really_happened(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let rules = json!({
            "benefit": full(&[("100.00", "20.00"), ("300.00", "80.00")]),
            "limits": { "perMember": 2, "perDay": 3, "budget": money("200.00") },
        });
        let campaign = begun(&owner, json!({ "rules": rules })).await;
        let carts = [
            // A limit of each member: who is nobody has nothing.
            ("100.00", "100.00", None),
            ("100.00", "80.00", Some("M1")),
            ("99.00", "99.00", Some("M2")),
            ("120.00", "100.00", Some("M1")),
            ("300.00", "300.00", Some("M1")),
            ("300.00", "220.00", Some("M2")),
            // Three orders of the day had it.
            ("100.00", "100.00", Some("M3")),
        ];
        for (amount, payable, member) in carts {
            bought(&merchant, amount, payable, member).await;
        }
        world.clock.advance(TimeDelta::days(1));
        // 80 of 200 are left: once for a large one, then for nobody.
        for (amount, payable, member) in [
            ("350.00", "270.00", Some("M3")),
            ("350.00", "350.00", Some("M4")),
            ("100.00", "100.00", Some("M4")),
        ] {
            bought(&merchant, amount, payable, member).await;
        }
        let told = simulated(&merchant, json!({ "campaignId": campaign["id"] }), 2).await;
        let fields = "totals { orders participants discountCost { amount } } byDay { on orders discountCost { amount } }";
        let really = effect(&merchant, &campaign, fields).await;
        assert_eq!(really["totals"], json!({
            "orders": told["orders"], "participants": told["participants"], "discountCost": told["discountCost"],
        }));
        let simulated = told["byDay"].as_array().unwrap().iter();
        let days: Vec<Value> = simulated
            .map(|day| json!({ "on": day["on"], "orders": day["orders"], "discountCost": day["discountCost"] }))
            .collect();
        assert_eq!(really["byDay"], json!(days));
        assert_eq!(told["orders"], 4);
        assert_eq!((&told["replayed"], &told["tooLate"], &told["belowThreshold"]), (&json!(10), &json!(4), &json!(1)));
        assert_eq!(told["budgetExhaustedAt"], "2026-11-24T04:00:00.000Z");
    }

    async fn rules_of_nobody_yet_are_tried_out_on_the_last_days(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.paid_order("500.00").await;
        world.clock.advance(TimeDelta::days(3));
        for amount in ["80.00", "100.00", "250.00"] {
            merchant.paid_order(amount).await;
        }
        // Not paid: not replayed.
        merchant.order("900.00").await;
        let draft = json!({ "draft": { "benefit": full(&[("100.00", "20.00")]) } });
        let told = simulated(&merchant, draft.clone(), 3).await;
        assert_eq!(told, json!({
            "truncated": false, "replayed": 3, "orders": 2, "share": "0.666666", "participants": 0,
            "ordersWithoutMember": 2, "discountCost": "40.00", "amount": "350.00", "averageDiscount": "20.00",
            "belowThreshold": 1, "tooLate": 0, "budgetExhaustedAt": null, "usedUpAt": null,
            "byDay": [{ "on": "2026-11-26", "replayed": 3, "orders": 2, "discountCost": "40.00" }],
        }));
        assert_eq!(simulated(&merchant, draft, 4).await["replayed"], 4);
        let nothing = json!({ "draft": { "benefit": full(&[("900.00", "20.00")]) } });
        let told = simulated(&merchant, nothing, 90).await;
        assert_eq!((&told["orders"], &told["averageDiscount"]), (&json!(0), &Value::Null));
    }

    async fn what_an_exclusive_one_would_not_have_been_given_is_counted_by_its_reason(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for amount in ["80.00", "100.00", "100.00"] {
            merchant.paid_order(amount).await;
            world.clock.advance(TimeDelta::minutes(1));
        }
        let draft = json!({ "draft": { "benefit": full(&[("100.00", "20.00")]),
            "stacking": { "exclusive": true }, "limits": { "budget": money("30.00") } } });
        let told = simulated(&merchant, draft, 1).await;
        assert_eq!((&told["orders"], &told["belowThreshold"], &told["tooLate"]), (&json!(1), &json!(1), &json!(1)));
        assert_ne!(told["budgetExhaustedAt"], Value::Null);
    }

    async fn newcomers_are_those_of_then(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for (minutes, member) in [(1, "M1"), (1, "M1"), (1, "M2")] {
            merchant.order_with("100.00", json!({ "memberNo": member })).await.pay().await;
            world.clock.advance(TimeDelta::minutes(minutes));
        }
        let audience = json!({ "newcomers": true });
        let draft = json!({ "draft": { "benefit": full(&[("100.00", "20.00")]), "audience": audience } });
        let told = simulated(&merchant, draft, 1).await;
        assert_eq!((&told["orders"], &told["participants"]), (&json!(2), &json!(2)));
    }

    async fn where_there_are_too_many_orders_the_last_ones_are_replayed(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        for amount in ["1000.00", "100.00", "100.00", "100.00"] {
            merchant.paid_order(amount).await;
            world.clock.advance(TimeDelta::minutes(1));
        }
        let found = merchant::find(world.app(), merchant.id).await.expect("a merchant");
        let rules = || Rules {
            benefit: Benefit::Discount { off_ppm: 100_000, threshold_minor: 0, cap_minor: None },
            scope: Default::default(),
            audience: Default::default(),
            hours: Vec::new(),
            stacking: Default::default(),
            limits: Default::default(),
        };
        let told = simulate_last(world.app(), &found, rules(), 30, 3).await.expect("an answer");
        assert_eq!((told.truncated, told.result.orders, told.result.cost_minor), (true, 3, 3_000));
        let told = simulate_last(world.app(), &found, rules(), 30, 4).await.expect("an answer");
        assert_eq!((told.truncated, told.result.orders, told.result.cost_minor), (false, 4, 13_000));
    }

    async fn what_cannot_be_tried_out_is_refused_by_its_field(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await;
        let draft = json!({ "draft": { "benefit": full(&[("100.00", "20.00")]) } });
        for days in [0, 91] {
            let input = json!({ "rules": draft, "days": days });
            let (code, message) = owner.error(SIMULATE, json!({ "input": input })).await;
            assert_eq!(code, "BAD_USER_INPUT");
            assert!(message.contains("input.days"), "{message}");
        }
        let more_than_all = json!({ "draft": { "benefit": full(&[("100.00", "100.00")]) } });
        let input = json!({ "rules": more_than_all });
        let (code, message) = owner.error(SIMULATE, json!({ "input": input })).await;
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(message.contains("input.rules.draft.benefit.fullReduction"), "{message}");
        // Another merchant's campaign is nobody's.
        let other = world.merchant("云裳时装").await;
        let campaign = made(&other.owner().await, json!({})).await;
        let input = json!({ "rules": { "campaignId": campaign["id"] } });
        let (code, _) = owner.error(SIMULATE, json!({ "input": input })).await;
        assert_eq!(code, "NOT_FOUND");
        // Whoever may not see orders may not have them added up.
        let actor = Actor {
            scopes: Scopes::of(&[Scope::CampaignsRead]),
            ..Actor::system(merchant.id)
        };
        let key = Client::acting(world.gateway.clone(), Some(actor));
        let input = json!({ "rules": draft });
        let (code, _) = key.error(SIMULATE, json!({ "input": input })).await;
        assert_eq!(code, "FORBIDDEN");
    }
}
