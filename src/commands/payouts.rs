//! Sets payout terms, and says what became of a payout.

use entity::{ChannelId, MerchantId, PayoutId};
use rust_decimal::Decimal;
use yigate::config::Settings;
use yigate::error::{Failure, Refusal};
use yigate::fees::model::Tariff;
use yigate::merchant;
use yigate::money::{Currency, Money};
use yigate::payouts::model::{Resolution, Terms};
use yigate::payouts::service;

use super::{Outcome, Said, join, print, said};

/// Terms, as they were typed; what is left out stays as it is.
#[derive(Debug, clap::Args)]
pub struct TermsWish {
    /// The merchant.
    #[arg(long, value_name = "ID")]
    pub merchant: String,
    /// The channel whose platform pays out; without it, the first enabled one that can.
    #[arg(long, value_name = "ID")]
    pub channel: Option<String>,
    /// The fee's share of the amount: `0.001` is 0.1 %.
    #[arg(long)]
    pub rate: Option<Decimal>,
    /// The fee's fixed part, in the merchant's currency.
    #[arg(long)]
    pub fixed: Option<Decimal>,
    /// The least fee; `none` for no limit.
    #[arg(long)]
    pub min_fee: Option<String>,
    /// The highest fee; `none` for no limit.
    #[arg(long)]
    pub max_fee: Option<String>,
    /// The least amount of a payout.
    #[arg(long)]
    pub min: Option<Decimal>,
    /// The highest amount of a payout.
    #[arg(long)]
    pub max: Option<Decimal>,
    /// The highest sum of a day in the merchant's zone; `none` for no limit.
    #[arg(long)]
    pub daily_max: Option<String>,
    /// The time of day from which on a payout counts as asked for on the next working day: `17:00`.
    #[arg(long)]
    pub cutoff: Option<String>,
    /// Working days until it arrives, at the earliest.
    #[arg(long)]
    pub arrival_days_min: Option<i16>,
    /// Working days until it arrives, at the latest.
    #[arg(long)]
    pub arrival_days_max: Option<i16>,
    /// Whether the fee comes back with a payout that the bank returned.
    #[arg(long)]
    pub fee_returned: Option<bool>,
}

/// Sets a merchant's payout terms, and prints them.
pub async fn terms(settings: Settings, wish: TermsWish) -> Outcome {
    let merchant_id: MerchantId = wish.merchant.parse()?;
    let app = join(settings).await?;
    let merchant = merchant::find(&app, merchant_id)
        .await
        .map_err(|error| said(&error))?;
    let before = service::terms(&app, merchant_id)
        .await
        .map_err(|error| said(&error))?;
    let terms = wish.over(before, merchant.currency)?;
    service::set_terms(&app, merchant_id, terms)
        .await
        .map_err(refused)?;
    app.stop().await;
    print(&shown(merchant_id, &terms, merchant.currency))
}

impl TermsWish {
    fn over(self, before: Terms, currency: Currency) -> Result<Terms, Said> {
        let minor = |amount: Decimal| Money::from_decimal(amount, currency).map(|it| it.minor);
        let limit = |text: Option<String>, before: Option<i64>| match text.as_deref() {
            None => Ok::<_, Said>(before),
            Some("none") => Ok(None),
            Some(text) => Ok(Some(minor(text.parse()?)?)),
        };
        let channel = self.channel.map(|id| id.parse::<ChannelId>()).transpose()?;
        let ppm = |rate: Decimal| i64::try_from(rate * Decimal::from(1_000_000));
        Ok(Terms {
            channel_id: channel.or(before.channel_id),
            tariff: Tariff {
                rate_ppm: self
                    .rate
                    .map(ppm)
                    .transpose()?
                    .unwrap_or(before.tariff.rate_ppm),
                fixed_minor: self
                    .fixed
                    .map(minor)
                    .transpose()?
                    .unwrap_or(before.tariff.fixed_minor),
                min_minor: limit(self.min_fee, before.tariff.min_minor)?,
                max_minor: limit(self.max_fee, before.tariff.max_minor)?,
            },
            min_minor: self.min.map(minor).transpose()?.unwrap_or(before.min_minor),
            max_minor: self.max.map(minor).transpose()?.unwrap_or(before.max_minor),
            daily_max_minor: limit(self.daily_max, before.daily_max_minor)?,
            cutoff_minute: self
                .cutoff
                .map(|text| read_time(&text))
                .transpose()?
                .unwrap_or(before.cutoff_minute),
            arrival_days: (
                self.arrival_days_min.unwrap_or(before.arrival_days.0),
                self.arrival_days_max.unwrap_or(before.arrival_days.1),
            ),
            fee_returned: self.fee_returned.unwrap_or(before.fee_returned),
        })
    }
}

fn read_time(text: &str) -> Result<i16, Said> {
    let (hours, minutes) = text.split_once(':').ok_or("--cutoff is a time: 17:00")?;
    let (hours, minutes): (i16, i16) = (hours.parse()?, minutes.parse()?);
    if !(0..60).contains(&minutes) || !(0..=24).contains(&hours) {
        return Err("--cutoff is a time: 17:00".into());
    }
    Ok(hours * 60 + minutes)
}

fn shown(merchant_id: MerchantId, terms: &Terms, currency: Currency) -> String {
    let money = |minor: i64| Money::of_minor(minor, currency).to_decimal().to_string();
    let limit = |minor: Option<i64>| minor.map_or_else(|| "none".to_owned(), money);
    let (earliest, latest) = terms.arrival_days;
    let cutoff = terms.cutoff_minute;
    format!(
        "{merchant_id}  rate {} + {}, at least {}, at most {}; {} to {} {} at once, {} a day; asked for before \
         {:02}:{:02} it arrives after {earliest} to {latest} working days; fee returned: {}",
        terms.tariff.rate(),
        money(terms.tariff.fixed_minor),
        limit(terms.tariff.min_minor),
        limit(terms.tariff.max_minor),
        money(terms.min_minor),
        money(terms.max_minor),
        currency.code(),
        limit(terms.daily_max_minor),
        cutoff / 60,
        cutoff % 60,
        terms.fee_returned,
    )
}

/// What became of a payout, as it was typed.
#[derive(Debug, clap::Args)]
pub struct ResolveWish {
    /// The merchant.
    #[arg(long, value_name = "ID")]
    pub merchant: String,
    /// The payout.
    #[arg(long, value_name = "ID")]
    pub payout: String,
    /// What became of it: `paid`, `failed`, `returned`.
    #[arg(long)]
    pub outcome: String,
    /// How that is known; the merchant reads it.
    #[arg(long)]
    pub note: String,
}

/// Says what became of a payout, and prints where it stands.
pub async fn resolve(settings: Settings, wish: ResolveWish) -> Outcome {
    let merchant_id: MerchantId = wish.merchant.parse()?;
    let id: PayoutId = wish.payout.parse()?;
    let outcome = match wish.outcome.as_str() {
        "paid" => Resolution::Paid,
        "failed" => Resolution::Failed,
        "returned" => Resolution::Returned,
        _ => return Err("--outcome is `paid`, `failed` or `returned`".into()),
    };
    let app = join(settings).await?;
    let payout = service::resolve(&app, merchant_id, id, (outcome, &wish.note))
        .await
        .map_err(refused)?;
    app.stop().await;
    print(&format!("{id}  {:?}", payout.state))
}

fn refused<R: Refusal>(failure: Failure<R>) -> Said {
    match failure {
        Failure::Refused(refusal) => Said::from(refusal.message().en),
        Failure::Failed(error) => said(&error),
    }
}
