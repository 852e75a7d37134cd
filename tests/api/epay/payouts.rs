//! Payouts over 易支付 V2: what is sent, which answers are believed, and that nobody is paid twice.

use entity::channel::ChannelKind;
use entity::membership::Role;
use serde_json::json;
use yigate::channels::provider::{PayoutOutcome, PayoutQuery, PayoutRequest};

use super::orders::Stage;
use super::*;
use crate::everywhere;
use crate::support::epay_stub::Transferring;
use crate::support::payouts::{Payer, Payout};

const NO: &str = "2245000000000000001";

fn payout() -> PayoutRequest {
    PayoutRequest {
        payout_no: NO.to_owned(),
        bank_code: "ICBC".to_owned(),
        holder: "张伟".to_owned(),
        number: "6222020200112233445".to_owned(),
        amount: Money::of_minor(9_900, Currency::Cny),
        remark: "十一月货款 & more".to_owned(),
        now: now(),
    }
}

fn about() -> PayoutQuery {
    PayoutQuery {
        payout_no: NO.to_owned(),
        amount: Money::of_minor(9_900, Currency::Cny),
        now: now(),
    }
}

#[tokio::test]
async fn a_payout_is_sent_as_a_transfer_to_a_bank_account() {
    let stub = EpayStub::start().await;
    let [v1, v2] = both(&stub);
    assert!(v1.payout_abilities().is_none());
    let refused = v1.create_payout(&payout()).await;
    assert!(matches!(refused, Err(ProviderError::Misconfigured(_))));
    let paid = PayoutOutcome::Paid {
        provider_payout_no: Some(format!("B{NO}")),
    };
    assert_eq!(v2.create_payout(&payout()).await.unwrap(), paid);
    let sent = &stub.money_out()[0].asked;
    for (name, value) in [
        ("type", "bank"),
        ("account", "6222020200112233445"),
        ("name", "张伟"),
        ("money", "99.00"),
        ("out_biz_no", NO),
        ("remark", "十一月货款  more"),
        ("pid", "1001"),
    ] {
        assert_eq!(sent[name], value, "{name}");
    }
    assert_eq!(v2.query_payout(&about()).await.unwrap(), paid);
    // The same number again pays nobody.
    let again = v2.create_payout(&payout()).await;
    assert!(
        matches!(again, Err(ProviderError::Unavailable(_))),
        "{again:?}"
    );
    assert_eq!(stub.money_out().len(), 1);
}

#[tokio::test]
async fn what_became_of_a_payout_is_told_when_it_is_asked() {
    let stub = EpayStub::start().await;
    let [_, v2] = both(&stub);
    assert_eq!(
        v2.query_payout(&about()).await.unwrap(),
        PayoutOutcome::Unknown
    );
    stub.transfer_once(Transferring::Later);
    let accepted = v2.create_payout(&payout()).await.unwrap();
    assert!(matches!(accepted, PayoutOutcome::Processing { .. }));
    let asked = v2.query_payout(&about()).await.unwrap();
    assert!(matches!(asked, PayoutOutcome::Processing { .. }));
    stub.set_transfer_status(NO, 2);
    let failed = v2.query_payout(&about()).await.unwrap();
    assert!(
        matches!(&failed, PayoutOutcome::Failed { message, .. } if message == "户名不符"),
        "{failed:?}"
    );
    stub.set_transfer_status(NO, 1);
    let paid = v2.query_payout(&about()).await.unwrap();
    assert!(matches!(paid, PayoutOutcome::Paid { .. }));
    // Of another amount, or another merchant's: nobody's.
    let other = PayoutQuery {
        amount: Money::of_minor(9_901, Currency::Cny),
        ..about()
    };
    let error = v2.query_payout(&other).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unreadable(_)), "{error:?}");
    stub.answer(Answering::ForMerchant("1002"));
    let error = v2.query_payout(&about()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unreadable(_)), "{error:?}");
}

