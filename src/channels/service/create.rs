//! Makes channels.

use entity::channel::{self, ChannelKind, FundsMode, PaymentMethod};
use entity::channel_version::ChannelChange;
use entity::event::EventKind;
use entity::{ChannelId, MerchantId};
use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel};

use super::signing::{may_sign, sign};
use super::{change, history};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::channels::model::{CreateRefusal, MOST_CHANNELS, Offer, write_devices};
use crate::channels::providers::Credentials;
use crate::db::Txn;
use crate::error::{Error, Failure};
use crate::second_factor::service::{Code, with_code_if_any};

/// A channel to be made.
#[derive(Clone, Debug)]
pub struct NewChannel {
    /// Which code talks to the payment platform.
    pub kind: ChannelKind,
    /// What the payer pays with.
    pub method: PaymentMethod,
    /// How it is offered to payers.
    pub offer: Offer,
    /// Whether new orders may use it.
    pub enabled: bool,
    /// The platform's credentials, to be sealed; none for the sandbox.
    pub credentials: Option<Credentials>,
}

/// Makes a channel, the last on the payment page. One through which money leaves takes a code, where anybody who works
/// for the merchant has a second factor.
pub async fn create(
    app: &App,
    actor: &Actor,
    wanted: NewChannel,
    code: Option<&str>,
) -> Result<channel::Model, Failure<CreateRefusal>> {
    let tried = Deed::of("channelCreate");
    let allowed = may_sign(actor, wanted.kind);
    audit::deny_refused(app, actor, tried.clone(), allowed).await?;
    if wanted.credentials.is_none() && wanted.kind != ChannelKind::Sandbox {
        return Err(Failure::Refused(CreateRefusal::CredentialsMissing));
    }
    let offer = wanted.offer.clone().checked();
    let offer = offer.map_err(|bad| Failure::Refused(bad.into()))?;
    let row = row(app, actor.merchant_id, &wanted, offer)?;
    let row = &row;
    let work = |txn: Txn, code: Option<Code>| async move {
        insert(app, &txn, actor, row.clone(), code.as_ref()).await
    };
    let made = with_code_if_any(app, actor, code, "channelCreate", work).await;
    let made = audit::deny_refused(app, actor, tried, made).await?;
    app.channels.invalidate(&actor.merchant_id);
    Ok(made)
}

async fn insert(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    mut row: channel::Model,
    code: Option<&Code>,
) -> Result<channel::Model, Failure<CreateRefusal>> {
    let channels = change::lock(txn, row.merchant_id).await?;
    if channels.len() >= MOST_CHANNELS {
        return Err(Failure::Refused(CreateRefusal::TooManyChannels));
    }
    row.pays_out_from = sign(app, txn, actor, row.kind, code).await?;
    row.display_order = channels.last().map_or(0, |last| last.display_order) + 1;
    channel::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(txn)
        .await?;
    let version = history::version(&row, ChannelChange::Created, actor.name());
    change::insert(txn, version).await?;
    change::tell(app, txn, EventKind::ChannelCreated, &row).await?;
    let deed = Deed::of("channelCreate")
        .on(row.id)
        .made(change::shown(&row));
    audit::record(app, txn, actor, deed).await?;
    Ok(row)
}

fn row(
    app: &App,
    merchant_id: MerchantId,
    wanted: &NewChannel,
    offer: Offer,
) -> Result<channel::Model, Error> {
    let id: ChannelId = app.ids.next();
    let now = app.clock.instant();
    let credentials = wanted.credentials.as_ref();
    let sealed = credentials.map(|given| given.seal(&app.key, merchant_id, id));
    Ok(channel::Model {
        merchant_id,
        id,
        kind: wanted.kind,
        method: wanted.method,
        name: offer.name,
        display_order: 0,
        enabled: wanted.enabled,
        min_minor: offer.min_minor,
        max_minor: offer.max_minor,
        sealed_credentials: sealed.transpose()?,
        created_at: now,
        updated_at: now,
        funds_mode: FundsMode::Collect,
        settlement_cycle: None,
        settlement_days: None,
        refund_window_days: 365,
        refund_max_count: 50,
        refund_spacing_s: 0,
        refund_partial: true,
        refund_returns_fee: true,
        refund_arrival_days: 3,
        version: 1,
        daily_max_minor: offer.daily_max_minor,
        devices: write_devices(&offer.devices),
        hide_when: offer.hide_when,
        credentials_hint: credentials.map(|given| given.hint().to_owned()),
        credentials_set_at: credentials.map(|_| now),
        sealed_previous_credentials: None,
        previous_credentials_until: None,
        pays_out_from: None,
    })
}
