//! Decides which credentials a channel takes, and how long the ones before are believed.

use chrono::TimeDelta;

use super::{no_channel, version_conflict};
use crate::error::{Problem, Refusal};
use crate::second_factor::model::SecondFactorRefusal;

/// For how many hours the credentials before are believed where nobody says.
pub const DEFAULT_OVERLAP_HOURS: i32 = 24;
/// For how many hours at the most: a week.
const MOST_OVERLAP_HOURS: i32 = 168;

/// Why credentials are not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadCredentials {
    /// There are none, and the channel needs some.
    Missing,
    /// They are of another kind of channel.
    NotOfKind,
    /// A field cannot be used.
    Unusable {
        /// Which, from `credentials` on.
        field: String,
        /// What would be right.
        problem: Problem,
    },
}

impl BadCredentials {
    /// What a provider says of credentials, whose first word is the field; `under` is where the fields are.
    #[must_use]
    pub fn told(detail: &str, under: &str) -> Self {
        let (name, words) = detail.split_once(": ").unwrap_or(("", detail));
        let (field, zh) = match name {
            "base_url" => ("baseUrl", "接口地址无效：须为可公开访问的 https 地址。"),
            "pid" => ("pid", "商户号须为 1 至 64 个字母、数字、下划线或连字符。"),
            "key" => ("key", "商户密钥须为 1 至 256 个不含空白的字符。"),
            "refund_success_codes" => (
                "refundSuccessCodes",
                "退款成功码须为 1 至 16 个，且不能为负数。",
            ),
            "merchant_private_key" => (
                "merchantPrivateKey",
                "商户私钥须为 2048 位以上的 RSA 私钥（PKCS#8 或 PKCS#1）。",
            ),
            "platform_public_key" => (
                "platformPublicKey",
                "平台公钥须为 2048 位以上的 RSA 公钥（SPKI），且不能是商户公钥。",
            ),
            _ => {
                return Self::Unusable {
                    field: under.to_owned(),
                    problem: Problem::new(detail, "渠道凭据无法使用，请核对各项后重试。"),
                };
            }
        };
        Self::Unusable {
            field: format!("{under}.{field}"),
            problem: Problem::new(format!("`{field}`: {words}."), format!("`{field}`：{zh}")),
        }
    }

    /// What the merchant reads.
    #[must_use]
    pub fn message(&self) -> Problem {
        match self {
            Self::Missing => Problem::new(
                "A channel of this kind needs `credentials`.",
                "该类型的渠道须提供 `credentials`。",
            ),
            Self::NotOfKind => Problem::new(
                "`credentials` are of another kind than the channel; the sandbox takes none.",
                "`credentials` 与渠道类型不符；沙箱渠道无需凭据。",
            ),
            Self::Unusable { problem, .. } => problem.clone(),
        }
    }
}

/// Why a channel's credentials were not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialsSetRefusal {
    /// There is no such channel.
    NotFound,
    /// Somebody else was faster.
    VersionConflict {
        /// The version that it has.
        current: i32,
    },
    /// They are of another kind; the sandbox takes none.
    CredentialsNotOfKind,
    /// A field of them cannot be used.
    CredentialsUnusable {
        /// Which, from `credentials` on.
        field: String,
        /// What would be right.
        problem: Problem,
    },
    /// The ones before would be believed for a negative time, or too long.
    OverlapOutOfRange,
    /// The code did not prove who gives credentials by which money leaves.
    SecondFactor(SecondFactorRefusal),
}

impl From<SecondFactorRefusal> for CredentialsSetRefusal {
    fn from(refusal: SecondFactorRefusal) -> Self {
        Self::SecondFactor(refusal)
    }
}

impl From<BadCredentials> for CredentialsSetRefusal {
    fn from(bad: BadCredentials) -> Self {
        match bad {
            BadCredentials::Missing | BadCredentials::NotOfKind => Self::CredentialsNotOfKind,
            BadCredentials::Unusable { field, problem } => {
                Self::CredentialsUnusable { field, problem }
            }
        }
    }
}

impl Refusal for CredentialsSetRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => no_channel(),
            Self::VersionConflict { current } => version_conflict(*current),
            Self::CredentialsNotOfKind => BadCredentials::NotOfKind.message(),
            Self::CredentialsUnusable { problem, .. } => problem.clone(),
            Self::OverlapOutOfRange => Problem::new(
                format!("`overlapHours` is from 0 to {MOST_OVERLAP_HOURS}."),
                format!("`overlapHours` 须为 0 至 {MOST_OVERLAP_HOURS}。"),
            ),
            Self::SecondFactor(refusal) => refusal.message(),
        }
    }

    fn field(&self) -> Option<String> {
        Some(match self {
            Self::NotFound => "channelId".to_owned(),
            Self::VersionConflict { .. } => "expectedVersion".to_owned(),
            Self::CredentialsNotOfKind => "credentials".to_owned(),
            Self::CredentialsUnusable { field, .. } => field.clone(),
            Self::OverlapOutOfRange => "overlapHours".to_owned(),
            Self::SecondFactor(refusal) => return refusal.field(),
        })
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::SecondFactor(refusal) => refusal.denial(),
            _ => None,
        }
    }
}

/// For how long the credentials before are believed; the default where nobody says.
pub fn overlap(hours: Option<i32>) -> Result<TimeDelta, CredentialsSetRefusal> {
    let hours = hours.unwrap_or(DEFAULT_OVERLAP_HOURS);
    if !(0..=MOST_OVERLAP_HOURS).contains(&hours) {
        return Err(CredentialsSetRefusal::OverlapOutOfRange);
    }
    Ok(TimeDelta::hours(i64::from(hours)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_english_is_told_in_chinese() {
        let told = BadCredentials::told("something else", "credentials.epayV1").message();
        assert_eq!(told.en, "something else");
        assert!(!told.zh.contains("something"), "{}", told.zh);
    }

    #[test]
    fn what_is_wrong_with_credentials_is_said_of_its_field() {
        for (detail, field) in [
            ("base_url: https is required", "credentials.epayV1.baseUrl"),
            (
                "key: one word of 1 to 256 characters",
                "credentials.epayV1.key",
            ),
            ("something else", "credentials.epayV1"),
        ] {
            let told = BadCredentials::told(detail, "credentials.epayV1");
            assert!(
                matches!(&told, BadCredentials::Unusable { field: found, .. } if found == field),
                "{told:?}"
            );
        }
    }

    #[test]
    fn the_ones_before_are_believed_for_a_week_at_the_most() {
        assert_eq!(overlap(None), Ok(TimeDelta::hours(24)));
        assert_eq!(overlap(Some(0)), Ok(TimeDelta::zero()));
        assert_eq!(overlap(Some(168)), Ok(TimeDelta::days(7)));
        for hours in [-1, 169] {
            assert_eq!(
                overlap(Some(hours)),
                Err(CredentialsSetRefusal::OverlapOutOfRange)
            );
        }
    }
}
