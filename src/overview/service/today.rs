//! The merchant's day so far.

use chrono::NaiveDate;
use entity::{Instant, MerchantId};

use super::waiting::{paying, shipments};
use crate::app::App;
use crate::error::Error;
use crate::statistics::model::{Measures, Question};
use crate::time_range::{Preset, TimeRange};

/// The merchant's day so far, and what waits now.
#[derive(Clone, Debug)]
pub struct Today {
    /// Which day.
    pub on: NaiveDate,
    /// From its beginning to its end.
    pub range: TimeRange,
    /// Everything that happened before this is in its figures; none while the statistics are built.
    pub as_of: Option<Instant>,
    /// The number of the last event that is in them; 0 while the statistics are built.
    pub seq: i64,
    /// The figures.
    pub measures: Measures,
    /// How many payers are paying now: orders of the last half hour that wait for them.
    pub paying: i64,
    /// Orders that are paid and not delivered, whenever they were made.
    pub shipments: i64,
}

/// Reads the merchant's day so far.
pub async fn today(app: &App, merchant_id: MerchantId) -> Result<Today, Error> {
    let merchant = crate::merchant::find(app, merchant_id).await?;
    let now = app.clock.instant();
    let range = TimeRange::of_preset(Preset::Today, now.0, merchant.zone);
    let question = Question::of(range);
    let (answer, paying, shipments) = futures_util::try_join!(
        crate::statistics::service::answer(app, merchant_id, &question),
        paying(app, merchant_id, now),
        shipments(app, merchant_id),
    )?;
    Ok(Today {
        on: now.0.with_timezone(&merchant.zone).date_naive(),
        range,
        as_of: answer.as_of,
        seq: answer.seq,
        measures: answer.totals,
        paying,
        shipments,
    })
}
