//! Bank accounts: bound with a second factor, proved by a small amount, sealed, and let go.

mod platforms;

use chrono::TimeDelta;
use data_encoding::BASE64;
use entity::bank_account;
use entity::membership::Role;
use entity::payout_schedule::{self, PayoutCadence};
use futures_util::StreamExt;
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use yigate::bank_accounts::service::{act, claim_due, reseal};
use yigate::second_factor;

use crate::everywhere;
use crate::support::bank_accounts::{
    bind, binding, card, card_asking, confirm, small_amount, unbind, with_check_digit,
};
use crate::support::second_factor::Device;
use crate::support::{Client, Merchant};

const SEEN: &str = "{ bankAccounts { edges { node { id kind holder number lastFour state checkSentAt triesLeft \
    checkError payable payableFrom verifiedAt boundBy unboundBy bank { code name } channel { id } } } } }";

/// The merchant's bank accounts, as somebody sees them.
async fn seen(client: &Client) -> Vec<Value> {
    let answer = client.data(SEEN, Value::Null).await;
    let edges = answer["bankAccounts"]["edges"].as_array().cloned();
    edges
        .unwrap()
        .into_iter()
        .map(|edge| edge["node"].clone())
        .collect()
}

fn refusal(payload: &Value) -> &str {
    payload["userErrors"][0]["code"].as_str().unwrap_or("none")
}

/// A merchant's owner, with a second factor that has rested.
async fn owner(merchant: &Merchant) -> (Client, Device) {
    let device = merchant.rested_device(Role::Owner).await;
    (merchant.owner().await, device)
}

