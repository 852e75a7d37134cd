//! The balance, live.

use std::sync::Arc;

use async_graphql::{Context, SimpleObject, Subscription};
use entity::MerchantId;
use entity::event::EventKind as Kind;
use futures_util::Stream;

use super::balance::Balance;
use crate::app::App;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::events::Event;
use crate::graphql::events::EventType;
use crate::graphql::follow::{Tell, follow};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Needs};
use crate::ledger::service;

/// What moves money.
const MOVES: [Kind; 16] = [
    Kind::OrderPaid,
    Kind::ReconciliationItemOpened,
    Kind::RefundRequested,
    Kind::RefundRetried,
    Kind::RefundSucceeded,
    Kind::RefundFailed,
    Kind::RefundRejected,
    Kind::RefundReversed,
    Kind::SettlementReleased,
    Kind::BalanceAdjusted,
    Kind::PayoutRequested,
    Kind::PayoutRejected,
    Kind::PayoutCanceled,
    Kind::PayoutPaid,
    Kind::PayoutFailed,
    Kind::PayoutReturned,
];

/// What may have moved money, and what the merchant has now.
#[derive(Debug, SimpleObject)]
pub struct BalanceEvent {
    /// Pass it as `after` to continue behind this event, on any instance.
    pub cursor: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What happened.
    pub r#type: EventType,
    /// What the merchant has now.
    pub balance: Lean<Balance>,
}

/// The subscriptions of the ledger.
#[derive(Debug, Default)]
pub struct LedgerSubscription;

#[Subscription]
impl LedgerSubscription {
    /// The balance 账户余额, whenever something may have moved money. Of several changes that arrive together
    /// the last is told, with the balance as it is now. With `after` it continues behind that cursor; a
    /// cursor too old is CURSOR_EXPIRED. Needs `ledger:read`.
    #[graphql(guard = "Needs(Scope::LedgerRead)")]
    async fn balance_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last cursor that was seen; only new changes where it is missing.")]
        after: Option<String>,
    ) -> Result<impl Stream<Item = Result<BalanceEvent, Error>> + use<>, Error> {
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let teller = Teller {
            app: app.clone(),
            merchant_id,
        };
        follow(ctx, after, teller).await
    }
}

/// Tells of a merchant's balance.
struct Teller {
    app: App,
    merchant_id: MerchantId,
}

impl Tell for Teller {
    type Told = BalanceEvent;

    fn cursor(told: &BalanceEvent) -> &str {
        &told.cursor
    }

    fn wants(&self, kind: Kind) -> bool {
        MOVES.contains(&kind)
    }

    async fn tell(&self, events: &[Arc<Event>]) -> Result<Vec<BalanceEvent>, Error> {
        let Some(last) = events.last() else {
            return Ok(Vec::new());
        };
        let merchant = crate::merchant::find(&self.app, self.merchant_id).await?;
        let balance = Balance {
            balances: service::balance(&self.app, self.merchant_id).await?,
            currency: merchant.currency,
            at: self.app.clock.now(),
            event_cursor: Some(last.cursor().to_string()),
        };
        Ok(vec![BalanceEvent {
            cursor: last.cursor().to_string(),
            occurred_at: last.occurred_at.into(),
            r#type: last.kind.into(),
            balance: Lean(balance),
        }])
    }
}
