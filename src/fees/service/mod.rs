//! Reads rules, and takes fees.

use entity::{MerchantId, fee_rule};

use crate::app::App;
use crate::error::Error;
use crate::fees::model::{self, Assessed, Fee};

/// Every version of a merchant's rules.
pub async fn rules(app: &App, merchant_id: MerchantId) -> Result<Vec<fee_rule::Model>, Error> {
    Ok(fee_rule::Entity::of(merchant_id)
        .all(app.db.reads())
        .await?)
}

/// What a payment costs.
pub async fn assess(
    app: &App,
    merchant_id: MerchantId,
    payment: &Assessed<'_>,
) -> Result<Fee, Error> {
    let rules = rules(app, merchant_id).await?;
    Ok(model::assess(&rules, payment))
}
