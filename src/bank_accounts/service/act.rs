//! Has the small amount of a claimed bank account sent, and writes down what came of it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::Instant;
use entity::bank_account::{self, BankAccountState};
use entity::channel;
use entity::event::EventKind;
use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter};

use super::due::Claimed;
use super::list::lock;
use super::sealed::open;
use crate::app::App;
use crate::bank_accounts::model::{Verdict, judge, next_attempt, scrub};
use crate::channels::model::{NotYet, check_pays_out};
use crate::channels::provider::{AccountCheckRequest, ProviderError, fingerprint};
use crate::channels::providers::Providers;
use crate::channels::service::maybe_find;
use crate::crash;
use crate::error::Error;
use crate::events;
use crate::ledger::model::{Balances, Posting};
use crate::ledger::service::post;
use crate::money::Money;

/// What is written of a platform's words at the most.
const LONGEST_ERROR: usize = 300;

/// Deals with a claimed bank account: outside any transaction the platform is asked, then its word is written.
pub async fn act(app: &App, providers: &Providers, claimed: &Claimed) -> Result<(), Error> {
    let verdict = ask(app, providers, claimed).await?;
    app.write(claimed.account.merchant_id, |txn| {
        let verdict = verdict.clone();
        async move { write(app, &txn, claimed, verdict).await }
    })
    .await
}

async fn ask(app: &App, providers: &Providers, claimed: &Claimed) -> Result<Verdict, Error> {
    let account = &claimed.account;
    let merchant_id = account.merchant_id;
    let channel = maybe_find(app, merchant_id, account.channel_id)
        .await?
        .ok_or(Error::NotFound)?;
    let currency = crate::merchant::find(app, merchant_id).await?.currency;
    if let Some(verdict) = held(&channel, app.clock.now()) {
        return Ok(verdict);
    }
    let opened = open(&app.key, account)?;
    let provider = match providers.find(app, &channel) {
        Ok(provider) => provider,
        Err(error) => return Ok(judge(Err(error))),
    };
    let through = fingerprint(provider.as_ref());
    let elsewhere = account.check_through.as_ref();
    if elsewhere.is_some_and(|first| *first != through) {
        tracing::error!(account_id = %account.id, "a small amount was sent through another account");
        return Ok(Verdict::elsewhere());
    }
    let request = AccountCheckRequest {
        check_no: account.id.0.to_string(),
        bank_code: account.bank_code.clone(),
        holder: opened.holder.clone(),
        number: opened.number.clone(),
        amount: Money::of_minor(account.check_minor, currency),
        asked_before: claimed.asked_before,
        may_send: claimed.may_send,
        now: app.clock.now(),
    };
    if claimed.may_send {
        still_ours(app, account, &through).await?;
    }
    let limit = Duration::from_millis(app.settings.orders.provider_timeout_ms);
    let answer = tokio::time::timeout(limit, provider.check_account(&request)).await;
    let answer =
        answer.unwrap_or_else(|_| Err(ProviderError::Unavailable("no answer in time".to_owned())));
    Ok(match judge(answer) {
        Verdict::Failed(said) => {
            let said = scrub(&said, &opened.number, &opened.holder);
            Verdict::Failed(said.chars().take(LONGEST_ERROR).collect())
        }
        verdict => verdict,
    })
}

/// What the channel's credentials have to say, before its platform is asked: new ones cool off.
fn held(channel: &channel::Model, now: DateTime<Utc>) -> Option<Verdict> {
    match check_pays_out(channel, now) {
        Ok(()) => None,
        Err(NotYet::CoolingOff { until }) => Some(Verdict::NotBefore(until)),
        Err(NotYet::Unsigned) => Some(Verdict::Failed(
            "CHANNEL_UNSIGNED: no second factor has agreed to the channel's credentials".to_owned(),
        )),
    }
}

