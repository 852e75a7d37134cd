//! An incident as clients see it, and lists of incidents.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use entity::{ChannelId, MerchantId, channel, incident};
use rust_decimal::Decimal;

use super::enums::{HealthCause, IncidentSeverity, IncidentState};
use crate::channels::loader::ChannelLoader;
use crate::channels::schema::Channel;
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{DecimalText, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::health::loader::{IncidentLoader, OpenIncidentOf};
use crate::health::model::notice::notice;
use crate::health::service::incidents::{self, IncidentFilter};
use crate::money::Money;

/// An incident.
#[derive(Clone, Debug)]
pub struct Incident {
    row: Arc<incident::Model>,
}

impl From<incident::Model> for Incident {
    fn from(row: incident::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

plain_object! {
    /// An incident 渠道故障: a channel that does not work as it should, from the first sign until it does. A
    /// channel has one at the most that is not over.
    Incident(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// What became of it.
        state / "state": IncidentState = self.row.state.into();
        /// How bad it is, or was at its worst.
        severity / "severity": IncidentSeverity = self.row.severity.into();
        /// What gave it away.
        cause / "cause": HealthCause = self.row.cause.into();
        /// Since when.
        opened_at / "openedAt": Timestamp = self.row.opened_at.into();
        /// When it became worse: the channel had been degraded, and went down.
        worsened_at / "worsenedAt": Option<Timestamp> = self.row.worsened_at.map(Timestamp::from);
        /// When somebody said that they know.
        acknowledged_at / "acknowledgedAt": Option<Timestamp> =
            self.row.acknowledged_at.map(Timestamp::from);
        /// Who: an id of staff or of an API key.
        acknowledged_by / "acknowledgedBy": Option<&str> = self.row.acknowledged_by.as_deref();
        /// What they noted.
        note / "note": Option<&str> = self.row.note.as_deref();
        /// When it was over.
        resolved_at / "resolvedAt": Option<Timestamp> = self.row.resolved_at.map(Timestamp::from);
    }
    {
        /// The channel.
        async fn channel(&self, ctx: &Context<'_>) -> Result<Lean<Channel>, Error> {
            let row = channel(ctx, self.row.channel_id).await?;
            Ok(Lean(Channel { row }))
        }

        /// How long it lasted, or has lasted so far, in seconds.
        async fn duration_seconds(&self, ctx: &Context<'_>) -> i64 {
            let until = self.row.resolved_at.map_or_else(|| ctx.app().clock.now(), |at| at.0);
            (until - self.row.opened_at.0).num_seconds().max(0)
        }

        /// What it costs, or has cost so far 影响; a few seconds old while it lasts.
        async fn impact(&self, ctx: &Context<'_>) -> Result<IncidentImpact, Error> {
            let row = &self.row;
            let merchant = crate::merchant::find(ctx.app(), row.merchant_id).await?;
            Ok(IncidentImpact {
                attempts: row.attempts,
                failed: row.failed,
                expected_paid: row.expected_paid,
                paid: row.paid,
                failed_against_expected: (row.expected_paid - row.paid).max(0),
                at_risk: Money::of_minor(row.at_risk_minor, merchant.currency),
            })
        }

        /// The channel to offer instead 备用渠道: of those that work, the one whose payments of the last day
        /// best prove it; none where none works, or too little is known.
        async fn fallback(&self) -> Option<IncidentFallback> {
            Some(IncidentFallback {
                channel_id: self.row.fallback_channel_id?,
                success_rate: rate(self.row.fallback_success_ppm?),
            })
        }

        /// What the shop may write on its front page 公告, ready to be pasted; none once the channel works again.
        async fn notice(&self, ctx: &Context<'_>) -> Nullable<IncidentNotice> {
            if self.row.resolved_at.is_some() {
                return None;
            }
            Some(self.words(ctx).await)
        }
    }
}

impl Incident {
    async fn words(&self, ctx: &Context<'_>) -> Result<IncidentNotice, Error> {
        let instead = async {
            match self.row.fallback_channel_id {
                None => Ok(None),
                Some(id) => channel(ctx, id).await.map(|row| Some(row.method)),
            }
        };
        let broken = channel(ctx, self.row.channel_id);
        let (broken, instead) = futures_util::try_join!(broken, instead)?;
        let text = notice(broken.method, self.row.severity, instead);
        Ok(IncidentNotice {
            zh: text.zh,
            en: text.en,
        })
    }
}

/// A share of millionths as a decimal.
pub(super) fn rate(ppm: i32) -> DecimalText {
    DecimalText(Decimal::new(i64::from(ppm), 6).normalize())
}

async fn channel(ctx: &Context<'_>, id: ChannelId) -> Result<Arc<channel::Model>, Error> {
    let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
    loader.load_one(id).await?.ok_or(Error::NotFound)
}

/// What an incident costs 故障影响.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct IncidentImpact {
    /// Attempts to pay that the platform did not refuse, from what gave it away on.
    pub attempts: i64,
    /// How many of them failed for technical reasons.
    pub failed: i64,
    /// How many would have been paid as a rule at this hour of the week.
    pub expected_paid: i64,
    /// How many were.
    pub paid: i64,
    /// How many payments are missing against the rule 少付笔数.
    pub failed_against_expected: i64,
    /// What was to be paid as a rule and was not 风险金额.
    pub at_risk: Money,
}

/// The channel to offer instead of a broken one 备用渠道.
#[derive(Clone, Copy, Debug, SimpleObject)]
#[graphql(complex)]
pub struct IncidentFallback {
    #[graphql(skip)]
    channel_id: ChannelId,
    /// The share of attempts that was paid there in the last day: `"0.82"`.
    pub success_rate: DecimalText,
}

#[ComplexObject]
impl IncidentFallback {
    /// The channel.
    async fn channel(&self, ctx: &Context<'_>) -> Result<Lean<Channel>, Error> {
        let row = channel(ctx, self.channel_id).await?;
        Ok(Lean(Channel { row }))
    }
}

/// What a shop may write on its front page while a channel does not work 公告.
#[derive(Clone, Debug, SimpleObject)]
pub struct IncidentNotice {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A channel's incident that is not over.
pub async fn open_incident(ctx: &Context<'_>, channel: ChannelId) -> Nullable<Lean<Incident>> {
    let loader = ctx.data_unchecked::<DataLoader<IncidentLoader>>();
    let row = loader.load_one(OpenIncidentOf(channel)).await.transpose()?;
    Some(row.map(|row| Lean(row.into())))
}

connection! {
    /// A list of incidents.
    IncidentConnection { merchant_id: MerchantId, filter: IncidentFilter, event_cursor: Option<String> }
    /// An incident in a list.
    IncidentEdge
    /// The incident.
    node: Lean<Incident>
    {
        /// How many incidents the filter wants, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = incidents::count(ctx.app(), self.merchant_id, &self.filter).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many incidents to count"))
        }

        /// The event cursor at which the list was taken: pass it as `after` to `channelAlert` to see
        /// everything that has happened since.
        async fn event_cursor(&self) -> &str {
            self.event_cursor.as_deref().unwrap_or_default()
        }
    }
}
