//! Who may see bank accounts and bind them, and that nobody touches another merchant's.

use entity::membership::Role;
use serde_json::{Value, json};

use super::Question;
use crate::support::Merchant;
use crate::support::bank_accounts::{CONFIRM, UNBIND};

/// Every root field of bank accounts, and how it is asked.
pub async fn questions(merchant: &Merchant) -> Vec<Question> {
    let account = merchant.payable_account().await;
    [
        (
            "Query.bankAccounts",
            "",
            "{ bankAccounts { edges { cursor } } }".to_owned(),
        ),
        (
            "Query.supportedBanks",
            "",
            r#"{ supportedBanks(search: "招商") { code } }"#.to_owned(),
        ),
        (
            "Query.node",
            "(bank account)",
            format!(r#"{{ node(id: "{account}") {{ id }} }}"#),
        ),
        (
            "Mutation.bankAccountBind",
            "",
            r#"mutation { bankAccountBind(input: { idempotencyKey: "bind 0001", bankCode: "ICBC", holder: "张伟",
                number: "1", code: "no" }) { userErrors { code } } }"#
                .to_owned(),
        ),
        (
            "Mutation.bankAccountConfirm",
            "",
            format!(
                r#"mutation {{ bankAccountConfirm(input: {{ id: "{account}",
                    amount: {{ amount: "0.01", currency: "CNY" }}, code: "no" }}) {{ userErrors {{ code }} }} }}"#
            ),
        ),
        (
            "Mutation.bankAccountUnbind",
            "",
            format!(
                r#"mutation {{ bankAccountUnbind(input: {{ id: "{account}", code: "no" }})
                    {{ userErrors {{ code }} }} }}"#
            ),
        ),
    ]
    .map(|(field, about, document)| Question {
        field,
        about,
        document,
    })
    .into()
}

/// Another merchant's bank account, on each field that takes an id.
pub async fn strange(
    ours: &Merchant,
    theirs: &Merchant,
) -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let account = theirs.payable_account().await.to_string();
    let device = ours.device(Role::Owner).await;
    let amount = json!({ "amount": "0.01", "currency": "CNY" });
    let node = "query($id: ID!) { node(id: $id) { id } }";
    vec![
        ("Query.node", node, json!({ "id": account }), "NOT_FOUND"),
        (
            "Mutation.bankAccountConfirm",
            CONFIRM,
            json!({ "input": { "id": account, "amount": amount, "code": device.next() } }),
            "NOT_FOUND",
        ),
        (
            "Mutation.bankAccountUnbind",
            UNBIND,
            json!({ "input": { "id": account, "code": device.next() } }),
            "NOT_FOUND",
        ),
    ]
}
