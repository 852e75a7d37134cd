//! Takes a refund from one state to another: the refund, the order's totals, the payment, the timeline, the
//! events and the ledger, in one transaction that holds the order's lock.

use entity::event::EventKind;
use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::order::{self, RefundState};
use entity::order_timeline::TimelineKind;
use entity::refund::{self, RefundKind, RefundStatus};
use entity::{Instant, MerchantId, OrderId, RefundId, ledger_transaction, payment};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect,
};

use crate::app::App;
use crate::checkout;
use crate::error::{Error, Failure};
use crate::events;
use crate::ledger::model::{Balances, Insufficient, Posting};
use crate::ledger::service::{force, post, take};
use crate::loyalty::{self, service::RefundedOrder};
use crate::money::Currency;
use crate::orders::service::{Happening, lock_order, record};
use crate::refunds::model::{Position, is_in_flight, shift};

/// One step of a refund.
pub(super) struct Step<'a> {
    /// The order, locked.
    pub order: &'a order::Model,
    /// The state before; none where the refund is being made.
    pub from: Option<RefundStatus>,
    /// The refund as it is after the step.
    pub refund: refund::Model,
    /// What the timeline and subscribers are told; none where nothing they see has changed.
    pub told: Option<(TimelineKind, EventKind)>,
    /// Who did it.
    pub actor: &'a str,
    /// What is worth knowing beside it.
    pub note: Option<String>,
    /// Whether the money leaves even where it is not there.
    pub forced: bool,
}

/// Locks the order of a refund, then reads the refund: every step of it is taken under that lock.
pub(super) async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: RefundId,
) -> Result<Option<(order::Model, refund::Model)>, Error> {
    let find = || refund::Entity::of(merchant_id).filter(refund::Column::Id.eq(id));
    let order_id: Option<OrderId> = find()
        .select_only()
        .column(refund::Column::OrderId)
        .into_tuple()
        .one(txn)
        .await?;
    let Some(order_id) = order_id else {
        return Ok(None);
    };
    let order = lock_order(txn, merchant_id, order_id).await?;
    let refund = find().lock_exclusive().one(txn).await?;
    Ok(refund.map(|refund| (order, refund)))
}

/// Takes a step. The ledger comes last: what takes from AVAILABLE locks the merchant's balance.
pub(super) async fn take_step(
    app: &App,
    txn: &DatabaseTransaction,
    step: Step<'_>,
) -> Result<(), Failure<Insufficient>> {
    let now = app.clock.instant();
    write_refund(txn, &step, now).await?;
    tell(app, txn, &step, now).await?;
    let (from, to) = (step.from, step.refund.state);
    let moves = match step.refund.kind {
        RefundKind::Order => move_order(app, txn, &step, now).await?,
        RefundKind::ExtraPayment => move_extra(txn, &step).await?,
    };
    if moves.amount() == 0 {
        return Ok(());
    }
    let posting = Posting {
        source: LedgerSource::Refund,
        source_id: step.refund.id.0,
        step: ledger_step(from, to),
        round: step.refund.round,
        changes: moves,
    };
    let currency = currency(&step.refund)?;
    let merchant_id = step.refund.merchant_id;
    if moves.get(LedgerAccount::Available) >= 0 {
        post(app, txn, merchant_id, currency, &posting).await?;
    } else if step.forced {
        force(app, txn, merchant_id, currency, &posting).await?;
    } else {
        take(app, txn, merchant_id, currency, &posting).await?;
    }
    Ok(())
}

/// The currency of a refund.
pub(super) fn currency(refund: &refund::Model) -> Result<Currency, Error> {
    Currency::of_code(&refund.currency).ok_or_else(|| Error::internal("unknown currency"))
}

/// Which step of the ledger it is.
fn ledger_step(from: Option<RefundStatus>, to: RefundStatus) -> LedgerStep {
    match to {
        RefundStatus::Succeeded => LedgerStep::Settled,
        RefundStatus::Reversed => LedgerStep::Reversed,
        to if is_in_flight(to) && !from.is_some_and(is_in_flight) => LedgerStep::Reserved,
        _ => LedgerStep::Canceled,
    }
}

async fn write_refund(
    txn: &DatabaseTransaction,
    step: &Step<'_>,
    now: Instant,
) -> Result<(), Error> {
    let row = refund::Model {
        member_id: step.order.member_id,
        updated_at: now,
        ..step.refund.clone()
    };
    let (merchant_id, id) = (row.merchant_id, row.id);
    if step.from.is_none() {
        refund::Entity::insert(row.into_active_model())
            .exec_without_returning(txn)
            .await?;
        return Ok(());
    }
    let all = refund::ActiveModel {
        merchant_id: ActiveValue::Unchanged(merchant_id),
        id: ActiveValue::Unchanged(id),
        ..row.into_active_model().reset_all()
    };
    refund::Entity::update_of(merchant_id)
        .filter(refund::Column::Id.eq(id))
        .set(all)
        .exec(txn)
        .await?;
    Ok(())
}

