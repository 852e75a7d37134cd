//! What whoever steals a session begins with is in the log, and no number, secret or code is.

use chrono::TimeDelta;
use entity::audit_entry;
use entity::membership::Role;
use serde_json::{Value, json};

use super::log;
use crate::everywhere;
use crate::support::bank_accounts::{bind, binding, card, confirm, small_amount};
use crate::support::payouts::{refusal, signed};
use crate::support::second_factor::{Device, PASSWORD, confirm as confirm_factor, enroll};
use crate::support::{Client, Merchant};
use crate::webhooks::{asked, made};

const DISABLE: &str = "mutation($password: String!, $code: String!) { \
    totpDisable(input: { password: $password, code: $code }) { userErrors { code } } }";

/// The entries of an action, the newest first.
async fn entries_of(owner: &Client, action: &str) -> Vec<Value> {
    log(owner, json!({ "actions": [action] })).await
}

/// What became of each of them: DONE, or why it was denied.
async fn outcomes(owner: &Client, action: &str) -> Vec<String> {
    let entries = entries_of(owner, action).await;
    let outcome = |entry: &Value| {
        let reason = entry["reason"].as_str();
        reason.unwrap_or("DONE").to_owned()
    };
    entries.iter().map(outcome).collect()
}

/// A field of an entry, before and after.
fn change(entry: &Value, field: &str) -> (Value, Value) {
    let changes = entry["changes"].as_array().expect("changes");
    let found = changes.iter().find(|change| change["field"] == field);
    let found = found.unwrap_or_else(|| panic!("no {field}: {entry}"));
    (found["before"].clone(), found["after"].clone())
}

/// Fails where any entry of the merchant's, as the database has it, holds one of these texts.
async fn holds_none_of(merchant: &Merchant, secrets: &[&str]) {
    let db = &merchant.gateway().app.db;
    let entries = audit_entry::Entity::of(merchant.id)
        .all(db.reads_across())
        .await;
    let entries = entries.expect("the database answers");
    assert!(!entries.is_empty());
    for entry in entries {
        let text = format!("{:?} {:?} {:?}", entry.before, entry.after, entry.reason);
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} is in {entry:?}");
        }
    }
}

