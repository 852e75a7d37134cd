//! A channel's credentials: what may be shown of them, and how others are given.

use std::fmt;

use async_graphql::{ID, InputObject, OneofObject};
use chrono::{DateTime, Utc};
use entity::channel;

use super::object::Channel;
use crate::channels::model::CredentialsSetRefusal;
use crate::channels::providers::epay::{EpayConfig, EpayV1Config, EpayV2Config};
use crate::graphql::payload::payload;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;

/// What may be shown of a channel's credentials.
#[derive(Clone, Debug)]
pub struct ChannelCredentials {
    hint: Option<String>,
    set_at: Option<Timestamp>,
    previous_until: Option<Timestamp>,
}

impl ChannelCredentials {
    /// What may be shown of a channel's credentials at an instant; none where it has none.
    pub fn of(row: &channel::Model, now: DateTime<Utc>) -> Option<Self> {
        row.sealed_credentials.as_ref()?;
        let until = row.previous_credentials_until;
        let until = until.filter(|until| now < until.0);
        Some(Self {
            hint: row.credentials_hint.clone(),
            set_at: row.credentials_set_at.map(Timestamp::from),
            previous_until: until.map(Timestamp::from),
        })
    }
}

plain_object! {
    /// A channel's credentials 渠道凭据: set once, never shown again.
    ChannelCredentials(self) {
        /// Enough to tell them from others: `pid 1001 · key ****c3d4`; null for those that were set before
        /// hints were kept.
        hint / "hint": Option<&str> = self.hint.as_deref();
        /// When they were set; null for those that were set before this was kept.
        set_at / "setAt": Option<Timestamp> = self.set_at;
        /// Until when callbacks that are signed with the credentials before are still believed; null where
        /// they are not.
        previous_until / "previousUntil": Option<Timestamp> = self.previous_until;
    }
}

/// The credentials of a channel, by its kind. They are sealed, and never shown again.
#[derive(Debug, OneofObject)]
pub enum ChannelCredentialsInput {
    /// Of a channel of 易支付 V1.
    EpayV1(EpayV1CredentialsInput),
    /// Of a channel of 易支付 V2.
    EpayV2(EpayV2CredentialsInput),
}

/// An account at a platform of 易支付 V1.
#[derive(InputObject)]
pub struct EpayV1CredentialsInput {
    /// Where the platform is 接口地址, such as `https://pay.example.com/`.
    pub base_url: String,
    /// Your merchant number there 商户号. Another account is better another channel: refunds of what was paid
    /// go to the account that a channel has now.
    pub pid: String,
    /// The shared key 商户密钥.
    pub key: String,
    /// Whether a callback counts only after the platform, asked, confirms the payment. Leave it so: whoever
    /// has seen the key can sign callbacks.
    #[graphql(default = true)]
    pub confirm_by_query: bool,
    /// The codes with which the platform says that it has refunded: 0 in the protocol, 1 at many of its
    /// clones; both where it is missing.
    pub refund_success_codes: Option<Vec<i32>>,
}

/// An account at a platform of 易支付 V2.
#[derive(InputObject)]
pub struct EpayV2CredentialsInput {
    /// Where the platform is 接口地址, such as `https://pay.example.com/`.
    pub base_url: String,
    /// Your merchant number there 商户号. Another account is better another channel: refunds of what was paid
    /// go to the account that a channel has now.
    pub pid: String,
    /// Your own RSA key 商户私钥: PKCS#8 or PKCS#1, as PEM or as the base64 of its DER.
    pub merchant_private_key: String,
    /// The platform's RSA key 平台公钥, not the public half of yours: SPKI, as PEM or as the base64 of its DER.
    pub platform_public_key: String,
}

impl fmt::Debug for EpayV1CredentialsInput {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EpayV1CredentialsInput(…)")
    }
}

impl fmt::Debug for EpayV2CredentialsInput {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EpayV2CredentialsInput(…)")
    }
}

impl From<ChannelCredentialsInput> for EpayConfig {
    fn from(input: ChannelCredentialsInput) -> Self {
        match input {
            ChannelCredentialsInput::EpayV1(v1) => Self::V1(EpayV1Config {
                base_url: v1.base_url,
                pid: v1.pid,
                key: v1.key,
                confirm_by_query: v1.confirm_by_query,
                refund_success_codes: match v1.refund_success_codes {
                    Some(codes) => codes.into_iter().map(i64::from).collect(),
                    None => vec![0, 1],
                },
            }),
            ChannelCredentialsInput::EpayV2(v2) => Self::V2(EpayV2Config {
                base_url: v2.base_url,
                pid: v2.pid,
                merchant_private_key: v2.merchant_private_key,
                platform_public_key: v2.platform_public_key,
            }),
        }
    }
}

/// Which credentials a channel is to have.
#[derive(Debug, InputObject)]
pub struct ChannelCredentialsSetInput {
    /// The channel.
    pub channel_id: ID,
    /// The version that the channel has, as you know it.
    pub expected_version: i32,
    /// The credentials. They are tried out before they are kept: keys that cannot sign are refused.
    pub credentials: ChannelCredentialsInput,
    /// For how many hours callbacks that are signed with the credentials before are still believed: 0 to 168,
    /// 24 where it is missing. Say 0 where somebody else may know the ones before: until this time is over, who
    /// knows them can report payments. With the credentials that the channel has, this time ends sooner.
    pub overlap_hours: Option<i32>,
    /// The six digits that your authenticator app shows, or a recovery code: for a channel through which money leaves
    /// (易支付 V2), where anybody who works here has a second factor.
    #[graphql(secret)]
    pub code: Option<String>,
}

payload! {
    /// What `channelCredentialsSet` did.
    ChannelCredentialsSetPayload {
        /// The channel, as it is now.
        channel: Lean<Channel>,
    }
    /// Why a channel did not get other credentials.
    ChannelCredentialsSetError / ChannelCredentialsSetErrorCode from CredentialsSetRefusal {
        /// There is no such channel.
        NotFound,
        /// The channel has another version by now: read it again.
        VersionConflict,
        /// The credentials are of another kind than the channel; the sandbox takes none.
        CredentialsNotOfKind,
        /// A field of the credentials cannot be used; `field` names it.
        CredentialsUnusable,
        /// `overlapHours` is from 0 to 168.
        OverlapOutOfRange,
    } with SecondFactor
}
