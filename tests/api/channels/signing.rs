//! Credentials by which money leaves: a second factor agrees to them, and money waits for a day.

use chrono::TimeDelta;
use entity::BankAccountId;
use entity::membership::Role;

use super::*;
use crate::audit::log;
use crate::epay::orders::Stage;
use crate::everywhere;
use crate::support::World;
use crate::support::bank_accounts::{bind, binding, card};
use crate::support::payouts::{Payer, challenged, signed};

/// A merchant with money, whose payouts go through V2; somebody who asks for them, and an account.
async fn set(world: World) -> (Stage, Payer, BankAccountId) {
    let stage = Stage::set(world).await;
    stage.merchant.adjusts("1000.00").await;
    let payer = stage.merchant.payer(Role::Owner).await;
    let account = stage.merchant.payable_account().await;
    (stage, payer, account)
}

/// What somebody is told who gives a channel credentials.
async fn gives(
    client: &Client,
    merchant: &Merchant,
    id: entity::ChannelId,
    credentials: &Value,
    code: Option<&str>,
) -> Value {
    let version = row(merchant, &json!(id.to_string())).await.version;
    let input = json!({
        "channelId": id.to_string(), "expectedVersion": version, "credentials": credentials, "code": code,
    });
    asked(client, "channelCredentialsSet", input).await
}

/// A channel of V2 to be made.
fn new_v2(stub: &EpayStub, code: Option<&str>) -> Value {
    json!({ "name": "出款", "kind": "EPAY_V2", "method": "ALIPAY", "credentials": v2(stub), "code": code })
}

/// From when on money leaves through a channel, as the owner sees it.
async fn pays_out_from(merchant: &Merchant, id: &Value) -> Value {
    let document = "query($id: ID!) { channel(id: $id) { paysOutFrom } }";
    let owner = merchant.owner().await;
    let seen = owner.data(document, json!({ "id": id })).await;
    seen["channel"]["paysOutFrom"].clone()
}

