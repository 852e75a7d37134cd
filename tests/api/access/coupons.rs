//! Who may see, make and hand out coupons, and that nobody reaches another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::support::Merchant;

/// Fields that take an id in a filter: nothing is found by another merchant's.
pub const FILTERED: [&str; 1] = ["Query.coupons"];

/// A template of a merchant, and a coupon of it.
async fn things(merchant: &Merchant) -> (String, String) {
    let template = merchant.coupon_template(json!({})).await;
    merchant.codes(&template, 1).await;
    let coupon = merchant
        .coupons(json!({ "templateId": template }), "id")
        .await
        .remove(0);
    (template, coupon)
}

/// Every root field of coupons, and how it is asked.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    let (template, coupon) = things(merchant).await;
    let mutation = |field: &str, input: &str| {
        format!("mutation {{ {field}(input: {{ {input} }}) {{ userErrors {{ code }} }} }}")
    };
    let node = |id: &str| format!(r#"{{ node(id: "{id}") {{ id }} }}"#);
    let cash =
        "benefit: { cash: { off: { amount: \"5.00\", currency: CNY } } }".replace("CNY", "\"CNY\"");
    [
        (
            "Query.couponTemplate",
            "",
            format!(r#"{{ couponTemplate(id: "{template}") {{ id }} }}"#),
        ),
        (
            "Query.couponTemplates",
            "",
            "{ couponTemplates { edges { cursor } } }".to_owned(),
        ),
        (
            "Query.coupon",
            "",
            format!(r#"{{ coupon(by: {{ id: "{coupon}" }}) {{ id }} }}"#),
        ),
        (
            "Query.coupons",
            "",
            "{ coupons { edges { cursor } } }".to_owned(),
        ),
        ("Query.node", "(couponTemplate)", node(&template)),
        ("Query.node", "(coupon)", node(&coupon)),
        (
            "Mutation.couponTemplateCreate",
            "",
            mutation(
                "couponTemplateCreate",
                &format!(r#"name: "", rules: {{ {cash} }}, validity: {{ days: 1 }}, quantity: 1"#),
            ),
        ),
        (
            "Mutation.couponTemplateUpdate",
            "",
            mutation(
                "couponTemplateUpdate",
                &format!(r#"id: "{template}", expectedVersion: 9"#),
            ),
        ),
        (
            "Mutation.couponIssue",
            "",
            mutation(
                "couponIssue",
                &format!(r#"idempotencyKey: "issue-key", templateId: "{template}", memberNos: []"#),
            ),
        ),
        (
            "Mutation.couponCodesCreate",
            "",
            mutation(
                "couponCodesCreate",
                &format!(r#"idempotencyKey: "codes-key", templateId: "{template}", count: 0"#),
            ),
        ),
        (
            "Mutation.couponClaim",
            "",
            mutation(
                "couponClaim",
                r#"idempotencyKey: "claim-key", code: "NOWHERE", memberNo: "m1""#,
            ),
        ),
        (
            "Mutation.couponVoid",
            "",
            mutation(
                "couponVoid",
                &format!(r#"which: {{ couponIds: ["{coupon}"] }}, reason: """#),
            ),
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

/// How another merchant's coupons are asked for, and what that answers.
pub async fn strange(theirs: &Merchant) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let (template, coupon) = things(theirs).await;
    let (template, coupon) = (json!({ "id": template }), json!({ "id": coupon }));
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let nodes = "query($id: ID!) { nodes(ids: [$id]) { id } }";
    vec![
        ("Query.node", node, template.clone(), "NOT_FOUND"),
        ("Query.node", node, coupon.clone(), "NOT_FOUND"),
        ("Query.nodes", nodes, template.clone(), "NOT_FOUND"),
        ("Query.nodes", nodes, coupon.clone(), "NOT_FOUND"),
        (
            "Query.couponTemplate",
            "query($id: ID!) { couponTemplate(id: $id) { id } }",
            template.clone(),
            "NOT_FOUND",
        ),
        (
            "Query.coupon",
            "query($id: ID!) { coupon(by: { id: $id }) { id } }",
            coupon.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.couponTemplateCreate",
            "mutation($id: ID!) { couponTemplateCreate(input: { name: \"x\", quantity: 1, validity: { days: 1 }, \
                rules: { benefit: { discount: { percentOff: \"20\" } }, scope: { channelIds: [$id] } } }) \
                { couponTemplate { id } userErrors { code } } }",
            json!({ "id": theirs.channel_id.to_string() }),
            "INVALID",
        ),
        (
            "Mutation.couponTemplateUpdate",
            "mutation($id: ID!) { couponTemplateUpdate(input: { id: $id, expectedVersion: 1, name: \"x\" }) \
                { couponTemplate { id } userErrors { code } } }",
            template.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.couponIssue",
            "mutation($id: ID!) { couponIssue(input: { idempotencyKey: \"issue-key\", templateId: $id, \
                memberNos: [\"m1\"] }) { batch { id } userErrors { code } } }",
            template.clone(),
            "TEMPLATE_NOT_FOUND",
        ),
        (
            "Mutation.couponCodesCreate",
            "mutation($id: ID!) { couponCodesCreate(input: { idempotencyKey: \"codes-key\", templateId: $id, \
                count: 1 }) { batch { id } userErrors { code } } }",
            template.clone(),
            "TEMPLATE_NOT_FOUND",
        ),
        (
            "Mutation.couponVoid",
            "mutation($id: ID!) { couponVoid(input: { which: { couponIds: [$id] }, reason: \"x\" }) \
                { voided userErrors { code } } }",
            coupon,
            "NOT_FOUND",
        ),
        (
            "Mutation.couponVoid",
            "mutation($id: ID!) { couponVoid(input: { which: { templateId: $id }, reason: \"x\" }) \
                { voided userErrors { code } } }",
            template,
            "NOT_FOUND",
        ),
    ]
}
