//! Who may ask about routing, and set how channels are chosen; and what a publishable key may not.

use serde_json::{Value, json};

use super::{Question, fees, mark, money, refunds, root_fields, things};
use crate::channels::publishable;
use crate::support::{Client, Merchant, World};

/// Every root field of routing, and how it is asked.
pub fn questions(merchant: &Merchant) -> Vec<Question> {
    let channel = merchant.channel_id;
    [
        (
            "Query.checkoutChannels",
            r#"{ checkoutChannels(amount: { amount: "1.00", currency: "CNY" }) { name } }"#
                .to_owned(),
        ),
        (
            "Query.routingPolicies",
            "{ routingPolicies { version } }".to_owned(),
        ),
        (
            "Query.routingDryRun",
            "{ routingDryRun(method: ALIPAY) { since } }".to_owned(),
        ),
        (
            "Mutation.routingPolicySet",
            format!(
                r#"mutation {{ routingPolicySet(input: {{ method: ALIPAY, strategy: PRIORITY,
                    targets: [{{ channelId: "{channel}" }}] }}) {{ userErrors {{ code }} }} }}"#
            ),
        ),
        (
            "Mutation.routingPolicyRemove",
            "mutation { routingPolicyRemove(input: { method: ALIPAY, expectedVersion: 1 }) { \
                userErrors { code } } }"
                .to_owned(),
        ),
    ]
    .map(|(field, document)| Question {
        field,
        about: "",
        document,
    })
    .into()
}

/// How routing is asked about another merchant's channel, and what is told.
pub fn strange(theirs: &Merchant) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let targets = json!([{ "channelId": theirs.channel_id.to_string() }]);
    let set = "mutation($input: RoutingPolicySetInput!) { routingPolicySet(input: $input) { \
        routingPolicy { version } userErrors { code } } }";
    let input = json!({ "method": "WECHAT_PAY", "strategy": "PRIORITY", "targets": targets });
    let run = "query($policy: RoutingPolicyInput) { \
        routingDryRun(method: WECHAT_PAY, policy: $policy) { since } }";
    let policy = json!({ "strategy": "PRIORITY", "targets": targets });
    vec![
        (
            "Mutation.routingPolicySet",
            set,
            json!({ "input": input }),
            "CHANNEL_NOT_FOUND",
        ),
        (
            "Query.routingDryRun",
            run,
            json!({ "policy": policy }),
            "NOT_FOUND",
        ),
    ]
}

#[tokio::test]
async fn a_publishable_key_may_ask_what_a_page_offers_and_no_other_root_field() {
    let world = World::on_sqlite().await;
    let merchant = world.merchant("汇贤饭店").await;
    let mut things = things(&world, &merchant).await;
    things.extend(money::questions(&world, &merchant).await);
    things.extend(refunds::questions(&merchant).await);
    things.extend(fees::questions(&merchant).await);
    things.extend(questions(&merchant));
    things.extend(super::statistics::questions());
    things.extend(super::overview::questions());
    let key = publishable::key(&merchant).await;
    let page = Client::bearer(world.gateway.clone(), &key).await;
    let mut asked = 0;
    for question in &things {
        let may = question.field == "Query.checkoutChannels";
        let expected = if may { '+' } else { '-' };
        assert_eq!(mark(&page, question).await, expected, "{}", question.field);
        asked += 1;
    }
    assert!(asked >= root_fields().await.len());
}
