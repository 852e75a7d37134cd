//! Who may ask about payouts and decide about them, and that nobody sees another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::everywhere;
use crate::support::Merchant;

const MONEY: &str = r#"{ amount: "1.00", currency: "CNY" }"#;

/// Every root field of payouts, and how it is asked.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    let account = merchant.payable_account().await;
    let payout = merchant.payout_that_waits(account).await.id;
    let decides = |field: &str, more: &str| {
        format!(
            r#"mutation {{ {field}(input: {{ idempotencyKey: "{field} {payout}", payoutId: "{payout}"
                {more} }}) {{ userErrors {{ code }} }} }}"#
        )
    };
    let wanted = format!(r#"bankAccountId: "{account}", amount: {MONEY}"#);
    [
        (
            "Query.payout",
            "",
            format!(r#"{{ payout(by: {{ id: "{payout}" }}) {{ id }} }}"#),
        ),
        ("Query.payouts", "", "{ payouts { edges { cursor } } }".to_owned()),
        (
            "Query.payoutQuote",
            "",
            format!("{{ payoutQuote(input: {{ {wanted} }}) {{ __typename }} }}"),
        ),
        ("Query.payoutTerms", "", "{ payoutTerms { cutoff } }".to_owned()),
        ("Query.payoutSchedule", "", "{ payoutSchedule { version } }".to_owned()),
        (
            "Query.payoutArrivals",
            "",
            "{ payoutArrivals(range: { preset: TODAY }) { count } }".to_owned(),
        ),
        ("Query.node", "(payout)", format!(r#"{{ node(id: "{payout}") {{ id }} }}"#)),
        (
            "Mutation.payoutChallengeCreate",
            "",
            format!(
                "mutation {{ payoutChallengeCreate(input: {{ {wanted} }}) {{ userErrors {{ code }} }} }}"
            ),
        ),
        (
            "Mutation.payoutCreate",
            "",
            r#"mutation { payoutCreate(input: { idempotencyKey: "create-0001", challengeId: "no", code: "no" })
                { userErrors { code } } }"#
                .to_owned(),
        ),
        ("Mutation.payoutApprove", "", decides("payoutApprove", r#"code: "no""#)),
        ("Mutation.payoutReject", "", decides("payoutReject", r#"note: """#)),
        ("Mutation.payoutCancel", "", decides("payoutCancel", "")),
        (
            "Mutation.payoutApprovalSet",
            "",
            r#"mutation { payoutApprovalSet(input: { code: "no" }) { userErrors { code } } }"#.to_owned(),
        ),
        (
            "Mutation.payoutScheduleSet",
            "",
            format!(
                r#"mutation {{ payoutScheduleSet(input: {{ bankAccountId: "{account}", cadence: DAILY,
                    at: "12:00", retainedAmount: {MONEY}, minimumAmount: {MONEY}, code: "no",
                    expectedVersion: 0 }}) {{ userErrors {{ code }} }} }}"#
            ),
        ),
        (
            "Subscription.payoutUpdated",
            "",
            r#"subscription { payoutUpdated(after: "e0") { cursor } }"#.to_owned(),
        ),
    ]
    .map(|(field, about, document)| Question { field, about, document })
    .into()
}

/// Root fields that take an id of something in a filter: nothing is found there; see below.
pub const FILTERED: [&str; 2] = ["Query.payouts", "Subscription.payoutUpdated"];

/// What belongs to `theirs`, asked for by its ids: field, document, variables, and the code that is told.
pub async fn strange(theirs: &Merchant) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let account = theirs.payable_account().await;
    let payout = theirs.payout_that_waits(account).await;
    let number = payout.read("payoutNo").await["payoutNo"].clone();
    let by = "query($by: PayoutByInput!) { payout(by: $by) { id } }";
    let id = json!({ "id": payout.id.to_string() });
    let account = json!({ "id": account.to_string() });
    vec![
        ("Query.payout", by, json!({ "by": id }), "NOT_FOUND"),
        (
            "Query.payout",
            by,
            json!({ "by": { "payoutNo": number } }),
            "NOT_FOUND",
        ),
        (
            "Query.node",
            "query($id: ID!) { node(id: $id) { id } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Query.payoutQuote",
            "query($id: ID!) { payoutQuote(input: { bankAccountId: $id, \
                amount: { amount: \"1.00\", currency: \"CNY\" } }) { __typename } }",
            account.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.payoutChallengeCreate",
            "mutation($id: ID!) { payoutChallengeCreate(input: { bankAccountId: $id, \
                amount: { amount: \"1.00\", currency: \"CNY\" } }) { challenge { id } userErrors { code } } }",
            account.clone(),
            "ACCOUNT_NOT_FOUND",
        ),
        (
            "Mutation.payoutCreate",
            "mutation($id: ID!) { payoutCreate(input: { idempotencyKey: \"stranger-1\", challengeId: $id, \
                code: \"no\" }) { payout { id } userErrors { code } } }",
            json!({ "id": entity::PayoutChallengeId(payout.id.0).to_string() }),
            "CHALLENGE_NOT_FOUND",
        ),
        (
            "Mutation.payoutApprove",
            "mutation($id: ID!) { payoutApprove(input: { idempotencyKey: \"stranger-2\", payoutId: $id, \
                code: \"no\" }) { payout { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.payoutReject",
            "mutation($id: ID!) { payoutReject(input: { idempotencyKey: \"stranger-3\", payoutId: $id, \
                note: \"x\" }) { payout { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.payoutCancel",
            "mutation($id: ID!) { payoutCancel(input: { idempotencyKey: \"stranger-4\", payoutId: $id }) \
                { payout { id } userErrors { code } } }",
            id,
            "NOT_FOUND",
        ),
        (
            "Mutation.payoutScheduleSet",
            "mutation($id: ID!) { payoutScheduleSet(input: { bankAccountId: $id, cadence: DAILY, at: \"12:00\", \
                retainedAmount: { amount: \"1.00\", currency: \"CNY\" }, \
                minimumAmount: { amount: \"1.00\", currency: \"CNY\" }, code: \"no\", expectedVersion: 0 }) \
                { schedule { version } userErrors { code } } }",
            account,
            "ACCOUNT_NOT_FOUND",
        ),
    ]
}

everywhere! {
    async fn nothing_of_another_merchants_payouts_is_seen(world: World) {
        let (ours, theirs) = (world.merchant("汇贤饭店").await, world.merchant("云裳时装").await);
        let account = theirs.payable_account().await;
        theirs.payout_that_waits(account).await;
        let document = "query($account: ID!) { payouts { totalCount edges { cursor } } \
            toAccount: payouts(filter: { bankAccountId: [$account] }) { totalCount edges { cursor } } \
            payoutSchedule { version } payoutArrivals(range: { preset: TODAY }) { count } }";
        let none = json!({ "totalCount": 0, "edges": [] });
        let variables = json!({ "account": account.to_string() });
        let seen = ours.owner().await.data(document, variables).await;
        assert_eq!(seen, json!({
            "payouts": none, "toAccount": none, "payoutSchedule": null, "payoutArrivals": [] }));
    }
}
