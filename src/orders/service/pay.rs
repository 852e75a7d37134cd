//! Credits payments: what a provider's callback, or its answer, does to an order.

use std::sync::Arc;
use std::time::Duration;

use entity::event::EventKind;
use entity::order::{self, PaymentState};
use entity::order_timeline::TimelineKind;
use entity::reconciliation_item::ReconciliationKind;
use entity::{ChannelId, Instant, MerchantId, OrderId, channel, merchant};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QuerySelect};

use super::credit::Books;
use super::history::{Happening, record};
use crate::app::App;
use crate::channels::provider::{
    Callback, CallbackRefusal, Payment, PaymentNotice, PaymentQuery, PaymentStatus, Provider,
    ProviderError,
};
use crate::channels::providers::Providers;
use crate::channels::service::maybe_find;
use crate::checkout::{self, service::Paid};
use crate::db::violates_unique;
use crate::error::Error;
use crate::health;
use crate::loyalty::service::{self as loyalty, PaidOrder};
use crate::merchant::zone_of;
use crate::money::{Currency, Money};
use crate::orders::model::{Credit, credit, order_no, read_order_no};
use crate::reconciliation::{self, service::NewItem};

/// Who is named in the timeline where a provider did it.
const PROVIDER: &str = "provider";
/// What is to be answered to a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It is dealt with, and committed: the platform need not send it again.
    Accepted,
    /// It is not believed, or does not fit.
    Refused,
    /// There is no such channel or order.
    Unknown,
    /// It could not be dealt with now: the platform is to send it again.
    Later,
}

/// Takes a provider's notification: proves it, compares it with the order, credits it. `Accepted` is
/// returned only after the commit, so a platform that was told so may forget it.
pub async fn notify(
    app: &App,
    providers: &Providers,
    merchant_id: MerchantId,
    channel_id: ChannelId,
    callback: &Callback,
) -> Result<Notice, Error> {
    let Some(channel) = maybe_find(app, merchant_id, channel_id).await? else {
        return Ok(Notice::Unknown);
    };
    let provider = match providers.find(app, &channel) {
        Ok(provider) => provider,
        Err(error) => {
            tracing::error!(%channel_id, %error, "a callback came to a channel that cannot be used");
            return Ok(Notice::Later);
        }
    };
    let (provider, notice) = match prove(app, providers, &channel, provider, callback) {
        Ok(proven) => proven,
        Err(refusal) => {
            tracing::warn!(%channel_id, %refusal, "a callback was refused");
            return Ok(Notice::Refused);
        }
    };
    let Some(order) = find_order(app, merchant_id, channel_id, &notice.order_no).await? else {
        tracing::warn!(%channel_id, order_no = notice.order_no, "a callback names no order");
        return Ok(Notice::Unknown);
    };
    let currency = currency(&order)?;
    let Ok(amount) = Money::from_decimal(notice.amount, currency) else {
        return Ok(Notice::Refused);
    };
    let mut payment = Payment {
        provider_trade_no: notice.provider_trade_no,
        amount,
        paid_at: None,
    };
    let known = order.provider_trade_no.as_deref() == Some(&payment.provider_trade_no);
    if provider.confirms_by_query() && !known {
        match ask(app, provider.as_ref(), order.id, currency).await {
            Ok(PaymentStatus::Paid(confirmed)) => {
                if confirmed.provider_trade_no == payment.provider_trade_no {
                    payment = confirmed;
                } else {
                    // The platform knows another payment of the order: that one counts, and the one that
                    // was notified is the second.
                    apply(app, &channel, order.id, &confirmed).await?;
                }
            }
            other => {
                tracing::warn!(order_id = %order.id, ?other, "a callback was not confirmed");
                return Ok(Notice::Later);
            }
        }
    }
    Ok(match apply(app, &channel, order.id, &payment).await? {
        Applied::Nothing | Applied::Paid => Notice::Accepted,
        Applied::Opened(
            ReconciliationKind::AmountMismatch | ReconciliationKind::DuplicateTradeNo,
        ) => Notice::Refused,
        Applied::Opened(_) => Notice::Accepted,
    })
}

