//! What is sent to 易支付, and what the payer is shown of its answer.

use super::*;

#[tokio::test]
async fn a_payment_is_asked_for_paid_and_found_paid() {
    let stub = EpayStub::start().await;
    for (epay, order_no) in both(&stub).into_iter().zip(["A-1", "A-2"]) {
        let code = epay.create_payment(&request(order_no)).await.unwrap();
        assert_eq!(code.kind, PaymentCodeKind::QrCode);
        assert_eq!(code.content, "weixin://wxpay/bizpayurl?pr=x");
        let trade_no = stub.order(order_no).unwrap().trade_no;
        assert_eq!(code.provider_trade_no.as_deref(), Some(trade_no.as_str()));
        assert_eq!(
            epay.query_payment(&query(order_no)).await.unwrap(),
            PaymentStatus::Unpaid
        );
        stub.pay(order_no, "2024-07-17 16:47:52");
        for status in [1, 2] {
            stub.set_status(order_no, status);
            let PaymentStatus::Paid(payment) = epay.query_payment(&query(order_no)).await.unwrap()
            else {
                panic!("status {status} is paid");
            };
            assert_eq!(
                payment.amount,
                Money {
                    minor: 990,
                    currency: Currency::Cny
                }
            );
            assert_eq!(payment.provider_trade_no, trade_no);
            assert_eq!(
                payment.paid_at,
                Some("2024-07-17T08:47:52Z".parse().unwrap())
            );
        }
    }
}

#[tokio::test]
async fn the_wire_carries_what_the_protocol_asks_and_one_identifier_only() {
    let stub = EpayStub::start().await;
    for (epay, order_no) in both(&stub).into_iter().zip(["W-1", "W-2"]) {
        epay.create_payment(&request(order_no)).await.unwrap();
        epay.query_payment(&query(order_no)).await.unwrap();
    }
    let journal = stub.journal();
    let paths: Vec<_> = journal
        .iter()
        .map(|asked| (asked.method.as_str(), asked.path.as_str()))
        .collect();
    assert_eq!(
        paths,
        [
            ("POST", "/mapi.php"),
            ("GET", "/api.php"),
            ("POST", "/api/pay/create"),
            ("POST", "/api/pay/query")
        ]
    );
    for asked in [&journal[0], &journal[2]] {
        assert_eq!(asked.parameters["money"], "9.90");
        assert_eq!(asked.parameters["type"], "wxpay");
        assert_eq!(asked.parameters["device"], "pc");
        assert_eq!(asked.parameters["clientip"], "192.168.1.100");
        assert_eq!(asked.parameters["name"], "VIP会员 ＆ more + 100%");
        assert_eq!(
            asked.parameters["return_url"],
            "https://shop.example.com/paid?a=1&b=2"
        );
    }
    assert!(!journal[0].parameters.contains_key("key"));
    assert_eq!(journal[1].parameters["key"], KEY);
    assert_eq!(journal[2].parameters["method"], "web");
    assert_eq!(journal[3].parameters["timestamp"], NOW.to_string());
    for asked in [&journal[1], &journal[3]] {
        assert!(!asked.parameters.contains_key("trade_no"));
    }
}

#[tokio::test]
async fn each_method_has_its_name_and_a_card_has_none() {
    let stub = EpayStub::start().await;
    let [v1, _] = both(&stub);
    let names = [
        (PaymentMethod::Alipay, "alipay"),
        (PaymentMethod::WechatPay, "wxpay"),
        (PaymentMethod::QqPay, "qqpay"),
        (PaymentMethod::UnionPay, "bank"),
    ];
    for (method, name) in names {
        let request = PaymentRequest {
            method,
            ..request(name)
        };
        v1.create_payment(&request).await.unwrap();
        assert_eq!(stub.order(name).unwrap().asked["type"], name);
    }
    let asked = stub.journal().len();
    let unusable = [
        PaymentRequest {
            method: PaymentMethod::Card,
            ..request("C-1")
        },
        PaymentRequest {
            amount: Money {
                minor: 0,
                currency: Currency::Cny,
            },
            ..request("C-2")
        },
        PaymentRequest {
            amount: Money {
                minor: 1,
                currency: Currency::Usd,
            },
            ..request("C-3")
        },
        PaymentRequest {
            callback_url: "https://g.example.com/?a=1".to_owned(),
            ..request("C-4")
        },
        request("no spaces"),
    ];
    for request in unusable {
        let error = v1.create_payment(&request).await.unwrap_err();
        assert!(
            matches!(error, ProviderError::Misconfigured(_)),
            "{error:?}"
        );
    }
    assert_eq!(stub.journal().len(), asked, "nothing was sent");
}

