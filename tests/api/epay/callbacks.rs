//! Which notifications of 易支付 are proven, and why each other one is refused.

use std::collections::HashMap;

use yigate::channels::provider::CallbackRefusal;

use super::*;

async fn notified(stub: &EpayStub) -> Vec<(Epay, &'static str)> {
    let mut epays = Vec::new();
    for (epay, order_no) in both(stub).into_iter().zip(["N|1", "N|2"]) {
        epay.create_payment(&request(order_no)).await.unwrap();
        stub.pay(order_no, "2024-07-17 16:47:52");
        epays.push((epay, order_no));
    }
    epays
}

fn forged() -> Notification {
    Notification {
        forged: true,
        ..Notification::default()
    }
}

fn with(name: &'static str, value: &str) -> Notification {
    Notification {
        with: vec![(name, value.to_owned())],
        ..Notification::default()
    }
}

fn tampered(name: &'static str, value: &str) -> Notification {
    Notification {
        tampered: vec![(name, value.to_owned())],
        ..Notification::default()
    }
}

fn without(name: &'static str) -> Notification {
    Notification {
        without: vec![name],
        ..Notification::default()
    }
}

fn appended(appended: &'static str) -> Notification {
    Notification {
        appended,
        ..Notification::default()
    }
}

#[tokio::test]
async fn an_honest_notification_is_proven_as_query_and_as_form() {
    let stub = EpayStub::start().await;
    for (epay, order_no) in notified(&stub).await {
        let with_news = with("new_field", "a b+c/=&d");
        for notification in [Notification::default(), with_news] {
            let sent = stub.notification(order_no, &notification, NOW);
            let form = Callback {
                query: String::new(),
                body: sent.clone().into_bytes(),
            };
            for callback in [callback(sent), form] {
                let notice = epay.verify_callback(&callback, now()).unwrap();
                assert_eq!(notice.order_no, order_no);
                assert_eq!(
                    notice.provider_trade_no,
                    stub.order(order_no).unwrap().trade_no
                );
                assert_eq!(notice.amount, "9.90".parse().unwrap());
            }
        }
    }
    assert!(provider(stub.v1_credentials()).confirms_by_query());
    assert!(!provider(stub.v2_credentials()).confirms_by_query());
}

#[tokio::test]
async fn a_notification_with_anything_wrong_is_refused_for_that() {
    let stub = EpayStub::start().await;
    let cases = [
        (forged(), CallbackRefusal::Forged),
        (tampered("money", "990"), CallbackRefusal::Forged),
        (tampered("new_field", "1"), CallbackRefusal::Forged),
        (tampered("sign", "0"), CallbackRefusal::Forged),
        (with("pid", "1002"), CallbackRefusal::ForeignMerchant),
        (with("trade_status", "WAIT"), CallbackRefusal::NotPaid),
        (without("sign"), CallbackRefusal::Malformed("sign")),
        (without("pid"), CallbackRefusal::Malformed("pid")),
        (without("money"), CallbackRefusal::Malformed("money")),
        (with("money", "-1"), CallbackRefusal::Malformed("money")),
        (
            with("trade_no", " "),
            CallbackRefusal::Malformed("trade_no"),
        ),
        (
            appended("money=9"),
            CallbackRefusal::Malformed("a parameter comes twice"),
        ),
    ];
    for (epay, order_no) in notified(&stub).await {
        for (notification, refusal) in &cases {
            let sent = stub.notification(order_no, notification, NOW);
            let result = epay.verify_callback(&callback(sent), now());
            assert_eq!(result, Err(refusal.clone()), "{notification:?}");
        }
        assert_eq!(
            epay.verify_callback(&Callback::default(), now()),
            Err(CallbackRefusal::Malformed("sign"))
        );
    }
}

