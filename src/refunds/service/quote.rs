//! Says beforehand what a refund would do.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{OrderId, order};
use sea_orm::{ColumnTrait, QueryFilter};

use super::known::Known;
use crate::app::App;
use crate::auth::model::Actor;
use crate::error::Error;
use crate::ledger;
use crate::ledger::model::Insufficient;
use crate::points::service::{RefundEffect, refund_effect};
use crate::refunds::model::{
    CreateRefusal, NewRefund, Position, RefundDraft, decide, needs_approval, shift, window_end,
};
use entity::ledger_entry::LedgerAccount;

/// What a refund would do.
#[derive(Clone, Debug)]
pub struct Quote {
    /// What is left to give back, in minor units.
    pub refundable_minor: i64,
    /// What the payer would get; none where it is refused.
    pub decided: Option<NewRefund>,
    /// What of the fee would come back, in minor units.
    pub fee_returned_minor: i64,
    /// What it would cost the merchant, in minor units.
    pub cost_minor: i64,
    /// What of it would be taken from what is not settled yet, in minor units.
    pub from_pending_minor: i64,
    /// Whether a second person would have to agree.
    pub needs_approval: bool,
    /// Until when the channel gives money back.
    pub window_ends_at: Option<DateTime<Utc>>,
    /// On which day the payer has it at the latest; none where the calendar does not reach so far.
    pub arrives_on: Option<NaiveDate>,
    /// What it would do to points.
    pub points: RefundEffect,
    /// Why it would not be made.
    pub refusal: Option<CreateRefusal>,
}

/// Says what a refund would do now. Nothing is written or set aside.
pub async fn quote(app: &App, actor: &Actor, draft: &RefundDraft) -> Result<Quote, Error> {
    let merchant_id = actor.merchant_id;
    let order = order::Entity::of(merchant_id)
        .filter(order::Column::Id.eq(OrderId(draft.order_id)))
        .one(&app.db.reads(merchant_id))
        .await?
        .ok_or(Error::NotFound)?;
    let known = Known::read(app, &app.db.reads(merchant_id), order).await?;
    let now = app.clock.now();
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let today = now.with_timezone(&zone).date_naive();
    let order = &known.order;
    let days = u32::try_from(known.channel.refund_arrival_days).unwrap_or(0);
    let mut quote = Quote {
        refundable_minor: order.paid_minor - order.refunded_minor - order.refunding_minor,
        decided: None,
        fee_returned_minor: 0,
        cost_minor: 0,
        from_pending_minor: 0,
        needs_approval: false,
        window_ends_at: order.paid_at.map(|at| window_end(&known.channel, at.0)),
        arrives_on: app.calendar.after(today, days),
        points: RefundEffect::default(),
        refusal: None,
    };
    match decide(&known.refundable(), draft, now) {
        Err(refusal) => quote.refusal = Some(refusal),
        Ok(decided) => price(app, actor, &known, decided, &mut quote).await?,
    }
    Ok(quote)
}

async fn price(
    app: &App,
    actor: &Actor,
    known: &Known,
    decided: NewRefund,
    quote: &mut Quote,
) -> Result<(), Error> {
    let minor = decided.amount_minor;
    quote.needs_approval = needs_approval(&known.merchant, actor, minor);
    quote.decided = Some(decided);
    let Some(payment) = &known.payment else {
        return Ok(());
    };
    let before = known.refundable().position();
    let reserved = Position {
        in_flight_minor: before.in_flight_minor + minor,
        ..before
    };
    let taken = shift(payment, before, reserved).changes;
    // As if those in flight had succeeded before it.
    let last = Position {
        succeeded_minor: before.succeeded_minor + before.in_flight_minor,
        in_flight_minor: 0,
    };
    let end = Position {
        succeeded_minor: last.succeeded_minor + minor,
        ..last
    };
    let returned = shift(payment, last, end).fee_returned_minor
        - shift(payment, last, last).fee_returned_minor;
    let refunded = (last.succeeded_minor, end.succeeded_minor);
    let db = app.db.reads(actor.merchant_id);
    quote.points = refund_effect(&db, &known.order, refunded).await?;
    quote.fee_returned_minor = returned;
    quote.cost_minor = minor - returned;
    quote.from_pending_minor = -taken.get(LedgerAccount::Pending);
    let wanted_minor = -taken.get(LedgerAccount::Available);
    if wanted_minor > 0 {
        let available_minor = ledger::service::balance(app, actor.merchant_id)
            .await?
            .get(LedgerAccount::Available);
        if available_minor < wanted_minor {
            quote.refusal = Some(CreateRefusal::InsufficientBalance(Insufficient {
                available_minor,
                wanted_minor,
                currency: known.currency,
            }));
        }
    }
    Ok(())
}
