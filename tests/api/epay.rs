//! 易支付 against its stub, over real HTTP: the provider alone, and orders from end to end.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

mod answers;
mod callbacks;
mod doubts;
mod elsewhere;
mod failures;
pub(crate) mod orders;
mod payments;
mod payouts;
mod refunds;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;
use yigate::channels::provider::{
    Callback, Device, PaymentCodeKind, PaymentMethod, PaymentQuery, PaymentRequest, PaymentStatus,
    Provider, ProviderError, RefundAbilities, RefundOutcome, RefundQuery, RefundRequest,
};
use yigate::channels::providers::epay::{Epay, EpayClient, EpayClientOptions, EpayConfig, Reach};
use yigate::money::{Currency, Money};

use crate::support::epay_stub::{Answering, EpayStub, KEY, Notification, Refunding};

const NOW: i64 = 1_721_206_072;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).unwrap()
}

fn provider(credentials: Value) -> Epay {
    let config: EpayConfig = serde_json::from_value(credentials).unwrap();
    let client = EpayClient::new(EpayClientOptions {
        total_timeout: Duration::from_millis(1500),
        reach: Reach::Anywhere,
        ..EpayClientOptions::default()
    });
    Epay::new(&config, client.unwrap()).unwrap()
}

fn both(stub: &EpayStub) -> [Epay; 2] {
    [
        provider(stub.v1_credentials()),
        provider(stub.v2_credentials()),
    ]
}

fn request(order_no: &str) -> PaymentRequest {
    PaymentRequest {
        order_no: order_no.to_owned(),
        title: "VIP会员 & more + 100%".to_owned(),
        amount: Money {
            minor: 990,
            currency: Currency::Cny,
        },
        method: PaymentMethod::WechatPay,
        client_ip: "::ffff:192.168.1.100".parse().unwrap(),
        device: Device::Desktop,
        callback_url: "http://127.0.0.1:9/callbacks/epay".to_owned(),
        return_url: Some("https://shop.example.com/paid?a=1&b=2".to_owned()),
        now: now(),
    }
}

fn query(order_no: &str) -> PaymentQuery {
    PaymentQuery {
        order_no: order_no.to_owned(),
        currency: Currency::Cny,
        now: now(),
    }
}

fn callback(query: String) -> Callback {
    Callback {
        query,
        body: Vec::new(),
    }
}
