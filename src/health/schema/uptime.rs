//! A channel's days as clients see them.

use async_graphql::Context;
use async_graphql::dataloader::DataLoader;
use entity::ChannelId;
use rust_decimal::Decimal;

use super::enums::HealthState;
use crate::error::Error;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{DecimalText, LocalDate};
use crate::health::loader::{IncidentLoader, UptimeOf};
use crate::health::model::uptime::{ChannelDay as Told, MOST_DAYS};

/// A day of a channel.
#[derive(Clone, Copy, Debug)]
pub struct ChannelDay(Told);

plain_object! {
    /// A day of a channel 渠道每日状况, in the merchant's time zone; today as far as it has come.
    ChannelDay(self) {
        /// The date.
        date / "date": LocalDate = LocalDate(self.0.date);
        /// The time that it was not DOWN, divided by the time that it was neither UNKNOWN nor MAINTENANCE
        /// 可用率: `"0.9986"`. None where that is nothing.
        availability / "availability": Option<DecimalText> = self.0.availability_ppm.map(share);
        /// Attempts to pay 发起笔数.
        attempts / "attempts": i64 = self.0.attempts;
        /// Payments that came in 支付笔数.
        paid / "paid": i64 = self.0.paid;
        /// The share of attempts that was paid 成功率; none where nothing was attempted.
        success_rate / "successRate": Option<DecimalText> = self.0.success_ppm.map(share);
        /// How long half of all payment codes took, in milliseconds; right within a third.
        create_p50_ms / "createP50Ms": Option<i64> = self.0.create_p50_ms;
        /// How long 95 of a hundred payment codes took, in milliseconds.
        create_p95_ms / "createP95Ms": Option<i64> = self.0.create_p95_ms;
        /// How long after its order half of all payments were reported, in milliseconds.
        callback_p50_ms / "callbackP50Ms": Option<i64> = self.0.callback_p50_ms;
        /// How long after its order 95 of a hundred payments were reported, in milliseconds.
        callback_p95_ms / "callbackP95Ms": Option<i64> = self.0.callback_p95_ms;
        /// Incidents that were opened 故障数.
        incidents / "incidents": i32 = self.0.incidents;
        /// How long it was DOWN, in seconds.
        down_seconds / "downSeconds": i64 = self.0.down_ms / 1_000;
        /// How long it was DEGRADED, in seconds.
        degraded_seconds / "degradedSeconds": i64 = self.0.degraded_ms / 1_000;
        /// The worst state of the day; UNKNOWN where nothing was known all day.
        worst / "worst": HealthState = self.0.worst.into();
    }
}

/// The fields for which histograms are read.
const PERCENTILES: [&str; 4] = [
    "createP50Ms",
    "createP95Ms",
    "callbackP50Ms",
    "callbackP95Ms",
];

/// A share of millionths as a decimal.
fn share(ppm: i64) -> DecimalText {
    DecimalText(Decimal::new(ppm, 6).normalize())
}

/// The last days of a channel.
pub async fn days(
    ctx: &Context<'_>,
    channel: ChannelId,
    days: i32,
) -> Result<Vec<Lean<ChannelDay>>, Error> {
    let count = u32::try_from(days).ok();
    let count = count.filter(|_| (1..=MOST_DAYS).contains(&days));
    let count = count.ok_or_else(|| {
        Error::bad_input(
            "days",
            format!("must be from 1 to {MOST_DAYS}."),
            format!("必须在 1 到 {MOST_DAYS} 之间。"),
        )
    })?;
    let loader = ctx.data_unchecked::<DataLoader<IncidentLoader>>();
    let selected = ctx.look_ahead();
    let took = PERCENTILES
        .iter()
        .any(|field| selected.field(field).exists());
    let told = loader.load_one(UptimeOf(channel, count, took)).await?;
    let told = told.unwrap_or_default().into_iter();
    Ok(told.map(|day| Lean(ChannelDay(day))).collect())
}