async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    step: &Step<'_>,
    now: Instant,
) -> Result<(), Error> {
    let Some((timeline, kind)) = step.told else {
        return Ok(());
    };
    let (merchant_id, id) = (step.refund.merchant_id, step.refund.id);
    let happening = Happening {
        merchant_id,
        order_id: step.order.id,
        timeline,
        event: None,
        actor: step.actor,
        note: step.note.clone(),
        at: now,
    };
    record(app, txn, happening).await?;
    Ok(events::record(txn, &app.ids, now, merchant_id, kind, id).await?)
}

/// Moves the order's totals and its payment; returns what that does to the accounts.
async fn move_order(
    app: &App,
    txn: &DatabaseTransaction,
    step: &Step<'_>,
    now: Instant,
) -> Result<Balances, Error> {
    let order = step.order;
    let before = Position {
        succeeded_minor: order.refunded_minor,
        in_flight_minor: order.refunding_minor,
    };
    let after = before.after(step.refund.amount_minor, step.from, step.refund.state);
    if before == after {
        return Ok(Balances::default());
    }
    let refund_state = match after.succeeded_minor {
        0 => RefundState::None,
        all if all == order.paid_minor => RefundState::Full,
        _ => RefundState::Partial,
    };
    order::Entity::update_of(order.merchant_id)
        .filter(order::Column::Id.eq(order.id))
        .col_expr(
            order::Column::RefundedMinor,
            Expr::value(after.succeeded_minor),
        )
        .col_expr(
            order::Column::RefundingMinor,
            Expr::value(after.in_flight_minor),
        )
        .col_expr(order::Column::RefundState, Expr::value(refund_state))
        .col_expr(order::Column::UpdatedAt, Expr::value(now))
        .exec(txn)
        .await?;
    if before.succeeded_minor != after.succeeded_minor {
        let kind = EventKind::OrderRefunded;
        events::record(txn, &app.ids, now, order.merchant_id, kind, order.id).await?;
        let refunded = RefundedOrder {
            order,
            refund_id: step.refund.id,
            round: i32::from(step.refund.round),
            refunded_minor: after.succeeded_minor,
        };
        loyalty::service::refunded(app, txn, refunded).await?;
    }
    if refund_state == RefundState::Full {
        checkout::service::refunded(app, txn, order, step.refund.reason, now).await?;
    } else if order.refund_state == RefundState::Full {
        checkout::service::refund_returned(app, txn, order).await?;
    }
    move_payment(txn, step, before, after).await
}

async fn move_payment(
    txn: &DatabaseTransaction,
    step: &Step<'_>,
    before: Position,
    after: Position,
) -> Result<Balances, Error> {
    let (merchant_id, order_id) = (step.order.merchant_id, step.order.id);
    let payment = payment::Entity::of(merchant_id)
        .filter(payment::Column::OrderId.eq(order_id))
        .lock_exclusive()
        .one(txn)
        .await?
        .ok_or_else(|| Error::internal("a paid order has no payment"))?;
    let moved = shift(&payment, before, after);
    payment::Entity::update_of(merchant_id)
        .filter(payment::Column::OrderId.eq(order_id))
        .col_expr(
            payment::Column::UnsettledMinor,
            Expr::value(moved.unsettled_minor),
        )
        .col_expr(
            payment::Column::PendingReservedMinor,
            Expr::value(moved.pending_reserved_minor),
        )
        .col_expr(
            payment::Column::FeeReturnedMinor,
            Expr::value(moved.fee_returned_minor),
        )
        .exec(txn)
        .await?;
    let returned = moved.fee_returned_minor - payment.fee_returned_minor;
    if returned > 0 {
        refund::Entity::update_of(merchant_id)
            .filter(refund::Column::Id.eq(step.refund.id))
            .col_expr(refund::Column::FeeReturnedMinor, Expr::value(returned))
            .exec(txn)
            .await?;
    }
    Ok(moved.changes)
}

/// An extra payment was set aside when it came; it leaves, or comes back, whole.
async fn move_extra(txn: &DatabaseTransaction, step: &Step<'_>) -> Result<Balances, Error> {
    let refund = &step.refund;
    let minor = match (step.from, refund.state) {
        (Some(RefundStatus::Succeeded), RefundStatus::Reversed) => -refund.amount_minor,
        (_, RefundStatus::Succeeded) => refund.amount_minor,
        _ => return Ok(Balances::default()),
    };
    // What was set aside when it came leaves; the channel's terms may have changed since then.
    let Some(item) = refund.reconciliation_item_id else {
        return Ok(Balances::default());
    };
    let set_aside = ledger_transaction::Entity::of(refund.merchant_id)
        .filter(ledger_transaction::Column::SourceId.eq(item.0))
        .filter(ledger_transaction::Column::Source.eq(LedgerSource::ExtraPayment))
        .one(txn)
        .await?;
    if set_aside.is_none() {
        return Ok(Balances::default());
    }
    Ok(Balances::default()
        .with(LedgerAccount::Reserved, -minor)
        .with(LedgerAccount::ChannelClearing, minor))
}
