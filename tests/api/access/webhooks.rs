//! Who may see and set up webhooks, and that nobody sees another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::support::{Merchant, World};

/// An endpoint of a merchant, and a delivery to it.
async fn things(world: &World, merchant: &Merchant) -> (String, String) {
    let document = "mutation { webhookEndpointCreate(input: { url: \"https://shop.example.com:443/\" }) \
        { webhookEndpoint { id } } }";
    let owner = merchant.owner().await;
    let made = owner.data(document, Value::Null).await;
    let endpoint = made["webhookEndpointCreate"]["webhookEndpoint"]["id"].clone();
    merchant.order("1.00").await;
    merchant.numbered().await;
    yigate::webhooks::service::follow(world.app())
        .await
        .expect("followed");
    let document = "{ webhookDeliveries(first: 1) { edges { node { id } } } }";
    let seen = owner.data(document, Value::Null).await;
    let delivery = seen["webhookDeliveries"]["edges"][0]["node"]["id"].clone();
    let text = |value: Value| value.as_str().expect("an id").to_owned();
    (text(endpoint), text(delivery))
}

/// Every root field of webhooks, and how it is asked.
pub async fn questions(world: &World, merchant: &Merchant) -> Vec<Question> {
    let (endpoint, delivery) = things(world, merchant).await;
    let mutation = |field: &str, input: String| {
        format!("mutation {{ {field}(input: {{ {input} }}) {{ userErrors {{ code }} }} }}")
    };
    let of = |field: &str| mutation(field, format!(r#"id: "{endpoint}""#));
    let node = |id: &str| format!(r#"{{ node(id: "{id}") {{ id }} }}"#);
    [
        (
            "Query.webhookEndpoints",
            "",
            "{ webhookEndpoints { id } }".to_owned(),
        ),
        (
            "Query.webhookDeliveries",
            "",
            "{ webhookDeliveries { edges { cursor } } }".to_owned(),
        ),
        ("Query.notifyKey", "", "{ notifyKey { pid } }".to_owned()),
        ("Query.node", "(webhookEndpoint)", node(&endpoint)),
        ("Query.node", "(webhookDelivery)", node(&delivery)),
        (
            "Mutation.webhookEndpointCreate",
            "",
            mutation("webhookEndpointCreate", "url: \"nowhere\"".to_owned()),
        ),
        (
            "Mutation.webhookEndpointUpdate",
            "",
            of("webhookEndpointUpdate"),
        ),
        (
            "Mutation.webhookEndpointEnable",
            "",
            of("webhookEndpointEnable"),
        ),
        (
            "Mutation.webhookEndpointDisable",
            "",
            of("webhookEndpointDisable"),
        ),
        // Nobody's, so that it stays for the others.
        (
            "Mutation.webhookEndpointDelete",
            "",
            mutation(
                "webhookEndpointDelete",
                "id: \"whk_0000000000000\"".to_owned(),
            ),
        ),
        (
            "Mutation.webhookSecretRotate",
            "",
            of("webhookSecretRotate"),
        ),
        (
            "Mutation.webhookTest",
            "",
            mutation("webhookTest", "id: \"whk_0000000000000\"".to_owned()),
        ),
        (
            "Mutation.webhookDeliveryReplay",
            "",
            mutation("webhookDeliveryReplay", format!(r#"id: "{delivery}""#)),
        ),
        (
            "Mutation.webhookReplay",
            "",
            mutation(
                "webhookReplay",
                format!(r#"endpointId: "{endpoint}", range: {{ preset: TODAY }}"#),
            ),
        ),
        (
            "Mutation.notifyKeySet",
            "",
            mutation("notifyKeySet", "replace: true".to_owned()),
        ),
    ]
    .map(|(field, about, document)| Question {
        field,
        about,
        document,
    })
    .into()
}

/// Root fields that take an id of something in a filter: nothing is found there.
pub const FILTERED: [&str; 1] = ["Query.webhookDeliveries"];

/// What belongs to `theirs`, asked for by its ids: field, document, variables, and the code that is told.
pub async fn strange(
    world: &World,
    theirs: &Merchant,
) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let (endpoint, delivery) = things(world, theirs).await;
    let (id, delivery) = (json!({ "id": endpoint }), json!({ "id": delivery }));
    let node = "query($id: ID!) { node(id: $id) { id } }";
    vec![
        ("Query.node", node, id.clone(), "NOT_FOUND"),
        ("Query.node", node, delivery.clone(), "NOT_FOUND"),
        (
            "Mutation.webhookEndpointUpdate",
            "mutation($id: ID!) { webhookEndpointUpdate(input: { id: $id, description: \"x\" }) \
                { webhookEndpoint { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.webhookEndpointEnable",
            "mutation($id: ID!) { webhookEndpointEnable(input: { id: $id }) \
                { webhookEndpoint { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.webhookEndpointDisable",
            "mutation($id: ID!) { webhookEndpointDisable(input: { id: $id }) \
                { webhookEndpoint { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.webhookEndpointDelete",
            "mutation($id: ID!) { webhookEndpointDelete(input: { id: $id }) \
                { webhookEndpoint { id } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.webhookSecretRotate",
            "mutation($id: ID!) { webhookSecretRotate(input: { id: $id }) { secret userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.webhookTest",
            "mutation($id: ID!) { webhookTest(input: { id: $id }) { test { status } userErrors { code } } }",
            id.clone(),
            "NOT_FOUND",
        ),
        (
            "Mutation.webhookReplay",
            "mutation($id: ID!) { webhookReplay(input: { endpointId: $id, range: { preset: TODAY } }) \
                { replayed userErrors { code } } }",
            id,
            "NOT_FOUND",
        ),
        (
            "Mutation.webhookDeliveryReplay",
            "mutation($id: ID!) { webhookDeliveryReplay(input: { id: $id }) \
                { webhookDelivery { id } userErrors { code } } }",
            delivery,
            "NOT_FOUND",
        ),
    ]
}
