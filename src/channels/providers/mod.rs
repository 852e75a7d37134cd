//! The payment platforms that can be spoken to, and how a channel gets its provider.

pub mod epay;
pub mod sandbox;

use std::sync::Arc;
use std::time::Duration;

use entity::channel::{self, ChannelKind};
use entity::{ChannelId, Instant, MerchantId};
use moka::sync::Cache;

use self::epay::{Epay, EpayClient, EpayClientOptions, EpayConfig, Reach};
use self::sandbox::{Outages, Sandbox, SandboxPlatform};
use super::provider::{Provider, ProviderError};
use crate::app::App;

/// Makes providers and keeps them as long as their channel is unchanged. Clones share them.
#[derive(Clone)]
pub struct Providers {
    epay: EpayClient,
    sandbox: SandboxPlatform,
    made: Cache<(MerchantId, ChannelId, Instant), Arc<dyn Provider>>,
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Providers(…)")
    }
}

impl Providers {
    /// Prepares what all providers share.
    pub fn new(timeout: Duration, reach: Reach) -> Result<Self, ProviderError> {
        Ok(Self {
            epay: EpayClient::new(EpayClientOptions {
                total_timeout: timeout,
                reach,
                ..EpayClientOptions::default()
            })?,
            sandbox: SandboxPlatform::default(),
            made: Cache::new(10_000),
        })
    }

    /// The provider of a channel, with its credentials.
    pub fn find(
        &self,
        app: &App,
        channel: &channel::Model,
    ) -> Result<Arc<dyn Provider>, ProviderError> {
        let key = (channel.merchant_id, channel.id, channel.updated_at);
        if let Some(provider) = self.made.get(&key) {
            return Ok(provider);
        }
        let provider: Arc<dyn Provider> = match channel.kind {
            ChannelKind::Sandbox => Arc::new(self.sandbox(app, channel.merchant_id, channel.id)),
            ChannelKind::EpayV1 | ChannelKind::EpayV2 => {
                Arc::new(Epay::new(&credentials(app, channel)?, self.epay.clone())?)
            }
        };
        self.made.insert(key, Arc::clone(&provider));
        Ok(provider)
    }

    /// Tries out credentials before they are kept: what is missing or wrong is named.
    pub fn check(
        &self,
        kind: ChannelKind,
        credentials: Option<&[u8]>,
    ) -> Result<(), ProviderError> {
        let unusable = |what: &str| ProviderError::Misconfigured(what.to_owned());
        let expected = match (kind, credentials) {
            (ChannelKind::Sandbox, None) => return Ok(()),
            (ChannelKind::Sandbox, Some(_)) => {
                return Err(unusable("the sandbox takes no credentials"));
            }
            (_, None) => return Err(unusable("the channel has no credentials")),
            (ChannelKind::EpayV1, Some(_)) => "v1",
            (ChannelKind::EpayV2, Some(_)) => "v2",
        };
        let json: serde_json::Value = serde_json::from_slice(credentials.unwrap_or_default())
            .map_err(|_| unusable("the credentials are no JSON"))?;
        if json["generation"] != expected {
            return Err(unusable(&format!(
                "`generation` of the credentials must be \"{expected}\""
            )));
        }
        let config: EpayConfig = serde_json::from_value(json)
            .map_err(|_| unusable("the credentials lack a field, or one is of another type"))?;
        Epay::new(&config, self.epay.clone()).map(|_| ())
    }

    /// The sandbox of a channel: what the demo and the sandbox's payment page pay with.
    #[must_use]
    pub fn sandbox(&self, app: &App, merchant_id: MerchantId, channel_id: ChannelId) -> Sandbox {
        let secret = app
            .key
            .keyed_hash(&format!("sandbox {merchant_id} {channel_id}"));
        Sandbox::new(
            self.sandbox.clone(),
            &secret,
            format!(
                "{}/sandbox/pay/{merchant_id}.{channel_id}",
                app.settings.http.public_url.trim_end_matches('/')
            ),
            Outages {
                app: app.clone(),
                merchant_id,
                channel_id,
            },
        )
    }
}

/// What a channel's credentials are bound to when they are sealed.
#[must_use]
pub fn binding(merchant_id: MerchantId, channel_id: ChannelId) -> String {
    format!("{merchant_id} {channel_id}")
}

fn credentials(app: &App, channel: &channel::Model) -> Result<EpayConfig, ProviderError> {
    let unusable = |what: &str| ProviderError::Misconfigured(what.to_owned());
    let sealed = channel
        .sealed_credentials
        .as_deref()
        .ok_or_else(|| unusable("the channel has no credentials"))?;
    let plain = app
        .key
        .open(sealed, &binding(channel.merchant_id, channel.id))
        .map_err(|_| unusable("the credentials cannot be opened"))?;
    serde_json::from_slice(&plain).map_err(|_| unusable("the credentials cannot be read"))
}
