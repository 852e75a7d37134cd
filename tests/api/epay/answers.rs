//! Which answers of 易支付 are believed, and what each other one is called.

use std::time::Instant;

use super::*;

#[tokio::test]
async fn success_is_one_in_v1_and_nought_in_v2() {
    let stub = EpayStub::start().await;
    let [v1, v2] = both(&stub);
    stub.answer(Answering::Refuse(0, "?"));
    assert!(matches!(
        v1.create_payment(&request("R-1")).await,
        Err(ProviderError::Refused { .. })
    ));
    assert!(matches!(
        v1.query_payment(&query("R-1")).await,
        Err(ProviderError::Refused { .. })
    ));
    // A success without a signature is none.
    assert!(matches!(
        v2.create_payment(&request("R-1")).await,
        Err(ProviderError::Unreadable(_))
    ));
    stub.answer(Answering::Refuse(1, "?"));
    assert!(matches!(
        v2.create_payment(&request("R-1")).await,
        Err(ProviderError::Refused { .. })
    ));
    assert!(matches!(
        v2.query_payment(&query("R-1")).await,
        Err(ProviderError::Refused { .. })
    ));
}

#[tokio::test]
async fn a_refusal_is_told_in_the_platforms_words_without_our_key() {
    let stub = EpayStub::start().await;
    stub.answer(Answering::Refuse(
        -1,
        "通道维护 key=89unJUB8HZ54Hj7x4nUj56HN4nUzUJ8i",
    ));
    for epay in both(&stub) {
        let error = epay.create_payment(&request("R-2")).await.unwrap_err();
        let ProviderError::Refused { code, message } = error else {
            panic!("{error:?}");
        };
        assert_eq!(code, "-1");
        assert!(message.starts_with("通道维护"), "{message}");
    }
    let [v1, _] = both(&stub);
    let error = v1.query_payment(&query("R-2")).await.unwrap_err();
    assert!(
        !format!("{error:?} {error} {v1:?}").contains(KEY),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_order_that_is_not_there_is_unknown_and_a_wrong_key_is_not() {
    let stub = EpayStub::start().await;
    for epay in both(&stub) {
        assert_eq!(
            epay.query_payment(&query("nowhere")).await.unwrap(),
            PaymentStatus::Unknown
        );
    }
    let mut credentials = stub.v1_credentials();
    credentials["key"] = "another".into();
    let error = provider(credentials)
        .query_payment(&query("nowhere"))
        .await
        .unwrap_err();
    assert!(matches!(error, ProviderError::Refused { .. }), "{error:?}");
}

#[tokio::test]
async fn no_answer_is_told_from_a_wrong_address() {
    let stub = EpayStub::start().await;
    for epay in both(&stub) {
        for status in [500, 502, 503, 429] {
            stub.answer(Answering::Status(status));
            let error = epay.create_payment(&request("E-1")).await.unwrap_err();
            assert!(matches!(error, ProviderError::Unavailable(_)), "{error:?}");
        }
        for wrong in [Answering::Html, Answering::Redirect, Answering::Status(404)] {
            stub.answer(wrong);
            let error = epay.query_payment(&query("E-1")).await.unwrap_err();
            assert!(error.to_string().contains("接口地址错误"), "{error:?}");
        }
        for wrong in [
            Answering::Endlessly,
            Answering::Raw(String::new()),
            Answering::Raw("[]".to_owned()),
        ] {
            stub.answer(wrong);
            let error = epay.query_payment(&query("E-1")).await.unwrap_err();
            assert!(matches!(error, ProviderError::Unreadable(_)), "{error:?}");
        }
    }
    assert!(
        stub.journal()
            .iter()
            .all(|asked| asked.path != "/elsewhere"),
        "no redirect is followed"
    );
}

#[tokio::test]
async fn a_platform_that_hangs_is_unavailable_soon() {
    let stub = EpayStub::start().await;
    stub.answer(Answering::Hang);
    let started = Instant::now();
    let [v1, _] = both(&stub);
    let error = v1.query_payment(&query("H-1")).await.unwrap_err();
    assert!(
        matches!(&error, ProviderError::Unavailable(what) if what.contains("timeout")),
        "{error:?}"
    );
    assert!(!format!("{error:?}").contains(KEY));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_answer_of_v2_counts_only_as_the_platform_signed_it_now_for_us() {
    let stub = EpayStub::start().await;
    let [v1, v2] = both(&stub);
    v2.create_payment(&request("V-1")).await.unwrap();
    stub.pay("V-1", "2024-07-17 16:47:52");
    for wrong in [
        Answering::WronglySigned,
        Answering::SignedEarlier(301),
        Answering::ForMerchant("1002"),
    ] {
        stub.answer(wrong.clone());
        let error = v2.query_payment(&query("V-1")).await.unwrap_err();
        assert!(
            matches!(error, ProviderError::Unreadable(_)),
            "{wrong:?}: {error:?}"
        );
    }
    stub.answer(Answering::SignedEarlier(299));
    assert!(matches!(
        v2.query_payment(&query("V-1")).await,
        Ok(PaymentStatus::Paid(_))
    ));
    stub.answer(Answering::ForMerchant("1002"));
    assert!(v1.query_payment(&query("V-1")).await.is_err());
}

#[tokio::test]
async fn an_answer_about_another_order_is_not_believed() {
    let stub = EpayStub::start().await;
    let [v1, _] = both(&stub);
    stub.answer(Answering::Raw(
        r#"{"code":1,"trade_no":"T","out_trade_no":"other","pid":"1001","money":"9.90","status":"1"}"#.to_owned(),
    ));
    let error = v1.query_payment(&query("mine")).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unreadable(_)), "{error:?}");
}

#[tokio::test]
async fn an_amount_that_is_none_is_not_believed() {
    let stub = EpayStub::start().await;
    let [v1, _] = both(&stub);
    v1.create_payment(&request("M-1")).await.unwrap();
    stub.pay("M-1", "0000-00-00 00:00:00");
    for (money, expected) in [
        ("9.9", Some(990)),
        ("9.9000", Some(990)),
        ("1", Some(100)),
        ("9.905", None),
        ("-9.9", None),
        ("1e3", None),
        ("", None),
    ] {
        stub.set_money("M-1", money);
        match (v1.query_payment(&query("M-1")).await, expected) {
            (Ok(PaymentStatus::Paid(payment)), Some(minor)) => {
                assert_eq!(payment.amount.minor, minor);
                assert_eq!(payment.paid_at, None);
            }
            (Err(ProviderError::Unreadable(_)), None) => {}
            (other, _) => panic!("{money}: {other:?}"),
        }
    }
}