#[tokio::test]
async fn what_the_payer_is_shown_is_told_by_what_it_is() {
    let stub = EpayStub::start().await;
    let [v1, v2] = both(&stub);
    let base = stub.base_url();
    let relative = format!("{base}pay/submit/1/");
    let cases = [
        (
            "payurl",
            "jump",
            "https://pay.example.com/p/1",
            Some((PaymentCodeKind::Url, "https://pay.example.com/p/1")),
        ),
        (
            "payurl",
            "jump",
            "alipays://platformapi/x",
            Some((PaymentCodeKind::Scheme, "alipays://platformapi/x")),
        ),
        (
            "payurl",
            "jump",
            "/pay/submit/1/",
            Some((PaymentCodeKind::Url, relative.as_str())),
        ),
        (
            "urlscheme",
            "urlscheme",
            "weixin://dl/x",
            Some((PaymentCodeKind::Scheme, "weixin://dl/x")),
        ),
        (
            "qrcode",
            "qrcode",
            "https://qr.alipay.com/x",
            Some((PaymentCodeKind::QrCode, "https://qr.alipay.com/x")),
        ),
        (
            "html",
            "html",
            "<form></form>",
            Some((PaymentCodeKind::Html, "<form></form>")),
        ),
        ("payurl", "jump", "javascript:alert(1)", None),
        ("payurl", "jump", "JavaScript:alert(1)", None),
        ("payurl", "jump", "", None),
        ("other", "jsapi", "{}", None),
    ];
    for (index, (field, pay_type, content, expected)) in cases.into_iter().enumerate() {
        for (epay, name) in [(&v1, field), (&v2, pay_type)] {
            stub.show((name, content));
            let shown = epay
                .create_payment(&request(&format!("S-{index}-{name}")))
                .await;
            match expected {
                Some((kind, content)) => {
                    let shown = shown.unwrap();
                    assert_eq!((shown.kind, shown.content.as_str()), (kind, content));
                }
                None => assert!(
                    matches!(shown, Err(ProviderError::Unreadable(_))),
                    "{shown:?}"
                ),
            }
        }
    }
}

#[tokio::test]
async fn a_phone_follows_where_a_desktop_shows() {
    let stub = EpayStub::start().await;
    let [v1, _] = both(&stub);
    stub.answer(Answering::Raw(
        r#"{"code":"1","trade_no":1,"payurl":"https:\/\/p.example.com\/","qrcode":"https:\/\/q.example.com\/","html":""}"#.to_owned(),
    ));
    let desktop = v1.create_payment(&request("D-1")).await.unwrap();
    assert_eq!(
        (desktop.kind, desktop.content.as_str()),
        (PaymentCodeKind::QrCode, "https://q.example.com/")
    );
    let phone = PaymentRequest {
        device: Device::Mobile,
        ..request("D-1")
    };
    let phone = v1.create_payment(&phone).await.unwrap();
    assert_eq!(
        (phone.kind, phone.content.as_str()),
        (PaymentCodeKind::Url, "https://p.example.com/")
    );
    assert_eq!(phone.provider_trade_no.as_deref(), Some("1"));
    assert_eq!(stub.journal()[1].parameters["device"], "mobile");
}
