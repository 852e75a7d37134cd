//! The queries of the ledger.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::balance::Balance;
use super::enums::{LedgerAccount, LedgerSource};
use super::posting::{LedgerTransaction, LedgerTransactionConnection};
use super::trial::TrialBalance;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::{Timestamp, read_id};
use crate::graphql::time_range::TimeRangeInput;
use crate::graphql::{Ask, Needs};
use crate::ledger::service::{self, LedgerFilter};
use crate::paging::Paging;

/// Which ledger transactions; what is given holds together.
#[derive(Debug, Default, InputObject)]
pub struct LedgerFilterInput {
    /// What they are about: any of these.
    source: Option<Vec<LedgerSource>>,
    /// The order that they are about: its payment and its refunds.
    order_id: Option<ID>,
    /// The refund that they are about.
    refund_id: Option<ID>,
    /// The account that they touch.
    account: Option<LedgerAccount>,
    /// When they were posted.
    posted_at: Option<TimeRangeInput>,
}

impl LedgerFilterInput {
    /// Reads the filter; what cannot be meant is named.
    pub fn read(self, now: DateTime<Utc>, zone: Tz) -> Result<LedgerFilter, Error> {
        let (order, refund) = (self.order_id, self.refund_id);
        Ok(LedgerFilter {
            sources: self.source.map(|sources| {
                let mut known = Vec::new();
                for source in sources.into_iter().map(Into::into) {
                    if !known.contains(&source) {
                        known.push(source);
                    }
                }
                known
            }),
            order: order.map(|id| read_id("filter.orderId", &id)).transpose()?,
            refund: refund
                .map(|id| read_id("filter.refundId", &id))
                .transpose()?,
            account: self.account.map(Into::into),
            posted: self
                .posted_at
                .map(|range| range.read("filter.postedAt", now, zone))
                .transpose()?,
        })
    }
}

/// The queries of the ledger.
#[derive(Debug, Default)]
pub struct LedgerQuery;

#[Object]
impl LedgerQuery {
    /// What the merchant has 账户余额, now or at a moment in the past: exact at any time. Needs
    /// `ledger:read`.
    #[graphql(guard = "Needs(Scope::LedgerRead)")]
    async fn balance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which moment; now where it is missing or still to come.")] at: Option<
            Timestamp,
        >,
    ) -> Result<Lean<Balance>, Error> {
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let merchant = crate::merchant::find(app, merchant_id).await?;
        let now = app.clock.now();
        let at = at.map_or(now, |at| at.0.min(now));
        // Taken before the balance is read: what happens meanwhile is told again, never not at all.
        let event_cursor = if ctx.look_ahead().field("eventCursor").exists() {
            Some(app.events.head(merchant_id).await?.to_string())
        } else {
            None
        };
        Ok(Lean(Balance {
            balances: service::balance_at(app, merchant_id, at).await?,
            currency: merchant.currency,
            at,
            event_cursor,
        }))
    }

    /// The merchant's ledger 资金流水: every posting, newest first. Needs `ledger:read`.
    #[graphql(guard = "Needs(Scope::LedgerRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn ledger_transactions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all where it is missing.")] filter: Option<LedgerFilterInput>,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<LedgerTransactionConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        list(ctx, filter.unwrap_or_default(), &paging).await
    }

    /// The trial balance 试算平衡, now or at a moment in the past: sums up every entry, so it takes the longer
    /// the larger the ledger is. Needs `ledger:read`.
    #[graphql(guard = "Needs(Scope::LedgerRead)")]
    async fn trial_balance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which moment; now where it is missing or still to come.")] at: Option<
            Timestamp,
        >,
    ) -> Result<Lean<TrialBalance>, Error> {
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let merchant = crate::merchant::find(app, merchant_id).await?;
        let trial = service::prove(app, merchant_id, at.map(|at| at.0)).await?;
        Ok(Lean(TrialBalance::of(trial, merchant.currency)))
    }
}

/// A page, and its entries in one statement where they are selected.
async fn list(
    ctx: &Context<'_>,
    filter: LedgerFilterInput,
    paging: &Paging,
) -> Result<Lean<LedgerTransactionConnection>, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let merchant = crate::merchant::find(app, merchant_id).await?;
    let filter = filter.read(app.clock.now(), merchant.zone)?;
    let page = service::list(app, merchant_id, &filter, paging).await?;
    let selected = ctx.look_ahead().field("edges").field("node");
    let entries = if selected.field("entries").exists() {
        let ids: Vec<_> = page.items.iter().map(|row| row.id).collect();
        Some(service::entries_of(app, merchant_id, &ids).await?)
    } else {
        None
    };
    Ok(Lean(LedgerTransactionConnection::page(
        page,
        |row| row.id.to_string(),
        |row| {
            Lean(match &entries {
                Some(entries) => {
                    let entries = entries.get(&row.id).cloned().unwrap_or_default();
                    LedgerTransaction::with(row, entries)
                }
                None => row.into(),
            })
        },
    )))
}
