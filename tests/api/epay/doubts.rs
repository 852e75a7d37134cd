//! Payouts over 易支付 V2 whose platform is in doubt: nobody is paid twice, and a person is asked where nobody knows.

use chrono::TimeDelta;
use entity::channel::{ChannelKind, Column};
use entity::membership::Role;
use entity::payout::PayoutStatus;
use serde_json::json;
use yigate::channels::providers::binding;
use yigate::payouts::model::Resolution;
use yigate::payouts::service::resolve;

use super::orders::Stage;
use super::payouts::{set, treated};
use crate::everywhere;
use crate::support::epay_stub::{EpayStub, Transferring};
use crate::support::payouts::{Payer, Payout, challenged, refusal, signed};

/// The channel gets other credentials, sealed as given, and keeps its id.
pub(super) async fn gets(stage: &Stage, credentials: &[u8], version: i32) {
    let v2 = stage.merchant.through(stage.channels[1].1);
    let bound_to = binding(v2.id, v2.channel_id);
    let sealed = v2.app().key.seal(credentials, &bound_to).unwrap();
    v2.set_channel(Column::SealedCredentials, sealed).await;
    v2.set_channel(Column::Version, version).await;
}

/// A person is to look at it, and nobody is asked any more; its money stays set aside.
async fn waits_for_a_person(stage: &Stage, payout: &Payout, code: &str) {
    let seen = payout.read("state needsAttention errorCode").await;
    assert_eq!(
        seen,
        json!({ "state": "UNKNOWN", "needsAttention": true, "errorCode": code })
    );
    let row = stage.merchant.payout_row(payout.id).await;
    assert_eq!(row.next_attempt_at, None);
    assert_eq!(
        stage.merchant.balances().await,
        ["0.00", "901.00", "99.00"],
        "set aside"
    );
    stage.merchant.books_are_right().await;
}