/// Writes that the small amount is sent now, and through which account, if the claim is still ours: a worker that was
/// held up since it claimed would else send what another one has sent.
async fn still_ours(app: &App, account: &bank_account::Model, through: &[u8]) -> Result<(), Error> {
    let ours = bank_account::Entity::update_of(account.merchant_id)
        .filter(bank_account::Column::Id.eq(account.id))
        .filter(bank_account::Column::CheckLease.eq(account.check_lease))
        .filter(bank_account::Column::State.eq(BankAccountState::Checking))
        .col_expr(
            bank_account::Column::CheckAskedAt,
            Expr::value(Some(app.clock.instant())),
        )
        .col_expr(
            bank_account::Column::CheckThrough,
            Expr::value(Some(through.to_vec())),
        )
        .exec(&app.db.writes(account.merchant_id))
        .await?;
    if ours.rows_affected == 0 {
        return Err(Error::internal("a claim was lost before it was used"));
    }
    crash::point("check.sending");
    Ok(())
}

/// Writes the platform's word, where the claim is still the last.
async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    claimed: &Claimed,
    verdict: Verdict,
) -> Result<(), Error> {
    let account = &claimed.account;
    let found = lock(txn, account.merchant_id, account.id).await?;
    let current = found.ok_or(Error::NotFound)?;
    if current.check_lease != account.check_lease || current.state != BankAccountState::Checking {
        tracing::info!(account_id = %account.id, "a check's answer came after its lease");
        return Ok(());
    }
    let now = app.clock.instant();
    let next = next_attempt(current.check_attempts, now.0).map(Instant);
    let verdict = match (verdict, next) {
        (Verdict::Again, None) => {
            Verdict::Failed("NO_CLEAR_ANSWER: the platform never said what became of it".to_owned())
        }
        (verdict, _) => verdict,
    };
    let sent = match &verdict {
        Verdict::Sent(minor) => Some(*minor),
        _ => None,
    };
    let never = || Expr::value(None::<Instant>);
    let update = bank_account::Entity::update_of(current.merchant_id)
        .filter(bank_account::Column::Id.eq(current.id));
    let (update, kind) = match verdict {
        Verdict::Sent(minor) => (
            update
                .col_expr(bank_account::Column::CheckSentAt, Expr::value(Some(now)))
                .col_expr(bank_account::Column::CheckMinor, Expr::value(minor))
                .col_expr(bank_account::Column::CheckNextAt, never()),
            Some(EventKind::BankAccountCheckSent),
        ),
        Verdict::Failed(said) => (
            update
                .col_expr(
                    bank_account::Column::State,
                    Expr::value(BankAccountState::Failed),
                )
                .col_expr(bank_account::Column::CheckError, Expr::value(Some(said)))
                .col_expr(bank_account::Column::CheckNextAt, never()),
            Some(EventKind::BankAccountCheckFailed),
        ),
        Verdict::NotBefore(until) => (
            update
                .col_expr(
                    bank_account::Column::CheckNextAt,
                    Expr::value(Some(Instant(until))),
                )
                // Nothing was sent under this claim.
                .col_expr(
                    bank_account::Column::CheckAskedAt,
                    Expr::value(claimed.asked_before),
                ),
            None,
        ),
        Verdict::Again => (
            update.col_expr(bank_account::Column::CheckNextAt, Expr::value(next)),
            None,
        ),
    };
    update.exec(txn).await?;
    if let Some(minor) = sent {
        post_small_amount(app, txn, &current, minor).await?;
    }
    if let Some(kind) = kind {
        let (ids, merchant_id) = (&app.ids, current.merchant_id);
        events::record(txn, ids, now, merchant_id, kind, current.id).await?;
    }
    Ok(())
}

/// The small amount has left for the merchant's bank, and nobody took it from the merchant: the platform gives it.
async fn post_small_amount(
    app: &App,
    txn: &DatabaseTransaction,
    account: &bank_account::Model,
    minor: i64,
) -> Result<(), Error> {
    let merchant_id = account.merchant_id;
    let currency = crate::merchant::find(app, merchant_id).await?.currency;
    let changes = Balances::default()
        .with(LedgerAccount::Adjustment, -minor)
        .with(LedgerAccount::PayoutClearing, minor);
    let posting = Posting {
        source: LedgerSource::BankAccount,
        source_id: account.id.0,
        step: LedgerStep::Settled,
        round: 1,
        changes,
    };
    post(app, txn, merchant_id, currency, &posting).await?;
    Ok(())
}
