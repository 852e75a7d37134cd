//! Asks the payment platform for what the payer is shown, and writes down what it answers.

use std::net::IpAddr;
use std::time::Duration;

use entity::event::EventKind;
use entity::order::{self, PaymentState};
use entity::order_timeline::TimelineKind;
use entity::{MerchantId, OrderId, channel};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QuerySelect};

use super::history::{Happening, record};
use crate::app::App;
use crate::auth::model::Actor;
use crate::channels::provider::{Device, PaymentCode, PaymentRequest, ProviderError};
use crate::channels::providers::Providers;
use crate::error::Error;
use crate::health;
use crate::money::{Currency, Money};
use crate::orders::model::{CreateRefusal, order_no};

/// How the payer pays; what the payment platform needs to know beside the order.
#[derive(Clone, Debug)]
pub struct PaymentWish {
    /// What the payer's device can open.
    pub device: Device,
    /// The payer's address.
    pub client_ip: IpAddr,
    /// Where the payer's browser goes afterwards.
    pub return_url: Option<String>,
}

/// Asks the payment platform, outside any transaction. What it answers counts for the channel's health, unless
/// it was asked about this order before: one payer who tries again and again says no more than one.
pub async fn ask(
    app: &App,
    providers: &Providers,
    channel: &channel::Model,
    order: &order::Model,
    currency: Currency,
    wish: PaymentWish,
    again: bool,
) -> Result<PaymentCode, ProviderError> {
    let began = tokio::time::Instant::now();
    let request = PaymentRequest {
        order_no: order_no(order.id),
        title: order.title.clone(),
        amount: Money::of_minor(order.amount_minor - order.discount_minor, currency),
        method: order.method,
        client_ip: wish.client_ip,
        device: wish.device,
        callback_url: crate::channels::service::callback_url(app, channel),
        return_url: wish.return_url,
        now: app.clock.now(),
    };
    let limit = Duration::from_millis(app.settings.orders.provider_timeout_ms);
    let answer = match providers.find(app, channel) {
        Err(error) => Err(error),
        Ok(provider) => tokio::time::timeout(limit, provider.create_payment(&request))
            .await
            .unwrap_or_else(|_| Err(ProviderError::Unavailable("no answer in time".to_owned()))),
    };
    if !again {
        let minor = request.amount.minor;
        health::service::count_attempt(app, channel, minor, &answer, began.elapsed());
    }
    answer
}

/// Writes down what the platform answered. Where nothing is known to have happened there, the order
/// stays as it is and the same request may be sent again.
pub async fn record_answer(
    app: &App,
    actor: &Actor,
    order: &order::Model,
    answer: Result<PaymentCode, ProviderError>,
) -> Result<Option<CreateRefusal>, Error> {
    let (merchant_id, order_id) = (order.merchant_id, order.id);
    let (code, refusal) = match answer {
        Ok(code) => (Some(code), None),
        Err(ProviderError::Refused { code, message }) => {
            tracing::info!(%order_id, code, message, "a provider refused a payment");
            (None, Some(CreateRefusal::ProviderRefused { message }))
        }
        Err(error) => {
            tracing::warn!(%order_id, %error, "a provider gave no payment code");
            return Ok(Some(CreateRefusal::ProviderUnavailable));
        }
    };
    let note = refusal.as_ref().and_then(|refusal| match refusal {
        CreateRefusal::ProviderRefused { message } => Some(message.clone()),
        _ => None,
    });
    let (code, note) = (&code, &note);
    app.write(merchant_id, |txn| async move {
        write_answer(
            app,
            &txn,
            actor,
            (merchant_id, order_id),
            code.clone(),
            note.clone(),
        )
        .await
    })
    .await?;
    Ok(refusal)
}

async fn write_answer(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    (merchant_id, order_id): (MerchantId, OrderId),
    code: Option<PaymentCode>,
    note: Option<String>,
) -> Result<(), Error> {
    let Some(order) = order::Entity::of(merchant_id)
        .filter(order::Column::Id.eq(order_id))
        .lock_exclusive()
        .one(txn)
        .await?
    else {
        return Err(Error::NotFound);
    };
    let open = matches!(
        order.payment_state,
        PaymentState::Pending | PaymentState::Failed
    );
    // Of several requests with one key, the first code stays, and a refusal is told once: one change, one
    // entry, one event.
    let refused_again = order.payment_state == PaymentState::Failed && code.is_none();
    if !open || order.payment_code.is_some() || refused_again {
        return Ok(());
    }
    let now = app.clock.instant();
    let (state, timeline, event) = if code.is_some() {
        (
            PaymentState::Pending,
            TimelineKind::PaymentRequested,
            EventKind::OrderPaymentRequested,
        )
    } else {
        (
            PaymentState::Failed,
            TimelineKind::PaymentFailed,
            EventKind::OrderPaymentFailed,
        )
    };
    let mut update = order::Entity::update_of(merchant_id)
        .filter(order::Column::Id.eq(order_id))
        .col_expr(order::Column::PaymentState, Expr::value(state))
        .col_expr(order::Column::UpdatedAt, Expr::value(now));
    if let Some(code) = code {
        update = update
            .col_expr(order::Column::PaymentCodeKind, Expr::value(code.kind))
            .col_expr(order::Column::PaymentCode, Expr::value(code.content));
    }
    update.exec(txn).await?;
    let happening = Happening {
        merchant_id,
        order_id,
        timeline,
        event: Some(event),
        actor: &actor.name(),
        note,
        at: now,
    };
    Ok(record(app, txn, happening).await?)
}
