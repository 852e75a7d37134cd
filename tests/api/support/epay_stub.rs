//! A 易支付 platform over real HTTP, in both generations, that does wrong on demand; it shares no code with our provider.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

mod platform;
mod refunds;
mod transfers;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use axum::Router;
use data_encoding::BASE64;
use serde_json::{Value, json};
use url::form_urlencoded;

use self::platform::{canonical, md5_sign, rsa_sign};
use self::refunds::Refunds;
pub use self::refunds::{MoneyBack, RefundAsked, Refunding};
pub use self::transfers::Transferring;
use self::transfers::Transfers;

/// Our merchant number at the stub.
pub const PID: &str = "1001";
/// Our key of V1 at the stub.
pub const KEY: &str = "89unJUB8HZ54Hj7x4nUj56HN4nUzUJ8i";

/// Parameters by name.
pub type Parameters = BTreeMap<String, String>;

/// How the stub answers from now on.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Answering {
    /// As the protocol says.
    #[default]
    Honestly,
    /// With a web page, as a wrong address does.
    Html,
    /// With an HTTP error and no JSON.
    Status(u16),
    /// With a redirect to another place.
    Redirect,
    /// Never.
    Hang,
    /// With more than anyone should read.
    Endlessly,
    /// With exactly this text.
    Raw(String),
    /// In V2, with a success whose signature is not the platform's.
    WronglySigned,
    /// In V2, with a success signed this many seconds ago.
    SignedEarlier(i64),
    /// With this merchant's number in queries.
    ForMerchant(&'static str),
    /// With this status of our account, where it is asked about: 0 closed, 1 open, 2 under review.
    Account(i64),
    /// With this refusal; unsigned, as the real thing.
    Refuse(i64, &'static str),
}

/// What a created payment answers to the payer: V1's field or V2's `pay_type`, and its content.
pub type Shown = (&'static str, &'static str);

/// One request that the stub was sent.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `POST`, `GET`.
    pub method: String,
    /// Such as `/mapi.php`.
    pub path: String,
    /// From the query and the form.
    pub parameters: Parameters,
}

/// One order at the stub.
#[derive(Clone, Debug)]
pub struct StubOrder {
    /// The stub's own number.
    pub trade_no: String,
    /// What it was created with.
    pub asked: Parameters,
    /// Whether it came through V2.
    pub v2: bool,
    /// 0 unpaid, 1 paid, 2 refunded, 3 frozen, 4 pre-authorised.
    pub status: i64,
    /// Local time of payment.
    pub endtime: String,
}

/// A notification and what is wrong with it; the default is honest.
#[derive(Clone, Debug, Default)]
pub struct Notification {
    /// Sends a form instead of a query, as some clones do.
    pub post: bool,
    /// Signs with a key that is not the platform's.
    pub forged: bool,
    /// Parameters set to other values before signing, such as `money`, `pid`, `trade_status`, `timestamp`.
    pub with: Vec<(&'static str, String)>,
    /// Parameters changed after signing.
    pub tampered: Vec<(&'static str, String)>,
    /// Parameters left out, signed without them.
    pub without: Vec<&'static str>,
    /// Appended to the query or form as it is, such as `money=100`.
    pub appended: &'static str,
}

/// What the notified side replied.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The HTTP status, which 易支付 itself ignores.
    pub status: u16,
    /// The content type, empty without one.
    pub content_type: String,
    /// The body.
    pub body: String,
}

impl Reply {
    /// Whether the platform takes it for a success.
    pub fn is_success(&self) -> bool {
        ["success", "SUCCESS", "Success"]
            .iter()
            .any(|word| self.body.contains(word))
    }
}

struct Keys {
    merchant: KeyPair,
    platform: KeyPair,
    stranger: KeyPair,
}

/// Made once for all tests: three keys take a moment.
fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let key = || KeyPair::generate(KeySize::Rsa2048).unwrap();
        Keys {
            merchant: key(),
            platform: key(),
            stranger: key(),
        }
    })
}

#[derive(Default)]
struct Inner {
    base: String,
    answering: Answering,
    shown: Option<Shown>,
    orders: BTreeMap<String, StubOrder>,
    journal: Vec<Asked>,
    refunds: Refunds,
    transfers: Transfers,
}

/// The platform; it stops when the last clone's runtime ends.
#[derive(Clone, Default)]
pub struct EpayStub(Arc<Mutex<Inner>>);

