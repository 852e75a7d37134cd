//! Sends a claimed payout, or asks about it, and writes down what came of it.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use entity::event::EventKind;
use entity::merchant::MerchantStatus;
use entity::payout::{self, PayoutStatus};
use entity::{Instant, bank_account, channel, merchant};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter};

use super::account::find_account;
use super::book::{Step, currency, lock, never_refused, take_step};
use super::due::Claimed;
use super::record::{SENT, record};
use super::seal::opened_as_signed;
use crate::app::App;
use crate::bank_accounts::model::scrub;
use crate::bank_accounts::service::open;
use crate::channels::model::check_pays_out;
use crate::channels::provider::{
    PayoutAbilities, PayoutOutcome, PayoutQuery, PayoutRequest, Provider, ProviderError,
    fingerprint,
};
use crate::channels::providers::Providers;
use crate::channels::service::maybe_find;
use crate::crash;
use crate::error::{Error, Failure};
use crate::money::Money;
use crate::payouts::model::{
    Doing, Moment, Signed, Verdict, doing, is_held, judge_answer, judge_question, next_attempt,
    payout_no,
};

/// Who is named where a payment platform did it.
pub(super) const PROVIDER: &str = "provider";

/// Deals with a claimed payout: outside any transaction the platform is asked, then its word is written.
pub async fn act(app: &App, providers: &Providers, claimed: &Claimed) -> Result<(), Error> {
    crash::point("payout.claimed");
    let merchant_id = claimed.payout.merchant_id;
    let (verdict, abilities) = ask(app, providers, claimed).await?;
    crash::point("payout.answered");
    app.write(merchant_id, |txn| {
        let verdict = verdict.clone();
        async move { write(app, &txn, &claimed.payout, verdict, abilities).await }
    })
    .await?;
    crash::point("payout.recorded");
    Ok(())
}

/// The channel's provider, and what it can be relied on for; none where it pays nothing out.
fn provider(
    app: &App,
    providers: &Providers,
    channel: &channel::Model,
) -> Result<(Arc<dyn Provider>, PayoutAbilities), ProviderError> {
    let provider = providers.find(app, channel)?;
    let abilities = provider.payout_abilities();
    let abilities = abilities
        .ok_or_else(|| ProviderError::Misconfigured("the channel sends no payouts".to_owned()))?;
    Ok((provider, waiting(app, abilities)))
}

/// As the provider says, but for how long its platform may be at work: that is a setting.
fn waiting(app: &App, abilities: PayoutAbilities) -> PayoutAbilities {
    if abilities.at_work_for.is_zero() {
        return abilities;
    }
    let ms = i64::try_from(app.settings.payouts.resend_after_ms).unwrap_or(600_000);
    PayoutAbilities {
        at_work_for: TimeDelta::milliseconds(ms),
        ..abilities
    }
}

async fn ask(
    app: &App,
    providers: &Providers,
    claimed: &Claimed,
) -> Result<(Verdict, Option<PayoutAbilities>), Error> {
    let payout = &claimed.payout;
    let doing = doing(payout, claimed.attempts_before);
    let again = doing == Doing::Ask;
    let channel = maybe_find(app, payout.merchant_id, payout.channel_id)
        .await?
        .ok_or(Error::NotFound)?;
    let (provider, abilities) = match provider(app, providers, &channel) {
        Ok(found) => found,
        Err(_) if payout.state == PayoutStatus::Paid => {
            return Ok((Verdict::still(payout), None));
        }
        Err(error) => return Ok((judge_answer(Err(error), again), None)),
    };
    let through = fingerprint(provider.as_ref());
    if payout
        .sent_through
        .as_ref()
        .is_some_and(|first| *first != through)
    {
        tracing::error!(payout_id = %payout.id, "a payout was sent through another account");
        return Ok((Verdict::elsewhere(payout), Some(abilities)));
    }
    // What was sent goes on through the account that it was sent through.
    if doing == Doing::Send
        && let Err(not_yet) = check_pays_out(&channel, app.clock.now())
    {
        tracing::info!(payout_id = %payout.id, ?not_yet, "a payout waits for its channel");
        return Ok((Verdict::not_yet(payout, not_yet), Some(abilities)));
    }
    let desk = Desk {
        app,
        provider: provider.as_ref(),
        through,
        account: find_account(
            &app.db.reads(payout.merchant_id),
            payout.merchant_id,
            payout.bank_account_id,
        )
        .await?,
        payout,
    };
    let verdict = match doing {
        Doing::Send => desk.send(false).await?,
        Doing::Ask => {
            let answer = desk.question().await?;
            match judge_question(payout, answer, abilities, app.clock.now()) {
                Some(verdict) => verdict,
                // Not known there: it never arrived.
                None => desk.send(true).await?,
            }
        }
    };
    Ok((desk.masked(verdict), Some(abilities)))
}

