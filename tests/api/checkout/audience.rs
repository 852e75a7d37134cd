//! What is for members of some tiers and segments: given to them, and the others are told why not.

use entity::campaign::RefundPolicy;
use serde_json::{Value, json};

use super::regulars::{has_tier, removed, segment, tier};
use super::scene::{QUOTE, cash, cash_rules, code, lines};
use crate::everywhere;
use crate::support::Merchant;

/// What a quote of a member says of the only campaign: that it is given, or why not.
async fn given(merchant: &Merchant, no: Option<&str>) -> Value {
    let quote = merchant
        .quote(json!({ "lines": lines("100.00"), "memberNo": no }))
        .await;
    let refused = &quote["notApplied"][0]["code"];
    if refused.is_null() {
        quote["applied"][0]["kind"].clone()
    } else {
        refused.clone()
    }
}

fn for_some(audience: Value) -> Value {
    json!({ "benefit": cash("10.00"), "audience": audience })
}

everywhere! {
    async fn a_campaign_for_tiers_is_given_to_their_members_alone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let silver = tier(&merchant, "银卡", 0, |_| ()).await;
        let gold = tier(&merchant, "金卡", 0, |_| ()).await;
        has_tier(&merchant, "S", Some(silver)).await;
        has_tier(&merchant, "G", Some(gold)).await;
        merchant.member_id("M").await;
        merchant.campaign("金卡立减", for_some(json!({ "tierIds": [gold.to_string()] }))).await;
        assert_eq!(given(&merchant, Some("G")).await, "CAMPAIGN");
        for (no, why) in [(Some("S"), "TIER_ONLY"), (Some("M"), "TIER_ONLY"), (Some("NEW"), "TIER_ONLY"),
            (None, "MEMBERS_ONLY")] {
            assert_eq!(given(&merchant, no).await, why, "{no:?}");
        }
        let input = json!({ "lines": lines("100.00"), "memberNo": "S" });
        let message = |quote: &Value| quote["checkoutQuote"]["notApplied"][0]["message"].clone();
        let chinese = merchant.shop().in_chinese().data(QUOTE, json!({ "input": input })).await;
        assert_eq!(message(&chinese), "仅限指定会员等级。");
        let english = merchant.shop().data(QUOTE, json!({ "input": input })).await;
        assert_eq!(message(&english), "It is for members of other tiers.");
        // The next quote knows of the next tier.
        has_tier(&merchant, "S", Some(gold)).await;
        assert_eq!(given(&merchant, Some("S")).await, "CAMPAIGN");
    }

    async fn a_campaign_for_segments_is_given_to_who_is_in_one_and_in_none_that_is_left_out(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let regulars = segment(&merchant, "常客", &["A", "B"]).await;
        let guests = segment(&merchant, "贵宾", &["C"]).await;
        let staff = segment(&merchant, "员工", &["B"]).await;
        merchant.member_id("D").await;
        let audience = json!({ "segmentIds": [regulars.to_string(), guests.to_string()],
            "withoutSegmentIds": [staff.to_string()] });
        merchant.campaign("老客立减", for_some(audience)).await;
        for (no, what) in [(Some("A"), "CAMPAIGN"), (Some("C"), "CAMPAIGN"), (Some("B"), "SEGMENT_EXCLUDED"),
            (Some("D"), "SEGMENT_ONLY"), (Some("NEW"), "SEGMENT_ONLY"), (None, "MEMBERS_ONLY")] {
            assert_eq!(given(&merchant, no).await, what, "{no:?}");
        }
        merchant.checked_out("100.00", "90.00", &[], json!({ "memberNo": "A" })).await;
        let input = merchant.checkout_input("100.00", "90.00", &[], json!({ "memberNo": "B" }));
        assert_eq!(code(&merchant.asked_for(input).await), "PRICE_CHANGED");
    }

    async fn what_leaves_a_segment_out_is_given_to_who_is_not_known(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let staff = segment(&merchant, "员工", &["B"]).await;
        merchant.campaign("立减", for_some(json!({ "withoutSegmentIds": [staff.to_string()] }))).await;
        assert_eq!(given(&merchant, None).await, "CAMPAIGN");
        assert_eq!(given(&merchant, Some("NEW")).await, "CAMPAIGN");
        assert_eq!(given(&merchant, Some("B")).await, "SEGMENT_EXCLUDED");
    }

    async fn a_coupon_for_some_is_used_by_them_alone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let gold = tier(&merchant, "金卡", 0, |_| ()).await;
        let regulars = segment(&merchant, "常客", &["A"]).await;
        has_tier(&merchant, "G", Some(gold)).await;
        let mut rules = cash_rules(500);
        rules.audience.tiers = vec![gold];
        let of_tier = merchant.template("金卡券", &rules, RefundPolicy::Restore).await;
        let mut rules = cash_rules(500);
        rules.audience.segments = vec![regulars];
        let of_segment = merchant.template("常客券", &rules, RefundPolicy::Restore).await;
        for (template, theirs, others) in [(of_tier, "G", "A"), (of_segment, "A", "G")] {
            let coupon = merchant.coupon_of(template, None).await;
            let input = merchant.checkout_input("50.00", "45.00", &[&coupon], json!({ "memberNo": others }));
            let refused = merchant.asked_for(input).await;
            assert_eq!(code(&refused), "COUPON_NOT_USABLE", "{refused}");
            merchant.checked_out("50.00", "45.00", &[&coupon], json!({ "memberNo": theirs })).await;
        }
    }

    async fn a_segment_that_is_taken_away_has_nobody(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let gold = tier(&merchant, "金卡", 10, |_| ()).await;
        let regulars = segment(&merchant, "常客", &["A"]).await;
        has_tier(&merchant, "G", Some(gold)).await;
        merchant.campaign("老客立减", for_some(json!({ "segmentIds": [regulars.to_string()] }))).await;
        removed(&merchant, gold, regulars).await;
        assert_eq!(given(&merchant, Some("A")).await, "SEGMENT_ONLY");
        // A tier that is taken away brings nothing, whoever still has it.
        let quote = merchant.quote(json!({ "lines": lines("100.00"), "memberNo": "G" })).await;
        assert_eq!(quote["payable"]["amount"], "100.00");
    }
}
