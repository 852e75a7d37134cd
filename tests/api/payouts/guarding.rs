//! Whoever has stolen a session, and nothing else, moves no money: every door is tried.

use chrono::TimeDelta;
use entity::membership::Role;
use entity::payout;
use serde_json::{Value, json};

use crate::everywhere;
use crate::support::payouts::{Payer, challenged, decided, refusal, signed};
use crate::support::{Client, Merchant};

/// A client with an API key that may do everything about payouts.
async fn with_key(merchant: &Merchant) -> Client {
    let document = "mutation { apiKeyCreate(input: { name: \"erp\", scopes: [PAYOUTS_READ, PAYOUTS_WRITE, \
        PAYOUTS_APPROVE, BANK_ACCOUNTS_WRITE, MERCHANT_WRITE] }) { secret userErrors { code } } }";
    let made = merchant.owner().await.data(document, json!({})).await;
    let secret = made["apiKeyCreate"]["secret"].as_str();
    merchant
        .with_key(secret.unwrap_or_else(|| panic!("{made}")))
        .await
}

const APPROVAL: &str = "mutation($input: PayoutApprovalSetInput!) { payoutApprovalSet(input: $input) { \
    terms { approvalAbove { amount } } userErrors { code } } }";

async fn raises(client: &Client, code: &str, above: Option<&str>) -> Value {
    let above = above.map(|amount| json!({ "amount": amount, "currency": "CNY" }));
    let input = json!({ "code": code, "aboveAmount": above });
    let answer = client.data(APPROVAL, json!({ "input": input })).await;
    answer["payoutApprovalSet"].clone()
}

async fn schedules(payer: &Payer, account: entity::BankAccountId, code: &str) -> Value {
    let document = "mutation($input: PayoutScheduleSetInput!) { payoutScheduleSet(input: $input) { \
        schedule { version } userErrors { code } } }";
    let input = json!({
        "bankAccountId": account.to_string(), "cadence": "DAILY", "at": "12:00", "code": code,
        "retainedAmount": { "amount": "0.00", "currency": "CNY" },
        "minimumAmount": { "amount": "1.00", "currency": "CNY" }, "expectedVersion": 0,
    });
    let answer = payer.client.data(document, json!({ "input": input })).await;
    answer["payoutScheduleSet"].clone()
}

