//! Opens a reconciliation item.

use entity::event::EventKind;
use entity::reconciliation_item::{ActiveModel, Column, Entity, ReconciliationKind};
use entity::{
    ChannelId, MerchantId, OrderId, PayoutId, ReconciliationItemId, ReconciliationRunId, RefundId,
};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue, DatabaseTransaction, EntityTrait};

use crate::app::App;
use crate::error::Error;
use crate::events;

/// What does not fit, before it is an item.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// Whose.
    pub merchant_id: MerchantId,
    /// What.
    pub kind: ReconciliationKind,
    /// What it is about: the same kind and reference of a channel is listed once.
    pub reference: String,
    /// The channel.
    pub channel_id: ChannelId,
    /// The order, where one is known.
    pub order_id: Option<OrderId>,
    /// The refund, where it is about one.
    pub refund_id: Option<RefundId>,
    /// The payout, where it is about one.
    pub payout_id: Option<PayoutId>,
    /// The comparison that found it.
    pub run_id: Option<ReconciliationRunId>,
    /// The provider's own number of the payment; empty where it gave none.
    pub provider_trade_no: String,
    /// What is known here, in minor units.
    pub expected_minor: Option<i64>,
    /// What the provider reports, in minor units.
    pub received_minor: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    /// What else is worth knowing.
    pub detail: Option<String>,
    /// Whether the next day's bill may clear it.
    pub carried: bool,
}

/// Opens an item in the transaction of what found it; none where it is known already.
pub async fn open(
    app: &App,
    txn: &DatabaseTransaction,
    item: NewItem,
) -> Result<Option<ReconciliationItemId>, Error> {
    let now = app.clock.instant();
    let (id, merchant_id): (ReconciliationItemId, _) = (app.ids.next(), item.merchant_id);
    let opened = Entity::insert(ActiveModel {
        merchant_id: ActiveValue::Set(merchant_id),
        id: ActiveValue::Set(id),
        kind: ActiveValue::Set(item.kind),
        reference: ActiveValue::Set(item.reference),
        channel_id: ActiveValue::Set(item.channel_id),
        order_id: ActiveValue::Set(item.order_id),
        refund_id: ActiveValue::Set(item.refund_id),
        payout_id: ActiveValue::Set(item.payout_id),
        run_id: ActiveValue::Set(item.run_id),
        provider_trade_no: ActiveValue::Set(item.provider_trade_no),
        expected_minor: ActiveValue::Set(item.expected_minor),
        received_minor: ActiveValue::Set(item.received_minor),
        currency: ActiveValue::Set(item.currency),
        detail: ActiveValue::Set(item.detail),
        carried: ActiveValue::Set(item.carried),
        created_at: ActiveValue::Set(now),
        ..ActiveModel::default()
    })
    .on_conflict(
        OnConflict::columns([
            Column::MerchantId,
            Column::ChannelId,
            Column::Reference,
            Column::Kind,
        ])
        .do_nothing()
        .to_owned(),
    )
    .exec_without_returning(txn)
    .await?;
    if opened == 0 {
        return Ok(None);
    }
    let kind = EventKind::ReconciliationItemOpened;
    events::record(txn, &app.ids, now, merchant_id, kind, id).await?;
    Ok(Some(id))
}