#[tokio::test]
async fn only_what_the_platform_signed_about_this_payout_is_believed() {
    for (how, unclear) in [
        (Transferring::LosingTheAnswer, true),
        (Transferring::FailingBefore, true),
        (Transferring::WithPageAfter, true),
        (Transferring::WronglySigned, true),
        (
            Transferring::Telling(vec![("out_biz_no", json!("2245000000000000002"))]),
            true,
        ),
        (Transferring::Telling(vec![("pid", json!("1002"))]), true),
        (Transferring::Telling(vec![("status", json!(7))]), true),
        (Transferring::Refusing(-1, "转账失败："), true),
        (
            Transferring::Refusing(-1, "转账失败：[SYSTEM_ERROR]系统繁忙"),
            true,
        ),
        (
            Transferring::Refusing(-1, "该交易号已存在，请更换交易号"),
            true,
        ),
        (
            Transferring::Refusing(-1, "需支付金额大于可转账余额"),
            false,
        ),
        (Transferring::Refusing(-3, "签名校验失败"), false),
    ] {
        let stub = EpayStub::start().await;
        let [_, v2] = both(&stub);
        stub.transfer_once(how.clone());
        let answer = v2.create_payout(&payout()).await;
        let is_unclear = matches!(
            answer,
            Err(ProviderError::Unavailable(_) | ProviderError::Unreadable(_))
        );
        assert_eq!(is_unclear, unclear, "{how:?}: {answer:?}");
        if !unclear {
            assert!(
                matches!(answer, Err(ProviderError::Refused { .. })),
                "{how:?}"
            );
        }
    }
}

/// A merchant whose payouts go through V2, somebody who asks for them, and an account.
pub(super) async fn set(world: crate::support::World) -> (Stage, Payer, entity::BankAccountId) {
    let stage = Stage::set(world).await;
    let merchant = &stage.merchant;
    merchant.adjusts("1000.00").await;
    let (payer, account) = (
        merchant.payer(Role::Owner).await,
        merchant.payable_account().await,
    );
    (stage, payer, account)
}

/// A payout that is treated so by the platform when it comes there.
pub(super) async fn treated(
    stage: &Stage,
    payer: &Payer,
    account: entity::BankAccountId,
    how: Transferring,
) -> Payout {
    let payout = payer.pays_out(account, "99.00").await;
    stage.stub.transfer_once(how);
    stage.merchant.payout_workers_work().await;
    payout
}

everywhere! {
    async fn each_answer_leads_to_its_state_and_by_itself_to_its_end(world: World) {
        let (stage, payer, account) = set(world).await;
        let refusing = |message| Transferring::Refusing(-1, message);
        for (how, first, last, moves) in [
            (Transferring::Honestly, "PAID", "PAID", true),
            (Transferring::Later, "PROCESSING", "PROCESSING", true),
            (Transferring::LosingTheAnswer, "UNKNOWN", "PAID", true),
            (Transferring::WronglySigned, "UNKNOWN", "PAID", true),
            (Transferring::FailingBefore, "UNKNOWN", "PAID", true),
            (refusing("需支付金额大于可转账余额"), "FAILED", "FAILED", false),
        ] {
            let before = stage.stub.money_out().len();
            let payout = treated(&stage, &payer, account, how.clone()).await;
            assert_eq!(payout.state().await, first, "{how:?}");
            // Within ten minutes the platform may still be at work on what it does not know.
            let asked = stage.stub.transfers_asked();
            stage.merchant.payout_minutes_pass(8).await;
            assert_eq!(stage.stub.transfers_asked(), asked, "not sent again: {how:?}");
            stage.merchant.payout_minutes_pass(60).await;
            assert_eq!(payout.state().await, last, "{how:?}");
            let moved = stage.stub.money_out().len() - before;
            assert_eq!(moved, usize::from(moves), "never twice: {how:?}");
            stage.merchant.books_are_right().await;
        }
        let row = stage.merchant.last_payout().await;
        let channel = stage.merchant.payout_row(row.id).await.channel_id;
        assert_eq!(channel, stage.channels[1].1, "a real platform before the sandbox");
    }

    async fn a_transfer_that_fails_after_it_was_paid_is_the_banks_return(world: World) {
        let (stage, payer, account) = set(world).await;
        let payout = treated(&stage, &payer, account, Transferring::Honestly).await;
        assert_eq!(payout.state().await, "PAID");
        let row = stage.merchant.payout_row(payout.id).await;
        stage.stub.set_transfer_status(&row.id.0.to_string(), 2);
        stage.merchant.payout_days_pass(2).await;
        assert_eq!(payout.state().await, "RETURNED");
        assert_eq!(stage.merchant.balances().await, ["0.00", "1000.00", "0.00"]);
        stage.merchant.books_are_right().await;
    }

    async fn a_merchant_with_v1_alone_cannot_pay_out(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("100.00").await;
        merchant.set_channel(entity::channel::Column::Kind, ChannelKind::EpayV1).await;
        let (owner, account) = (merchant.owner().await, merchant.payable_account().await);
        let payload = crate::support::payouts::challenged(&owner, account, "10.00").await;
        assert_eq!(payload["userErrors"][0]["code"], "NO_CHANNEL");
    }
}
