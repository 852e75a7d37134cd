//! Changes a channel's configuration: the one way to, with its version and its event in one transaction.

use entity::channel_version::{self, ChannelChange};
use entity::event::EventKind;
use entity::{ChannelId, Instant, MerchantId, channel, merchant};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect,
};
use serde_json::Value;

use super::history;
use super::list::in_order;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::channels::model::Configuration;
use crate::error::{Error, Failure};
use crate::events;

/// Changes one channel as `decide` says, who sees it, where there is one, and all of the merchant's. Who
/// changes channels of one merchant at the same time waits, so that each sees what the one before made.
/// What changes nothing writes nothing.
pub(super) async fn change<R>(
    app: &App,
    actor: &Actor,
    id: ChannelId,
    what: ChannelChange,
    decide: impl Fn(Option<&channel::Model>, &[channel::Model]) -> Result<channel::Model, R>,
) -> Result<channel::Model, Failure<R>> {
    let merchant_id = actor.merchant_id;
    let decide = &decide;
    let changed = app.write(merchant_id, |txn| async move {
        let channels = lock(&txn, merchant_id).await?;
        change_in(app, &txn, actor, (id, what), &channels, decide).await
    });
    let changed = changed.await?;
    app.channels.invalidate(&merchant_id);
    Ok(changed)
}

/// As [`change`], in a transaction that has [locked](lock) the merchant's channels.
pub(super) async fn change_in<R>(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    (id, what): (ChannelId, ChannelChange),
    channels: &[channel::Model],
    decide: impl Fn(Option<&channel::Model>, &[channel::Model]) -> Result<channel::Model, R>,
) -> Result<channel::Model, Failure<R>> {
    let before = channels.iter().find(|channel| channel.id == id);
    let after = decide(before, channels).map_err(Failure::Refused)?;
    let before = before.ok_or(Failure::Failed(Error::NotFound))?;
    Ok(write(app, txn, actor, what, before, after).await?)
}

/// A merchant's channels, in the order of the payment page, under the lock of the merchant's row: nobody
/// else makes or changes one until this transaction ends.
pub(super) async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
) -> Result<Vec<channel::Model>, Error> {
    let merchant = merchant::Entity::of(merchant_id)
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await?;
    merchant.ok_or(Error::NotFound)?;
    Ok(in_order(merchant_id).all(txn).await?)
}

/// Writes a channel as it is to be, where that is another than it was: its row, its next version, its event.
pub(super) async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    what: ChannelChange,
    before: &channel::Model,
    mut after: channel::Model,
) -> Result<channel::Model, Error> {
    if after == *before {
        return Ok(after);
    }
    after.version = before.version + 1;
    after.updated_at = app.clock.instant();
    if keeps_stale(&after, after.updated_at) {
        after.sealed_previous_credentials = None;
    }
    if !history::has_begun(txn, before).await? {
        insert(txn, history::first(before)).await?;
    }
    let mut row = after.clone().into_active_model().reset_all();
    (row.merchant_id, row.id) = (ActiveValue::NotSet, ActiveValue::NotSet);
    channel::Entity::update_of(after.merchant_id)
        .filter(channel::Column::Id.eq(after.id))
        .set(row)
        .exec(txn)
        .await?;
    insert(txn, history::version(&after, what, actor.name())).await?;
    tell(app, txn, EventKind::ChannelUpdated, &after).await?;
    let deed = Deed::of(action(what)).on(after.id);
    let deed = deed.changed(shown(before), shown(&after));
    audit::record(app, txn, actor, deed).await?;
    Ok(after)
}

/// What the audit log calls a change: the mutation that makes it.
const fn action(what: ChannelChange) -> &'static str {
    match what {
        ChannelChange::Created => "channelCreate",
        ChannelChange::Updated => "channelUpdate",
        ChannelChange::Enabled => "channelEnable",
        ChannelChange::Disabled => "channelDisable",
        ChannelChange::Reordered => "channelsReorder",
        ChannelChange::TermsSet => "channelTermsSet",
        ChannelChange::CredentialsSet => "channelCredentialsSet",
        ChannelChange::Reverted => "channelRevert",
    }
}

/// A channel's configuration as the audit log shows it: without credentials.
pub(super) fn shown(row: &channel::Model) -> Value {
    serde_json::to_value(Configuration::of(row)).unwrap_or_default()
}

/// Whether a channel keeps credentials that it had before and that are not believed any more. Until when they
/// were is no secret, and its versions know it: it stays.
pub(super) fn keeps_stale(row: &channel::Model, now: Instant) -> bool {
    let until = row.previous_credentials_until;
    row.sealed_previous_credentials.is_some() && until.is_none_or(|until| until.0 <= now.0)
}

/// Writes a version of a channel.
pub(super) async fn insert(
    txn: &DatabaseTransaction,
    version: channel_version::Model,
) -> Result<(), Error> {
    channel_version::Entity::insert(version.into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// Tells of a channel that was made or changed just now.
pub(super) async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    kind: EventKind,
    row: &channel::Model,
) -> Result<(), Error> {
    let (now, merchant_id) = (row.updated_at, row.merchant_id);
    Ok(events::record(txn, &app.ids, now, merchant_id, kind, row.id).await?)
}
