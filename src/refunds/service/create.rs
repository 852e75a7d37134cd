//! Makes a refund: decides, sets the money aside, and leaves the rest to the worker.

use entity::event::EventKind;
use entity::order_timeline::TimelineKind;
use entity::refund::{self, RefundKind, RefundReason, RefundStatus};
use entity::{OrderId, ReconciliationItemId, RefundId, refund_line};
use sea_orm::{ActiveEnum, ActiveValue, DatabaseTransaction, EntityTrait};
use serde_json::json;

use super::book::{Step, take_step};
use super::known::Known;
use super::list::find;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::crash;
use crate::error::{Error, Failure};
use crate::idempotency::{Claim, Key};
use crate::ledger::model::Insufficient;
use crate::money::Money;
use crate::orders::service::lock_order;
use crate::refunds::model::{CreateRefusal, NewRefund, RefundDraft, decide, needs_approval};

type Outcome<T> = Result<T, Failure<CreateRefusal>>;

/// Makes a refund. The money is set aside and the allowance used up in the transaction that claims the key;
/// the payment platform is asked afterwards, by the worker. The same key with the same draft returns the
/// same refund, as it is now.
pub async fn create(
    app: &App,
    actor: &Actor,
    key: &str,
    draft: &RefundDraft,
) -> Outcome<refund::Model> {
    let key = &Key::read(key, "refundCreate", draft)?;
    let merchant_id = actor.merchant_id;
    let id = app
        .write(merchant_id, |txn| async move {
            let id: RefundId = app.ids.next();
            match key.claim(app, &txn, merchant_id, id).await? {
                Claim::New => {}
                Claim::Known(known) => return Ok(RefundId(known)),
                Claim::Reused => return Err(Failure::Refused(CreateRefusal::KeyReused)),
                Claim::InProgress => return Err(Failure::Refused(CreateRefusal::InProgress)),
            }
            let asked = Asked {
                id,
                actor,
                draft,
                item: None,
            };
            asked.reserve(app, &txn).await?;
            crash::point("refund.reserving");
            Ok(id)
        })
        .await?;
    crash::point("refund.reserved");
    Ok(find(app, merchant_id, id).await?)
}

/// A refund that is being asked for.
pub(super) struct Asked<'a> {
    /// Its id.
    pub id: RefundId,
    /// Who asks.
    pub actor: &'a Actor,
    /// What for.
    pub draft: &'a RefundDraft,
    /// The reconciliation item that asks, where no person does.
    pub item: Option<ReconciliationItemId>,
}

impl Asked<'_> {
    /// Decides, and sets the money aside.
    pub async fn reserve(&self, app: &App, txn: &DatabaseTransaction) -> Outcome<()> {
        let merchant_id = self.actor.merchant_id;
        let order_id = OrderId(self.draft.order_id);
        let order = match lock_order(txn, merchant_id, order_id).await {
            Err(Error::NotFound) => return Err(Failure::Refused(CreateRefusal::OrderNotFound)),
            other => other?,
        };
        let known = Known::read(app, txn, order).await?;
        let decided =
            decide(&known.refundable(), self.draft, app.clock.now()).map_err(Failure::Refused)?;
        let step = Step {
            order: &known.order,
            from: None,
            refund: self.row(app, &known, &decided),
            told: Some((TimelineKind::RefundRequested, EventKind::RefundRequested)),
            actor: &self.actor.name(),
            note: Some(note(&known, &decided, self.draft)),
            forced: false,
        };
        let lines = decided.lines;
        let amount = Money::of_minor(decided.amount_minor, known.currency).to_decimal();
        take_step(app, txn, step).await.map_err(not_enough)?;
        self.insert_lines(txn, lines).await?;
        if self.item.is_none() {
            let reason = self.draft.reason.to_value();
            let made =
                json!({ "orderId": order_id.to_string(), "amount": amount, "reason": reason });
            let deed = Deed::of("refundCreate").on(self.id).made(made);
            audit::record(app, txn, self.actor, deed).await?;
        }
        Ok(())
    }

    fn row(&self, app: &App, known: &Known, decided: &NewRefund) -> refund::Model {
        let order = &known.order;
        let waits = needs_approval(&known.merchant, self.actor, decided.amount_minor);
        let now = app.clock.instant();
        refund::Model {
            merchant_id: order.merchant_id,
            id: self.id,
            kind: RefundKind::Order,
            order_id: order.id,
            member_id: order.member_id,
            channel_id: order.channel_id,
            method: order.method,
            provider_trade_no: order.provider_trade_no.clone(),
            reconciliation_item_id: self.item,
            currency: order.currency.clone(),
            amount_minor: decided.amount_minor,
            state: if waits {
                RefundStatus::AwaitingApproval
            } else {
                RefundStatus::Processing
            },
            reason: self.draft.reason,
            reason_text: self.draft.reason_text.clone(),
            requested_by: self.actor.name(),
            decided_by: None,
            decided_at: None,
            round: 1,
            attempts: 0,
            lease: 0,
            sent_at: None,
            sent_through: None,
            next_attempt_at: (!waits).then_some(now),
            needs_attention: false,
            provider_refund_no: None,
            error_code: None,
            error: None,
            fee_returned_minor: 0,
            succeeded_at: None,
            updated_at: now,
        }
    }

    async fn insert_lines(
        &self,
        txn: &DatabaseTransaction,
        lines: Vec<(i16, i32, i64)>,
    ) -> Outcome<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let rows = lines
            .into_iter()
            .map(|(line_no, quantity, minor)| refund_line::ActiveModel {
                merchant_id: ActiveValue::Set(self.actor.merchant_id),
                refund_id: ActiveValue::Set(self.id),
                line_no: ActiveValue::Set(line_no),
                quantity: ActiveValue::Set(quantity),
                amount_minor: ActiveValue::Set(minor),
            });
        refund_line::Entity::insert_many(rows)
            .exec_without_returning(txn)
            .await?;
        Ok(())
    }
}

/// What the timeline says of it: how much, and why.
fn note(known: &Known, decided: &NewRefund, draft: &RefundDraft) -> String {
    let amount = Money::of_minor(decided.amount_minor, known.currency).to_decimal();
    match &draft.reason_text {
        Some(text) => format!("{amount}: {text}"),
        None if draft.reason == RefundReason::Other => amount.to_string(),
        None => format!("{amount}: {}", sea_orm::ActiveEnum::to_value(&draft.reason)),
    }
}

/// Too little money is a refusal of the refund.
pub(super) fn not_enough(failure: Failure<Insufficient>) -> Failure<CreateRefusal> {
    match failure {
        Failure::Refused(why) => Failure::Refused(CreateRefusal::InsufficientBalance(why)),
        Failure::Failed(error) => Failure::Failed(error),
    }
}