impl EpayStub {
    /// Listens on a port of its own.
    pub async fn start() -> Self {
        let stub = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        stub.inner().base = format!("http://{}/", listener.local_addr().unwrap());
        let router = Router::new()
            .fallback(platform::answer)
            .with_state(stub.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        stub
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// Where the stub is, ending in `/`.
    pub fn base_url(&self) -> String {
        self.inner().base.clone()
    }

    /// The credentials of a V1 channel at the stub.
    pub fn v1_credentials(&self) -> Value {
        json!({"generation": "v1", "base_url": self.base_url(), "pid": PID, "key": KEY})
    }

    /// The credentials of a V2 channel at the stub.
    pub fn v2_credentials(&self) -> Value {
        let private: Pkcs8V1Der<'_> = keys().merchant.as_der().unwrap();
        let public: PublicKeyX509Der<'_> = keys().platform.public_key().as_der().unwrap();
        json!({
            "generation": "v2",
            "base_url": self.base_url(),
            "pid": PID,
            "merchant_private_key": BASE64.encode(private.as_ref()),
            "platform_public_key": BASE64.encode(public.as_ref()),
        })
    }

    /// A public key that is not the platform's, as credentials of V2 hold it.
    pub fn public_key_of_a_stranger(&self) -> Value {
        let public: PublicKeyX509Der<'_> = keys().stranger.public_key().as_der().unwrap();
        json!(BASE64.encode(public.as_ref()))
    }

    /// Answers so from now on.
    pub fn answer(&self, answering: Answering) {
        self.inner().answering = answering;
    }

    /// Shows the payer this from now on; without it, a QR code.
    pub fn show(&self, shown: Shown) {
        self.inner().shown = Some(shown);
    }

    /// What the stub was asked so far, oldest first.
    pub fn journal(&self) -> Vec<Asked> {
        self.inner().journal.clone()
    }

    /// An order that was created here.
    pub fn order(&self, out_trade_no: &str) -> Option<StubOrder> {
        self.inner().orders.get(out_trade_no).cloned()
    }

    /// The payer pays, at a local time such as `2024-07-17 16:47:52`.
    pub fn pay(&self, out_trade_no: &str, endtime: &str) {
        self.change(out_trade_no, |order| {
            order.status = 1;
            order.endtime = endtime.to_owned();
        });
    }

    /// Sets an order's state: 0 unpaid, 1 paid, 2 refunded, 3 frozen, 4 pre-authorised.
    pub fn set_status(&self, out_trade_no: &str, status: i64) {
        self.change(out_trade_no, |order| order.status = status);
    }

    /// Makes queries tell another amount than was asked.
    pub fn set_money(&self, out_trade_no: &str, money: &str) {
        self.change(out_trade_no, |order| {
            order.asked.insert("money".to_owned(), money.to_owned());
        });
    }

    fn change(&self, out_trade_no: &str, change: impl FnOnce(&mut StubOrder)) {
        change(
            self.inner()
                .orders
                .get_mut(out_trade_no)
                .expect("an order of the stub"),
        );
    }

    /// A notification's encoded parameters, for a test that delivers it without HTTP. `now` is V2's timestamp.
    pub fn notification(
        &self,
        out_trade_no: &str,
        notification: &Notification,
        now: i64,
    ) -> String {
        let order = self.order(out_trade_no).expect("an order of the stub");
        let mut sent = notice_of(&order, now);
        for (name, value) in &notification.with {
            sent.insert((*name).to_owned(), value.clone());
        }
        for name in &notification.without {
            sent.remove(*name);
        }
        let sign = match (order.v2, notification.forged) {
            (true, false) => rsa_sign(&keys().platform, &canonical(&sent)),
            (true, true) => rsa_sign(&keys().stranger, &canonical(&sent)),
            (false, false) => md5_sign(&canonical(&sent), KEY),
            (false, true) => md5_sign(&canonical(&sent), "another key"),
        };
        if !notification.without.contains(&"sign") {
            sent.insert("sign".to_owned(), sign);
        }
        for (name, value) in &notification.tampered {
            sent.insert((*name).to_owned(), value.clone());
        }
        let encoded = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&sent)
            .finish();
        match notification.appended {
            "" => encoded,
            appended => format!("{encoded}&{appended}"),
        }
    }

    /// Notifies the order's `notify_url` once, as the platform would; call it again for a duplicate.
    pub async fn notify(&self, out_trade_no: &str, notification: &Notification, now: i64) -> Reply {
        let encoded = self.notification(out_trade_no, notification, now);
        let order = self.order(out_trade_no).expect("an order of the stub");
        let url = &order.asked["notify_url"];
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(5))
            .build()
            .unwrap();
        let request = if notification.post {
            let form = "application/x-www-form-urlencoded";
            client.post(url).header("content-type", form).body(encoded)
        } else {
            client.get(format!("{url}?{encoded}"))
        };
        let response = request.send().await.unwrap();
        let content_type = response.headers().get("content-type");
        Reply {
            status: response.status().as_u16(),
            content_type: content_type
                .map_or("", |value| value.to_str().unwrap())
                .to_owned(),
            body: response.text().await.unwrap(),
        }
    }
}

/// An honest notification, without its signature.
fn notice_of(order: &StubOrder, now: i64) -> Parameters {
    // PHP casts to a float: `1.00` becomes `1`.
    let money = match order.asked["money"].as_str() {
        money if money.contains('.') => money.trim_end_matches('0').trim_end_matches('.'),
        money => money,
    };
    let mut sent: Vec<(&str, &str)> = vec![
        ("pid", PID),
        ("trade_no", &order.trade_no),
        ("out_trade_no", &order.asked["out_trade_no"]),
        ("type", &order.asked["type"]),
        ("name", "product"),
        ("money", money),
        ("trade_status", "TRADE_SUCCESS"),
        ("sign_type", if order.v2 { "RSA" } else { "MD5" }),
    ];
    let now = now.to_string();
    if order.v2 {
        sent.extend([
            ("api_trade_no", "4200001"),
            ("buyer", "o+/=x"),
            ("timestamp", now.as_str()),
        ]);
    }
    sent.into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
