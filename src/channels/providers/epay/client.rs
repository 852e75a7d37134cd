//! The HTTP client of 易支付: short timeouts, no redirects, small answers, and no address in any error.

use std::error::Error;
use std::time::Duration;

use reqwest::{RequestBuilder, Response, StatusCode};
use url::Url;

use super::config::misconfigured;
use super::reach::Reach;
use crate::channels::provider::ProviderError;
use crate::reach::is_private;

/// An answer longer than this is none of this protocol.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// How the platforms are called.
#[derive(Clone, Copy, Debug)]
pub struct EpayClientOptions {
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long a whole call may take, the answer's body included.
    pub total_timeout: Duration,
    /// Which addresses may be called.
    pub reach: Reach,
}

impl Default for EpayClientOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            total_timeout: Duration::from_secs(10),
            reach: Reach::default(),
        }
    }
}

/// One pool of connections to every 易支付 platform; a clone is cheap and shares it.
#[derive(Clone, Debug)]
pub struct EpayClient {
    http: reqwest::Client,
    reach: Reach,
}

impl EpayClient {
    /// Builds the pool; fails only where the system offers no TLS roots.
    pub fn new(options: EpayClientOptions) -> Result<Self, ProviderError> {
        let builder = reqwest::Client::builder()
            .user_agent(concat!("yigate/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(options.connect_timeout)
            .timeout(options.total_timeout);
        let http =
            options.reach.guard(builder).build().map_err(|error| {
                misconfigured(format!("the HTTP client cannot be built: {error}"))
            })?;
        Ok(Self {
            http,
            reach: options.reach,
        })
    }

    pub(super) fn reach(&self) -> Reach {
        self.reach
    }

    pub(super) async fn get(&self, url: Url) -> Result<Vec<u8>, ProviderError> {
        answer_of(self.http.get(url)).await
    }

    pub(super) async fn post<K, V>(
        &self,
        url: Url,
        form: &[(K, V)],
    ) -> Result<Vec<u8>, ProviderError>
    where
        K: AsRef<str>,
        V: AsRef<str>,
    {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = self
            .http
            .post(url)
            .header(
                reqwest::header::CONTENT_TYPE,
                "application/x-www-form-urlencoded",
            )
            .body(body);
        answer_of(request).await
    }
}

async fn answer_of(request: RequestBuilder) -> Result<Vec<u8>, ProviderError> {
    let response = request
        .header(reqwest::header::ACCEPT, "application/json")
        .send()
        .await
        .map_err(broken)?;
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(ProviderError::Unavailable(format!(
            "HTTP {}",
            status.as_u16()
        )));
    }
    if status.is_redirection() {
        return Err(unreadable(
            "接口地址错误: the address answers with a redirect",
        ));
    }
    let body = body_of(response).await?;
    // Clones answer refusals with 4xx; a body that is no JSON says that the address is wrong.
    if status.is_client_error() && !body.trim_ascii_start().starts_with(b"{") {
        let status = status.as_u16();
        return Err(unreadable(format!(
            "接口地址错误: the address answers HTTP {status}"
        )));
    }
    Ok(body)
}

async fn body_of(mut response: Response) -> Result<Vec<u8>, ProviderError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(unreadable("the answer is longer than 1 MiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

pub(super) fn unreadable(what: impl Into<String>) -> ProviderError {
    ProviderError::Unreadable(what.into())
}

/// What a broken call says: its cause, never its address, which carries V1's key.
fn broken(error: reqwest::Error) -> ProviderError {
    let error = error.without_url();
    if is_private(&error) {
        return misconfigured("base_url: leads to a private address");
    }
    let mut cause: &(dyn Error + 'static) = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    if error.is_builder() {
        return misconfigured("base_url: cannot be called");
    }
    let what = if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    };
    ProviderError::Unavailable(format!("{what} ({cause})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_broken_call_tells_its_cause_and_not_its_address() {
        let client = EpayClient::new(EpayClientOptions {
            reach: Reach::Anywhere,
            ..EpayClientOptions::default()
        })
        .unwrap();
        let url = Url::parse("http://127.0.0.1:1/api.php?key=s3cr3t").unwrap();
        let error = client.get(url).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unavailable(_)), "{error:?}");
        assert!(
            !format!("{error} {error:?}").contains("s3cr3t"),
            "{error:?}"
        );
    }

    #[tokio::test]
    async fn a_name_that_leads_into_our_network_is_not_called() {
        let client = EpayClient::new(EpayClientOptions::default()).unwrap();
        let url = Url::parse("https://localhost/api.php?key=s3cr3t").unwrap();
        let error = client.get(url).await.unwrap_err();
        assert!(
            matches!(error, ProviderError::Misconfigured(_)),
            "{error:?}"
        );
    }
}
