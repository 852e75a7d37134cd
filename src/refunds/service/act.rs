//! Sends a claimed refund, or asks about it, and writes down what came of it.

use std::time::Duration;

use chrono::TimeDelta;
use entity::refund::{self, RefundStatus};
use entity::{channel, order};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter};

use super::book::{Step, currency, lock, take_step};
use super::due::Claimed;
use super::resolve::{ended, told};
use crate::app::App;
use crate::channels::provider::{
    Provider, ProviderError, RefundAbilities, RefundOutcome, RefundQuery, RefundRequest,
    fingerprint,
};
use crate::channels::providers::Providers;
use crate::channels::service::maybe_find;
use crate::crash;
use crate::error::{Error, Failure};
use crate::money::Money;
use crate::orders::model::order_no;
use crate::reconciliation;
use crate::refunds::model::{
    Doing, Verdict, doing, judge_answer, judge_question, next_attempt, refund_no,
};

/// Who is named where a payment platform did it.
const PROVIDER: &str = "provider";

/// Deals with a claimed refund: outside any transaction the platform is asked, then its word is written.
pub async fn act(app: &App, providers: &Providers, claimed: &Claimed) -> Result<(), Error> {
    crash::point("refund.claimed");
    let refund = &claimed.refund;
    let merchant_id = refund.merchant_id;
    let channel = maybe_find(app, merchant_id, refund.channel_id)
        .await?
        .ok_or(Error::NotFound)?;
    let order = order::Entity::of(merchant_id)
        .filter(order::Column::Id.eq(refund.order_id))
        .one(&app.db.reads(merchant_id))
        .await?
        .ok_or(Error::NotFound)?;
    let (verdict, abilities) = ask(app, providers, &channel, &order, claimed).await?;
    crash::point("refund.answered");
    app.write(merchant_id, |txn| {
        let verdict = verdict.clone();
        async move { write(app, &txn, refund, verdict, abilities).await }
    })
    .await?;
    crash::point("refund.recorded");
    Ok(())
}

async fn ask(
    app: &App,
    providers: &Providers,
    channel: &channel::Model,
    order: &order::Model,
    claimed: &Claimed,
) -> Result<(Verdict, RefundAbilities), Error> {
    let refund = &claimed.refund;
    let provider = match providers.find(app, channel) {
        Ok(provider) => provider,
        Err(error) => {
            let nothing = RefundAbilities {
                idempotent: false,
                query: false,
                at_work_for: TimeDelta::zero(),
            };
            let again = claimed.attempts_before > 0;
            return Ok((judge_answer(Err(error), again, nothing), nothing));
        }
    };
    let abilities = waiting(app, provider.refund_abilities());
    let through = fingerprint(provider.as_ref());
    let first = refund.sent_through.as_ref();
    if first.is_some_and(|first| *first != through) {
        tracing::error!(refund_id = %refund.id, "a refund was sent through another account");
        return Ok((Verdict::elsewhere(), abilities));
    }
    let desk = Desk {
        app,
        provider: provider.as_ref(),
        through,
        order,
        refund,
    };
    let verdict = match doing(claimed.attempts_before, claimed.may_be_known(), abilities) {
        Doing::Send => judge_answer(desk.send().await?, false, abilities),
        Doing::SendAgain => desk.send_again(abilities).await?,
        Doing::Leave => Verdict::left_to_a_person(),
        Doing::Ask => {
            let answer = desk.question().await?;
            match judge_question(refund, answer, abilities, app.clock.now()) {
                Some(verdict) => verdict,
                // Not known there: it never arrived.
                None => desk.send_again(abilities).await?,
            }
        }
    };
    Ok((verdict, abilities))
}

/// As the provider says, but for how long its platform may be at work: that is a setting.
fn waiting(app: &App, abilities: RefundAbilities) -> RefundAbilities {
    if abilities.at_work_for.is_zero() {
        return abilities;
    }
    let ms = i64::try_from(app.settings.refunds.resend_after_ms).unwrap_or(600_000);
    RefundAbilities {
        at_work_for: TimeDelta::milliseconds(ms),
        ..abilities
    }
}

/// Where one refund is dealt with.
struct Desk<'a> {
    app: &'a App,
    provider: &'a dyn Provider,
    /// A hash of the platform, and of who we are there.
    through: Vec<u8>,
    order: &'a order::Model,
    refund: &'a refund::Model,
}

