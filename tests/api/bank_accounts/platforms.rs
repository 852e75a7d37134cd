//! Small amounts from end to end over 易支付, which sends them as it sends payouts.

use chrono::TimeDelta;
use entity::channel::{ChannelKind, Column, PaymentMethod};
use serde_json::{Value, json};
use yigate::bank_accounts::service::{act, claim_due};

use super::{owner, refusal, seen};
use crate::everywhere;
use crate::support::Merchant;
use crate::support::bank_accounts::{bind, binding, card, confirm};
use crate::support::epay_stub::{EpayStub, Transferring};

/// The same merchant, whose one open channel is over 易支付 V2.
async fn over_epay(merchant: &Merchant, stub: &EpayStub) -> Merchant {
    merchant.set_channel(Column::Enabled, false).await;
    let credentials = Some(stub.v2_credentials());
    let id = merchant
        .channel(ChannelKind::EpayV2, PaymentMethod::Alipay, credentials)
        .await;
    merchant.through(id)
}

everywhere! {
    async fn the_second_generation_sends_an_amount_that_nobody_can_guess(world: World) {
        let stub = EpayStub::start().await;
        let merchant = over_epay(&world.merchant("汇贤饭店").await, &stub).await;
        let (owner, device) = owner(&merchant).await;
        let number = card();
        let bound = bind(&owner, binding(&number, &device.next())).await;
        assert_eq!(refusal(&bound), "none");
        merchant.checks_bank_accounts().await;
        let sent = stub.money_out();
        assert_eq!(sent.len(), 1);
        let asked = &sent[0].asked;
        assert_eq!((asked["account"].as_str(), asked["name"].as_str()), (number.as_str(), "张伟"));
        let minor: i64 = asked["money"].replace('.', "").parse().unwrap();
        assert!((1..=99).contains(&minor), "{minor}");
        let id = &bound["bankAccount"]["id"];
        assert_eq!(refusal(&confirm(&owner, id, &asked["money"], &device.next()).await), "none");
        assert_eq!(seen(&owner).await[0]["state"], "VERIFIED");
    }

    async fn an_answer_that_was_lost_is_asked_for_and_nothing_is_sent_twice(world: World) {
        let stub = EpayStub::start().await;
        let merchant = over_epay(&world.merchant("汇贤饭店").await, &stub).await;
        let (owner, device) = owner(&merchant).await;
        for (round, how) in [Transferring::LosingTheAnswer, Transferring::WithPageAfter, Transferring::Later]
            .into_iter()
            .enumerate()
        {
            stub.transfer_once(how.clone());
            let bound = bind(&owner, binding(&card(), &device.next())).await;
            merchant.checks_bank_accounts().await;
            assert_eq!(seen(&owner).await[0]["checkSentAt"], Value::Null, "{how:?}");
            let money = stub.money_out();
            assert_eq!(money.len(), round + 1, "{how:?}");
            stub.set_transfer_status(&money[round].out_biz_no, 1);
            world.clock.advance(TimeDelta::seconds(3));
            merchant.checks_bank_accounts().await;
            assert_eq!(stub.money_out().len(), round + 1, "{how:?}");
            let id = &bound["bankAccount"]["id"];
            let amount = &money[round].asked["money"];
            assert_eq!(refusal(&confirm(&owner, id, amount, &device.next()).await), "none", "{how:?}");
        }
    }

    async fn what_never_arrived_is_sent_again_only_after_ten_minutes(world: World) {
        let stub = EpayStub::start().await;
        let merchant = over_epay(&world.merchant("汇贤饭店").await, &stub).await;
        let (owner, device) = owner(&merchant).await;
        stub.transfer_once(Transferring::FailingBefore);
        bind(&owner, binding(&card(), &device.next())).await;
        merchant.checks_bank_accounts().await;
        let begun = world.clock.now();
        while stub.money_out().is_empty() {
            world.clock.advance(TimeDelta::seconds(10));
            merchant.checks_bank_accounts().await;
        }
        assert!(world.clock.now() - begun >= TimeDelta::minutes(10));
        assert_eq!(stub.transfers_asked(), 2);
        assert_ne!(seen(&owner).await[0]["checkSentAt"], Value::Null);
    }

    async fn a_worker_that_was_held_up_sends_no_small_amount_a_second_time(world: World) {
        let stub = EpayStub::start().await;
        let merchant = over_epay(&world.merchant("汇贤饭店").await, &stub).await;
        let (owner, device) = owner(&merchant).await;
        bind(&owner, binding(&card(), &device.next())).await;
        let (app, providers) = (merchant.app(), &merchant.gateway().providers);
        let held_up = claim_due(app, 8).await.unwrap();
        // Another takes it when the lease is over: nobody knows whether it was sent, nor may it be sent so soon.
        world.clock.advance(TimeDelta::seconds(31));
        merchant.checks_bank_accounts().await;
        assert_eq!(stub.transfers_asked(), 0);
        // Just before ten minutes are over a claim may not send, however late it acts.
        world.clock.advance(TimeDelta::minutes(10) - TimeDelta::seconds(32));
        let just_before = claim_due(app, 8).await.unwrap();
        assert!(!just_before[0].may_send);
        world.clock.advance(TimeDelta::seconds(2));
        act(app, providers, &just_before[0]).await.unwrap();
        assert_eq!(stub.transfers_asked(), 0);
        world.clock.advance(TimeDelta::minutes(6));
        merchant.checks_bank_accounts().await;
        assert_eq!(stub.transfers_asked(), 1, "after them it is sent");
        // The first one wakes: its claim is long over.
        assert!(act(app, providers, &held_up[0]).await.is_err());
        assert_eq!((stub.transfers_asked(), stub.money_out().len()), (1, 1));
        merchant.books_are_right().await;
    }

    async fn a_refusal_fails_the_account_in_the_platforms_words(world: World) {
        let stub = EpayStub::start().await;
        let merchant = over_epay(&world.merchant("汇贤饭店").await, &stub).await;
        let (owner, device) = owner(&merchant).await;
        stub.transfer_once(Transferring::Refusing(-1, "户名张伟与账号不符"));
        bind(&owner, binding(&card(), &device.next())).await;
        merchant.checks_bank_accounts().await;
        let account = &seen(&owner).await[0];
        assert_eq!(account["state"], "FAILED");
        let told = account["checkError"].as_str().unwrap();
        assert!(told.contains("户名张**与账号不符"), "{told}");
        assert_eq!(stub.money_out().len(), 0);
    }

    async fn the_first_generation_can_send_none(world: World) {
        let stub = EpayStub::start().await;
        let merchant = world.merchant("汇贤饭店").await;
        merchant.set_channel(Column::Enabled, false).await;
        merchant.channel(ChannelKind::EpayV1, PaymentMethod::Alipay, Some(stub.v1_credentials())).await;
        let (owner, device) = owner(&merchant).await;
        let refused = bind(&owner, binding(&card(), &device.next())).await;
        assert_eq!(refusal(&refused), "NO_CHANNEL");
        let message = &refused["userErrors"][0]["message"];
        assert_ne!(*message, json!(""));
    }
}
