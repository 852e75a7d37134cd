//! Tries out credentials, and gives a channel others.

use chrono::TimeDelta;
use entity::channel::{self, ChannelKind};
use entity::channel_version::ChannelChange;
use entity::{ChannelId, Instant};

use super::change::{change_in, lock};
use super::maybe_find;
use super::signing::{may_sign, sign};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::channels::model::{BadCredentials, CredentialsSetRefusal, expect_version, overlap};
use crate::channels::provider::ProviderError;
use crate::channels::providers::epay::EpayConfig;
use crate::channels::providers::{Credentials, Providers};
use crate::db::Txn;
use crate::error::{Error, Failure};
use crate::second_factor::service::{Code, with_code_if_any};

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
/// while; those that were before these are forgotten. The same again only end that time sooner. Those by which money
/// leaves take a code, where anybody who works for the merchant has a second factor; the same again, with a code, are
/// agreed to by it.
pub async fn set_credentials(
    app: &App,
    providers: &Providers,
    actor: &Actor,
    wanted: NewCredentials,
    code: Option<&str>,
) -> Result<channel::Model, Failure<CredentialsSetRefusal>> {
    let merchant_id = actor.merchant_id;
    overlap(wanted.overlap_hours).map_err(Failure::Refused)?;
    let known = maybe_find(app, merchant_id, wanted.id).await?;
    let known = known.ok_or(Failure::Refused(CredentialsSetRefusal::NotFound))?;
    let tried = Deed::of("channelCredentialsSet").on(wanted.id);
    let allowed = may_sign(actor, known.kind);
    audit::deny_refused(app, actor, tried.clone(), allowed).await?;
    let checked = check(providers, known.kind, Some(&wanted.given));
    let checked = checked.map_err(|failure| match failure {
        Failure::Refused(bad) => Failure::Refused(bad.into()),
        Failure::Failed(error) => Failure::Failed(error),
    })?;
    let refused = Failure::Refused(CredentialsSetRefusal::CredentialsNotOfKind);
    let credentials = checked.ok_or(refused)?;
    let sealed = credentials.seal(&app.key, merchant_id, wanted.id)?;
    let (wanted, sealed, credentials, kind) = (&wanted, &sealed, &credentials, known.kind);
    let work = |txn: Txn, code: Option<Code>| async move {
        let channels = lock(&txn, merchant_id).await?;
        let pays_out_from = sign(app, &txn, actor, kind, code.as_ref()).await?;
        let given = Given {
            wanted,
            credentials,
            sealed,
            pays_out_from,
        };
        let what = (wanted.id, ChannelChange::CredentialsSet);
        let decide = |row: Option<&channel::Model>, _: &[channel::Model]| given.decide(app, row);
        change_in(app, &txn, actor, what, &channels, decide).await
    };
    let set = with_code_if_any(app, actor, code, "channelCredentialsSet", work).await;
    let set = audit::deny_refused(app, actor, tried, set).await?;
    app.channels.invalidate(&merchant_id);
    Ok(set)
}

/// Credentials that were tried out, sealed, and proven as far as they need it.
struct Given<'a> {
    wanted: &'a NewCredentials,
    credentials: &'a Credentials,
    sealed: &'a [u8],
    /// From when on money leaves by them.
    pays_out_from: Option<Instant>,
}

impl Given<'_> {
    /// The channel with them.
    fn decide(
        &self,
        app: &App,
        row: Option<&channel::Model>,
    ) -> Result<channel::Model, CredentialsSetRefusal> {
        let row = row.ok_or(CredentialsSetRefusal::NotFound)?;
        expect_version(row, Some(self.wanted.expected_version))
            .map_err(|current| CredentialsSetRefusal::VersionConflict { current })?;
        let overlap = overlap(self.wanted.overlap_hours)?;
        let until = Instant(app.clock.instant().0 + overlap);
        if self.credentials.are_those_of(&app.key, row) {
            let same = if self.wanted.overlap_hours.is_some() {
                ended_sooner(row, overlap, until)
            } else {
                row.clone()
            };
            return Ok(channel::Model {
                pays_out_from: row.pays_out_from.or(self.pays_out_from),
                ..same
            });
        }
        let kept = overlap > TimeDelta::zero() && row.sealed_credentials.is_some();
        Ok(channel::Model {
            sealed_credentials: Some(self.sealed.to_vec()),
            credentials_hint: Some(self.credentials.hint().to_owned()),
            credentials_set_at: Some(app.clock.instant()),
            sealed_previous_credentials: row.sealed_credentials.clone().filter(|_| kept),
            previous_credentials_until: kept.then_some(until),
            pays_out_from: self.pays_out_from,
            ..row.clone()
        })
    }
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