impl Desk<'_> {
    /// Sends it, if the claim is still ours; that it is sent is written first. A worker that was held up
    /// since it claimed would else send what another one has sent, or a person has settled.
    async fn send(&self) -> Result<Result<RefundOutcome, ProviderError>, Error> {
        let now = self.app.clock.instant();
        let ours = refund::Entity::update_of(self.refund.merchant_id)
            .filter(refund::Column::Id.eq(self.refund.id))
            .filter(refund::Column::Lease.eq(self.refund.lease))
            .col_expr(refund::Column::SentAt, Expr::value(now))
            .col_expr(
                refund::Column::SentThrough,
                Expr::value(Some(self.through.clone())),
            )
            .exec(&self.app.db.writes(self.refund.merchant_id))
            .await?;
        if ours.rows_affected == 0 {
            return Err(Error::internal("a claim was lost before it was used"));
        }
        crash::point("refund.sending");
        let currency = currency(self.refund)?;
        let request = RefundRequest {
            refund_no: refund_no(self.refund.id),
            order_no: order_no(self.order.id),
            provider_trade_no: self.refund.provider_trade_no.clone(),
            amount: Money::of_minor(self.refund.amount_minor, currency),
            paid: Money::of_minor(self.order.paid_minor, currency),
            reason: self.refund.reason_text.clone().unwrap_or_default(),
            now: self.app.clock.now(),
        };
        Ok(self.in_time(self.provider.create_refund(&request)).await)
    }

    async fn send_again(&self, abilities: RefundAbilities) -> Result<Verdict, Error> {
        Ok(judge_answer(self.send().await?, true, abilities))
    }

    async fn question(&self) -> Result<Result<RefundOutcome, ProviderError>, Error> {
        let query = RefundQuery {
            refund_no: refund_no(self.refund.id),
            order_no: order_no(self.order.id),
            amount: Money::of_minor(self.refund.amount_minor, currency(self.refund)?),
            now: self.app.clock.now(),
        };
        Ok(self.in_time(self.provider.query_refund(&query)).await)
    }

    async fn in_time(
        &self,
        answer: impl Future<Output = Result<RefundOutcome, ProviderError>>,
    ) -> Result<RefundOutcome, ProviderError> {
        let limit = Duration::from_millis(self.app.settings.orders.provider_timeout_ms);
        tokio::time::timeout(limit, answer)
            .await
            .unwrap_or_else(|_| Err(ProviderError::Unavailable("no answer in time".to_owned())))
    }
}

/// Writes the platform's word, where the claim is still the last.
async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    claimed: &refund::Model,
    verdict: Verdict,
    abilities: RefundAbilities,
) -> Result<(), Error> {
    let found = lock(txn, claimed.merchant_id, claimed.id).await?;
    let (order, current) = found.ok_or(Error::NotFound)?;
    if current.lease != claimed.lease {
        tracing::info!(refund_id = %claimed.id, "an outcome came after its lease");
        return Ok(());
    }
    let now = app.clock.instant();
    let (next, needs_attention) = next_attempt(&current, &verdict, abilities, now.0);
    let from = current.state;
    let state = if next.is_none() && verdict.status == RefundStatus::Processing {
        // Nobody asks any more: a person may say what became of it.
        RefundStatus::Unknown
    } else {
        verdict.status
    };
    let (error_code, error) = verdict.error.unzip();
    let note = error.clone();
    let known = refund::Model {
        provider_refund_no: verdict
            .provider_refund_no
            .or(current.provider_refund_no.clone()),
        error_code,
        error,
        ..current
    };
    let refund = match state {
        RefundStatus::Succeeded | RefundStatus::Failed => ended(known, state, now),
        _ => refund::Model {
            state,
            next_attempt_at: next.map(entity::Instant),
            needs_attention,
            ..known
        },
    };
    // That it is accepted after all is no news for a timeline.
    let news = from != state && state != RefundStatus::Processing;
    let (merchant_id, item) = (refund.merchant_id, refund.reconciliation_item_id);
    let step = Step {
        order: &order,
        from: Some(from),
        refund,
        told: news.then(|| told(state)),
        actor: PROVIDER,
        note,
        forced: false,
    };
    take_step(app, txn, step)
        .await
        .map_err(|failure| match failure {
            Failure::Failed(error) => error,
            Failure::Refused(_) => Error::internal("what was set aside is not there"),
        })?;
    if let (Some(item), RefundStatus::Succeeded) = (item, state) {
        reconciliation::service::refunded(app, txn, merchant_id, item, "system").await?;
    }
    crash::point("refund.recording");
    Ok(())
}
