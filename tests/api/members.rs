//! Members: named by orders, found again, listed, told of, and seen by nobody else.

mod bought_before;
mod lists;
mod naming;
mod plans;

use serde_json::{Value, json};

use crate::support::{Client, Merchant, Order};

impl Merchant {
    /// An unpaid order of a member.
    pub async fn order_by(&self, member_no: &str, amount: &str) -> Order {
        self.order_with(amount, json!({ "memberNo": member_no }))
            .await
    }

    /// A paid order of a member.
    pub async fn sold_to(&self, member_no: &str, amount: &str) -> Order {
        let order = self.order_by(member_no, amount).await;
        order.pay().await;
        order
    }

    /// What the owner sees of a member.
    pub async fn member(&self, member_no: &str, fields: &str) -> Value {
        let document =
            format!("query($no: String!) {{ member(by: {{ memberNo: $no }}) {{ {fields} }} }}");
        let answer = self.owner().await;
        let answer = answer.data(&document, json!({ "no": member_no })).await;
        answer["member"].clone()
    }
}

/// The numbers of the members that a filter wants, in order.
pub async fn found(client: &Client, filter: Value) -> Vec<String> {
    let document = "query($filter: MemberFilterInput) { members(first: 100, filter: $filter) \
        { totalCount edges { node { memberNo } } } }";
    let answer = client.data(document, json!({ "filter": filter })).await;
    let edges = answer["members"]["edges"].as_array().expect("edges");
    let number = |edge: &Value| {
        edge["node"]["memberNo"]
            .as_str()
            .expect("a number")
            .to_owned()
    };
    let numbers: Vec<String> = edges.iter().map(number).collect();
    assert_eq!(answer["members"]["totalCount"], numbers.len(), "{filter}");
    numbers
}