/// Proves a notification with a channel's credentials or, where they do not fit, with those that it had
/// before, while these are believed. Returns with whose provider: the one that a query is signed by, too.
fn prove(
    app: &App,
    providers: &Providers,
    channel: &channel::Model,
    current: Arc<dyn Provider>,
    callback: &Callback,
) -> Result<(Arc<dyn Provider>, PaymentNotice), CallbackRefusal> {
    let now = app.clock.now();
    let refusal = match current.verify_callback(callback, now) {
        Ok(notice) => return Ok((current, notice)),
        Err(refusal @ (CallbackRefusal::Forged | CallbackRefusal::ForeignMerchant)) => refusal,
        Err(refusal) => return Err(refusal),
    };
    let previous = match providers.maybe_find_previous(app, channel) {
        Ok(Some(previous)) => previous,
        Ok(None) => return Err(refusal),
        Err(error) => {
            tracing::error!(channel_id = %channel.id, %error, "credentials before cannot be used");
            return Err(refusal);
        }
    };
    let notice = previous.verify_callback(callback, now)?;
    Ok((previous, notice))
}

/// Asks the platform what became of an order's payment, outside any transaction.
pub(super) async fn ask(
    app: &App,
    provider: &dyn Provider,
    id: OrderId,
    currency: Currency,
) -> Result<PaymentStatus, ProviderError> {
    let query = PaymentQuery {
        order_no: order_no(id),
        currency,
        now: app.clock.now(),
    };
    let limit = Duration::from_millis(app.settings.orders.provider_timeout_ms);
    tokio::time::timeout(limit, provider.query_payment(&query))
        .await
        .unwrap_or_else(|_| Err(ProviderError::Unavailable("no answer in time".to_owned())))
}

async fn find_order(
    app: &App,
    merchant_id: MerchantId,
    channel_id: ChannelId,
    no: &str,
) -> Result<Option<order::Model>, Error> {
    let Some(id) = read_order_no(no) else {
        return Ok(None);
    };
    Ok(order::Entity::of(merchant_id)
        .filter(order::Column::Id.eq(id))
        .filter(order::Column::ChannelId.eq(channel_id))
        .one(&app.db.reads(merchant_id))
        .await?)
}

pub(super) fn currency(order: &order::Model) -> Result<Currency, Error> {
    Currency::of_code(&order.currency).ok_or_else(|| Error::internal("unknown currency"))
}

/// What a payment did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Applied {
    /// It was known.
    Nothing,
    /// The order is paid now.
    Paid,
    /// It does not fit; a person is told.
    Opened(ReconciliationKind),
}

/// Credits a proven payment that came through a channel: one transaction, one PAID transition an order.
pub(super) async fn apply(
    app: &App,
    channel: &channel::Model,
    order_id: OrderId,
    payment: &Payment,
) -> Result<Applied, Error> {
    let merchant_id = channel.merchant_id;
    let books = &Books::open(app, channel).await?;
    let applied = app.write(merchant_id, |txn| async move {
        apply_in(app, &txn, books, order_id, payment).await
    });
    match applied.await {
        Err(Error::Database(error)) if violates_unique(&error, "provider_trade_no") => {
            let kind = ReconciliationKind::DuplicateTradeNo;
            app.write(merchant_id, |txn| async move {
                let order = lock(&txn, merchant_id, order_id).await?;
                open_item(app, &txn, books, &order, payment, kind).await
            })
            .await?;
            Ok(Applied::Opened(kind))
        }
        applied => {
            if let Ok(Applied::Paid) = &applied {
                health::service::count_payment(app, channel, order_id, payment.amount.minor);
            }
            applied
        }
    }
}

async fn apply_in(
    app: &App,
    txn: &DatabaseTransaction,
    books: &Books<'_>,
    order_id: OrderId,
    payment: &Payment,
) -> Result<Applied, Error> {
    let merchant_id = books.channel.merchant_id;
    let order = lock(txn, merchant_id, order_id).await?;
    let merchant = merchant::Entity::of(merchant_id)
        .one(txn)
        .await?
        .ok_or(Error::NotFound)?;
    match credit(&order, payment, merchant.late_payment_policy) {
        Credit::Replayed => Ok(Applied::Nothing),
        Credit::Open(kind) => {
            open_item(app, txn, books, &order, payment, kind).await?;
            Ok(Applied::Opened(kind))
        }
        Credit::Apply { late, refund } => {
            mark_paid(app, txn, &merchant, &order, payment, late).await?;
            let now = app.clock.instant();
            books.credit(app, txn, &merchant, &order, now).await?;
            if let Some(kind) = refund {
                open_item(app, txn, books, &order, payment, kind).await?;
            }
            Ok(Applied::Paid)
        }
    }
}

