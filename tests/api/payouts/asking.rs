//! Asking: a quote, a challenge, a signature, and what the terms allow.

use chrono::TimeDelta;
use entity::bank_account::BankAccountState;
use entity::membership::Role;
use entity::merchant;
use serde_json::{Value, json};
use yigate::fees::model::Tariff;

use crate::everywhere;
use crate::support::Client;
use crate::support::payouts::{challenged, refusal, signed};

const QUOTE: &str = "query($input: PayoutQuoteInput!) { payoutQuote(input: $input) { \
    amount { amount } fee { amount } net { amount } available { amount } leftToday { amount } \
    needsApproval arrivesFrom arrivesTo calendarUntil refusal { code message } } }";

async fn quoted(client: &Client, account: entity::BankAccountId, amount: &str) -> Value {
    let input = json!({
        "bankAccountId": account.to_string(),
        "amount": { "amount": amount, "currency": "CNY" },
    });
    let answer = client.data(QUOTE, json!({ "input": input })).await;
    answer["payoutQuote"].clone()
}

everywhere! {
    async fn what_is_quoted_is_what_is_signed_and_what_arrives(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        merchant.payout_terms(|terms| {
            terms.tariff = Tariff {
                rate_ppm: 1_000,
                fixed_minor: 10,
                min_minor: Some(100),
                max_minor: Some(2_500),
            };
            terms.daily_max_minor = Some(80_000);
        }).await;
        let (payer, account) = (merchant.payer(Role::Finance).await, merchant.payable_account().await);
        let quote = quoted(&payer.client, account, "500.00").await;
        assert_eq!(quote, json!({
            "amount": { "amount": "500.00" },
            "fee": { "amount": "1.00" },
            "net": { "amount": "499.00" },
            "available": { "amount": "1000.00" },
            "leftToday": { "amount": "800.00" },
            "needsApproval": false,
            // A Tuesday at noon, before the cut-off.
            "arrivesFrom": "2026-11-25",
            "arrivesTo": "2026-11-26",
            "calendarUntil": 2026,
            "refusal": null,
        }));
        let challenge = challenged(&payer.client, account, "500.00").await;
        let challenge = &challenge["challenge"];
        assert_eq!(challenge["fee"], quote["fee"]);
        assert_eq!(challenge["net"], quote["net"]);
        assert_eq!(merchant.balances().await, ["0.00", "1000.00", "0.00"], "nothing is set aside yet");
        let payload = signed(&payer.client, &challenge["id"], &payer.device.next(), json!({})).await;
        let payout = merchant.payout_of(&payload);
        assert_eq!(payload["payout"]["state"], "PROCESSING");
        assert_eq!(merchant.balances().await, ["0.00", "500.00", "500.00"]);
        merchant.payouts_go_through().await;
        let seen = payout.read("state amount { amount } fee { amount } net { amount } expectedFrom \
            expectedTo providerPayoutNo payoutNo origin requestedBy needsAttention").await;
        assert_eq!(seen["state"], "PAID");
        assert_eq!(seen["net"]["amount"], "499.00");
        assert_eq!(seen["fee"]["amount"], "1.00");
        assert_eq!(seen["expectedFrom"], quote["arrivesFrom"]);
        assert_eq!(seen["expectedTo"], quote["arrivesTo"]);
        assert_eq!(seen["requestedBy"], merchant.staff(Role::Finance).to_string());
        assert_eq!(seen["payoutNo"].as_str().map(str::len), Some(19));
        assert_eq!(merchant.balances().await, ["0.00", "500.00", "0.00"]);
        merchant.books_are_right().await;
    }

    async fn one_key_makes_one_payout_whatever_the_code(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let challenge = payer.challenge(account, "60.00").await;
        let key = json!({ "idempotencyKey": "payout-0001" });
        let first = signed(&payer.client, &challenge, &payer.device.next(), key.clone()).await;
        // The answer was lost; by now the app shows another code, or none is at hand.
        let again = signed(&payer.client, &challenge, &payer.device.wrong(), key.clone()).await;
        assert_eq!(first["payout"]["id"], again["payout"]["id"]);
        assert_eq!(merchant.balances().await, ["0.00", "40.00", "60.00"]);
        let other = payer.challenge(account, "10.00").await;
        let reused = signed(&payer.client, &other, &payer.device.next(), key).await;
        assert_eq!(refusal(&reused), "KEY_REUSED");
        merchant.books_are_right().await;
    }

    async fn each_rule_is_told_with_its_figure(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        merchant.payout_terms(|terms| {
            (terms.min_minor, terms.max_minor) = (1_000, 50_000);
            terms.daily_max_minor = Some(60_000);
        }).await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        for (amount, code, figure) in [
            ("9.99", "AMOUNT_TOO_SMALL", "10.00"),
            ("500.01", "AMOUNT_TOO_LARGE", "500.00"),
            ("0.00", "INVALID", "amount"),
            ("-5.00", "INVALID", "amount"),
        ] {
            let payload = challenged(&payer.client, account, amount).await;
            assert_eq!(refusal(&payload), code, "{payload}");
            let message = payload["userErrors"][0]["message"].as_str().unwrap_or_default();
            assert!(message.contains(figure), "{message}");
            let quote = quoted(&payer.client, account, amount).await;
            assert_eq!(quote["refusal"]["code"], code);
        }
        payer.pays_out(account, "400.00").await;
        let payload = challenged(&payer.client, account, "200.01").await;
        assert_eq!(refusal(&payload), "DAILY_LIMIT");
        // What was called off does not count; tomorrow is another day, on the merchant's clock.
        let canceled = payer.pays_out(account, "200.00").await;
        assert_eq!(refusal(&challenged(&payer.client, account, "50.00").await), "DAILY_LIMIT");
        assert_eq!(refusal(&payer.cancels(&canceled).await), "");
        assert_eq!(refusal(&challenged(&payer.client, account, "50.00").await), "");
        world.clock.set("2026-11-24T16:00:00Z".parse().expect("an instant"));
        assert_eq!(refusal(&challenged(&payer.client, account, "500.00").await), "");
        merchant.books_are_right().await;
    }

    async fn money_that_is_not_there_is_not_promised(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        assert_eq!(
            refusal(&challenged(&payer.client, account, "100.01").await),
            "INSUFFICIENT_BALANCE"
        );
        // It was there when it was shown, and is gone when it is signed.
        let challenge = payer.challenge(account, "100.00").await;
        merchant.adjusts("-0.01").await;
        let payload = signed(&payer.client, &challenge, &payer.device.next(), json!({})).await;
        assert_eq!(refusal(&payload), "REFUSED");
        let message = payload["userErrors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains("99.99"), "{message}");
        // Nothing came of it: neither challenge nor code are spent.
        merchant.adjusts("0.01").await;
        let again = signed(&payer.client, &challenge, &payer.device.code(), json!({})).await;
        assert_eq!(refusal(&again), "", "{again}");
        merchant.books_are_right().await;
    }

    async fn money_goes_to_verified_accounts_that_have_cooled_off_alone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let payer = merchant.payer(Role::Owner).await;
        for (state, code) in [
            (BankAccountState::Checking, "ACCOUNT_NOT_VERIFIED"),
            (BankAccountState::Failed, "ACCOUNT_NOT_VERIFIED"),
            (BankAccountState::Unbound, "ACCOUNT_NOT_VERIFIED"),
        ] {
            let account = merchant.account_in(state, TimeDelta::zero()).await;
            assert_eq!(refusal(&challenged(&payer.client, account, "10.00").await), code);
        }
        let state = BankAccountState::Verified;
        let account = merchant.account_in(state, TimeDelta::hours(24)).await;
        let payload = challenged(&payer.client, account, "10.00").await;
        assert_eq!(refusal(&payload), "ACCOUNT_COOLING_OFF");
        world.clock.advance(TimeDelta::hours(24));
        assert_eq!(refusal(&challenged(&payer.client, account, "10.00").await), "");
        // Another merchant's account is none of ours.
        let stranger = world.merchant("云裳时装").await;
        let theirs = stranger.payable_account().await;
        assert_eq!(
            refusal(&challenged(&payer.client, theirs, "10.00").await),
            "ACCOUNT_NOT_FOUND"
        );
    }

    async fn a_suspended_merchant_pays_nothing_out(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let challenge = payer.challenge(account, "10.00").await;
        let suspended = sea_orm::sea_query::Expr::value(merchant::MerchantStatus::Suspended);
        merchant.changes(merchant::Column::Status, suspended).await;
        assert_eq!(
            refusal(&challenged(&payer.client, account, "10.00").await),
            "MERCHANT_SUSPENDED"
        );
        let payload = signed(&payer.client, &challenge, &payer.device.next(), json!({})).await;
        assert_eq!(refusal(&payload), "REFUSED");
        assert_eq!(merchant.balances().await, ["0.00", "100.00", "0.00"]);
    }

    async fn the_fee_of_now_is_the_fee_that_was_seen(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let challenge = payer.challenge(account, "50.00").await;
        merchant.payout_terms(|terms| terms.tariff.fixed_minor = 200).await;
        let payload = signed(&payer.client, &challenge, &payer.device.next(), json!({})).await;
        assert_eq!(refusal(&payload), "CHALLENGE_OUTDATED");
        // A fee that takes all leaves nothing to arrive.
        merchant.payout_terms(|terms| terms.tariff.fixed_minor = 100_000).await;
        let payload = challenged(&payer.client, account, "50.00").await;
        assert_eq!(refusal(&payload), "NOTHING_ARRIVES");
    }

    async fn beyond_the_calendar_no_day_is_promised(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        world.clock.set("2026-12-29T04:00:00Z".parse().expect("an instant"));
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let quote = quoted(&payer.client, account, "10.00").await;
        assert_eq!(quote["arrivesTo"], Value::Null);
        assert_eq!(quote["calendarUntil"], 2026);
        let payout = payer.pays_out(account, "10.00").await;
        let seen = payout.read("expectedFrom expectedTo").await;
        assert_eq!(seen, json!({ "expectedFrom": null, "expectedTo": null }));
        merchant.payouts_go_through().await;
        assert_eq!(payout.state().await, "PAID");
    }

    async fn terms_are_the_settings_until_the_platforms_staff_agrees_on_others(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let document = "{ payoutTerms { rate minAmount { amount } maxAmount { amount } cutoff \
            arrivalDaysMin arrivalDaysMax feeReturned dailyLimit { amount } approvalAbove { amount } } }";
        let owner = merchant.owner().await;
        let seen = owner.data(document, json!({})).await;
        assert_eq!(seen["payoutTerms"]["maxAmount"]["amount"], "50000.00");
        assert_eq!(seen["payoutTerms"]["cutoff"], "17:00");
        assert!(!merchant.has_payout_terms().await);
        merchant.payout_terms(|terms| {
            terms.tariff.rate_ppm = 2_500;
            terms.cutoff_minute = 1_440;
        }).await;
        let seen = owner.data(document, json!({})).await;
        assert_eq!(seen["payoutTerms"]["rate"], "0.0025");
        assert_eq!(seen["payoutTerms"]["cutoff"], "24:00");
        assert_eq!(seen["payoutTerms"]["maxAmount"]["amount"], "50000.00", "what was not changed stays");
    }
}
