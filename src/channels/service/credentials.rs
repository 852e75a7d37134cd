//! Tries out credentials, and gives a channel others.

use chrono::TimeDelta;
use entity::channel::{self, ChannelKind};
use entity::channel_version::ChannelChange;
use entity::{ChannelId, Instant};

use super::change::change;
use super::maybe_find;
use crate::app::App;
use crate::auth::model::Actor;
use crate::channels::model::{BadCredentials, CredentialsSetRefusal, expect_version, overlap};
use crate::channels::provider::ProviderError;
use crate::channels::providers::epay::EpayConfig;
use crate::channels::providers::{Credentials, Providers};
use crate::error::{Error, Failure};

/// Tries out what was given for a channel of a kind; a bad field is named. The sandbox takes nothing, every
/// other kind its own credentials.
pub fn check(
    providers: &Providers,
    kind: ChannelKind,
    given: Option<&EpayConfig>,
) -> Result<Option<Credentials>, Failure<BadCredentials>> {
    let (of, under) = match given {
        None if kind == ChannelKind::Sandbox => return Ok(None),
        None => return Err(Failure::Refused(BadCredentials::Missing)),
        Some(EpayConfig::V1(_)) => (ChannelKind::EpayV1, "credentials.epayV1"),
        Some(EpayConfig::V2(_)) => (ChannelKind::EpayV2, "credentials.epayV2"),
    };
    if of != kind {
        return Err(Failure::Refused(BadCredentials::NotOfKind));
    }
    let plain = serde_json::to_vec(&given)
        .map_err(|_| Error::internal("credentials that cannot be written"))?;
    providers.check(kind, Some(&plain)).map_err(|error| {
        Failure::Refused(match error {
            ProviderError::Misconfigured(detail) => BadCredentials::told(&detail, under),
            other => BadCredentials::told(&other.to_string(), under),
        })
    })
}

/// Which credentials a channel is to have.
#[derive(Clone, Debug)]
pub struct NewCredentials {
    /// The channel.
    pub id: ChannelId,
    /// The version that it has.
    pub expected_version: i32,
    /// What was given.
    pub given: EpayConfig,
    /// For how many hours callbacks that are signed with the ones before are believed.
    pub overlap_hours: Option<i32>,
}

/// Gives a channel other credentials. Callbacks that are signed with the ones before are believed for a
/// while; those that were before these are forgotten. The same again only end that time sooner.
pub async fn set_credentials(
    app: &App,
    providers: &Providers,
    actor: &Actor,
    wanted: NewCredentials,
) -> Result<channel::Model, Failure<CredentialsSetRefusal>> {
    let overlap = overlap(wanted.overlap_hours).map_err(Failure::Refused)?;
    let known = maybe_find(app, actor.merchant_id, wanted.id).await?;
    let known = known.ok_or(Failure::Refused(CredentialsSetRefusal::NotFound))?;
    let checked = check(providers, known.kind, Some(&wanted.given));
    let checked = checked.map_err(|failure| match failure {
        Failure::Refused(bad) => Failure::Refused(bad.into()),
        Failure::Failed(error) => Failure::Failed(error),
    })?;
    let refused = Failure::Refused(CredentialsSetRefusal::CredentialsNotOfKind);
    let credentials = checked.ok_or(refused)?;
    let sealed = credentials.seal(&app.key, actor.merchant_id, wanted.id)?;
    let (sealed, credentials) = (&sealed, &credentials);
    change(
        app,
        actor,
        wanted.id,
        ChannelChange::CredentialsSet,
        |row, _| {
            let row = row.ok_or(CredentialsSetRefusal::NotFound)?;
            expect_version(row, Some(wanted.expected_version))
                .map_err(|current| CredentialsSetRefusal::VersionConflict { current })?;
            let until = Instant(app.clock.instant().0 + overlap);
            if credentials.are_those_of(&app.key, row) {
                let sooner = wanted.overlap_hours.is_some();
                return Ok(if sooner {
                    ended_sooner(row, overlap, until)
                } else {
                    row.clone()
                });
            }
            let kept = overlap > TimeDelta::zero() && row.sealed_credentials.is_some();
            Ok(channel::Model {
                sealed_credentials: Some(sealed.clone()),
                credentials_hint: Some(credentials.hint().to_owned()),
                credentials_set_at: Some(app.clock.instant()),
                sealed_previous_credentials: row.sealed_credentials.clone().filter(|_| kept),
                previous_credentials_until: kept.then_some(until),
                ..row.clone()
            })
        },
    )
    .await
}

/// A channel whose credentials before are believed until an instant at the most.
fn ended_sooner(row: &channel::Model, overlap: TimeDelta, until: Instant) -> channel::Model {
    let mut row = row.clone();
    if overlap.is_zero() {
        row.sealed_previous_credentials = None;
        row.previous_credentials_until = None;
    } else if let Some(known) = row.previous_credentials_until {
        row.previous_credentials_until = Some(if known.0 < until.0 { known } else { until });
    }
    row
}
