//! Says why a channel is not made.

use super::{BadCredentials, BadOffer};
use crate::error::{Problem, Refusal};
use crate::second_factor::model::SecondFactorRefusal;

/// How many channels a merchant has at the most.
pub const MOST_CHANNELS: usize = 50;

/// Why a channel was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateRefusal {
    /// A field cannot be meant.
    Invalid(BadOffer),
    /// The merchant has as many as one may have.
    TooManyChannels,
    /// A channel of this kind needs credentials.
    CredentialsMissing,
    /// The credentials are of another kind; the sandbox takes none.
    CredentialsNotOfKind,
    /// A field of the credentials cannot be used.
    CredentialsUnusable {
        /// Which, from `credentials` on.
        field: String,
        /// What would be right.
        problem: Problem,
    },
    /// The code did not prove who gives credentials by which money leaves.
    SecondFactor(SecondFactorRefusal),
}

impl From<SecondFactorRefusal> for CreateRefusal {
    fn from(refusal: SecondFactorRefusal) -> Self {
        Self::SecondFactor(refusal)
    }
}

impl From<BadOffer> for CreateRefusal {
    fn from(bad: BadOffer) -> Self {
        Self::Invalid(bad)
    }
}

impl From<BadCredentials> for CreateRefusal {
    fn from(bad: BadCredentials) -> Self {
        match bad {
            BadCredentials::Missing => Self::CredentialsMissing,
            BadCredentials::NotOfKind => Self::CredentialsNotOfKind,
            BadCredentials::Unusable { field, problem } => {
                Self::CredentialsUnusable { field, problem }
            }
        }
    }
}

impl Refusal for CreateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::Invalid(bad) => bad.problem.clone(),
            Self::TooManyChannels => Problem::new(
                format!("A merchant has at most {MOST_CHANNELS} channels."),
                format!("每个商户最多 {MOST_CHANNELS} 个渠道。"),
            ),
            Self::CredentialsMissing => BadCredentials::Missing.message(),
            Self::CredentialsNotOfKind => BadCredentials::NotOfKind.message(),
            Self::CredentialsUnusable { problem, .. } => problem.clone(),
            Self::SecondFactor(refusal) => refusal.message(),
        }
    }

    fn field(&self) -> Option<String> {
        match self {
            Self::Invalid(bad) => Some(bad.field.clone()),
            Self::TooManyChannels => None,
            Self::CredentialsMissing | Self::CredentialsNotOfKind => Some("credentials".to_owned()),
            Self::CredentialsUnusable { field, .. } => Some(field.clone()),
            Self::SecondFactor(refusal) => refusal.field(),
        }
    }

    fn denial(&self) -> Option<&'static str> {
        match self {
            Self::SecondFactor(refusal) => refusal.denial(),
            _ => None,
        }
    }
}
