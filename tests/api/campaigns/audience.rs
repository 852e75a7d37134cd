//! Rules for members of some tiers and segments: read as they were meant, and only where these are the merchant's.

use entity::membership::Role;
use serde_json::{Value, json};

use super::{asked, full, made, refused, wanted};
use crate::checkout::regulars::{has_tier, removed, segment, tier};
use crate::everywhere;
use crate::support::coupons::{asked as asked_of_coupons, code, template_input};

/// The rules of a campaign for some.
fn for_some(audience: Value) -> Value {
    json!({ "benefit": full(&[("100.00", "20.00")]), "audience": audience })
}

everywhere! {
    async fn tiers_and_segments_read_back_as_they_were_sent(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let gold = tier(&merchant, "金卡", 0, |_| ()).await.to_string();
        let [regulars, staff] = [
            segment(&merchant, "常客", &["A"]).await.to_string(),
            segment(&merchant, "员工", &["B"]).await.to_string(),
        ];
        let audience = json!({ "tierIds": [gold], "segmentIds": [regulars], "withoutSegmentIds": [staff] });
        let campaign = made(&owner, json!({ "rules": for_some(audience) })).await;
        let document = "query($id: ID!) { campaign(id: $id) { rules { audience { \
            members newcomers tiers { id } segments { id } withoutSegments { id } } } } }";
        let seen = owner.data(document, json!({ "id": campaign["id"] })).await;
        assert_eq!(seen["campaign"]["rules"]["audience"], json!({
            "members": false, "newcomers": false,
            "tiers": [{ "id": gold }], "segments": [{ "id": regulars }], "withoutSegments": [{ "id": staff }],
        }));
    }

    async fn what_is_not_the_merchants_or_not_there_any_more_is_named(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let other = world.merchant("别家").await;
        let marketing = merchant.client(Role::Marketing).await;
        let (gold, old) = (tier(&merchant, "金卡", 0, |_| ()).await, tier(&merchant, "旧卡", 0, |_| ()).await);
        let (regulars, gone) = (segment(&merchant, "常客", &[]).await, segment(&merchant, "旧分群", &[]).await);
        removed(&merchant, old, gone).await;
        let (theirs, their_segment) = (tier(&other, "金卡", 0, |_| ()).await, segment(&other, "常客", &[]).await);
        let ids = |ids: &[&dyn std::fmt::Display]| -> Vec<String> {
            ids.iter().map(ToString::to_string).collect()
        };
        for (audience, field) in [
            (json!({ "tierIds": ids(&[&gold, &theirs]) }), "tierIds.1"),
            (json!({ "tierIds": ids(&[&old]) }), "tierIds.0"),
            (json!({ "tierIds": ids(&[&regulars]) }), "tierIds.0"),
            (json!({ "tierIds": vec![gold.to_string(); 21] }), "tierIds"),
            (json!({ "segmentIds": ids(&[&regulars, &their_segment]) }), "segmentIds.1"),
            (json!({ "segmentIds": ids(&[&gone]) }), "segmentIds.0"),
            (json!({ "withoutSegmentIds": ids(&[&their_segment]) }), "withoutSegmentIds.0"),
            (json!({ "segmentIds": ids(&[&regulars]), "withoutSegmentIds": ids(&[&regulars]) }),
                "withoutSegmentIds.0"),
        ] {
            let expected = ("INVALID".to_owned(), format!("rules.audience.{field}"));
            let input = wanted(json!({ "rules": for_some(audience.clone()) }));
            assert_eq!(refused(&marketing, "campaignCreate", input).await, expected);
            let input = template_input(json!({ "rules": for_some(audience) }));
            let payload = asked_of_coupons(&marketing, "couponTemplateCreate", "couponTemplate { id }", input).await;
            assert_eq!(code(&payload), "INVALID");
            assert_eq!(payload["userErrors"][0]["field"], expected.1);
        }
        let campaign = made(&marketing, json!({})).await;
        let input = json!({ "id": campaign["id"], "expectedVersion": 1,
            "rules": for_some(json!({ "tierIds": ids(&[&theirs]) })) });
        let payload = asked(&marketing, "campaignUpdate", input).await;
        assert_eq!(payload["userErrors"][0]["field"], "rules.audience.tierIds.0", "{payload}");
    }

    async fn the_simulator_goes_by_tiers_and_segments_of_now(world: World) {
        let merchant = world.merchant("云裳美容").await;
        let owner = merchant.owner().await;
        let gold = tier(&merchant, "金卡", 0, |_| ()).await;
        let regulars = segment(&merchant, "常客", &["A", "B"]).await;
        for no in ["A", "B", "C"] {
            merchant.order_with("100.00", json!({ "memberNo": no })).await.pay().await;
        }
        merchant.paid_order("100.00").await;
        // Of those who bought, one has become a member of the tier since.
        has_tier(&merchant, "C", Some(gold)).await;
        has_tier(&merchant, "A", None).await;
        has_tier(&merchant, "B", None).await;
        let given = async |audience: Value| {
            let document = "query($input: CampaignSimulateInput!) { campaignSimulate(input: $input) { \
                replayed orders participants } }";
            let input = json!({ "rules": { "draft": for_some(audience) } });
            let told = owner.data(document, json!({ "input": input })).await;
            let told = &told["campaignSimulate"];
            assert_eq!(told["replayed"], 4);
            told["orders"].as_i64().expect("a number")
        };
        assert_eq!(given(json!({ "tierIds": [gold.to_string()] })).await, 1);
        assert_eq!(given(json!({ "segmentIds": [regulars.to_string()] })).await, 2);
        // Nobody is left out whom nobody knows.
        assert_eq!(given(json!({ "withoutSegmentIds": [regulars.to_string()] })).await, 2);
    }
}