/// Where one payout is dealt with.
struct Desk<'a> {
    app: &'a App,
    provider: &'a dyn Provider,
    /// A hash of the platform, and of who we are there.
    through: Vec<u8>,
    account: bank_account::Model,
    payout: &'a payout::Model,
}

impl Desk<'_> {
    /// Sends it, if it is what was signed and the claim is still ours; that it is sent is written first. A worker
    /// that was held up since it claimed would else send what another one has sent, or a person has settled.
    async fn send(&self, again: bool) -> Result<Verdict, Error> {
        let (app, payout) = (self.app, self.payout);
        let signed = Signed::to_send(payout);
        let Some(account) = opened_as_signed(app, payout, &self.account, signed) else {
            tracing::error!(payout_id = %payout.id, "a payout is not what was signed");
            return Ok(Verdict::tampered());
        };
        let merchant = merchant::Entity::of(payout.merchant_id);
        let merchant = merchant.one(&app.db.writes(payout.merchant_id)).await?;
        if merchant.is_none_or(|merchant| merchant.status != MerchantStatus::Active) {
            return Ok(Verdict::held(payout));
        }
        let marked = app.db.transaction_of(payout.merchant_id, |txn| async move {
            self.mark_sent(&txn).await
        });
        marked.await?;
        crash::point("payout.sending");
        let request = PayoutRequest {
            payout_no: payout_no(payout.id),
            bank_code: self.account.bank_code.clone(),
            holder: account.holder,
            number: account.number,
            amount: Money::of_minor(payout.net_minor, currency(payout)?),
            remark: payout.note.clone().unwrap_or_default(),
            now: app.clock.now(),
        };
        let answer = self.in_time(self.provider.create_payout(&request)).await;
        Ok(judge_answer(answer, again))
    }

    /// Writes that it is about to be sent, and through which account.
    async fn mark_sent(&self, txn: &DatabaseTransaction) -> Result<(), Error> {
        let (app, payout) = (self.app, self.payout);
        let ours = payout::Entity::update_of(payout.merchant_id)
            .filter(payout::Column::Id.eq(payout.id))
            .filter(payout::Column::Lease.eq(payout.lease))
            .col_expr(payout::Column::SentAt, Expr::value(app.clock.instant()))
            .col_expr(
                payout::Column::SentThrough,
                Expr::value(Some(self.through.clone())),
            )
            .exec(txn)
            .await?;
        if ours.rows_affected == 0 {
            return Err(Error::internal("a claim was lost before it was used"));
        }
        record(app, txn, payout.merchant_id, payout.id, SENT).await
    }

    /// The platform's words without the number and the holder, where it repeats them; none of its words where that
    /// cannot be told.
    fn masked(&self, verdict: Verdict) -> Verdict {
        match open(&self.app.key, &self.account) {
            Ok(account) => verdict.in_words(|text| scrub(text, &account.number, &account.holder)),
            Err(_) if verdict.needs_person => verdict,
            Err(_) => verdict.in_words(|_| "unreadable".to_owned()),
        }
    }

    async fn question(&self) -> Result<Result<PayoutOutcome, ProviderError>, Error> {
        let query = PayoutQuery {
            payout_no: payout_no(self.payout.id),
            amount: Money::of_minor(self.payout.net_minor, currency(self.payout)?),
            now: self.app.clock.now(),
        };
        Ok(self.in_time(self.provider.query_payout(&query)).await)
    }

    async fn in_time(
        &self,
        answer: impl Future<Output = Result<PayoutOutcome, ProviderError>>,
    ) -> Result<PayoutOutcome, ProviderError> {
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
    claimed: &payout::Model,
    verdict: Verdict,
    abilities: Option<PayoutAbilities>,
) -> Result<(), Error> {
    let found = lock(txn, claimed.merchant_id, claimed.id).await?;
    let current = found.ok_or(Error::NotFound)?;
    if current.lease != claimed.lease {
        tracing::info!(payout_id = %claimed.id, "an outcome came after its lease");
        return Ok(());
    }
    let now = app.clock.instant();
    let moment = Moment {
        now: now.0,
        zone: crate::merchant::find(app, claimed.merchant_id).await?.zone,
        calendar: &app.calendar,
    };
    let (next, needs_attention) = next_attempt(&current, &verdict, abilities, &moment);
    let from = current.state;
    let state = match verdict.status {
        // Nobody asks any more: a person may say what became of it.
        PayoutStatus::Processing if next.is_none() => PayoutStatus::Unknown,
        // The bank had it before it returned it, though nobody was told.
        PayoutStatus::Returned if from != PayoutStatus::Paid => {
            let paid = ended(current.clone(), PayoutStatus::Paid, PROVIDER, now);
            step(app, txn, from, paid).await?;
            PayoutStatus::Returned
        }
        state => state,
    };
    let from = match state {
        PayoutStatus::Returned => PayoutStatus::Paid,
        _ => from,
    };
    let (error_code, error) = verdict.error.unzip();
    let known = payout::Model {
        provider_payout_no: verdict
            .provider_payout_no
            .or(current.provider_payout_no.clone()),
        error_code,
        error,
        accepted_at: current.accepted_at.or(verdict.accepted.then_some(now)),
        ..current
    };
    let known = payout::Model {
        // The claim is no sending where it was held back.
        sent_at: known.sent_at.filter(|_| !is_held(&known)),
        ..known
    };
    let payout = match state {
        PayoutStatus::Processing | PayoutStatus::Unknown => payout::Model {
            state,
            next_attempt_at: next.map(Instant),
            needs_attention,
            ..known
        },
        _ => payout::Model {
            next_attempt_at: next.map(Instant),
            needs_attention,
            ..ended(known, state, PROVIDER, now)
        },
    };
    step(app, txn, from, payout).await?;
    crash::point("payout.recording");
    Ok(())
}

