//! Who may see, make and redeem rewards, and set gifts, and that nobody reaches another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::support::Merchant;
use crate::support::coupons::asked;

/// Fields that take an id in a filter: nothing is found by another merchant's.
pub const FILTERED: [&str; 1] = ["Query.rewardRedemptions"];

/// A reward of a merchant, and a redemption of it.
async fn things(merchant: &Merchant) -> (String, String) {
    let reward = merchant.reward(json!({})).await;
    merchant.has_points("REDEEMS", 500, None).await;
    let taken = merchant.redeems(&reward, "REDEEMS").await["redemption"].clone();
    (reward, taken["id"].as_str().expect("an id").to_owned())
}

/// Every root field of rewards and gifts, and how it is asked.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    let (reward, redemption) = things(merchant).await;
    let mutation = |field: &str, input: &str| {
        format!("mutation {{ {field}(input: {{ {input} }}) {{ userErrors {{ code }} }} }}")
    };
    let node = |id: &str| format!(r#"{{ node(id: "{id}") {{ id }} }}"#);
    [
        ("Query.reward", "", format!(r#"{{ reward(id: "{reward}") {{ id }} }}"#)),
        ("Query.rewards", "", "{ rewards { edges { cursor } } }".to_owned()),
        (
            "Query.rewardRedemptions",
            "",
            "{ rewardRedemptions { edges { cursor } } }".to_owned(),
        ),
        ("Query.grantRules", "", "{ grantRules { kind } }".to_owned()),
        ("Query.node", "(reward)", node(&reward)),
        ("Query.node", "(rewardRedemption)", node(&redemption)),
        (
            "Mutation.rewardCreate",
            "",
            mutation("rewardCreate", r#"name: "", kind: GOODS, points: 1"#),
        ),
        (
            "Mutation.rewardUpdate",
            "",
            mutation("rewardUpdate", &format!(r#"id: "{reward}", expectedVersion: 9"#)),
        ),
        (
            "Mutation.rewardRedeem",
            "",
            mutation(
                "rewardRedeem",
                &format!(
                    r#"idempotencyKey: "redeem-key", rewardId: "{reward}", member: {{ memberNo: "nobody" }}"#
                ),
            ),
        ),
        (
            "Mutation.rewardFulfill",
            "",
            mutation("rewardFulfill", r#"id: "rrd_0000000000000""#),
        ),
        (
            "Mutation.rewardCancel",
            "",
            mutation(
                "rewardCancel",
                &format!(r#"idempotencyKey: "cancel-key", id: "{redemption}", reason: """#),
            ),
        ),
        (
            "Mutation.grantRuleSet",
            "",
            mutation("grantRuleSet", "kind: BIRTHDAY, expectedVersion: 9, enabled: false"),
        ),
    ]
    .into_iter()
    .map(|(field, about, document)| Question {
        field,
        about,
        document,
    })
    .collect()
}

/// How another merchant's rewards are asked for, and what that answers.
pub async fn strange(
    ours: &Merchant,
    theirs: &Merchant,
) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let (reward, redemption) = things(theirs).await;
    let template = json!({ "id": theirs.coupon_template(json!({})).await });
    ours.has_points("OURS", 5_000, None).await;
    let own = ours.reward(json!({})).await;
    let by_no = "{ member(by: { memberNo: \"REDEEMS\" }) { id } }";
    let member = theirs.owner().await.data(by_no, Value::Null).await["member"]["id"].clone();
    let (reward, redemption) = (json!({ "id": reward }), json!({ "id": redemption }));
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let nodes = "query($id: ID!) { nodes(ids: [$id]) { id } }";
    vec![
        ("Query.node", node, reward.clone(), "NOT_FOUND"),
        ("Query.node", node, redemption.clone(), "NOT_FOUND"),
        ("Query.nodes", nodes, reward.clone(), "NOT_FOUND"),
        ("Query.nodes", nodes, redemption.clone(), "NOT_FOUND"),
        (
            "Query.reward",
            "query($id: ID!) { reward(id: $id) { id } }",
            reward.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.rewardCreate",
            "mutation($id: ID!) { rewardCreate(input: { name: \"x\", kind: COUPON, points: 1, couponTemplateId: $id }) \
                { reward { id } userErrors { code } } }",
            template.clone(),
            "TEMPLATE_NOT_FOUND",
        ),
        (
            "Mutation.rewardUpdate",
            "mutation($id: ID!) { rewardUpdate(input: { id: $id, expectedVersion: 1, points: 1 }) \
                { reward { id } userErrors { code } } }",
            reward.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.rewardRedeem",
            "mutation($id: ID!) { rewardRedeem(input: { idempotencyKey: \"redeem-theirs\", rewardId: $id, \
                member: { memberNo: \"OURS\" } }) { redemption { id } userErrors { code } } }",
            reward,
            "REWARD_NOT_FOUND",
        ),
        (
            "Mutation.rewardRedeem",
            "mutation($id: ID! $own: ID!) { rewardRedeem(input: { idempotencyKey: \"redeem-their-member\", \
                rewardId: $own, member: { id: $id } }) { redemption { id } userErrors { code } } }",
            json!({ "id": member, "own": own }),
            "MEMBER_NOT_FOUND",
        ),
        (
            "Mutation.rewardFulfill",
            "mutation($id: ID!) { rewardFulfill(input: { id: $id }) { redemption { id } userErrors { code } } }",
            redemption.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.rewardCancel",
            "mutation($id: ID!) { rewardCancel(input: { idempotencyKey: \"cancel-theirs\", id: $id, reason: \"x\" }) \
                { redemption { id } userErrors { code } } }",
            redemption,
            "NOT_FOUND",
        ),
        (
            "Mutation.grantRuleSet",
            "mutation($id: ID!) { grantRuleSet(input: { kind: BIRTHDAY, expectedVersion: 0, enabled: true, \
                couponTemplateId: $id }) { grantRule { kind } userErrors { code } } }",
            template,
            "TEMPLATE_NOT_FOUND",
        ),
    ]
}

crate::everywhere! {
    async fn nothing_of_another_merchants_rewards_is_listed(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let (reward, _) = things(&theirs).await;
        let rule = json!({ "kind": "BIRTHDAY", "expectedVersion": 0, "enabled": true, "points": 9 });
        let set = asked(&theirs.owner().await, "grantRuleSet", "grantRule { version }", rule).await;
        assert_eq!(set["grantRule"]["version"], 1);
        let seen = ours.owner().await.data(
            "query($id: ID!) { rewards { totalCount edges { cursor } }
                rewardRedemptions { totalCount edges { cursor } }
                theirs: rewardRedemptions(filter: { rewardId: $id }) { totalCount edges { cursor } }
                ofMember: rewardRedemptions(filter: { memberNo: \"REDEEMS\" }) { totalCount edges { cursor } }
                affordable: rewards(filter: { affordableBy: \"REDEEMS\" }) { totalCount edges { cursor } }
                grantRules { version } }",
            json!({ "id": reward }),
        ).await;
        let none = json!({ "totalCount": 0, "edges": [] });
        for field in ["rewards", "rewardRedemptions", "theirs", "ofMember", "affordable"] {
            assert_eq!(seen[field], none, "{field}");
        }
        assert_eq!(seen["grantRules"], json!([{ "version": 0 }, { "version": 0 }]));
    }
}
