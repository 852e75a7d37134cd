//! Checks what a merchant's books say: every fee against its rule.

use chrono::{DateTime, TimeDelta};
use entity::MerchantId;
use yigate::config::Settings;
use yigate::fees::service::{Suspect, check};
use yigate::money::{Currency, Money};
use yigate::paging::Paging;
use yigate::time_range::TimeRange;

use super::{Outcome, join, print, said};

/// How many differences are read at once.
const PAGE: u64 = 100;

/// Computes every fee of a merchant anew and prints those that are not what their rules say; any is an error.
pub async fn fees(settings: Settings, merchant: &str) -> Outcome {
    let merchant_id: MerchantId = merchant.parse()?;
    let app = join(settings).await?;
    let merchant = yigate::merchant::find(&app, merchant_id)
        .await
        .map_err(|error| said(&error))?;
    let range = TimeRange {
        from: DateTime::UNIX_EPOCH,
        to: app.clock.now() + TimeDelta::days(1),
    };
    let mut paging = Paging {
        limit: PAGE,
        backward: false,
        beyond: None,
        until: None,
    };
    let mut found = 0_u64;
    loop {
        let checked = check(&app, merchant_id, &range, &paging)
            .await
            .map_err(|error| said(&error))?;
        for suspect in &checked.page.items {
            found += 1;
            print(&line(suspect, merchant.currency))?;
        }
        match checked.goes_on_at {
            None => break,
            beyond => paging.beyond = beyond,
        }
    }
    app.stop().await;
    if found > 0 {
        return Err(format!("{found} fees are not what their rules say").into());
    }
    print("every fee is what its rule says")
}

/// A difference in a line: when, which order, why, what it is and what it would be.
fn line(suspect: &Suspect, currency: Currency) -> String {
    let (payment, difference) = (&suspect.payment, &suspect.difference);
    let show = |minor| Money::of_minor(minor, currency).to_decimal();
    format!(
        "{}  {}  {:?}  is {}  would be {}",
        payment.credited_at.0.format("%Y-%m-%dT%H:%M:%S%.3fZ"),
        payment.order_id,
        difference.reason,
        show(difference.actual_minor),
        show(difference.expected_minor),
    )
}
