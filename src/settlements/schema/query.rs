//! The queries of settlements.

use async_graphql::{Context, ID, InputObject, Object};

use super::schedule::SettlementScheduleDay;
use super::settlement::{Settlement, SettlementConnection};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_ids;
use crate::graphql::time_range::TimeRangeInput;
use crate::graphql::{Ask, Needs};
use crate::merchant::Merchant;
use crate::paging::Paging;
use crate::settlements::service::{self, SettlementFilter};

/// Which settlements; what is given holds together.
#[derive(Debug, Default, InputObject)]
pub struct SettlementFilterInput {
    /// The channel: any of these.
    channel_id: Option<Vec<ID>>,
    /// When they became available.
    released_at: Option<TimeRangeInput>,
}

impl SettlementFilterInput {
    fn read(self, ctx: &Context<'_>, merchant: &Merchant) -> Result<SettlementFilter, Error> {
        let now = ctx.app().clock.now();
        let channels = self.channel_id.as_deref();
        let released = self.released_at;
        Ok(SettlementFilter {
            channels: channels
                .map(|ids| read_ids("filter.channelId", ids))
                .transpose()?,
            released: released
                .map(|range| range.read("filter.releasedAt", now, merchant.zone))
                .transpose()?,
        })
    }
}

/// The queries of settlements.
#[derive(Debug, Default)]
pub struct SettlementQuery;

#[Object]
impl SettlementQuery {
    /// What becomes available when 结算计划: pending money by day, what has no day yet last. Needs
    /// `ledger:read`.
    #[graphql(guard = "Needs(Scope::LedgerRead)")]
    async fn settlement_schedule(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Vec<Lean<SettlementScheduleDay>>, Error> {
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let currency = crate::merchant::find(app, merchant_id).await?.currency;
        let schedule = service::schedule(app, merchant_id).await?;
        Ok(SettlementScheduleDay::list(
            schedule,
            currency,
            ctx.locale(),
        ))
    }

    /// What became available 结算记录, newest first. Needs `ledger:read`.
    #[graphql(guard = "Needs(Scope::LedgerRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn settlements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all where it is missing.")] filter: Option<
            SettlementFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<SettlementConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let merchant = crate::merchant::find(app, merchant_id).await?;
        let filter = filter.unwrap_or_default().read(ctx, &merchant)?;
        let page = service::list(app, merchant_id, &filter, &paging).await?;
        Ok(Lean(SettlementConnection::page(
            page,
            |row| row.id.to_string(),
            |row| Lean(Settlement { row }),
        )))
    }
}
