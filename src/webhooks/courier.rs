//! Brings letters to merchants' servers: in time, to where it may, and reads only the beginning of what they say.

use std::time::Duration;

use entity::webhook_attempt::WebhookFault;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder, Response};
use tokio::time::Instant;
use url::Url;

use super::model::Answer;
use crate::config::Webhooks;
use crate::reach::{Reach, is_private};

/// How much of an answer is kept.
const KEPT_BYTES: usize = 1_024;

/// What is sent.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Where to.
    pub url: Url,
    /// The signed body, with its headers; none where everything stands in the address.
    pub signed: Option<Signed>,
}

/// A signed body.
#[derive(Clone, Debug)]
pub struct Signed {
    /// What receivers know it by.
    pub id: String,
    /// When it is sent, in seconds since 1970.
    pub timestamp_s: i64,
    /// Its signatures.
    pub signature: String,
    /// JSON.
    pub body: String,
}

/// One pool of connections for everything that is sent; a clone is cheap and shares it.
#[derive(Clone, Debug)]
pub struct Courier {
    http: Client,
    reach: Reach,
}

impl Courier {
    /// Builds the pool; fails only where the system offers no TLS roots.
    pub fn new(settings: &Webhooks) -> Result<Self, reqwest::Error> {
        let reach = if settings.allow_private {
            Reach::Anywhere
        } else {
            Reach::PublicHttps
        };
        let builder = Client::builder()
            .user_agent(concat!("yigate-webhooks/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_millis(settings.timeout_ms.min(5_000)))
            .timeout(Duration::from_millis(settings.timeout_ms))
            .pool_max_idle_per_host(2);
        Ok(Self {
            http: reach.guard(builder).build()?,
            reach,
        })
    }

    /// Where it goes.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Sends a letter once, and tells what came back.
    pub async fn send(&self, letter: Letter) -> Answer {
        let begun = Instant::now();
        let (status, body) = match self.request(letter) {
            Err(fault) => (Err(fault), String::new()),
            Ok(request) => match request.send().await {
                Ok(response) => (Ok(response.status().as_u16()), beginning(response).await),
                Err(error) => (Err(fault_of(&error)), String::new()),
            },
        };
        Answer {
            status,
            body,
            took_ms: i32::try_from(begun.elapsed().as_millis()).unwrap_or(i32::MAX),
        }
    }

    fn request(&self, letter: Letter) -> Result<RequestBuilder, WebhookFault> {
        // It may have been entered under other settings.
        let permitted = self.reach.permit(&letter.url);
        permitted.map_err(|_| WebhookFault::NotAllowed)?;
        let Some(signed) = letter.signed else {
            return Ok(self.http.get(letter.url));
        };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in [
            ("webhook-id", signed.id),
            ("webhook-timestamp", signed.timestamp_s.to_string()),
            ("webhook-signature", signed.signature),
        ] {
            let value = HeaderValue::from_str(&value).map_err(|_| WebhookFault::NotSigned)?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let request = self.http.post(letter.url).headers(headers);
        Ok(request.body(signed.body))
    }
}

/// The beginning of an answer, as text that a database takes. What breaks off there is not missed: the status
/// is known.
async fn beginning(mut response: Response) -> String {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let free = KEPT_BYTES - bytes.len();
        bytes.extend_from_slice(&chunk[..chunk.len().min(free)]);
        if bytes.len() == KEPT_BYTES {
            break;
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    text.chars()
        .filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'))
        .collect()
}

fn fault_of(error: &reqwest::Error) -> WebhookFault {
    if is_private(error) {
        WebhookFault::PrivateAddress
    } else if error.is_timeout() {
        WebhookFault::TimedOut
    } else if error.is_connect() || error.is_builder() {
        WebhookFault::NoConnection
    } else {
        WebhookFault::ConnectionBroke
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(url: &str) -> Letter {
        Letter {
            url: Url::parse(url).unwrap(),
            signed: None,
        }
    }

    #[tokio::test]
    async fn nothing_is_sent_into_our_own_network() {
        let courier = Courier::new(&Webhooks::default()).unwrap();
        for (url, fault) in [
            // A name that leads here is seen where it is connected to, not where it was entered.
            ("https://localhost/hooks", WebhookFault::PrivateAddress),
            ("https://127.0.0.1/hooks", WebhookFault::NotAllowed),
            ("https://[::ffff:10.0.0.1]/hooks", WebhookFault::NotAllowed),
            ("http://shop.example/hooks", WebhookFault::NotAllowed),
        ] {
            assert_eq!(courier.send(letter(url)).await.status, Err(fault), "{url}");
        }
    }

    #[tokio::test]
    async fn where_nobody_listens_there_is_no_connection() {
        let settings = Webhooks {
            allow_private: true,
            ..Webhooks::default()
        };
        let courier = Courier::new(&settings).unwrap();
        let answer = courier.send(letter("http://127.0.0.1:1/")).await;
        assert_eq!(answer.status, Err(WebhookFault::NoConnection));
    }
}