/// A moment so long from now, as clients read it.
fn later(world: &World, hours: i64) -> String {
    let at = world.clock.now() + TimeDelta::hours(hours);
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

everywhere! {
    async fn credentials_by_which_money_leaves_take_a_code_and_come_from_no_api_key(world: World) {
        let (stage, payer, _) = set(world).await;
        let (merchant, owner) = (&stage.merchant, &payer.client);
        let [(_, first), (_, second)] = stage.channels;
        let elsewhere = EpayStub::start().await;
        let key = "mutation { apiKeyCreate(input: { name: \"erp\", scopes: [CHANNELS_READ, CHANNELS_WRITE] }) { secret } }";
        let key = owner.data(key, json!({})).await["apiKeyCreate"]["secret"].clone();
        let key = merchant.with_key(key.as_str().expect("a key")).await;
        let before = row(merchant, &json!(second.to_string())).await;
        let code_now = payer.device.next();
        for typed in [None, Some(code_now.as_str())] {
            let set = gives(&key, merchant, second, &v2(&elsewhere), typed).await;
            assert_eq!(refusal(&set).0, "STAFF_ONLY");
            let made = asked(&key, "channelCreate", new_v2(&elsewhere, typed)).await;
            assert_eq!(refusal(&made).0, "STAFF_ONLY");
        }
        let wrong = payer.device.wrong();
        for (typed, why) in [(None, "CODE_NEEDED"), (Some(wrong.as_str()), "WRONG_CODE")] {
            let set = gives(owner, merchant, second, &v2(&elsewhere), typed).await;
            assert_eq!(refusal(&set), (why, "code"));
            let made = asked(owner, "channelCreate", new_v2(&elsewhere, typed)).await;
            assert_eq!(refusal(&made), (why, "code"));
        }
        assert_eq!(row(merchant, &json!(second.to_string())).await, before, "nothing was kept");
        let denied = log(owner, json!({ "outcome": "DENIED" })).await;
        for (action, reason) in [
            ("channelCredentialsSet", "STAFF_ONLY"), ("channelCreate", "STAFF_ONLY"),
            ("channelCredentialsSet", "WRONG_CODE"), ("channelCreate", "WRONG_CODE"),
        ] {
            let is_told = |entry: &&Value| entry["action"] == action && entry["reason"] == reason;
            assert!(denied.iter().any(|entry| is_told(&entry)), "{action} {reason}: {denied:?}");
        }
        // Those by which none leaves are given as before; the code was used by nobody yet.
        assert_eq!(refusal(&gives(&key, merchant, first, &v1(&elsewhere), None).await).0, "");
        let set = gives(owner, merchant, second, &v2(&elsewhere), Some(&code_now)).await;
        assert_eq!(refusal(&set).0, "", "{set}");
        let again = asked(owner, "channelCreate", new_v2(&elsewhere, Some(&code_now))).await;
        assert_eq!(refusal(&again).0, "CODE_USED");
        let made = asked(owner, "channelCreate", new_v2(&elsewhere, Some(&payer.device.next()))).await;
        assert_eq!(refusal(&made).0, "", "{made}");
        assert_eq!(pays_out_from(merchant, &made["channel"]["id"]).await, later(&stage.world, 24));
        assert_eq!(pays_out_from(merchant, &json!(first.to_string())).await, Value::Null);
    }

    async fn by_new_credentials_no_money_leaves_for_a_day(world: World) {
        let (stage, payer, account) = set(world).await;
        let (merchant, owner) = (&stage.merchant, &payer.client);
        let (_, second) = stage.channels[1];
        let elsewhere = EpayStub::start().await;
        let waiting = payer.pays_out(account, "30.00").await;
        let regretted = payer.pays_out(account, "20.00").await;
        let challenge = payer.challenge(account, "10.00").await;
        let set = gives(owner, merchant, second, &v2(&elsewhere), Some(&payer.device.next())).await;
        assert_eq!(refusal(&set).0, "", "{set}");
        let until = later(&stage.world, 24);
        assert_eq!(pays_out_from(merchant, &json!(second.to_string())).await, until);
        // Nothing is asked for, and no small amount is sent.
        let told = challenged(owner, account, "10.00").await;
        assert_eq!(refusal(&told).0, "CHANNEL_COOLING_OFF");
        let message = told["userErrors"][0]["message"].as_str().expect("a message");
        assert!(message.contains(&until[..16]), "{message}");
        let quote = "query($input: PayoutQuoteInput!) { payoutQuote(input: $input) { channel { id } refusal { code } } }";
        let input = json!({ "bankAccountId": account.to_string(), "amount": money("10.00") });
        let quote = owner.data(quote, json!({ "input": input })).await["payoutQuote"].clone();
        assert_eq!(quote, json!({ "channel": { "id": second.to_string() }, "refusal": { "code": "CHANNEL_COOLING_OFF" } }));
        let told = signed(owner, &challenge, &payer.device.next(), json!({})).await;
        assert_eq!(refusal(&told).0, "REFUSED");
        let told = bind(owner, binding(&card(), &payer.device.next())).await;
        assert_eq!(refusal(&told).0, "CHANNEL_COOLING_OFF");
        // What was set aside waits, and can be called off.
        merchant.payout_minutes_pass(60).await;
        assert_eq!((stage.stub.transfers_asked(), elsewhere.transfers_asked()), (0, 0));
        let seen = waiting.read("state errorCode needsAttention").await;
        assert_eq!(seen, json!({ "state": "PROCESSING", "errorCode": "CHANNEL_COOLING_OFF", "needsAttention": false }));
        assert_eq!(payer.cancels(&regretted).await["payout"]["state"], "CANCELED");
        stage.world.clock.advance(TimeDelta::hours(24));
        merchant.payout_workers_work().await;
        assert_eq!(waiting.state().await, "PAID");
        assert_eq!((stage.stub.money_out().len(), elsewhere.money_out().len()), (0, 1));
        let told = challenged(owner, account, "10.00").await;
        assert_eq!(refusal(&told).0, "", "{told}");
        assert_eq!(merchant.balances().await, ["0.00", "970.00", "0.00"]);
        merchant.books_are_right().await;
    }

    async fn what_was_sent_goes_on_through_the_account_that_it_was_sent_through(world: World) {
        let (stage, payer, account) = set(world).await;
        let (_, second) = stage.channels[1];
        let payout = payer.pays_out(account, "30.00").await;
        stage.stub.transfer_once(crate::support::epay_stub::Transferring::LosingTheAnswer);
        stage.merchant.payout_workers_work().await;
        assert_eq!(payout.state().await, "UNKNOWN");
        // Other keys of the same account: what left is asked about, and what is new waits.
        let mut same = v2(&stage.stub);
        let url = stage.stub.base_url();
        same["epayV2"]["baseUrl"] = json!(format!("{}/", url.trim_end_matches('/')));
        let set = gives(&payer.client, &stage.merchant, second, &same, Some(&payer.device.next())).await;
        assert_eq!(refusal(&set).0, "", "{set}");
        stage.merchant.payout_minutes_pass(10).await;
        assert_eq!(payout.state().await, "PAID");
        assert_eq!(stage.stub.money_out().len(), 1);
    }

    async fn what_no_second_factor_agreed_to_is_paid_through_and_pays_nothing_out(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        let stub = EpayStub::start().await;
        let owner = merchant.owner().await;
        let made = asked(&owner, "channelCreate", new_v2(&stub, None)).await;
        assert_eq!(refusal(&made).0, "", "nobody has a second factor: {made}");
        let id = made["channel"]["id"].clone();
        assert_eq!(pays_out_from(&merchant, &id).await, Value::Null);
        let payer = merchant.payer(Role::Owner).await;
        let account = merchant.payable_account().await;
        assert_eq!(refusal(&challenged(&payer.client, account, "10.00").await).0, "CHANNEL_UNSIGNED");
        let told = bind(&payer.client, binding(&card(), &payer.device.next())).await;
        assert_eq!(refusal(&told).0, "CHANNEL_UNSIGNED");
        // The same credentials again, with a code: nothing else changes.
        let id: entity::ChannelId = id.as_str().expect("an id").parse().expect("an id");
        let set = gives(&payer.client, &merchant, id, &v2(&stub), Some(&payer.device.next())).await;
        assert_eq!(refusal(&set).0, "", "{set}");
        assert_eq!(set["channel"]["credentials"]["setAt"], made["channel"]["credentials"]["setAt"]);
        assert_eq!(refusal(&challenged(&payer.client, account, "10.00").await).0, "CHANNEL_COOLING_OFF");
        world.clock.advance(TimeDelta::hours(24));
        payer.pays_out(account, "10.00").await;
        merchant.payout_workers_work().await;
        assert_eq!(stub.money_out().len(), 1);
    }

    async fn the_cooling_off_follows_the_rest_of_a_new_second_factor(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (stub, owner) = (EpayStub::start().await, merchant.owner().await);
        let device = merchant.device(Role::Owner).await;
        let wanted = later(&world, 48);
        let made = asked(&owner, "channelCreate", new_v2(&stub, Some(&device.next()))).await;
        assert_eq!(pays_out_from(&merchant, &made["channel"]["id"]).await, wanted);
    }

    async fn a_schedule_pays_nothing_out_by_new_credentials(world: World) {
        let (stage, payer, account) = set(world).await;
        payer.schedules(account, json!({ "at": "15:00" })).await;
        let elsewhere = EpayStub::start().await;
        let (_, second) = stage.channels[1];
        gives(&payer.client, &stage.merchant, second, &v2(&elsewhere), Some(&payer.device.next())).await;
        stage.merchant.payout_days_pass(1).await;
        let told = "{ payoutSchedule { lastSkipped } }";
        let told = payer.client.data(told, Value::Null).await;
        assert_eq!(told["payoutSchedule"]["lastSkipped"], "CHANNEL_NOT_READY");
        assert_eq!(elsewhere.transfers_asked(), 0);
        stage.merchant.payout_days_pass(1).await;
        assert_eq!(elsewhere.transfers_asked(), 1);
    }

    async fn a_payout_leaves_through_the_channel_that_was_shown_and_no_other(world: World) {
        let (stage, payer, account) = set(world).await;
        let (_, shown) = stage.channels[1];
        let document = "mutation($input: PayoutChallengeCreateInput!) { payoutChallengeCreate(input: $input) { \
            challenge { id channel { id } } } }";
        let input = json!({ "bankAccountId": account.to_string(), "amount": money("10.00") });
        let made = payer.client.data(document, json!({ "input": input })).await;
        let challenge = made["payoutChallengeCreate"]["challenge"].clone();
        assert_eq!(challenge["channel"]["id"], shown.to_string());
        let other = EpayStub::start().await;
        let kind = entity::channel::ChannelKind::EpayV2;
        let method = entity::channel::PaymentMethod::Alipay;
        stage.merchant.channel(kind, method, Some(other.v2_credentials())).await;
        let shown = stage.merchant.through(shown);
        shown.set_channel(entity::channel::Column::Enabled, false).await;
        let told = signed(&payer.client, &challenge["id"], &payer.device.next(), json!({})).await;
        assert_eq!(refusal(&told).0, "CHALLENGE_OUTDATED");
        shown.set_channel(entity::channel::Column::Enabled, true).await;
        let told = signed(&payer.client, &challenge["id"], &payer.device.next(), json!({})).await;
        assert_eq!(refusal(&told).0, "", "as it was shown: {told}");
    }
}
