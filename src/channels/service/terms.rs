//! Sets channels' terms.

use entity::{ChannelId, MerchantId, channel};
use sea_orm::{ActiveValue, ColumnTrait, QueryFilter};

use super::maybe_find;
use crate::app::App;
use crate::channels::model::{TermsChange, TermsRefusal};
use crate::error::Failure;
use crate::settlements::model::Terms;

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