#[tokio::test]
async fn a_signature_of_the_other_kind_is_none() {
    let stub = EpayStub::start().await;
    let epays = notified(&stub).await;
    let (v1, v2) = (&epays[0].0, &epays[1].0);
    let untyped = without("sign_type");
    let of_v1 = callback(stub.notification("N|1", &untyped, NOW));
    assert!(
        v1.verify_callback(&of_v1, now()).is_ok(),
        "MD5 is meant where nothing is said"
    );
    assert_eq!(
        v2.verify_callback(&of_v1, now()),
        Err(CallbackRefusal::Forged)
    );
    let of_v2 = callback(stub.notification("N|2", &Notification::default(), NOW));
    assert_eq!(
        v1.verify_callback(&of_v2, now()),
        Err(CallbackRefusal::Forged)
    );
    let untyped = callback(stub.notification("N|2", &untyped, NOW));
    assert_eq!(
        v2.verify_callback(&untyped, now()),
        Err(CallbackRefusal::Forged)
    );
}

#[tokio::test]
async fn a_notification_of_v2_ages() {
    let stub = EpayStub::start().await;
    let epays = notified(&stub).await;
    for (timestamp, fresh) in [(NOW - 300, true), (NOW - 301, false), (NOW + 301, false)] {
        let sent = stub.notification("N|2", &Notification::default(), timestamp);
        let result = epays[1].0.verify_callback(&callback(sent), now());
        assert_eq!(result.err(), (!fresh).then_some(CallbackRefusal::Stale));
    }
    let sent = stub.notification("N|1", &Notification::default(), NOW - 86_400);
    assert!(
        epays[0].0.verify_callback(&callback(sent), now()).is_ok(),
        "V1 knows no time"
    );
}

#[tokio::test]
async fn a_title_cannot_turn_one_payment_into_two() {
    let stub = EpayStub::start().await;
    let (v1, order_no) = notified(&stub).await.remove(0);
    let title = "x&out_trade_no=N|9&pid=1001&trade_no=T&trade_status=TRADE_SUCCESS&type=wxpay";
    let sent = stub.notification(order_no, &with("name", title), NOW);
    let parameters: HashMap<String, String> = url::form_urlencoded::parse(sent.as_bytes())
        .into_owned()
        .collect();
    let (sign, trade_no) = (&parameters["sign"], &parameters["trade_no"]);
    let rest = format!(
        "&out_trade_no={order_no}&pid=1001&trade_no={trade_no}&trade_status=TRADE_SUCCESS&type=wxpay"
    );
    // The same signed text, cut at other places: now it reports the order N|9, which nobody paid.
    let recut = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("money", "9.9")
        .append_pair("name", "x")
        .append_pair("out_trade_no", "N|9")
        .append_pair("pid", "1001")
        .append_pair("trade_no", "T")
        .append_pair("trade_status", "TRADE_SUCCESS")
        .append_pair("type", &format!("wxpay{rest}"))
        .append_pair("sign", sign)
        .finish();
    for query in [recut, sent] {
        let result = v1.verify_callback(&callback(query), now());
        assert_eq!(
            result,
            Err(CallbackRefusal::Malformed("a parameter hides another"))
        );
    }
}

#[tokio::test]
async fn the_stub_notifies_over_http_and_reads_the_reply() {
    let stub = EpayStub::start().await;
    let epay = std::sync::Arc::new(provider(stub.v1_credentials()));
    let receive =
        async |epay: std::sync::Arc<Epay>, uri: axum::http::Uri, body: axum::body::Bytes| {
            let callback = Callback {
                query: uri.query().unwrap_or_default().to_owned(),
                body: body.to_vec(),
            };
            epay.verify_callback(&callback, now())
                .map_or("fail", |_| "success")
        };
    let receiver = std::sync::Arc::clone(&epay);
    let router =
        axum::Router::new().fallback(move |uri, body| receive(receiver.clone(), uri, body));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let callback_url = format!("http://{}/callbacks/epay", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let request = PaymentRequest {
        callback_url,
        ..request("N-1")
    };
    epay.create_payment(&request).await.unwrap();
    for post in [false, true] {
        for forged in [false, true] {
            let notification = Notification {
                post,
                forged,
                ..Notification::default()
            };
            let reply = stub.notify("N-1", &notification, NOW).await;
            assert_eq!(
                (reply.status, reply.is_success()),
                (200, !forged),
                "{reply:?}"
            );
            assert!(reply.content_type.starts_with("text/plain"), "{reply:?}");
        }
    }
}
