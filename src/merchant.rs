//! The merchant's own settings, which nearly every request needs: read once in five seconds.

use std::sync::Arc;

use chrono_tz::Tz;
use entity::{MerchantId, merchant};
use sea_orm::QuerySelect;

use crate::app::App;
use crate::error::Error;
use crate::money::Currency;

/// A merchant, its zone and currency understood.
#[derive(Clone, Debug)]
pub struct Merchant {
    /// The row.
    pub row: merchant::Model,
    /// Its time zone: days, weeks and months follow it.
    pub zone: Tz,
    /// Its currency: every order is in it.
    pub currency: Currency,
}

/// Finds a merchant; what is found may be five seconds old.
pub async fn find(app: &App, id: MerchantId) -> Result<Arc<Merchant>, Error> {
    if let Some(known) = app.merchants.get(&id) {
        return Ok(known);
    }
    let row = merchant::Entity::of(id)
        .one(&app.db.reads(id))
        .await?
        .ok_or(Error::NotFound)?;
    let merchant = Arc::new(Merchant {
        zone: zone_of(&row)?,
        currency: Currency::of_code(&row.currency)
            .ok_or_else(|| Error::internal("a merchant's currency is not known"))?,
        row,
    });
    app.merchants.insert(id, Arc::clone(&merchant));
    Ok(merchant)
}

/// All merchants: what workers go through.
pub async fn ids(app: &App) -> Result<Vec<MerchantId>, Error> {
    Ok(merchant::Entity::all()
        .select_only()
        .column(merchant::Column::Id)
        .into_tuple()
        .all(app.db.reads_across())
        .await?)
}

/// The time zone of a merchant's row.
pub fn zone_of(row: &merchant::Model) -> Result<Tz, Error> {
    let zone = row.time_zone.parse();
    zone.map_err(|_| Error::internal("a merchant's time zone is not known"))
}