everywhere! {
    async fn what_one_account_was_told_no_other_is_asked_about_or_sent(world: World) {
        let (stage, payer, account) = set(world).await;
        let payout = treated(&stage, &payer, account, Transferring::Later).await;
        assert_eq!(payout.state().await, "PROCESSING");
        let mut other = stage.stub.v2_credentials();
        other["pid"] = json!("1002");
        gets(&stage, other.to_string().as_bytes(), 2).await;
        stage.stub.forgets_transfers();
        stage.merchant.payout_minutes_pass(60).await;
        assert_eq!(stage.stub.transfers_asked(), 1, "not sent again");
        waits_for_a_person(&stage, &payout, "OTHER_ACCOUNT").await;
    }

    async fn other_keys_of_the_same_account_are_the_same_account(world: World) {
        let (stage, payer, account) = set(world).await;
        let payout = treated(&stage, &payer, account, Transferring::LosingTheAnswer).await;
        let mut same = stage.stub.v2_credentials();
        same["base_url"] = json!(format!("{}/", same["base_url"].as_str().unwrap().trim_end_matches('/')));
        gets(&stage, same.to_string().as_bytes(), 2).await;
        stage.merchant.payout_minutes_pass(10).await;
        assert_eq!(payout.state().await, "PAID");
    }

    async fn what_was_taken_on_and_is_forgotten_is_not_sent_again(world: World) {
        let (stage, payer, account) = set(world).await;
        let payout = treated(&stage, &payer, account, Transferring::Later).await;
        stage.stub.forgets_transfers();
        stage.merchant.payout_minutes_pass(60).await;
        assert_eq!(stage.stub.money_out().len(), 1, "paid once");
        waits_for_a_person(&stage, &payout, "FORGOTTEN").await;
    }

    async fn a_refusal_after_an_answer_that_was_lost_ends_nothing_by_itself(world: World) {
        let (stage, payer, account) = set(world).await;
        let payout = treated(&stage, &payer, account, Transferring::FailingBefore).await;
        // The first may have emptied the account there.
        stage.stub.transfer_once(Transferring::Refusing(-1, "需支付金额大于可转账余额"));
        stage.merchant.payout_minutes_pass(60).await;
        assert_eq!(stage.stub.transfers_asked(), 2);
        let code = stage.merchant.payout_row(payout.id).await.error_code;
        waits_for_a_person(&stage, &payout, code.as_deref().unwrap_or_default()).await;
    }

    async fn a_platform_that_is_silent_about_what_it_took_on_is_a_persons_business(world: World) {
        let (stage, payer, account) = set(world).await;
        let payout = treated(&stage, &payer, account, Transferring::Later).await;
        let merchant = &stage.merchant;
        let failed = (Resolution::Failed, "按渠道后台核对");
        assert!(resolve(merchant.app(), merchant.id, payout.id, failed).await.is_err(), "all is well");
        stage.stub.answer(crate::support::epay_stub::Answering::WronglySigned);
        merchant.payout_minutes_pass(60).await;
        let seen = payout.read("state needsAttention").await;
        assert_eq!(seen, json!({ "state": "PROCESSING", "needsAttention": true }));
        let ended = resolve(merchant.app(), merchant.id, payout.id, failed).await;
        assert_eq!(ended.expect("a person says it").state, PayoutStatus::Failed);
        merchant.books_are_right().await;
    }

    async fn a_platforms_words_hold_neither_number_nor_holder(world: World) {
        let (stage, payer, account) = set(world).await;
        let number = format!("6222020200{:09}", account.0.rem_euclid(1_000_000_000));
        let words = format!("账号{number}户名张伟不符");
        let how = Transferring::Telling(vec![("status", json!(2)), ("errmsg", json!(words))]);
        let payout = treated(&stage, &payer, account, how).await;
        let seen = payout.read("state error records { note }").await;
        assert_eq!(seen["state"], "FAILED");
        assert_eq!(seen["error"], format!("账号**** **** **** {}户名张**不符", &number[15..]));
        assert!(!seen.to_string().contains(&number), "{seen}");
    }

    async fn a_return_is_looked_for_over_the_holidays_and_over_a_bad_moment(world: World) {
        let (stage, payer, account) = set(world).await;
        let payout = treated(&stage, &payer, account, Transferring::Honestly).await;
        assert_eq!(payout.state().await, "PAID");
        let merchant = &stage.merchant;
        // Each look comes a little late, and once nobody can be asked.
        for day in 0..9 {
            if day == 1 {
                gets(&stage, b"no credentials", 2).await;
            }
            if day == 2 {
                let own = stage.stub.v2_credentials().to_string();
                gets(&stage, own.as_bytes(), 3).await;
            }
            passes(&stage, TimeDelta::hours(24) + TimeDelta::seconds(1)).await;
        }
        let number = payout.id.0.to_string();
        stage.stub.set_transfer_status(&number, 2);
        passes(&stage, TimeDelta::hours(25)).await;
        assert_eq!(payout.state().await, "RETURNED");
        merchant.books_are_right().await;
    }

    async fn the_sandbox_stands_in_for_no_real_platform(world: World) {
        let (stage, payer, account) = set(world).await;
        let v2 = stage.merchant.through(stage.channels[1].1);
        v2.set_channel(Column::Enabled, false).await;
        let refused = challenged(&payer.client, account, "99.00").await;
        assert_eq!(refusal(&refused), "NO_CHANNEL", "{refused}");
        // Nor does it prove whose an account is.
        let bind = crate::support::bank_accounts::bind;
        let binding = crate::support::bank_accounts::binding;
        let card = crate::support::bank_accounts::card();
        let refused = bind(&payer.client, binding(&card, &payer.device.next())).await;
        assert_eq!(refusal(&refused), "NO_CHANNEL", "{refused}");
        v2.set_channel(Column::Enabled, true).await;
        let bound = bind(&payer.client, binding(&card, &payer.device.next())).await;
        assert_eq!(refusal(&bound), "", "{bound}");
        stage.merchant.checks_bank_accounts().await;
        assert_eq!(stage.stub.money_out().len(), 1, "a real platform sends the small amount");
    }

    async fn a_real_platform_pays_out_to_no_account_that_only_the_sandbox_has_checked(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("1000.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        assert_eq!(refusal(&challenged(&payer.client, account, "10.00").await), "", "it plays");
        let stub = EpayStub::start().await;
        let method = entity::channel::PaymentMethod::Alipay;
        merchant.channel(ChannelKind::EpayV2, method, Some(stub.v2_credentials())).await;
        let told = challenged(&payer.client, account, "10.00").await;
        assert_eq!(refusal(&told), "ACCOUNT_NOT_PROVEN", "{told}");
    }

    async fn money_of_the_sandbox_leaves_through_no_real_platform(world: World) {
        let (stage, payer, account) = set(world).await;
        let merchant = &stage.merchant;
        // The merchant pays itself on the sandbox's page, as often as it likes.
        let order = merchant.paid_order("500.00").await;
        stage.world.clock.advance(TimeDelta::days(10));
        merchant.settlement_workers_work().await;
        assert_eq!(merchant.balances().await, ["0.00", "1500.00", "0.00"]);
        let payer = Payer { client: merchant.owner().await, ..payer };
        let told = challenged(&payer.client, account, "1000.01").await;
        assert_eq!(refusal(&told), "SANDBOX_MONEY");
        assert!(told["userErrors"][0]["message"].as_str().unwrap().contains("500.00"), "{told}");
        // Nor where a challenge was made before, nor by a schedule.
        let challenge = payer.challenge(account, "600.00").await;
        payer.pays_out(account, "600.00").await;
        let told = signed(&payer.client, &challenge, &payer.device.next(), json!({})).await;
        assert_eq!(refusal(&told), "REFUSED", "{told}");
        payer.schedules(account, json!({})).await;
        merchant.payout_days_pass(1).await;
        assert_eq!(merchant.balances().await, ["0.00", "500.00", "0.00"], "all but the sandbox's");
        // What is given back was never there.
        order.refund_amount("500.00").await;
        merchant.refunds_go_through().await;
        merchant.adjusts("300.00").await;
        let told = challenged(&payer.client, account, "300.00").await;
        assert_eq!(refusal(&told), "", "{told}");
        merchant.books_are_right().await;
    }
}

/// Time passes, and the payout workers work after it.
async fn passes(stage: &Stage, time: TimeDelta) {
    stage.world.clock.advance(time);
    stage.merchant.payout_workers_work().await;
}
