//! Makes channels.

use entity::channel::{ChannelKind, FundsMode, PaymentMethod};
use entity::{ChannelId, MerchantId, channel};
use sea_orm::{EntityTrait, IntoActiveModel};

use super::list;
use crate::app::App;
use crate::channels::providers::binding;
use crate::error::Error;

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
