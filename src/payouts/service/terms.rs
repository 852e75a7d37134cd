//! A merchant's payout terms: its own, or those of the settings.

use entity::{MerchantId, payout_terms};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::known::lock_merchant;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::channels;
use crate::error::{Error, Failure, Problem};
use crate::payouts::model::{Terms, TermsRefusal, pick_channel};

/// A merchant's terms.
pub async fn terms(app: &App, merchant_id: MerchantId) -> Result<Terms, Error> {
    terms_in(app, &app.db.reads(merchant_id), merchant_id).await
}

/// A merchant's terms, as a transaction sees them.
pub(super) async fn terms_in(
    app: &App,
    connection: &impl ConnectionTrait,
    merchant_id: MerchantId,
) -> Result<Terms, Error> {
    let row = payout_terms::Entity::of(merchant_id)
        .one(connection)
        .await?;
    Ok(row.map_or_else(
        || Terms::of_settings(&app.settings.payouts),
        |row| Terms::of_row(&row),
    ))
}

/// Sets a merchant's terms, as the platform's staff agreed with it. They hold for payouts from now on; the audit log
/// tells of them.
pub async fn set_terms(
    app: &App,
    merchant_id: MerchantId,
    terms: Terms,
) -> Result<(), Failure<TermsRefusal>> {
    let terms = terms.checked().map_err(Failure::Refused)?;
    let currency = crate::merchant::find(app, merchant_id).await?.currency;
    if terms.channel_id.is_some() {
        let channels = channels::service::list(app, merchant_id).await?;
        if pick_channel(&channels, &terms, currency).is_none() {
            return Err(Failure::Refused(TermsRefusal {
                field: "channel",
                problem: Problem::new(
                    "The merchant has no such channel, or it pays nothing out.",
                    "商户没有该渠道，或该渠道不支持提现。",
                ),
            }));
        }
    }
    let (row, terms) = (&row(app, merchant_id, &terms), &terms);
    app.write(merchant_id, |txn| async move {
        lock_merchant(&txn, merchant_id).await?;
        let before = terms_in(app, &*txn, merchant_id).await?;
        payout_terms::Entity::insert(row.clone().into_active_model())
            .on_conflict(
                OnConflict::column(payout_terms::Column::MerchantId)
                    .update_columns(COLUMNS)
                    .to_owned(),
            )
            .exec_without_returning(&*txn)
            .await?;
        let deed = Deed::of("payoutTermsSet").on(merchant_id);
        let deed = deed.changed(shown(&before), shown(terms));
        let by = &Actor::system(merchant_id);
        Ok(audit::record(app, &txn, by, deed).await?)
    })
    .await
}

/// Terms as the audit log shows them.
fn shown(terms: &Terms) -> Value {
    let (earliest, latest) = terms.arrival_days;
    json!({
        "channelId": terms.channel_id.map(|id| id.to_string()),
        "ratePpm": terms.tariff.rate_ppm,
        "fixedMinor": terms.tariff.fixed_minor,
        "minFeeMinor": terms.tariff.min_minor,
        "maxFeeMinor": terms.tariff.max_minor,
        "minMinor": terms.min_minor,
        "maxMinor": terms.max_minor,
        "dailyMaxMinor": terms.daily_max_minor,
        "cutoffMinute": terms.cutoff_minute,
        "arrivalDaysMin": earliest,
        "arrivalDaysMax": latest,
        "feeReturned": terms.fee_returned,
    })
}

/// What is set.
const COLUMNS: [payout_terms::Column; 13] = [
    payout_terms::Column::ChannelId,
    payout_terms::Column::RatePpm,
    payout_terms::Column::FixedMinor,
    payout_terms::Column::MinFeeMinor,
    payout_terms::Column::MaxFeeMinor,
    payout_terms::Column::MinMinor,
    payout_terms::Column::MaxMinor,
    payout_terms::Column::DailyMaxMinor,
    payout_terms::Column::CutoffMinute,
    payout_terms::Column::ArrivalDaysMin,
    payout_terms::Column::ArrivalDaysMax,
    payout_terms::Column::FeeReturned,
    payout_terms::Column::UpdatedAt,
];

fn row(app: &App, merchant_id: MerchantId, terms: &Terms) -> payout_terms::Model {
    payout_terms::Model {
        merchant_id,
        channel_id: terms.channel_id,
        rate_ppm: i32::try_from(terms.tariff.rate_ppm).unwrap_or(0),
        fixed_minor: terms.tariff.fixed_minor,
        min_fee_minor: terms.tariff.min_minor,
        max_fee_minor: terms.tariff.max_minor,
        min_minor: terms.min_minor,
        max_minor: terms.max_minor,
        daily_max_minor: terms.daily_max_minor,
        cutoff_minute: terms.cutoff_minute,
        arrival_days_min: terms.arrival_days.0,
        arrival_days_max: terms.arrival_days.1,
        fee_returned: terms.fee_returned,
        updated_at: app.clock.instant(),
    }
}
