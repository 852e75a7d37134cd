//! What a message brought, as clients see it.

use async_graphql::Context;
use entity::message;
use rust_decimal::Decimal;

use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{DecimalText, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::messages::model::{Compared, Effect, Visits};
use crate::messages::service;
use crate::money::{Currency, Money};

/// What a message brought.
#[derive(Clone, Debug)]
pub struct MessageEffect {
    effect: Effect,
    currency: Currency,
}

/// Refuses who may not see orders.
pub(super) fn may_see_orders(ctx: &Context<'_>) -> Result<(), Error> {
    let scope = Scope::OrdersRead;
    if ctx.actor()?.may(scope) {
        return Ok(());
    }
    Err(Error::Forbidden {
        scope: scope.name(),
    })
}

async fn read(
    ctx: &Context<'_>,
    row: &message::Model,
) -> Result<Option<Lean<MessageEffect>>, Error> {
    may_see_orders(ctx)?;
    let app = ctx.app();
    let currency = crate::merchant::find(app, row.merchant_id).await?.currency;
    let effect = service::effect(app, row).await?;
    Ok(effect.map(|effect| Lean(MessageEffect { effect, currency })))
}

/// What a message brought; none where it has not begun.
pub(super) async fn effect_of(
    ctx: &Context<'_>,
    row: &message::Model,
) -> Nullable<Lean<MessageEffect>> {
    read(ctx, row).await.transpose()
}

impl MessageEffect {
    fn visits(&self, visits: Visits) -> MessageVisits {
        MessageVisits {
            visits,
            currency: self.currency,
        }
    }

    fn compared(&self) -> Option<MessageVisits> {
        match self.effect.compared {
            Compared::TooFew => None,
            Compared::Told(visits) => Some(self.visits(visits)),
        }
    }
}

plain_object! {
    /// Whether members came back for a message 回访效果. It tells what they did after it, not what they would have done
    /// without it.
    MessageEffect(self) {
        /// Within how many days after they were written to it is looked.
        days / "days": i32 = self.effect.span.days;
        /// Whether these are over for all of them. Before that more may come.
        is_over / "isOver": bool = self.effect.span.is_over;
        /// When they are over for all of them; null while it is being sent.
        over_at / "overAt": Option<Timestamp> = self.effect.span.over_at.map(Timestamp);
        /// Those who were written to.
        written / "written": MessageVisits = self.visits(self.effect.written);
        /// Those of the segment who were not, since they have not agreed to it, from when they were passed over 对照. They
        /// are not drawn by lot: who does not agree may come less anyway. Null where they are fewer than 30.
        not_written / "notWritten": Option<MessageVisits> = self.compared();
    }
}

/// What some members did.
#[derive(Clone, Copy, Debug)]
pub struct MessageVisits {
    visits: Visits,
    currency: Currency,
}

plain_object! {
    /// What some members did within these days.
    MessageVisits(self) {
        /// How many they are.
        members / "members": i64 = self.visits.members;
        /// How many of them paid for an order that was not refunded in full 回访人数.
        came_back / "cameBack": i64 = self.visits.came_back;
        /// Which share that is 回访率: 0.1 is a tenth; null where they are none.
        share / "share": Option<DecimalText> =
            self.visits.share_ppm().map(|ppm| DecimalText(Decimal::new(ppm, 6).normalize()));
        /// What they paid for these orders, less refunds 回访消费.
        spent / "spent": Money = Money::of_minor(self.visits.spent_minor, self.currency);
    }
}
