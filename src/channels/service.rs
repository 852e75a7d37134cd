//! Reads and makes channels, and sets their terms.

use std::collections::HashMap;
use std::sync::Arc;

use entity::channel::{ChannelKind, FundsMode, PaymentMethod};
use entity::{ChannelId, MerchantId, channel};
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::app::App;
use crate::channels::model::{TermsChange, TermsRefusal};
use crate::channels::providers::binding;
use crate::error::{Error, Failure};
use crate::settlements::model::Terms;

/// A merchant's channels, in the order of the payment page.
pub async fn list(app: &App, merchant_id: MerchantId) -> Result<Vec<channel::Model>, Error> {
    Ok(channel::Entity::of(merchant_id)
        .order_by_asc(channel::Column::DisplayOrder)
        .order_by_asc(channel::Column::Id)
        .all(app.db.reads())
        .await?)
}

/// A merchant's channels, to be shown beside an order: name, kind, method. They may be a second old, which
/// no decision may rest on.
pub async fn list_shown(
    app: &App,
    merchant_id: MerchantId,
) -> Result<Arc<Vec<Arc<channel::Model>>>, Error> {
    if let Some(known) = app.channels.get(&merchant_id) {
        return Ok(known);
    }
    let rows = list(app, merchant_id).await?;
    let channels = Arc::new(rows.into_iter().map(Arc::new).collect::<Vec<_>>());
    app.channels.insert(merchant_id, Arc::clone(&channels));
    Ok(channels)
}

/// One channel of a merchant; none where it is another merchant's.
pub async fn maybe_find(
    app: &App,
    merchant_id: MerchantId,
    id: ChannelId,
) -> Result<Option<channel::Model>, Error> {
    Ok(channel::Entity::of(merchant_id)
        .filter(channel::Column::Id.eq(id))
        .one(app.db.reads())
        .await?)
}

/// Whose a channel is; none where there is no such channel. For whoever runs the gateway.
pub async fn owner(app: &App, id: ChannelId) -> Result<Option<MerchantId>, Error> {
    let row = channel::Entity::all()
        .filter(channel::Column::Id.eq(id))
        .one(app.db.reads())
        .await?;
    Ok(row.map(|row| row.merchant_id))
}

/// Channels of a merchant by id.
pub async fn find_many(
    app: &App,
    merchant_id: MerchantId,
    ids: &[ChannelId],
) -> Result<HashMap<ChannelId, channel::Model>, Error> {
    let rows = channel::Entity::of(merchant_id)
        .filter(channel::Column::Id.is_in(ids.iter().copied()))
        .all(app.db.reads())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Where a channel's payment platform reports payments to.
#[must_use]
pub fn callback_url(app: &App, channel: &channel::Model) -> String {
    format!(
        "{}/callbacks/{}.{}",
        app.settings.http.public_url.trim_end_matches('/'),
        channel.merchant_id,
        channel.id
    )
}

/// A channel to be made.
#[derive(Clone)]
pub struct NewChannel {
    /// Whose.
    pub merchant_id: MerchantId,
    /// What the merchant calls it.
    pub name: String,
    /// Which code talks to the payment platform.
    pub kind: ChannelKind,
    /// What the payer pays with.
    pub method: PaymentMethod,
    /// The platform's credentials in JSON, to be sealed.
    pub credentials: Option<Vec<u8>>,
}

/// Makes a channel, enabled, the last on the payment page. The credentials have been checked.
pub async fn create(app: &App, wanted: NewChannel) -> Result<channel::Model, Error> {
    let merchant_id = wanted.merchant_id;
    crate::merchant::find(app, merchant_id).await?;
    let id: ChannelId = app.ids.next();
    let last = list(app, merchant_id)
        .await?
        .last()
        .map_or(0, |channel| channel.display_order);
    let now = app.clock.instant();
    let row = channel::Model {
        merchant_id,
        id,
        kind: wanted.kind,
        method: wanted.method,
        name: wanted.name,
        display_order: last + 1,
        enabled: true,
        min_minor: None,
        max_minor: None,
        sealed_credentials: match wanted.credentials {
            None => None,
            Some(plain) => Some(app.key.seal(&plain, &binding(merchant_id, id))?),
        },
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
        daily_max_minor: None,
        devices: channel::ALL_DEVICES.to_owned(),
        hide_when: channel::HideWhen::Never,
        credentials_hint: None,
        credentials_set_at: None,
        sealed_previous_credentials: None,
        previous_credentials_until: None,
    };
    channel::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(app.db.writer())
        .await?;
    app.channels.invalidate(&merchant_id);
    Ok(row)
}

/// Sets a channel's terms. Other instances show them within a second; what is decided by them reads them
/// anew.
pub async fn set_terms(
    app: &App,
    merchant_id: MerchantId,
    id: ChannelId,
    change: TermsChange,
) -> Result<channel::Model, Failure<TermsRefusal>> {
    let refunds = change.refunds;
    let arrival_days = refunds.arrival_days.map(i16::try_from).transpose();
    let mut terms = channel::ActiveModel {
        updated_at: ActiveValue::Set(app.clock.instant()),
        funds_mode: set(change.funds_mode),
        refund_window_days: set(refunds.window_days),
        refund_max_count: set(refunds.max_count),
        refund_spacing_s: set(refunds.spacing_s),
        refund_partial: set(refunds.partial_allowed),
        refund_returns_fee: set(refunds.returns_fee),
        refund_arrival_days: set(arrival_days.unwrap_or_default()),
        ..channel::ActiveModel::default()
    };
    if let Some(settlement) = change.settlement {
        terms.settlement_cycle = ActiveValue::Set(settlement.map(|terms| terms.cycle));
        terms.settlement_days = ActiveValue::Set(settlement.map(Terms::kept_days));
    }
    channel::Entity::update_of(merchant_id)
        .filter(channel::Column::Id.eq(id))
        .set(terms)
        .exec(app.db.writer())
        .await?;
    app.channels.invalidate(&merchant_id);
    let row = maybe_find(app, merchant_id, id).await?;
    row.ok_or(Failure::Refused(TermsRefusal::NotFound))
}

fn set<V: Into<sea_orm::Value>>(value: Option<V>) -> ActiveValue<V> {
    value.map_or(ActiveValue::NotSet, ActiveValue::Set)
}
