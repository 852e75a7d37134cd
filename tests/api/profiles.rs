//! Who members are: made and changed by name, agreeing to be written to, found by what is known of them, and sealed.

mod changing;
mod consent;
mod making;
mod plans;
mod sealed;
mod search;

use serde_json::{Value, json};

use crate::support::{Client, Merchant, World};

/// What is asked of a member who was made or changed.
pub const FIELDS: &str =
    "id memberNo version name phone email birthday { month day year } remark tags locale masked";

/// What a mutation of members answers.
pub async fn asked(by: &Client, field: &str, fields: &str, input: Value) -> Value {
    let kind = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    let document = format!(
        "mutation($input: {kind}!) {{ {field}(input: $input) {{ member {{ {fields} }} userErrors {{ code field message }} }} }}"
    );
    let mut answer = by.data(&document, json!({ "input": input })).await;
    answer[field].take()
}

/// The member of a mutation that was done.
pub async fn done(by: &Client, field: &str, input: Value) -> Value {
    let mut payload = asked(by, field, FIELDS, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload["member"].take()
}

/// Why a mutation was not done: the code, and the field.
pub async fn refused(by: &Client, field: &str, input: Value) -> (String, String) {
    let payload = asked(by, field, "id", input).await;
    assert_eq!(payload["member"], Value::Null, "{payload}");
    let error = &payload["userErrors"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&error["code"]), text(&error["field"]))
}

/// 张伟, of whom everything is known.
pub fn zhang() -> Value {
    json!({
        "memberNo": "M-1",
        "name": " 张伟 ",
        "phone": "+86 138 0000 5678",
        "email": "Zhang.Wei@Example.com",
        "birthday": { "month": 2, "day": 29, "year": 2000 },
        "remark": "不吃香菜",
        "tags": ["常客", "VIP"],
        "locale": "ZH_CN",
    })
}

/// Asks with a key of these scopes alone.
pub async fn with_scopes(world: &World, merchant: &Merchant, scopes: &str) -> Client {
    let document = format!(
        "mutation {{ apiKeyCreate(input: {{ name: \"店铺\", scopes: [{scopes}] }}) {{ secret }} }}"
    );
    let made = merchant.owner().await.data(&document, Value::Null).await;
    let secret = made["apiKeyCreate"]["secret"].as_str().expect("a secret");
    Client::bearer(world.gateway.clone(), secret).await
}

/// The numbers of the members that a list shows, in order, and how many it says there are.
pub async fn listed(by: &Client, filter: Value, order_by: Value) -> Vec<String> {
    let document = "query($filter: MemberFilterInput, $by: MemberSortInput) { \
        members(first: 100, filter: $filter, orderBy: $by) { totalCount edges { node { memberNo } } } }";
    let answer = by
        .data(document, json!({ "filter": filter, "by": order_by }))
        .await;
    let edges = answer["members"]["edges"].as_array().expect("edges");
    let numbers: Vec<String> = edges
        .iter()
        .map(|edge| {
            edge["node"]["memberNo"]
                .as_str()
                .expect("a number")
                .to_owned()
        })
        .collect();
    assert_eq!(answer["members"]["totalCount"], numbers.len(), "{filter}");
    numbers
}

/// A paid order of a member.
pub async fn sold(merchant: &Merchant, member_no: &str, amount: &str) -> crate::support::Order {
    let order = merchant
        .order_with(amount, json!({ "memberNo": member_no }))
        .await;
    order.pay().await;
    order
}

/// A member of a merchant, as its owner sees them.
pub async fn seen(by: &Client, member_no: &str, fields: &str) -> Value {
    let document =
        format!("query($no: String!) {{ member(by: {{ memberNo: $no }}) {{ {fields} }} }}");
    let mut answer = by.data(&document, json!({ "no": member_no })).await;
    answer["member"].take()
}
