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
use crate::error::Error;
use crate::seal::MasterKey;

/// Makes providers and keeps them as long as their channel is unchanged, and used. Clones share them.
#[derive(Clone)]
pub struct Providers {
    epay: EpayClient,
    sandbox: SandboxPlatform,
    made: Cache<Made, Arc<dyn Provider>>,
}

/// What a provider was made of: a channel as it was changed last, with its credentials or those before.
type Made = (MerchantId, ChannelId, i32, Instant, Age);

/// Which of a channel's credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Age {
    Current,
    Previous,
}

/// Credentials that were tried out; the one thing that a channel is given. `Debug` shows no key.
#[derive(Clone)]
pub struct Credentials {
    plain: Vec<u8>,
    hint: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl Credentials {
    /// What may be shown of them.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.hint
    }

    /// Seals them for one channel.
    pub fn seal(
        &self,
        key: &MasterKey,
        merchant_id: MerchantId,
        id: ChannelId,
    ) -> Result<Vec<u8>, Error> {
        key.seal(&self.plain, &binding(merchant_id, id))
    }

    /// Whether a channel has these already.
    #[must_use]
    pub fn are_those_of(&self, key: &MasterKey, channel: &channel::Model) -> bool {
        let sealed = channel.sealed_credentials.as_deref();
        let known = sealed.and_then(|sealed| config(key, channel, sealed).ok());
        let known = known.and_then(|known| serde_json::to_vec(&known).ok());
        known.as_ref() == Some(&self.plain)
    }
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
            // Those of versions before, and of credentials that are gone, do not stay.
            made: Cache::builder()
                .max_capacity(10_000)
                .time_to_idle(Duration::from_secs(3_600))
                .build(),
        })
    }

    /// The provider of a channel, with its credentials.
    pub fn find(
        &self,
        app: &App,
        channel: &channel::Model,
    ) -> Result<Arc<dyn Provider>, ProviderError> {
        let sealed = channel.sealed_credentials.as_deref();
        self.make(app, channel, sealed, Age::Current)
    }

    /// The provider of a channel with the credentials that it had before, as long as they are believed.
    pub fn maybe_find_previous(
        &self,
        app: &App,
        channel: &channel::Model,
    ) -> Result<Option<Arc<dyn Provider>>, ProviderError> {
        let until = channel.previous_credentials_until;
        let sealed = channel.sealed_previous_credentials.as_deref();
        if until.is_none_or(|until| until.0 <= app.clock.now()) || sealed.is_none() {
            return Ok(None);
        }
        self.make(app, channel, sealed, Age::Previous).map(Some)
    }

    fn make(
        &self,
        app: &App,
        channel: &channel::Model,
        sealed: Option<&[u8]>,
        age: Age,
    ) -> Result<Arc<dyn Provider>, ProviderError> {
        let (merchant_id, id) = (channel.merchant_id, channel.id);
        let made = (merchant_id, id, channel.version, channel.updated_at, age);
        if let Some(provider) = self.made.get(&made) {
            return Ok(provider);
        }
        let provider: Arc<dyn Provider> = match channel.kind {
            ChannelKind::Sandbox => Arc::new(self.sandbox(app, merchant_id, id)),
            ChannelKind::EpayV1 | ChannelKind::EpayV2 => {
                let sealed = sealed.ok_or_else(|| unusable("the channel has no credentials"))?;
                let config = config(&app.key, channel, sealed)?;
                Arc::new(Epay::new(&config, self.epay.clone())?)
            }
        };
        self.made.insert(made, Arc::clone(&provider));
        Ok(provider)
    }

    /// Tries out credentials in JSON before they are kept: what is missing or wrong is named. None, where the
    /// channel takes none.
    pub fn check(
        &self,
        kind: ChannelKind,
        credentials: Option<&[u8]>,
    ) -> Result<Option<Credentials>, ProviderError> {
        let expected = match (kind, credentials) {
            (ChannelKind::Sandbox, None) => return Ok(None),
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
        let epay = Epay::new(&config, self.epay.clone())?;
        let plain = serde_json::to_vec(&config)
            .map_err(|_| unusable("the credentials cannot be written"))?;
        Ok(Some(Credentials {
            plain,
            hint: epay.hint(),
        }))
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

fn unusable(what: &str) -> ProviderError {
    ProviderError::Misconfigured(what.to_owned())
}

fn config(
    key: &MasterKey,
    channel: &channel::Model,
    sealed: &[u8],
) -> Result<EpayConfig, ProviderError> {
    let plain = key
        .open(sealed, &binding(channel.merchant_id, channel.id))
        .map_err(|_| unusable("the credentials cannot be opened"))?;
    serde_json::from_slice(&plain).map_err(|_| unusable("the credentials cannot be read"))
}
