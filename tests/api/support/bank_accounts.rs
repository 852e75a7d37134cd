//! Bank accounts as tests bind them.

use entity::BankAccountId;
use serde_json::{Value, json};
use yigate::bank_accounts;

use super::second_factor::Device;
use super::{Client, Merchant};

pub const BIND: &str = "mutation($input: BankAccountBindInput!) { bankAccountBind(input: $input) { \
    bankAccount { id kind holder number lastFour state bank { code name } triesLeft } \
    userErrors { code field message } } }";
pub const CONFIRM: &str = "mutation($input: BankAccountConfirmInput!) { bankAccountConfirm(input: $input) { \
    bankAccount { id state payable payableFrom verifiedAt } userErrors { code field message } } }";
pub const UNBIND: &str = "mutation($input: BankAccountUnbindInput!) { bankAccountUnbind(input: $input) { \
    bankAccount { id state unboundBy } userErrors { code field message } } }";

/// A number of 工商银行's cards, with a right check digit, that asks the sandbox for what four digits mean.
pub fn card_asking(wish: &str) -> String {
    let own = rand::random_range(0..10_000_000_u32);
    with_check_digit(&format!("622202{own:07}{wish}6"))
}

/// Any number of 工商银行's cards.
pub fn card() -> String {
    card_asking("1234")
}

/// These digits, and Luhn's check digit.
pub fn with_check_digit(digits: &str) -> String {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = digits
        .chars()
        .rev()
        .map(|digit| digit.to_digit(10).expect("a digit"))
        .enumerate()
        .map(|(place, digit)| {
            if place % 2 == 0 {
                doubled(digit)
            } else {
                digit
            }
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// What the sandbox sends to a number, by the words of its documentation.
pub fn small_amount(number: &str) -> String {
    match &number[number.len() - 2..] {
        "00" => "1.00".to_owned(),
        last => format!("0.{last}"),
    }
}

/// An input that binds a card of 张伟's.
pub fn binding(number: &str, code: &str) -> Value {
    json!({
        "idempotencyKey": format!("bind {number}"),
        "bankCode": "ICBC",
        "holder": "张伟",
        "number": number,
        "code": code,
    })
}

/// Binds; the payload.
pub async fn bind(client: &Client, input: Value) -> Value {
    client.data(BIND, json!({ "input": input })).await["bankAccountBind"].clone()
}

/// Enters an amount, with a code; the payload.
pub async fn confirm(client: &Client, id: &Value, amount: &str, code: &str) -> Value {
    let amount = json!({ "amount": amount, "currency": "CNY" });
    let input = json!({ "id": id, "amount": amount, "code": code });
    client.data(CONFIRM, json!({ "input": input })).await["bankAccountConfirm"].clone()
}

/// Unbinds; the payload.
pub async fn unbind(client: &Client, id: &Value, code: &str) -> Value {
    let input = json!({ "id": id, "code": code });
    client.data(UNBIND, json!({ "input": input })).await["bankAccountUnbind"].clone()
}

impl Merchant {
    /// The worker checks what waits; how many that were.
    pub async fn checks_bank_accounts(&self) -> u64 {
        bank_accounts::worker::work(&self.gateway.app, &self.gateway.providers).await
    }

    /// A bank account that the owner has bound with a device and confirmed; the cooling-off begins now.
    pub async fn bank_account(&self, device: &Device) -> BankAccountId {
        let owner = self.owner().await;
        let number = card();
        let bound = bind(&owner, binding(&number, &device.next())).await;
        assert_eq!(bound["userErrors"], json!([]), "{bound}");
        self.checks_bank_accounts().await;
        let id = &bound["bankAccount"]["id"];
        let confirmed = confirm(&owner, id, &small_amount(&number), &device.next()).await;
        assert_eq!(confirmed["userErrors"], json!([]), "{confirmed}");
        let id = id.as_str().expect("an id");
        id.parse().expect("an id")
    }
}