/// Locks an order: what changes it waits for whoever changes it now.
pub async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    order_id: OrderId,
) -> Result<order::Model, Error> {
    order::Entity::of(merchant_id)
        .filter(order::Column::Id.eq(order_id))
        .lock_exclusive()
        .one(txn)
        .await?
        .ok_or(Error::NotFound)
}

async fn mark_paid(
    app: &App,
    txn: &DatabaseTransaction,
    merchant: &merchant::Model,
    order: &order::Model,
    payment: &Payment,
    late: bool,
) -> Result<(), Error> {
    let now = app.clock.instant();
    // The platform's clock is not ours: never before the order was made, never after now.
    let made =
        Instant(chrono::DateTime::from_timestamp_millis(order.id.made_at_ms()).unwrap_or(now.0));
    let paid_at = payment
        .paid_at
        .map_or(now, |at| Instant(at.clamp(made.0, now.0.max(made.0))));
    let member = loyalty::lock_member(txn, order).await?;
    let tier_id = member.as_ref().and_then(|member| member.tier_id);
    order::Entity::update_of(order.merchant_id)
        .filter(order::Column::Id.eq(order.id))
        .col_expr(order::Column::TierId, Expr::value(tier_id))
        .col_expr(order::Column::PaymentState, Expr::value(PaymentState::Paid))
        .col_expr(
            order::Column::PaidMinor,
            Expr::value(order.amount_minor - order.discount_minor),
        )
        .col_expr(
            order::Column::ProviderTradeNo,
            Expr::value(payment.provider_trade_no.as_str()),
        )
        .col_expr(order::Column::PaidAt, Expr::value(paid_at))
        .col_expr(order::Column::Late, Expr::value(late))
        .col_expr(order::Column::NextQueryAt, Expr::value(None::<i64>))
        .col_expr(order::Column::UpdatedAt, Expr::value(now))
        .exec(txn)
        .await?;
    let newcomer = match &member {
        Some(member) => {
            let paid = PaidOrder {
                order,
                paid_at,
                zone: zone_of(merchant)?,
            };
            loyalty::paid(app, txn, paid, member).await?
        }
        None => false,
    };
    let happening = Happening {
        merchant_id: order.merchant_id,
        order_id: order.id,
        timeline: if late {
            TimelineKind::PaidLate
        } else {
            TimelineKind::Paid
        },
        event: Some(EventKind::OrderPaid),
        actor: PROVIDER,
        note: Some(payment.provider_trade_no.clone()),
        at: now,
    };
    record(app, txn, happening).await?;
    let paid = Paid {
        late,
        newcomer,
        at: paid_at,
    };
    checkout::service::commit(app, txn, order, paid).await
}

/// Opens a reconciliation item, once for each payment that does not fit.
async fn open_item(
    app: &App,
    txn: &DatabaseTransaction,
    books: &Books<'_>,
    order: &order::Model,
    payment: &Payment,
    kind: ReconciliationKind,
) -> Result<(), Error> {
    let item = NewItem {
        merchant_id: order.merchant_id,
        kind,
        reference: format!("{} {}", order.id.0, payment.provider_trade_no),
        channel_id: order.channel_id,
        order_id: Some(order.id),
        refund_id: None,
        payout_id: None,
        run_id: None,
        provider_trade_no: payment.provider_trade_no.clone(),
        expected_minor: Some(order.amount_minor - order.discount_minor),
        received_minor: Some(payment.amount.minor),
        currency: order.currency.clone(),
        detail: None,
        carried: false,
    };
    let Some(id) = reconciliation::service::open(app, txn, item).await? else {
        return Ok(());
    };
    if kind == ReconciliationKind::SecondPayment {
        let received = payment.amount.minor;
        books.set_aside(app, txn, order, id, received).await?;
    }
    let timeline = match kind {
        ReconciliationKind::AmountMismatch => Some(TimelineKind::AmountMismatch),
        ReconciliationKind::SecondPayment => Some(TimelineKind::SecondPayment),
        // The timeline says PAID_LATE already; a number that another order has is not this order's.
        _ => None,
    };
    if let Some(timeline) = timeline {
        let happening = Happening {
            merchant_id: order.merchant_id,
            order_id: order.id,
            timeline,
            event: None,
            actor: PROVIDER,
            note: Some(format!(
                "{}: {}",
                payment.provider_trade_no,
                payment.amount.to_decimal()
            )),
            at: app.clock.instant(),
        };
        record(app, txn, happening).await?;
    }
    Ok(())
}