everywhere! {
    async fn a_bank_account_and_a_payout_are_in_the_log_and_no_number_is(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let payer = merchant.payer(Role::Owner).await;
        let (client, device) = (&payer.client, &payer.device);
        let number = card();
        let bound = bind(client, binding(&number, &device.next())).await;
        let id = &bound["bankAccount"]["id"];
        merchant.checks_bank_accounts().await;
        assert_eq!(refusal(&confirm(client, id, "2.00", &device.next()).await), "WRONG_AMOUNT");
        let told = confirm(client, id, &small_amount(&number), &device.next()).await;
        assert_eq!(refusal(&told), "");
        world.clock.advance(TimeDelta::days(1));
        merchant.approves_above(0).await;
        let account = id.as_str().expect("an id").parse().expect("an id");
        let challenge = payer.challenge(account, "36.00").await;
        let wrong = device.wrong();
        assert_eq!(refusal(&signed(client, &challenge, &wrong, json!({})).await), "WRONG_CODE");
        let code = device.next();
        let payout = merchant.payout_of(&signed(client, &challenge, &code, json!({})).await);
        assert_eq!(refusal(&payer.approves(&payout).await), "OWN_REQUEST");
        assert_eq!(refusal(&payer.cancels(&payout).await), "");

        let owner = &merchant.owner().await;
        let bind = &entries_of(owner, "bankAccountBind").await[0];
        assert_eq!(bind["target"]["id"], *id);
        let four = format!("\"{}\"", &number[number.len() - 4..]);
        assert_eq!(bind["changes"], json!([
            { "field": "bankCode", "before": null, "after": "\"ICBC\"" },
            { "field": "kind", "before": null, "after": "\"PERSONAL_CARD\"" },
            { "field": "lastFour", "before": null, "after": four },
        ]));
        assert_eq!(outcomes(owner, "bankAccountConfirm").await, ["DONE", "WRONG_AMOUNT"]);
        let confirmed = &entries_of(owner, "bankAccountConfirm").await[0];
        assert_eq!(change(confirmed, "state"), (json!("\"CHECKING\""), json!("\"VERIFIED\"")));
        assert_eq!(outcomes(owner, "payoutCreate").await, ["DONE", "WRONG_CODE"]);
        let created = &entries_of(owner, "payoutCreate").await[0];
        assert_eq!(created["target"]["id"], payout.id.to_string());
        assert_eq!(change(created, "amount").1, "\"36.00\"");
        assert_eq!(change(created, "bankAccountId").1, format!("\"{account}\""));
        let approved = &entries_of(owner, "payoutApprove").await[0];
        assert_eq!((&approved["reason"], &approved["target"]["id"]), (&json!("OWN_REQUEST"), &created["target"]["id"]));
        let canceled = &entries_of(owner, "payoutCancel").await[0];
        assert_eq!(change(canceled, "state"), (json!("\"AWAITING_APPROVAL\""), json!("\"CANCELED\"")));
        holds_none_of(&merchant, &[&number, "张伟", &wrong, &code]).await;
    }

    async fn a_second_factor_is_in_the_log_and_no_code_is(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let client = merchant.owner().await;
        let enrolled = enroll(&client, PASSWORD, None).await;
        let device = Device::told(&enrolled["secret"], &world.clock);
        let code = device.code();
        let confirmed = confirm_factor(&client, &code).await;
        let recovery = confirmed["recoveryCodes"][0].as_str().expect("a code");
        let disable = async |password: &str, code: &str| {
            let variables = json!({ "password": password, "code": code });
            let answer = client.data(DISABLE, variables).await;
            refusal(&answer["totpDisable"]).to_owned()
        };
        let wrong = device.wrong();
        assert_eq!(disable("a guessed password", recovery).await, "WRONG_PASSWORD");
        assert_eq!(disable(PASSWORD, &wrong).await, "WRONG_CODE");
        assert_eq!(disable(PASSWORD, recovery).await, "");

        assert_eq!(outcomes(&client, "totpEnroll").await, ["DONE"]);
        assert_eq!(outcomes(&client, "totpConfirm").await, ["DONE"]);
        assert_eq!(outcomes(&client, "totpDisable").await, ["DONE", "WRONG_CODE", "WRONG_PASSWORD"]);
        let disabled = &entries_of(&client, "totpDisable").await[0];
        assert_eq!(disabled["targetId"], merchant.staff(Role::Owner).to_string());
        assert_eq!(disabled["changes"], json!([{ "field": "confirmed", "before": "true", "after": "false" }]));
        let secret = enrolled["secret"].as_str().expect("a secret");
        holds_none_of(&merchant, &[secret, &code, &wrong, recovery, PASSWORD, "a guessed password"]).await;
        // Whoever runs the gateway takes it away from outside; the log tells of that as well.
        let reset = yigate::second_factor::service::reset(world.app(), merchant.staff(Role::Owner));
        reset.await.expect("reset");
        let entry = &entries_of(&client, "totpReset").await[0];
        assert_eq!(entry["actor"]["kind"], "SYSTEM");
    }

    async fn a_webhook_endpoint_is_in_the_log_and_no_secret_is(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = &merchant.owner().await;
        let url = "https://shop.example.com/hooks?token=hush";
        let endpoint = made(owner, json!({ "url": url, "eventTypes": ["ORDER_PAID"] })).await;
        let other = json!({ "id": endpoint.id, "url": "https://shop.example.com/hooks?token=quiet" });
        asked(owner, "webhookEndpointUpdate", "webhookEndpoint { id }", other).await;
        let rotate = json!({ "id": endpoint.id, "overlapHours": 24 });
        let rotated = asked(owner, "webhookSecretRotate", "secret", rotate).await;
        let key = asked(owner, "notifyKeySet", "key", json!({})).await;

        let created = &entries_of(owner, "webhookEndpointCreate").await[0];
        assert_eq!(created["target"]["id"], endpoint.id);
        assert_eq!(change(created, "url").1, "\"https://shop.example.com/hooks\"");
        assert_eq!(change(created, "eventTypes").1, "\"ORDER_PAID\"");
        let updated = &entries_of(owner, "webhookEndpointUpdate").await[0];
        assert_eq!(updated["changes"], json!([{ "field": "query", "before": null, "after": "\"another\"" }]));
        assert_eq!(outcomes(owner, "webhookSecretRotate").await, ["DONE"]);
        let set = &entries_of(owner, "notifyKeySet").await[0];
        assert_eq!(change(set, "replaces").1, "false");
        let text = |value: &Value| value.as_str().expect("a secret").to_owned();
        let (rotated, key) = (text(&rotated["secret"]), text(&key["key"]));
        holds_none_of(&merchant, &[&endpoint.secret, &rotated, &key, "hush", "quiet"]).await;
    }
}
