//! Which answers about refunds are believed, and that no answer is no refusal.

use super::*;

const UNCLEAR: [Refunding; 5] = [
    Refunding::LosingTheAnswer,
    Refunding::FailingAfter,
    Refunding::FailingBefore,
    Refunding::WithPage,
    Refunding::WithPageAfter,
];

#[tokio::test]
async fn an_answer_that_is_none_is_no_refusal() {
    for unclear in UNCLEAR {
        let stub = EpayStub::start().await;
        stub.refund(unclear.clone());
        for (epay, order_no) in paid(&stub).await {
            let answer = epay.create_refund(&refund(order_no, "R-0001", 100)).await;
            assert!(is_unclear(&answer), "{unclear:?}: {answer:?}");
            assert!(!format!("{answer:?}").contains(KEY), "{answer:?}");
        }
        let moved = !matches!(unclear, Refunding::FailingBefore | Refunding::WithPage);
        assert_eq!(!stub.money_back().is_empty(), moved, "{unclear:?}");
    }
    let stub = EpayStub::start().await;
    for (epay, order_no) in paid(&stub).await {
        for wrong in [
            Answering::Status(502),
            Answering::Status(404),
            Answering::Redirect,
            Answering::Endlessly,
            Answering::Hang,
            Answering::Raw(String::new()),
            Answering::Raw(r#"{"msg":"退款成功"}"#.to_owned()),
            Answering::Raw(r#"{"code":null,"msg":"退款失败"}"#.to_owned()),
            // A no of the platform that only says that the bank said nothing.
            Answering::Refuse(-1, "退款失败：cURL error 28: Operation timed out"),
            Answering::Refuse(-1, "退款失败："),
            // Neither a success of this protocol nor one of its refusals.
            Answering::Refuse(2, "?"),
        ] {
            stub.answer(wrong.clone());
            let answer = epay.create_refund(&refund(order_no, "R-0001", 100)).await;
            assert!(is_unclear(&answer), "{wrong:?}: {answer:?}");
            assert!(!format!("{answer:?}").contains(KEY), "{answer:?}");
        }
        stub.answer(Answering::Honestly);
    }
}

#[tokio::test]
async fn a_refusal_of_the_protocol_is_clear_and_shows_no_key() {
    let stub = EpayStub::start().await;
    for (epay, order_no) in paid(&stub).await {
        for (code, message) in [
            (
                -1,
                "商户余额不足，请先充值 89unJUB8HZ54Hj7x4nUj56HN4nUzUJ8i",
            ),
            (-2, "商户未开启订单退款API接口"),
            (-3, "签名校验失败"),
            (-4, "未开启商户后台自助退款"),
        ] {
            stub.refund_once(Refunding::Refusing(code, message));
            let answer = epay.create_refund(&refund(order_no, "R-0001", 100)).await;
            let Err(ProviderError::Refused { code: told, .. }) = &answer else {
                panic!("{message}: {answer:?}");
            };
            assert_eq!(*told, code.to_string());
        }
        let error = epay.create_refund(&refund("nowhere", "R-0001", 100)).await;
        assert!(matches!(error, Err(ProviderError::Refused { .. })));
        let twice = RefundRequest {
            paid: yuan(2000),
            ..refund(order_no, "R-0001", 1000)
        };
        let error = epay.create_refund(&twice).await.unwrap_err();
        assert!(matches!(error, ProviderError::Refused { .. }), "{error:?}");
    }
    let [v1, _] = both(&stub);
    stub.refund_once(Refunding::Refusing(
        -1,
        "商户密钥 89unJUB8HZ54Hj7x4nUj56HN4nUzUJ8i 余额不足",
    ));
    let error = v1.create_refund(&refund("P-1", "R-0001", 100)).await;
    assert!(!format!("{error:?}").contains(KEY), "{error:?}");
    assert_eq!(stub.money_back(), []);
}

#[tokio::test]
async fn success_in_v1_is_what_the_platform_and_its_clones_call_so() {
    let answered = async |fields: Vec<(&'static str, Value)>| {
        let stub = EpayStub::start().await;
        let [(v1, order_no), _] = paid(&stub).await;
        stub.refund_once(Refunding::Telling(fields));
        v1.create_refund(&refund(order_no, "R-0001", 100)).await
    };
    for fields in [
        vec![("code", json!("0"))],
        vec![("code", json!(1)), ("money", json!(1))],
        vec![("code", json!("1")), ("money", json!("1"))],
        // ZPAY and others say yes and no more.
        vec![
            ("code", json!(1)),
            ("money", json!(null)),
            ("uid", json!(null)),
        ],
    ] {
        let answer = answered(fields.clone()).await;
        assert!(
            matches!(answer, Ok(RefundOutcome::Succeeded { .. })),
            "{fields:?}: {answer:?}"
        );
    }
    for fields in [
        vec![("money", json!("1.01"))],
        vec![("money", json!("100"))],
        vec![("money", json!(null))],
        vec![("code", json!(2))],
        vec![("code", json!(1)), ("money", json!("0.99"))],
        vec![("uid", json!("1002"))],
        vec![("out_trade_no", json!("P-2"))],
    ] {
        let answer = answered(fields.clone()).await;
        assert!(
            matches!(answer, Err(ProviderError::Unreadable(_))),
            "{fields:?}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn the_codes_of_success_are_the_channels() {
    let stub = EpayStub::start().await;
    let [(_, order_no), _] = paid(&stub).await;
    let mut credentials = stub.v1_credentials();
    credentials["refund_success_codes"] = json!([200]);
    let v1 = provider(credentials);
    let answer = v1.create_refund(&refund(order_no, "R-0001", 100)).await;
    assert!(is_unclear(&answer), "0 is no success here: {answer:?}");
    stub.refund_once(Refunding::Telling(vec![("code", json!(200))]));
    let answer = v1.create_refund(&refund(order_no, "R-0001", 100)).await;
    assert!(matches!(answer, Ok(RefundOutcome::Succeeded { .. })));
}

#[tokio::test]
async fn an_acceptance_of_v2_counts_only_as_the_platform_signed_it_for_this_refund() {
    let stub = EpayStub::start().await;
    let [_, (v2, order_no)] = paid(&stub).await;
    let trade_no = stub.order(order_no).unwrap().trade_no;
    let asked = RefundRequest {
        provider_trade_no: Some(trade_no),
        ..refund(order_no, "R-0001", 100)
    };
    let telling = |name, value| Refunding::Telling(vec![(name, value)]);
    for wrong in [
        Refunding::WronglySigned,
        telling("money", json!("9.90")),
        telling("money", json!(null)),
        telling("out_refund_no", json!("R-0002")),
        telling("out_refund_no", json!(null)),
        telling("uid", json!("1002")),
        telling("pid", json!("1002")),
        telling("out_trade_no", json!("P-1")),
        telling("trade_no", json!("2024")),
    ] {
        stub.refund_once(wrong.clone());
        let answer = v2.create_refund(&asked).await;
        assert!(
            matches!(answer, Err(ProviderError::Unreadable(_))),
            "{wrong:?}: {answer:?}"
        );
    }
    stub.answer(Answering::SignedEarlier(301));
    assert!(is_unclear(&v2.create_refund(&asked).await));
    stub.answer(Answering::Honestly);
    for right in [telling("money", json!(1)), telling("code", json!("0"))] {
        stub.refund_once(right.clone());
        let answer = v2.create_refund(&asked).await;
        assert!(
            matches!(answer, Ok(RefundOutcome::Processing { .. })),
            "{right:?}: {answer:?}"
        );
    }
    assert_eq!(stub.given_back(order_no), Decimal::ONE, "once for all that");
}

#[tokio::test]
async fn what_became_of_a_refund_is_believed_only_of_this_refund() {
    let stub = EpayStub::start().await;
    let [_, (v2, order_no)] = paid(&stub).await;
    let question = about(order_no, "R-0001", 100);
    assert_eq!(
        v2.query_refund(&question).await.unwrap(),
        RefundOutcome::Unknown
    );
    v2.create_refund(&refund(order_no, "R-0001", 100))
        .await
        .unwrap();
    for same in ["1", "1.0", "1.00"] {
        stub.set_refund_money("R-0001", same);
        let outcome = v2.query_refund(&question).await.unwrap();
        assert!(matches!(outcome, RefundOutcome::Succeeded { .. }), "{same}");
    }
    stub.set_refund_status("R-0001", 0);
    let outcome = v2.query_refund(&question).await.unwrap();
    assert!(matches!(outcome, RefundOutcome::Failed { .. }));
    stub.set_refund_status("R-0001", 2);
    assert!(is_unclear(&v2.query_refund(&question).await));
    stub.set_refund_status("R-0001", 1);
    stub.set_refund_money("R-0001", "1.01");
    assert!(is_unclear(&v2.query_refund(&question).await));
    stub.set_refund_money("R-0001", "1.00");
    assert!(is_unclear(
        &v2.query_refund(&about("P-1", "R-0001", 100)).await
    ));
    for wrong in [
        Answering::WronglySigned,
        Answering::SignedEarlier(301),
        Answering::ForMerchant("1002"),
        Answering::Status(500),
        Answering::Html,
    ] {
        stub.answer(wrong.clone());
        let answer = v2.query_refund(&question).await;
        assert!(is_unclear(&answer), "{wrong:?}: {answer:?}");
    }
    for refusal in [
        "管理员未开启商户后台自助退款",
        "商户不存在！",
        "订单号不存在",
    ] {
        stub.answer(Answering::Refuse(-1, refusal));
        let error = v2.query_refund(&question).await.unwrap_err();
        assert!(matches!(error, ProviderError::Refused { .. }), "{refusal}");
    }
}
