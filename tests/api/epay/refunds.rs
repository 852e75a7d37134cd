//! Money back through 易支付: what is sent, and how often money goes.

mod answers;

use rust_decimal::Decimal;
use serde_json::json;

use super::orders::Stage;
use super::*;
use crate::everywhere;
use crate::support::epay_stub::{MoneyBack, RefundAsked};
use crate::support::eventually;

fn yuan(minor: i64) -> Money {
    Money::of_minor(minor, Currency::Cny)
}

fn refund(order_no: &str, refund_no: &str, minor: i64) -> RefundRequest {
    RefundRequest {
        refund_no: refund_no.to_owned(),
        order_no: order_no.to_owned(),
        provider_trade_no: None,
        amount: yuan(minor),
        paid: yuan(990),
        reason: "买错了".to_owned(),
        now: now(),
    }
}

fn about(order_no: &str, refund_no: &str, minor: i64) -> RefundQuery {
    RefundQuery {
        refund_no: refund_no.to_owned(),
        order_no: order_no.to_owned(),
        amount: yuan(minor),
        now: now(),
    }
}

/// Both generations, each with a paid order of 9.90.
async fn paid(stub: &EpayStub) -> [(Epay, &'static str); 2] {
    let [v1, v2] = both(stub);
    let providers = [(v1, "P-1"), (v2, "P-2")];
    for (epay, order_no) in &providers {
        epay.create_payment(&request(order_no)).await.unwrap();
        stub.pay(order_no, "2024-07-17 16:47:52");
    }
    providers
}

fn is_unclear(answer: &Result<RefundOutcome, ProviderError>) -> bool {
    matches!(
        answer,
        Err(ProviderError::Unavailable(_) | ProviderError::Unreadable(_))
    )
}

#[tokio::test]
async fn v1_refunds_before_it_answers_and_v2_when_it_is_asked_later() {
    let stub = EpayStub::start().await;
    let [(v1, first), (v2, second)] = paid(&stub).await;
    let done = v1.create_refund(&refund(first, "R-0001", 990)).await;
    assert!(matches!(done, Ok(RefundOutcome::Succeeded { .. })));

    stub.refund_once(Refunding::Later);
    let accepted = v2.create_refund(&refund(second, "R-0002", 390)).await;
    let known = stub.known_refund("R-0002").unwrap();
    let provider_refund_no = Some(known.refund_no);
    let processing = RefundOutcome::Processing {
        provider_refund_no: provider_refund_no.clone(),
    };
    assert_eq!(accepted.unwrap(), processing);
    assert_eq!(stub.given_back(second), Decimal::ZERO);
    stub.finish_refund("R-0002");
    let asked = v2.query_refund(&about(second, "R-0002", 390)).await;
    assert_eq!(
        asked.unwrap(),
        RefundOutcome::Succeeded { provider_refund_no }
    );
    let moved = MoneyBack {
        out_refund_no: "R-0002".to_owned(),
        out_trade_no: second.to_owned(),
        money: "3.90".parse().unwrap(),
    };
    assert_eq!(stub.money_back()[1..], [moved]);
    assert_eq!(stub.given_back(first).to_string(), "9.90");
}

#[tokio::test]
async fn the_wire_carries_one_identifier_and_the_platforms_own_where_it_is_known() {
    let stub = EpayStub::start().await;
    for (epay, order_no) in paid(&stub).await {
        let trade_no = stub.order(order_no).unwrap().trade_no;
        let by_theirs = RefundRequest {
            provider_trade_no: Some(trade_no.clone()),
            ..refund(order_no, "R-0001", 100)
        };
        epay.create_refund(&by_theirs).await.unwrap();
        let sent = stub.journal().pop().unwrap();
        assert_eq!(sent.method, "POST");
        assert_eq!(sent.parameters["money"], "1.00");
        assert_eq!(sent.parameters["trade_no"], trade_no);
        assert!(!sent.parameters.contains_key("out_trade_no"));
        for nothing in [None, Some(" ".to_owned())] {
            let by_ours = RefundRequest {
                provider_trade_no: nothing,
                ..refund(order_no, "R-0002", 100)
            };
            epay.create_refund(&by_ours).await.unwrap();
            let sent = stub.journal().pop().unwrap();
            assert_eq!(sent.parameters["out_trade_no"], order_no);
            assert!(!sent.parameters.contains_key("trade_no"));
        }
    }
    let journal = stub.journal();
    let [v1, v2] = ["/api.php", "/api/pay/refund"].map(|path| {
        let mut sent = journal.iter().filter(|asked| asked.path == path);
        sent.next_back().unwrap().parameters.clone()
    });
    assert_eq!((v1["act"].as_str(), v1["key"].as_str()), ("refund", KEY));
    assert!(!v1.contains_key("out_refund_no"));
    assert_eq!(v2["out_refund_no"], "R-0002");
    assert!(!v2.contains_key("key"));
    let asked = stub.refunds_asked();
    assert_eq!(asked.len(), 6);
    let theirs = RefundAsked {
        v2: true,
        out_refund_no: Some("R-0001".to_owned()),
        out_trade_no: Some("P-2".to_owned()),
        money: "1.00".to_owned(),
    };
    assert_eq!(asked[3], theirs);
    assert_eq!(asked[0].out_refund_no, None);
}

#[tokio::test]
async fn a_number_gives_money_back_once_in_v2_and_each_time_in_v1() {
    let stub = EpayStub::start().await;
    for (epay, order_no) in paid(&stub).await {
        for _ in 0..3 {
            epay.create_refund(&refund(order_no, "R-0001", 100))
                .await
                .unwrap();
        }
        let abilities = epay.refund_abilities();
        let times = if abilities.idempotent { 1 } else { 3 };
        assert_eq!(stub.given_back(order_no), Decimal::from(times));
        assert_eq!(abilities.idempotent, abilities.query);
    }
}

#[tokio::test]
async fn a_lost_answer_of_v2_is_found_by_asking_once_the_platform_is_through() {
    let stub = EpayStub::start().await;
    let [_, (v2, order_no)] = paid(&stub).await;
    stub.refund_once(Refunding::Slowly(Duration::from_millis(4000)));
    let asked = refund(order_no, "R-0001", 100);
    assert!(is_unclear(&v2.create_refund(&asked).await));
    // Not known yet is not the same as never: the money is on its way.
    let question = about(order_no, "R-0001", 100);
    let outcome = v2.query_refund(&question).await.unwrap();
    assert_eq!(outcome, RefundOutcome::Unknown);
    eventually("the money goes", async || stub.money_back().len() == 1).await;
    let outcome = v2.query_refund(&question).await.unwrap();
    assert!(matches!(outcome, RefundOutcome::Succeeded { .. }));
    v2.create_refund(&asked).await.unwrap();
    assert_eq!(stub.money_back().len(), 1);
}

#[tokio::test]
async fn a_number_sent_again_too_soon_gives_money_back_twice_even_in_v2() {
    let stub = EpayStub::start().await;
    let [_, (v2, order_no)] = paid(&stub).await;
    let asked = refund(order_no, "R-0001", 100);
    stub.refund_once(Refunding::Slowly(Duration::from_millis(4000)));
    assert!(is_unclear(&v2.create_refund(&asked).await));
    // The first is still under way there, and nothing is written down of it.
    v2.create_refund(&asked).await.unwrap();
    eventually("the money goes twice", async || {
        stub.money_back().len() == 2
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_refunded_is_not_sent() {
    let stub = EpayStub::start().await;
    let [(v1, _), (v2, order_no)] = paid(&stub).await;
    let unusable = [
        refund(order_no, "R-0001", 0),
        refund(order_no, "R-0001", 991),
        refund("a b", "R-0001", 100),
        RefundRequest {
            amount: Money::of_minor(100, Currency::Usd),
            ..refund(order_no, "R-0001", 100)
        },
        RefundRequest {
            provider_trade_no: Some("1&money=9.90".to_owned()),
            ..refund(order_no, "R-0001", 100)
        },
    ];
    for request in unusable {
        for epay in [&v1, &v2] {
            let error = epay.create_refund(&request).await.unwrap_err();
            assert!(
                matches!(error, ProviderError::Misconfigured(_)),
                "{request:?}: {error:?}"
            );
        }
    }
    // The platform would overlook so short a number, and refund each time.
    let error = v2.create_refund(&refund(order_no, "R-001", 100)).await;
    assert!(matches!(error, Err(ProviderError::Misconfigured(_))));
    let error = v1.query_refund(&about(order_no, "R-0001", 100)).await;
    assert!(matches!(error, Err(ProviderError::Misconfigured(_))));
    assert_eq!(stub.refunds_asked(), []);
}

everywhere! {
    async fn a_channel_finds_the_provider_that_gives_its_money_back(world: World) {
        let stage = Stage::set(world).await;
        let app = stage.world.app();
        let mut channels = stage.channels.map(|(_, channel)| channel).to_vec();
        channels.push(stage.merchant.channel_id);
        let abilities = [(false, 10), (true, 10), (true, 0)];
        for (channel_id, (asked, minutes)) in channels.into_iter().zip(abilities) {
            let channel = yigate::channels::service::maybe_find(app, stage.merchant.id, channel_id)
                .await
                .unwrap()
                .unwrap();
            let order = stage.order("9.90", channel_id).await;
            if stage.stub.order(&order.order_no).is_some() {
                stage.pays(&order);
            }
            let provider = stage.world.gateway.providers.find(app, &channel).unwrap();
            let at_work_for = chrono::TimeDelta::minutes(minutes);
            let abilities = RefundAbilities { idempotent: asked, query: asked, at_work_for };
            assert_eq!(provider.refund_abilities(), abilities);
            let now = stage.world.clock.now();
            let request = RefundRequest { now, ..refund(&order.order_no, "R-0001", 990) };
            let mut outcome = provider.create_refund(&request).await.unwrap();
            if asked {
                assert!(matches!(outcome, RefundOutcome::Processing { .. }), "{outcome:?}");
                let now = now + chrono::TimeDelta::seconds(3);
                let query = RefundQuery { now, ..about(&order.order_no, "R-0001", 990) };
                outcome = provider.query_refund(&query).await.unwrap();
            }
            assert!(matches!(outcome, RefundOutcome::Succeeded { .. }), "{outcome:?}");
        }
        assert_eq!(stage.stub.money_back().len(), 2);
    }
}