everywhere! {
    async fn an_account_is_proved_by_the_small_amount_that_arrived(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = owner(&merchant).await;
        let number = card();
        let bound = bind(&owner, binding(&number, &device.next())).await;
        let id = bound["bankAccount"]["id"].clone();
        assert_eq!(bound, json!({ "userErrors": [], "bankAccount": {
            "id": id, "kind": "PERSONAL_CARD", "holder": "张**", "state": "CHECKING", "triesLeft": 3,
            "number": format!("**** **** **** {}", &number[15..]), "lastFour": &number[15..],
            "bank": { "code": "ICBC", "name": "Industrial and Commercial Bank of China" } } }));
        assert_eq!(refusal(&confirm(&owner, &id, "0.68", &device.next()).await), "NOT_SENT_YET");

        assert_eq!(merchant.checks_bank_accounts().await, 1);
        assert_eq!(merchant.checks_bank_accounts().await, 0, "once");
        let now = &seen(&owner).await[0];
        assert_eq!(now["checkSentAt"], "2026-11-24T04:01:00.000Z");
        assert_eq!(now["channel"]["id"], merchant.channel_id.to_string());
        let typed = confirm(&owner, &id, &small_amount(&number), &device.wrong()).await;
        assert_eq!(refusal(&typed), "WRONG_CODE", "whoever stole the session proves nothing");
        assert_eq!(seen(&owner).await[0]["triesLeft"], 3, "nor fails the account");
        // The code before was not spent by what came to nothing; a wrong amount spends it.
        let wrong = confirm(&owner, &id, "7.77", &device.code()).await;
        assert_eq!(refusal(&wrong), "WRONG_AMOUNT");
        assert!(wrong["userErrors"][0]["message"].as_str().unwrap().contains("2 more"), "{wrong}");
        assert_eq!(seen(&owner).await[0]["triesLeft"], 2, "the refusal does not take the count back");

        let typed = confirm(&owner, &id, &small_amount(&number), &device.code()).await;
        assert_eq!(refusal(&typed), "CODE_USED");
        let confirmed = confirm(&owner, &id, &small_amount(&number), &device.next()).await;
        assert_eq!(confirmed["bankAccount"], json!({ "id": id, "state": "VERIFIED", "payable": false,
            "verifiedAt": "2026-11-24T04:01:30.000Z", "payableFrom": "2026-11-25T04:01:30.000Z" }));
        let again = confirm(&owner, &id, &small_amount(&number), &device.recovery_codes[0]).await;
        assert_eq!(refusal(&again), "NOT_CHECKING");
        world.clock.advance(TimeDelta::days(1) - TimeDelta::milliseconds(1));
        assert_eq!(seen(&owner).await[0]["payable"], false, "it cools off");
        world.clock.advance(TimeDelta::milliseconds(1));
        assert_eq!(seen(&owner).await[0]["payable"], true);
    }

    async fn the_third_wrong_amount_fails_an_account_which_can_be_bound_anew(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = owner(&merchant).await;
        let number = card();
        let bound = bind(&owner, binding(&number, &device.next())).await;
        let id = bound["bankAccount"]["id"].clone();
        merchant.checks_bank_accounts().await;
        for left in [2, 1, 0] {
            assert_eq!(refusal(&confirm(&owner, &id, "7.77", &device.next()).await), "WRONG_AMOUNT");
            assert_eq!(seen(&owner).await[0]["triesLeft"], left);
        }
        assert_eq!(seen(&owner).await[0]["state"], "FAILED");
        let late = confirm(&owner, &id, &small_amount(&number), &device.next()).await;
        assert_eq!(refusal(&late), "NOT_CHECKING");
        let mut again = binding(&number, &device.next());
        again["idempotencyKey"] = json!("another key");
        assert_eq!(refusal(&bind(&owner, again).await), "none");
    }

    async fn what_cannot_be_meant_is_not_bound_and_costs_no_code(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = owner(&merchant).await;
        let (number, code) = (card(), device.next());
        let changed = |field: &str, value: Value| {
            let mut input = binding(&number, &code);
            input[field] = value;
            input
        };
        let mistyped = format!("{}{}", &number[..18], (number.as_bytes()[18] - b'0' + 1) % 10);
        let short = with_check_digit("62220212345678901");
        for (field, value, code, about) in [
            ("bankCode", json!("XXX"), "UNKNOWN_BANK", "bankCode"),
            ("bankCode", json!("ABC"), "BANK_MISMATCH", "number"),
            ("holder", json!(" "), "INVALID_HOLDER", "holder"),
            ("holder", json!("张".repeat(61)), "INVALID_HOLDER", "holder"),
            ("holder", json!("张伟&money=1"), "INVALID_HOLDER", "holder"),
            ("number", json!(mistyped), "INVALID_NUMBER", "number"),
            ("number", json!(short), "INVALID_NUMBER", "number"),
            ("number", json!("6222 abcd"), "INVALID_NUMBER", "number"),
            ("number", json!(""), "INVALID_NUMBER", "number"),
        ] {
            let bound = bind(&owner, changed(field, value.clone())).await;
            let error = &bound["userErrors"][0];
            assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!(about)), "{field} {value}");
        }
        assert_eq!(seen(&owner).await, Vec::<Value>::new());
        assert_eq!(refusal(&bind(&owner, binding(&number, &code)).await), "none", "the code is not spent");
        let company = json!({ "idempotencyKey": "a company", "kind": "CORPORATE", "bankCode": "BOD",
            "holder": "汇贤饭店有限公司", "number": "0200 0011 0920 0123 451", "code": device.next() });
        let bound = bind(&owner, company).await;
        assert_eq!(bound["bankAccount"]["holder"], "汇**");
        assert_eq!(bound["bankAccount"]["kind"], "CORPORATE");
    }

    async fn an_account_is_bound_and_unbound_only_with_a_second_factor(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let client = merchant.owner().await;
        let number = card();
        assert_eq!(refusal(&bind(&client, binding(&number, "123456")).await), "SECOND_FACTOR_NEEDED");
        let device = merchant.device(Role::Owner).await;
        let resting = bind(&client, binding(&number, &device.next())).await;
        assert_eq!(refusal(&resting), "SECOND_FACTOR_RESTING", "the account would cool off beside it");
        world.clock.advance(TimeDelta::days(1));
        let client = merchant.owner().await;
        assert_eq!(refusal(&bind(&client, binding(&number, &device.next())).await), "none");
        let client = merchant.owner().await;
        let number = card();
        assert_eq!(refusal(&bind(&client, binding(&number, &device.wrong())).await), "WRONG_CODE");
        assert_eq!(refusal(&bind(&client, binding(&number, &device.code())).await), "CODE_USED");
        let bound = bind(&client, binding(&number, &device.next())).await;
        assert_eq!(refusal(&bound), "none");
        let id = &bound["bankAccount"]["id"];
        assert_eq!(refusal(&unbind(&client, id, &device.wrong()).await), "WRONG_CODE");
        assert_eq!(refusal(&unbind(&client, id, &device.code()).await), "CODE_USED");
        let unbound = unbind(&client, id, &device.next()).await;
        assert_eq!(unbound["bankAccount"]["state"], "UNBOUND");
        assert_eq!(unbound["bankAccount"]["unboundBy"], merchant.staff(Role::Owner).to_string());
        assert_eq!(refusal(&unbind(&client, id, &device.next()).await), "ALREADY_UNBOUND");
        assert_eq!(merchant.checks_bank_accounts().await, 1, "nothing is sent to it any more");
        assert_eq!(refusal(&confirm(&client, id, "0.68", &device.next()).await), "NOT_CHECKING");
        // Programs have none.
        let shop = merchant.shop();
        assert_eq!(refusal(&bind(&shop, binding(&number, &device.next())).await), "STAFF_ONLY");
        assert_eq!(refusal(&confirm(&shop, id, "0.68", &device.next()).await), "STAFF_ONLY");
        assert_eq!(refusal(&unbind(&shop, id, &device.next()).await), "STAFF_ONLY");
    }

    async fn the_same_key_returns_the_same_account_and_needs_no_code(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = owner(&merchant).await;
        let (number, code) = (card(), device.next());
        let bound = bind(&owner, binding(&number, &code)).await;
        for code in [code.as_str(), "", "123456", "123456", "123456", "123456", "123456"] {
            assert_eq!(bind(&owner, binding(&number, code)).await, bound);
        }
        let mut other = binding(&card(), &device.next());
        other["idempotencyKey"] = json!(format!("bind {number}"));
        assert_eq!(refusal(&bind(&owner, other.clone()).await), "KEY_REUSED");
        other["idempotencyKey"] = json!("a key of its own");
        assert_eq!(refusal(&bind(&owner, other).await), "none", "none of it was a guess");
        assert_eq!(seen(&owner).await.len(), 2);
    }

    async fn a_number_is_bound_to_a_merchant_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (client, device) = owner(&merchant).await;
        let number = card();
        let bound = bind(&client, binding(&number, &device.next())).await;
        let mut again = binding(&format!("{} {}", &number[..4], &number[4..]), &device.next());
        assert_eq!(refusal(&bind(&client, again.clone()).await), "ALREADY_BOUND");
        unbind(&client, &bound["bankAccount"]["id"], &device.code()).await;
        again["code"] = json!(device.next());
        assert_eq!(refusal(&bind(&client, again).await), "none");
        // Another merchant may have it, too.
        let other = world.merchant("云裳时装").await;
        let (client, device) = owner(&other).await;
        assert_eq!(refusal(&bind(&client, binding(&number, &device.next())).await), "none");
    }

    async fn a_refusal_is_told_without_the_number_and_the_holder(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = owner(&merchant).await;
        let number = card_asking("0001");
        bind(&owner, binding(&number, &device.next())).await;
        merchant.checks_bank_accounts().await;
        let account = &seen(&owner).await[0];
        assert_eq!(account["state"], "FAILED");
        let told = format!("SANDBOX_REFUSED: 户名与账号 **** **** **** {} 不符", &number[15..]);
        assert_eq!(account["checkError"], told);
    }

    async fn a_platform_that_is_silent_is_asked_again_and_in_the_end_no_more(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = owner(&merchant).await;
        for wish in ["0003", "0004"] {
            let number = card_asking(wish);
            let bound = bind(&owner, binding(&number, &device.next())).await;
            assert_eq!(merchant.checks_bank_accounts().await, 1);
            assert_eq!(seen(&owner).await[0]["checkSentAt"], Value::Null, "{wish}");
            world.clock.advance(TimeDelta::seconds(3));
            assert_eq!(merchant.checks_bank_accounts().await, 1);
            assert_ne!(seen(&owner).await[0]["checkSentAt"], Value::Null, "{wish}");
            let id = &bound["bankAccount"]["id"];
            let told = confirm(&owner, id, &small_amount(&number), &device.next()).await;
            assert_eq!(refusal(&told), "none", "{wish}");
        }
        for wish in ["0002", "0005"] {
            bind(&owner, binding(&card_asking(wish), &device.next())).await;
            let mut asked = 0;
            while seen(&owner).await[0]["state"] == "CHECKING" {
                asked += merchant.checks_bank_accounts().await;
                world.clock.advance(TimeDelta::hours(1));
            }
            assert_eq!(asked, 12, "{wish}");
            assert_eq!(seen(&owner).await[0]["state"], "FAILED");
        }
    }

    async fn an_answer_counts_under_the_last_lease_alone(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = owner(&merchant).await;
        let number = card();
        bind(&owner, binding(&number, &device.next())).await;
        let (app, providers) = (world.app(), &world.gateway.providers);
        // A worker that claims it, and is held up.
        let slow = claim_due(app, 8).await.expect("a claim");
        assert_eq!(slow.len(), 1);
        assert_eq!(merchant.checks_bank_accounts().await, 0, "it is claimed");
        world.clock.advance(TimeDelta::seconds(30));
        assert_eq!(merchant.checks_bank_accounts().await, 1, "the lease is over");
        let sent_at = seen(&owner).await[0]["checkSentAt"].clone();
        world.clock.advance(TimeDelta::seconds(5));
        act(app, providers, &slow[0]).await.expect_err("its claim is long over");
        assert_eq!(seen(&owner).await[0]["checkSentAt"], sent_at);
    }

    async fn an_account_that_the_schedule_uses_is_not_unbound(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = owner(&merchant).await;
        let id = merchant.bank_account(&device).await;
        let schedule = payout_schedule::Model {
            merchant_id: merchant.id,
            bank_account_id: id,
            cadence: PayoutCadence::Daily,
            day: None,
            at_minute: 600,
            retained_minor: 0,
            min_minor: 1,
            version: 1,
            set_by: "system".to_owned(),
            set_at: world.clock.instant(),
            paused: false,
            next_at: None,
            last_at: None,
            last_outcome: None,
        };
        payout_schedule::Entity::insert(schedule.into_active_model())
            .exec_without_returning(world.app().db.writer())
            .await
            .expect("a schedule");
        let refused = unbind(&owner, &json!(id.to_string()), &device.next()).await;
        assert_eq!(refusal(&refused), "SCHEDULE_USES_IT");
        assert_eq!(seen(&owner).await[0]["state"], "VERIFIED");
        // One that rests sends nothing to it.
        payout_schedule::Entity::update_of(merchant.id)
            .col_expr(payout_schedule::Column::Paused, Expr::value(true))
            .exec(world.app().db.writer())
            .await
            .expect("the database answers");
        let unbound = unbind(&owner, &json!(id.to_string()), &device.next()).await;
        assert_eq!(unbound["bankAccount"]["state"], "UNBOUND", "{unbound}");
    }

    async fn an_account_that_a_payout_is_on_the_way_to_is_not_unbound(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        let payer = merchant.payer(Role::Owner).await;
        let account = merchant.bank_account(&payer.device).await;
        world.clock.advance(TimeDelta::days(1));
        let payout = payer.pays_out(account, "36.00").await;
        let id = json!(account.to_string());
        let refused = unbind(&payer.client, &id, &payer.device.next()).await;
        assert_eq!(refusal(&refused), "PAYOUT_ON_THE_WAY");
        merchant.payouts_go_through().await;
        assert_eq!(payout.state().await, "PAID", "holder and number can be opened");
        assert_eq!(refusal(&unbind(&payer.client, &id, &payer.device.next()).await), "none");
    }

    async fn without_a_channel_that_can_nothing_is_bound(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = owner(&merchant).await;
        merchant.set_channel(entity::channel::Column::Enabled, false).await;
        let refused = bind(&owner, binding(&card(), &device.next())).await;
        assert_eq!(refusal(&refused), "NO_CHANNEL");
    }

    async fn each_change_is_told_and_none_tells_the_number(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (owner, device) = owner(&merchant).await;
        let document = "subscription { events(after: \"e0\", types: [BANK_ACCOUNT_BOUND, BANK_ACCOUNT_CHECK_SENT, \
            BANK_ACCOUNT_VERIFIED, BANK_ACCOUNT_UNBOUND]) { type subject { __typename id } } }";
        let id = merchant.bank_account(&device).await;
        unbind(&owner, &json!(id.to_string()), &device.next()).await;
        let told: Vec<Value> = owner.subscribe(document, Value::Null).take(4).collect().await;
        let types: Vec<&str> = told.iter().map(|event| event["data"]["events"]["type"].as_str().unwrap()).collect();
        assert_eq!(types, ["BANK_ACCOUNT_BOUND", "BANK_ACCOUNT_CHECK_SENT", "BANK_ACCOUNT_VERIFIED",
            "BANK_ACCOUNT_UNBOUND"]);
        for event in &told {
            let subject = json!({ "__typename": "BankAccount", "id": id.to_string() });
            assert_eq!(event["data"]["events"]["subject"], subject);
        }
    }

    async fn holder_and_number_cannot_be_read_from_the_database_and_are_sealed_again(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (client, device) = owner(&merchant).await;
        let number = card();
        bind(&client, binding(&number, &device.next())).await;
        let row = async |world: &crate::support::World| {
            let row = bank_account::Entity::of(merchant.id).one(world.app().db.reads_across()).await.unwrap();
            row.expect("a row")
        };
        let before = row(&world).await;
        let holds = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(!holds(&before.sealed_number, &number) && !holds(&before.sealed_holder, "张伟"));
        assert!(!format!("{before:?}").contains(&number));

        let world = world.with_settings(|settings| {
            settings.secrets.master_key = Some(BASE64.encode(&[8; 32]));
            settings.secrets.previous_master_keys = vec![BASE64.encode(&[7; 32])];
        }).await;
        yigate::auth::reseal::reseal(world.app()).await.expect("signing keys");
        let done = reseal(world.app()).await.expect("sealed again");
        assert_eq!((done.seen, done.resealed, done.unreadable), (2, 2, 0));
        let factors = second_factor::service::reseal(world.app()).await.expect("sealed again");
        assert_eq!((factors.seen, factors.resealed, factors.unreadable), (1, 1, 0));
        assert_eq!(reseal(world.app()).await.expect("nothing to do").resealed, 0);
        let world = world.with_settings(|settings| settings.secrets.previous_master_keys.clear()).await;
        let ours = merchant.on(&world.gateway);
        let client = ours.owner().await;
        let mut again = binding(&number, &device.next());
        again["idempotencyKey"] = json!("another key");
        assert_eq!(refusal(&bind(&client, again).await), "ALREADY_BOUND", "it is found by its new hash");
        assert_eq!(ours.checks_bank_accounts().await, 1);
        let id = json!(row(&world).await.id.to_string());
        let told = confirm(&client, &id, &small_amount(&number), &device.next()).await;
        assert_eq!(refusal(&told), "none");
    }

    async fn banks_are_found_by_name_and_by_the_first_digits_of_a_card(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let owner = merchant.owner().await.in_chinese();
        let document = "query($search: String, $digits: String) { \
            supportedBanks(search: $search, cardBeginsWith: $digits) { code name chineseName englishName } }";
        let found = owner.data(document, json!({ "search": "招商" })).await;
        assert_eq!(found["supportedBanks"], json!([{ "code": "CMB", "name": "招商银行", "chineseName": "招商银行",
            "englishName": "China Merchants Bank" }]));
        let codes = async |search: Value, digits: Value| {
            let answer = owner.data(document, json!({ "search": search, "digits": digits })).await;
            let banks = answer["supportedBanks"].as_array().cloned().unwrap();
            banks.iter().map(|bank| bank["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert!(codes(Value::Null, Value::Null).await.len() >= 60);
        assert_eq!(codes(json!("merchants"), Value::Null).await, ["CMB"]);
        assert_eq!(codes(Value::Null, json!("622848")).await, ["ABC"]);
        assert_eq!(codes(Value::Null, json!("000000")).await, Vec::<String>::new());
        for digits in [card(), "62x".to_owned()] {
            let (code, message) = owner.error(document, json!({ "digits": digits })).await;
            assert_eq!(code, "BAD_USER_INPUT", "a number is nobody's business here");
            assert!(!message.contains(&digits));
        }
    }
}
