//! How a channel is, as clients see it.

use async_graphql::Context;
use entity::{channel, channel_health};
use rust_decimal::Decimal;

use super::enums::{HealthCause, HealthState};
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::plain::plain_object;
use crate::graphql::scalars::{DecimalText, Timestamp};
use crate::health::model::rules::Rules;
use crate::health::model::state::{is_flapping, overridden, unknown};
use crate::health::service;

/// How a channel is.
#[derive(Clone, Debug)]
pub struct ChannelHealth {
    row: channel_health::Model,
    judged: bool,
    flapping: bool,
    overridden: Option<ChannelHealthOverride>,
}

/// A share of millionths, from 0 to 1.
fn share(ppm: Option<i32>) -> Option<DecimalText> {
    ppm.map(|ppm| DecimalText(Decimal::new(i64::from(ppm), 6).normalize()))
}

plain_object! {
    /// How a channel is 渠道健康, judged every two seconds from what goes through it and from probes. Figures are up
    /// to ten seconds old.
    ChannelHealth(self) {
        /// How it is. UNKNOWN where nothing goes through and it is not probed, never DOWN.
        state / "state": HealthState = self.row.state.into();
        /// Why; none where it has always been as it should.
        cause / "cause": Option<HealthCause> = self.row.cause.map(HealthCause::from);
        /// Since when.
        since / "since": Timestamp = self.row.since.into();
        /// When its figures were last written; none where it was never judged.
        judged_at / "judgedAt": Option<Timestamp> =
            self.judged.then(|| self.row.judged_at.into());
        /// Payment codes asked for that the figures rest on: of the last two minutes, or of fifteen where that were
        /// too few. What the platform refused for reasons of business is left out.
        attempts / "attempts": i64 = self.row.attempts;
        /// The share of technical errors among them 技术错误率, from 0 to 1.
        error_rate / "errorRate": Option<DecimalText> = share(self.row.error_ppm);
        /// The share of attempts of the last quarter of an hour that was paid 支付成功率, from 0 to 1.
        success_rate / "successRate": Option<DecimalText> = share(self.row.success_ppm);
        /// The share that is paid at this hour of the week as a rule 基准成功率, from 0 to 1; none where too little is
        /// known.
        baseline_rate / "baselineRate": Option<DecimalText> = share(self.row.baseline_ppm);
        /// What somebody has set by hand 人工设定; none where nobody has, or its time is over.
        overridden / "override": Option<&ChannelHealthOverride> = self.overridden.as_ref();
        /// Whether it goes back and forth 反复波动: then it has to work longer until it is believed.
        flapping / "flapping": bool = self.flapping;
    }
}

/// A state that somebody has set by hand.
#[derive(Clone, Debug)]
pub struct ChannelHealthOverride {
    row: channel_health::Model,
    state: channel_health::HealthState,
}

plain_object! {
    /// A state that somebody has set by hand 人工设定.
    ChannelHealthOverride(self) {
        /// How the channel is said to be.
        state / "state": HealthState = self.state.into();
        /// Until when that holds; none where it holds until it is taken back.
        until / "until": Option<Timestamp> = self.row.override_until.map(Timestamp::from);
        /// Who said so: an id of staff or of an API key.
        by / "by": Option<&str> = self.row.override_by.as_deref();
        /// Why.
        note / "note": Option<&str> = self.row.override_note.as_deref();
    }
}

/// How a channel is; for many channels of a merchant it is read once.
pub async fn of_channel(
    ctx: &Context<'_>,
    channel: &channel::Model,
) -> Result<ChannelHealth, Error> {
    let app = ctx.app();
    let rows = service::list_shown(app, channel.merchant_id).await?;
    let known = rows.iter().find(|row| row.channel_id == channel.id);
    let row = known
        .cloned()
        .unwrap_or_else(|| unknown(channel.merchant_id, channel.id, channel.created_at));
    let now = app.clock.instant();
    Ok(ChannelHealth {
        judged: known.is_some(),
        flapping: is_flapping(&row, &Rules::default(), now),
        overridden: overridden(&row, now).map(|state| ChannelHealthOverride {
            row: row.clone(),
            state,
        }),
        row,
    })
}
