//! Who may see and deal with incidents and maintenance, and that nobody sees another merchant's.

use serde_json::{Value, json};

use super::Question;
use crate::support::{Client, Merchant};

/// An incident and a maintenance window of a merchant.
async fn things(merchant: &Merchant) -> (String, String) {
    let (owner, channel) = (merchant.owner().await, merchant.channel_id.to_string());
    let document = "mutation($id: ID!) { channelHealthOverride(input: { channelId: $id, state: DOWN, \
        minutes: 10 }) { userErrors { code } } maintenanceWindowSchedule(input: { channelId: $id, \
        startsAt: \"2026-12-01T00:00:00Z\", endsAt: \"2026-12-01T01:00:00Z\" }) { window { id } } }";
    let answer = owner.data(document, json!({ "id": channel })).await;
    let window = answer["maintenanceWindowSchedule"]["window"]["id"].clone();
    (
        incident(&owner).await,
        window.as_str().expect("an id").to_owned(),
    )
}

async fn incident(owner: &Client) -> String {
    let document = "{ incidents(first: 1) { edges { node { id } } } }";
    let answer = owner.data(document, Value::Null).await;
    let id = &answer["incidents"]["edges"][0]["node"]["id"];
    id.as_str().expect("an id").to_owned()
}

/// Every root field of incidents and maintenance, and how it is asked.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    let (incident, window) = things(merchant).await;
    let channel = merchant.channel_id;
    let mutation = |field: &str, input: String| {
        format!("mutation {{ {field}(input: {{ {input} }}) {{ userErrors {{ code }} }} }}")
    };
    [
        (
            "Query.incident",
            "",
            format!(r#"{{ incident(id: "{incident}") {{ id }} }}"#),
        ),
        (
            "Query.incidents",
            "",
            "{ incidents { totalCount } }".to_owned(),
        ),
        (
            "Query.maintenanceWindows",
            "",
            "{ maintenanceWindows { edges { cursor } } }".to_owned(),
        ),
        (
            "Query.node",
            "(incident)",
            format!(r#"{{ node(id: "{incident}") {{ id }} }}"#),
        ),
        (
            "Query.node",
            "(maintenanceWindow)",
            format!(r#"{{ node(id: "{window}") {{ id }} }}"#),
        ),
        (
            "Mutation.incidentAcknowledge",
            "",
            mutation(
                "incidentAcknowledge",
                format!(r#"incidentId: "{incident}""#),
            ),
        ),
        (
            "Mutation.maintenanceWindowSchedule",
            "",
            mutation(
                "maintenanceWindowSchedule",
                format!(
                    r#"channelId: "{channel}", startsAt: "2026-11-01T00:00:00Z",
                        endsAt: "2026-11-01T00:00:00Z""#
                ),
            ),
        ),
        (
            "Mutation.maintenanceWindowCancel",
            "",
            mutation(
                "maintenanceWindowCancel",
                format!(r#"windowId: "{window}""#),
            ),
        ),
        (
            "Mutation.channelHealthOverride",
            "",
            mutation(
                "channelHealthOverride",
                format!(r#"channelId: "{channel}", state: DOWN, minutes: 0"#),
            ),
        ),
        (
            "Mutation.channelHealthOverrideClear",
            "",
            mutation(
                "channelHealthOverrideClear",
                format!(r#"channelId: "{channel}""#),
            ),
        ),
        (
            "Mutation.sandboxOutageStart",
            "",
            mutation(
                "sandboxOutageStart",
                format!(r#"channelId: "{channel}", kind: UNAVAILABLE, minutes: 0"#),
            ),
        ),
        (
            "Mutation.sandboxOutageEnd",
            "",
            mutation("sandboxOutageEnd", format!(r#"channelId: "{channel}""#)),
        ),
        (
            "Subscription.channelAlert",
            "",
            r#"subscription { channelAlert(after: "e0") { cursor } }"#.to_owned(),
        ),
    ]
    .map(|(field, about, document)| Question {
        field,
        about,
        document,
    })
    .into()
}

/// Root fields that take an id of something in a filter: nothing is found there; see below.
pub const FILTERED: [&str; 2] = ["Query.incidents", "Query.maintenanceWindows"];

/// What belongs to `theirs`, asked for by its ids: field, document, variables, and the code that is told.
pub async fn strange(theirs: &Merchant) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let (incident, window) = things(theirs).await;
    let of = |id: &str| json!({ "id": id });
    let channel = theirs.channel_id.to_string();
    let node = "query($id: ID!) { node(id: $id) { id } }";
    vec![
        (
            "Query.incident",
            "query($id: ID!) { incident(id: $id) { id } }",
            of(&incident),
            "NOT_FOUND",
        ),
        ("Query.node", node, of(&incident), "NOT_FOUND"),
        ("Query.node", node, of(&window), "NOT_FOUND"),
        (
            "Mutation.incidentAcknowledge",
            "mutation($id: ID!) { incidentAcknowledge(input: { incidentId: $id }) { incident { id } \
                userErrors { code } } }",
            of(&incident),
            "NOT_FOUND",
        ),
        (
            "Mutation.maintenanceWindowCancel",
            "mutation($id: ID!) { maintenanceWindowCancel(input: { windowId: $id }) { window { id } \
                userErrors { code } } }",
            of(&window),
            "NOT_FOUND",
        ),
        (
            "Mutation.maintenanceWindowSchedule",
            "mutation($id: ID!) { maintenanceWindowSchedule(input: { channelId: $id, \
                startsAt: \"2026-12-02T00:00:00Z\", endsAt: \"2026-12-02T01:00:00Z\" }) { window { id } \
                userErrors { code } } }",
            of(&channel),
            "CHANNEL_NOT_FOUND",
        ),
        (
            "Mutation.channelHealthOverride",
            "mutation($id: ID!) { channelHealthOverride(input: { channelId: $id, state: DOWN, \
                minutes: 1 }) { channel { id } userErrors { code } } }",
            of(&channel),
            "NOT_FOUND",
        ),
        (
            "Mutation.sandboxOutageStart",
            "mutation($id: ID!) { sandboxOutageStart(input: { channelId: $id, kind: UNAVAILABLE, \
                minutes: 1 }) { outage { kind } userErrors { code } } }",
            of(&channel),
            "NOT_FOUND",
        ),
        (
            "Mutation.sandboxOutageEnd",
            "mutation($id: ID!) { sandboxOutageEnd(input: { channelId: $id }) { ended \
                userErrors { code } } }",
            of(&channel),
            "NOT_FOUND",
        ),
        (
            "Mutation.channelHealthOverrideClear",
            "mutation($id: ID!) { channelHealthOverrideClear(input: { channelId: $id }) { \
                channel { id } userErrors { code } } }",
            of(&channel),
            "NOT_FOUND",
        ),
    ]
}
