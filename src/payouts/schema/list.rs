//! Lists of payouts.

use async_graphql::{Context, SimpleObject};
use entity::MerchantId;

use super::enums::PayoutStatus;
use super::object::Payout;
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::connection::connection;
use crate::graphql::plain::Lean;
use crate::money::{Currency, Money};
use crate::payouts::model::PayoutFilter;
use crate::payouts::service;

connection! {
    /// A list of payouts.
    PayoutConnection { merchant_id: MerchantId, currency: Currency, filter: PayoutFilter,
        event_cursor: Option<String> }
    /// A payout in a list.
    PayoutEdge
    /// The payout.
    node: Lean<Payout>
    {
        /// How many payouts the filter wants, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = service::count(ctx.app(), self.merchant_id, &self.filter).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many payouts to count"))
        }

        /// The sums over all payouts that the filter wants. Computed only when it is selected.
        async fn totals(&self, ctx: &Context<'_>) -> Result<PayoutTotals, Error> {
            let totals = service::totals(ctx.app(), self.merchant_id, &self.filter).await?;
            let money =
                |minor: Option<i64>| Money::of_minor(minor.unwrap_or_default(), self.currency);
            Ok(PayoutTotals {
                amount: money(totals.amount_minor),
                fee: money(totals.fee_minor),
                net: money(totals.net_minor),
            })
        }

        /// How many of the payouts that the filter wants are in each state. Counted only when it is selected.
        async fn states(&self, ctx: &Context<'_>) -> Result<Vec<PayoutStatusFacet>, Error> {
            let states = service::states(ctx.app(), self.merchant_id, &self.filter).await?;
            Ok(states
                .into_iter()
                .map(|(value, count)| PayoutStatusFacet {
                    value: value.into(),
                    count,
                })
                .collect())
        }

        /// The event cursor at which the list was taken: pass it as `after` to a subscription to see everything
        /// that has happened since.
        async fn event_cursor(&self) -> &str {
            self.event_cursor.as_deref().unwrap_or_default()
        }
    }
}

/// The sums over all payouts that a filter wants.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct PayoutTotals {
    /// What was asked for, whatever became of it: ask with `filter { states }` for what left the balance (PAID), or is set
    /// aside (PROCESSING, UNKNOWN, AWAITING_APPROVAL).
    pub amount: Money,
    /// The fees in it.
    pub fee: Money,
    /// What was to arrive of it.
    pub net: Money,
}

/// How many payouts are in a state.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct PayoutStatusFacet {
    /// The state.
    pub value: PayoutStatus,
    /// How many.
    pub count: i64,
}
