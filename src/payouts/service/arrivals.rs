//! How long payouts took, by bank, against what was expected.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::payout::{self, PayoutStatus};
use entity::{BankAccountId, Day, Instant, MerchantId, PayoutId, bank_account};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::error::Error;
use crate::payouts::model::working_days;
use crate::time_range::TimeRange;

/// How many payouts are looked at, the newest first.
const MOST: u64 = 5_000;

/// How payouts to one bank arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrivals {
    /// The bank.
    pub bank_code: String,
    /// How many arrived.
    pub count: i64,
    /// Working days that half of them took at the most; none where the calendar does not know them.
    pub median_days: Option<i32>,
    /// How many of them were expected by a day.
    pub expected: i64,
    /// How many of those arrived by then.
    pub on_time: i64,
}

/// One that arrived: where, when it was asked for and sent on its way, when it arrived, and when it was expected.
type Row = (
    BankAccountId,
    PayoutId,
    Option<Instant>,
    Option<Instant>,
    Option<Day>,
);

/// How payouts that arrived in a span did, by bank.
pub async fn arrivals(
    app: &App,
    merchant_id: MerchantId,
    range: &TimeRange,
) -> Result<Vec<Arrivals>, Error> {
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let banks: Vec<(BankAccountId, String)> = bank_account::Entity::of(merchant_id)
        .select_only()
        .columns([bank_account::Column::Id, bank_account::Column::BankCode])
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let rows: Vec<Row> = payout::Entity::of(merchant_id)
        .filter(payout::Column::State.eq(PayoutStatus::Paid))
        .filter(payout::Column::PaidAt.gte(range.from.timestamp_millis()))
        .filter(payout::Column::PaidAt.lt(range.to.timestamp_millis()))
        .order_by_desc(payout::Column::Id)
        .limit(MOST)
        .select_only()
        .columns([
            payout::Column::BankAccountId,
            payout::Column::Id,
            payout::Column::DecidedAt,
            payout::Column::PaidAt,
            payout::Column::ExpectedToOn,
        ])
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let mut by_bank: BTreeMap<String, (Vec<u32>, [i64; 3])> = BTreeMap::new();
    for (account, id, decided_at, paid_at, expected_to) in rows {
        let bank = banks.iter().find(|(known, _)| *known == account);
        let (Some((_, bank)), Some(paid_at)) = (bank, paid_at) else {
            continue;
        };
        let made = DateTime::from_timestamp_millis(id.made_at_ms()).unwrap_or_default();
        let asked = decided_at.map_or(made, |at| at.0);
        let (asked_on, paid_on) = (day(asked), day(paid_at.0));
        let known = by_bank.entry(bank.clone()).or_default();
        known
            .0
            .extend(working_days(&app.calendar, asked_on, paid_on));
        let in_time = expected_to.is_some_and(|to| paid_on <= NaiveDate::from(to));
        let counts = [true, expected_to.is_some(), in_time].map(i64::from);
        for (sum, count) in known.1.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    let told = by_bank.into_iter();
    Ok(told
        .map(|(bank_code, (mut days, [count, expected, on_time]))| {
            days.sort_unstable();
            let median = days.get(days.len().saturating_sub(1) / 2);
            Arrivals {
                bank_code,
                count,
                expected,
                median_days: median.and_then(|days| i32::try_from(*days).ok()),
                on_time,
            }
        })
        .collect())
}