async fn step(
    app: &App,
    txn: &DatabaseTransaction,
    from: PayoutStatus,
    payout: payout::Model,
) -> Result<(), Error> {
    let news = from != payout.state && payout.state != PayoutStatus::Processing;
    let step = Step {
        from: Some(from),
        told: news.then(|| told(payout.state)),
        payout,
        by: None,
        forced: false,
    };
    let taken = take_step(app, txn, step).await;
    taken.map_err(|failure| match never_refused::<()>(failure) {
        Failure::Failed(error) => error,
        Failure::Refused(()) => Error::internal("a refusal that was none"),
    })
}

/// A payout that has come to an end, or that the bank has.
pub(super) fn ended(
    payout: payout::Model,
    state: PayoutStatus,
    by: &str,
    now: Instant,
) -> payout::Model {
    let had_it = matches!(state, PayoutStatus::Paid | PayoutStatus::Returned);
    let closed = matches!(state, PayoutStatus::Failed | PayoutStatus::Canceled);
    payout::Model {
        state,
        paid_at: had_it.then(|| payout.paid_at.unwrap_or(now)),
        returned_at: (state == PayoutStatus::Returned).then_some(now),
        closed_at: closed.then_some(now),
        closed_by: closed.then(|| by.to_owned()),
        lease: payout.lease + 1,
        next_attempt_at: None,
        needs_attention: false,
        ..payout
    }
}

/// What subscribers are told of a state.
pub(super) fn told(state: PayoutStatus) -> EventKind {
    match state {
        PayoutStatus::AwaitingApproval | PayoutStatus::Processing => EventKind::PayoutRequested,
        PayoutStatus::Rejected => EventKind::PayoutRejected,
        PayoutStatus::Unknown => EventKind::PayoutUnknown,
        PayoutStatus::Paid => EventKind::PayoutPaid,
        PayoutStatus::Failed => EventKind::PayoutFailed,
        PayoutStatus::Canceled => EventKind::PayoutCanceled,
        PayoutStatus::Returned => EventKind::PayoutReturned,
    }
}