everywhere! {
    async fn a_stolen_session_alone_moves_no_money(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let thief = payer.client.clone();
        // Without a code, with a guess, with a recovery code that is none.
        let challenge = payer.challenge(account, "10.00").await;
        for code in ["", "123", &payer.device.wrong(), "aaaa-bbbb-cccc"] {
            let payload = signed(&thief, &challenge, code, json!({})).await;
            assert_eq!(refusal(&payload), "WRONG_CODE", "{code}");
        }
        // With a code that was used: seen over the owner's shoulder, a moment later.
        let code = payer.device.next();
        assert_eq!(refusal(&signed(&thief, &challenge, &code, json!({})).await), "");
        let other = payer.challenge(account, "20.00").await;
        assert_eq!(refusal(&signed(&thief, &other, &code, json!({})).await), "CODE_USED");
        // With a challenge that was signed, or has ended.
        let fresh = payer.device.next();
        assert_eq!(refusal(&signed(&thief, &challenge, &fresh, json!({})).await), "CHALLENGE_USED");
        world.clock.advance(TimeDelta::minutes(2));
        let fresh = payer.device.next();
        assert_eq!(refusal(&signed(&thief, &other, &fresh, json!({})).await), "CHALLENGE_EXPIRED");
        // A challenge that never was.
        let made_up = json!(entity::PayoutChallengeId(7).to_string());
        let payload = signed(&thief, &made_up, &payer.device.next(), json!({})).await;
        assert_eq!(refusal(&payload), "CHALLENGE_NOT_FOUND");
        // The guard taken away, and a schedule put up, without a code.
        merchant.approves_above(500).await;
        let wrong = payer.device.wrong();
        assert_eq!(refusal(&raises(&thief, &wrong, None).await), "WRONG_CODE");
        assert_eq!(refusal(&schedules(&payer, account, &payer.device.wrong()).await), "WRONG_CODE");
        // A last guess, and nobody is believed for a while, not even the owner.
        let challenge = payer.challenge(account, "5.00").await;
        for _ in 0..5 {
            signed(&thief, &challenge, &payer.device.wrong(), json!({})).await;
        }
        let right = signed(&payer.client, &challenge, &payer.device.code(), json!({})).await;
        assert_eq!(refusal(&right), "SECOND_FACTOR_BLOCKED");
        assert_eq!(merchant.balances().await, ["0.00", "990.00", "10.00"], "one payout, the owner's");
        merchant.books_are_right().await;
    }

    async fn an_api_key_moves_no_money_whatever_its_scopes(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        merchant.approves_above(5_000).await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let key = with_key(&merchant).await;
        assert_eq!(refusal(&challenged(&key, account, "10.00").await), "STAFF_ONLY");
        // Not even with a person's challenge and code.
        let challenge = payer.challenge(account, "10.00").await;
        let code = payer.device.next();
        let payload = signed(&key, &challenge, &code, json!({})).await;
        assert!(["STAFF_ONLY", "CHALLENGE_NOT_FOUND"].contains(&refusal(&payload)), "{payload}");
        let waiting = payer.pays_out(account, "100.00").await;
        let code = json!({ "code": payer.device.next() });
        let approved = decided(&key, "payoutApprove", waiting.id, code).await;
        assert_eq!(refusal(&approved), "STAFF_ONLY");
        let note = json!({ "note": "不同意" });
        assert_eq!(refusal(&decided(&key, "payoutReject", waiting.id, note).await), "STAFF_ONLY");
        assert_eq!(refusal(&decided(&key, "payoutCancel", waiting.id, json!({})).await), "STAFF_ONLY");
        assert_eq!(refusal(&raises(&key, &payer.device.next(), None).await), "STAFF_ONLY");
        assert_eq!(waiting.state().await, "AWAITING_APPROVAL");
        let seen = key.data("{ payouts { edges { node { state } } } }", json!({})).await;
        assert_eq!(seen["payouts"]["edges"].as_array().map(Vec::len), Some(1), "it may read");
    }

    async fn a_challenge_is_signed_by_whom_it_was_shown_to(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        let account = merchant.payable_account().await;
        let (owner, finance) = (merchant.payer(Role::Owner).await, merchant.payer(Role::Finance).await);
        let challenge = owner.challenge(account, "10.00").await;
        // A colleague's session and code do not sign what the owner was shown; nor the other way round.
        for (client, device) in [
            (&finance.client, &finance.device),
            (&owner.client, &finance.device),
        ] {
            let payload = signed(client, &challenge, &device.next(), json!({})).await;
            assert!(
                ["CHALLENGE_NOT_FOUND", "WRONG_CODE"].contains(&refusal(&payload)),
                "{payload}"
            );
        }
        let stranger = world.merchant("云裳时装").await;
        stranger.adjusts("1000.00").await;
        let theirs = stranger.payer(Role::Owner).await;
        let challenge = owner.challenge(account, "10.00").await;
        let payload = signed(&theirs.client, &challenge, &theirs.device.next(), json!({})).await;
        assert_eq!(refusal(&payload), "CHALLENGE_NOT_FOUND");
        assert_eq!(merchant.balances().await, ["0.00", "1000.00", "0.00"]);
        assert_eq!(stranger.balances().await, ["0.00", "1000.00", "0.00"]);
    }

    async fn nothing_but_the_challenge_says_where_how_much_goes(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (code, message) = merchant.owner().await.error(
            "mutation { payoutCreate(input: { idempotencyKey: \"payout-0001\", challengeId: \"chl_x\", \
             code: \"1\", amount: { amount: \"1.00\", currency: \"CNY\" } }) { userErrors { code } } }",
            json!({}),
        ).await;
        assert_eq!(code, "BAD_USER_INPUT", "{message}");
    }

    async fn an_account_that_was_unbound_between_is_paid_nothing(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let challenge = payer.challenge(account, "10.00").await;
        merchant.loses_account(account).await;
        let payload = signed(&payer.client, &challenge, &payer.device.next(), json!({})).await;
        assert_eq!(refusal(&payload), "REFUSED");
        assert_eq!(merchant.balances().await, ["0.00", "1000.00", "0.00"]);
    }

    async fn a_new_second_factor_moves_no_money_for_a_day(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        let account = merchant.payable_account().await;
        let device = merchant.device(Role::Owner).await;
        let owner = merchant.owner().await;
        let challenge = challenged(&owner, account, "10.00").await;
        let challenge = &challenge["challenge"]["id"];
        let payload = signed(&owner, challenge, &device.next(), json!({})).await;
        assert_eq!(refusal(&payload), "SECOND_FACTOR_RESTING");
        // Who has none is told so.
        let finance = merchant.client(Role::Finance).await;
        let challenge = challenged(&finance, account, "10.00").await;
        let payload = signed(&finance, &challenge["challenge"]["id"], "123456", json!({})).await;
        assert_eq!(refusal(&payload), "SECOND_FACTOR_NEEDED");
        assert_eq!(merchant.balances().await, ["0.00", "1000.00", "0.00"]);
    }

    async fn what_was_edited_in_the_database_is_never_sent(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let other = merchant.payable_account().await;
        let edits: [(payout::Column, sea_orm::Value); 4] = [
            (payout::Column::BankAccountId, other.into()),
            (payout::Column::RequestedBy, "stf_0000000000000".into()),
            (payout::Column::Signature, vec![0_u8; 32].into()),
            (payout::Column::Currency, "USD".into()),
        ];
        for (column, value) in edits {
            let payout = payer.pays_out(account, "10.00").await;
            merchant.tampers(payout.id, column, value).await;
            merchant.payouts_go_through().await;
            let row = merchant.payout_row(payout.id).await;
            assert_eq!(row.state, payout::PayoutStatus::Unknown, "{column:?}");
            assert_eq!(row.error_code.as_deref(), Some("NOT_AS_SIGNED"), "{column:?}");
            assert!(row.needs_attention && row.next_attempt_at.is_none(), "{column:?}");
            assert_eq!(row.provider_payout_no, None, "nobody was asked");
        }
        assert_eq!(merchant.balances().await, ["0.00", "960.00", "40.00"], "set aside until a person has looked");
    }

    async fn a_payout_that_waits_is_not_sent_by_editing_its_state(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        merchant.approves_above(0).await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let payout = payer.pays_out(account, "10.00").await;
        merchant.tampers(payout.id, payout::Column::State, "PROCESSING").await;
        let now = world.clock.instant();
        merchant.tampers(payout.id, payout::Column::NextAttemptAt, now).await;
        merchant.payouts_go_through().await;
        assert_eq!(payout.read("state errorCode").await, json!({
            "state": "UNKNOWN", "errorCode": "NOT_AS_SIGNED" }));
        // Nor by writing a name beside it.
        let payout = payer.pays_out(account, "10.00").await;
        for (column, value) in [
            (payout::Column::State, sea_orm::Value::from("PROCESSING")),
            (payout::Column::NextAttemptAt, now.into()),
        ] {
            merchant.tampers(payout.id, column, value).await;
        }
        merchant.tampers_decision(payout.id, merchant.staff(Role::Finance)).await;
        merchant.payouts_go_through().await;
        assert_eq!(payout.read("errorCode").await, json!({ "errorCode": "NOT_AS_SIGNED" }));
    }
}
