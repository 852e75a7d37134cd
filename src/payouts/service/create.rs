//! Makes a payout: a challenge is signed, the money is set aside, and the rest is left to the worker.

use entity::event::EventKind;
use entity::payout::{self, PayoutOrigin, PayoutStatus};
use entity::{PayoutChallengeId, PayoutId, bank_account, payout_challenge};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QuerySelect};
use serde_json::json;

use super::book::{Step, take_step};
use super::known::{Known, lock_merchant};
use super::list::find;
use super::seal::sign;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::{Actor, Who};
use crate::crash;
use crate::error::{Error, Failure};
use crate::idempotency::{Claim, Key};
use crate::ledger::model::Insufficient;
use crate::money::Money;
use crate::payouts::model::{
    ChallengeRefusal, CreateDraft, CreateRefusal, NewPayout, Signed, check_challenge, decide,
    expected, needs_approval,
};
use crate::second_factor::model::SecondFactorRefusal;
use crate::second_factor::service::{Code, with_code};

type Outcome<T> = Result<T, Failure<CreateRefusal>>;

/// Makes the payout that a challenge shows. Challenge and code are spent and the money is set aside in the
/// transaction that claims the key; the payment platform is asked afterwards, by the worker. The same key with the
/// same draft returns the same payout, as it is now, whatever the code.
pub async fn create(
    app: &App,
    actor: &Actor,
    key: &str,
    code: &str,
    draft: &CreateDraft,
) -> Outcome<payout::Model> {
    draft.check().map_err(Failure::Refused)?;
    let key = &Key::read(key, "payoutCreate", draft)?;
    let merchant_id = actor.merchant_id;
    let tried = Deed::of("payoutCreate");
    let id = with_code(app, actor, code, tried, |txn, code| async move {
        let id: PayoutId = app.ids.next();
        match key.claim(app, &txn, merchant_id, id).await? {
            Claim::New => {}
            Claim::Known(known) => return Ok(PayoutId(known)),
            Claim::Reused => return Err(Failure::Refused(CreateRefusal::KeyReused)),
            Claim::InProgress => return Err(Failure::Refused(CreateRefusal::InProgress)),
        }
        reserve(app, &txn, actor, id, &code, draft).await?;
        crash::point("payout.reserving");
        Ok(id)
    })
    .await?;
    crash::point("payout.reserved");
    Ok(find(app, merchant_id, id).await?)
}

async fn reserve(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: PayoutId,
    code: &Code,
    draft: &CreateDraft,
) -> Outcome<()> {
    lock_merchant(txn, actor.merchant_id).await?;
    let challenge = find_challenge(txn, actor, PayoutChallengeId(draft.challenge_id)).await?;
    let now = app.clock.now();
    check_challenge(&challenge, now).map_err(Failure::Refused)?;
    code.spend_for_money(txn).await?;
    let account_id = challenge.bank_account_id;
    let known = Known::of_account(app, txn, actor.merchant_id, account_id, id).await?;
    let refused = |refusal| Failure::Refused(CreateRefusal::Refused(refusal));
    let decided = decide(&known.payable(), challenge.amount_minor, now).map_err(refused)?;
    if decided.fee_minor != challenge.fee_minor || challenge.channel_id != Some(decided.channel_id)
    {
        return Err(Failure::Refused(CreateRefusal::ChallengeOutdated));
    }
    use_up(app, txn, &challenge, id).await?;
    let asked = Asked {
        id,
        origin: PayoutOrigin::Person,
        requested_by: actor.name(),
        note: draft.note.clone(),
        challenge_id: Some(challenge.id),
    };
    let taken = asked.take(app, txn, &known, &decided).await;
    taken.map_err(|failure| match failure {
        Failure::Refused(why) => refused(ChallengeRefusal::InsufficientBalance(why)),
        Failure::Failed(error) => Failure::Failed(error),
    })?;
    known
        .check_left(txn)
        .await
        .map_err(|failure| match failure {
            Failure::Refused(why) => refused(why.into()),
            Failure::Failed(error) => Failure::Failed(error),
        })?;
    let decimal = |minor| Money::of_minor(minor, known.currency).to_decimal();
    let deed = Deed::of("payoutCreate").on(id).made(json!({
        "bankAccountId": account_id.to_string(),
        "amount": decimal(decided.amount_minor),
        "fee": decimal(decided.fee_minor),
        "note": draft.note,
    }));
    Ok(audit::record(app, txn, actor, deed).await?)
}

/// The challenge of who asks, locked; another person's is none.
async fn find_challenge(
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: PayoutChallengeId,
) -> Outcome<payout_challenge::Model> {
    let not_found = || Failure::Refused(CreateRefusal::ChallengeNotFound);
    let Who::Staff { staff_id, .. } = actor.who else {
        let refusal = CreateRefusal::SecondFactor(SecondFactorRefusal::StaffOnly);
        return Err(Failure::Refused(refusal));
    };
    let found = payout_challenge::Entity::of(actor.merchant_id)
        .filter(payout_challenge::Column::Id.eq(id))
        .filter(payout_challenge::Column::StaffId.eq(staff_id))
        .lock_exclusive()
        .one(txn)
        .await?;
    found.ok_or_else(not_found)
}

async fn use_up(
    app: &App,
    txn: &DatabaseTransaction,
    challenge: &payout_challenge::Model,
    id: PayoutId,
) -> Outcome<()> {
    let now = app.clock.instant();
    let used = payout_challenge::Entity::update_of(challenge.merchant_id)
        .filter(payout_challenge::Column::Id.eq(challenge.id))
        .filter(payout_challenge::Column::UsedAt.is_null())
        .col_expr(payout_challenge::Column::UsedAt, Expr::value(now))
        .col_expr(payout_challenge::Column::PayoutId, Expr::value(id))
        .exec(txn)
        .await?;
    if used.rows_affected == 0 {
        return Err(Failure::Refused(CreateRefusal::ChallengeUsed));
    }
    Ok(())
}

/// A payout that is being asked for.
pub(super) struct Asked {
    /// Its id.
    pub id: PayoutId,
    /// Who or what asks.
    pub origin: PayoutOrigin,
    /// Who asks, by name: a schedule in the name of whoever set it.
    pub requested_by: String,
    /// Why, in words.
    pub note: Option<String>,
    /// What was signed.
    pub challenge_id: Option<PayoutChallengeId>,
}

impl Asked {
    /// Writes it down, signed, and sets the money aside.
    pub async fn take(
        self,
        app: &App,
        txn: &DatabaseTransaction,
        known: &Known,
        decided: &NewPayout,
    ) -> Result<(), Failure<Insufficient>> {
        let account = known.account.as_ref();
        let account = account.ok_or_else(|| Error::internal("decided without an account"))?;
        let payout = self.row(app, known, decided, account)?;
        let step = Step {
            from: None,
            payout,
            told: Some(EventKind::PayoutRequested),
            by: None,
            forced: false,
        };
        take_step(app, txn, step).await
    }

    fn row(
        self,
        app: &App,
        known: &Known,
        decided: &NewPayout,
        account: &bank_account::Model,
    ) -> Result<payout::Model, Error> {
        let waits = needs_approval(&known.merchant, decided.amount_minor, app.clock.now());
        let now = app.clock.instant();
        let arrival = expected(&app.calendar, &known.terms, known.zone, now.0);
        let row = payout::Model {
            merchant_id: known.merchant.id,
            id: self.id,
            bank_account_id: account.id,
            channel_id: decided.channel_id,
            currency: known.currency.code().to_owned(),
            amount_minor: decided.amount_minor,
            fee_minor: decided.fee_minor,
            net_minor: decided.net_minor,
            state: if waits {
                PayoutStatus::AwaitingApproval
            } else {
                PayoutStatus::Processing
            },
            origin: self.origin,
            requested_by: self.requested_by,
            note: self.note,
            challenge_id: self.challenge_id,
            signature: Vec::new(),
            decided_by: None,
            decided_at: None,
            decision_note: None,
            attempts: 0,
            lease: 0,
            sent_at: None,
            sent_through: None,
            accepted_at: None,
            next_attempt_at: (!waits).then_some(now),
            needs_attention: false,
            provider_payout_no: None,
            error_code: None,
            error: None,
            expected_from_on: arrival.map(|arrival| arrival.from.into()),
            expected_to_on: arrival.map(|arrival| arrival.to.into()),
            paid_at: None,
            returned_at: None,
            closed_at: None,
            closed_by: None,
            returns_fee: known.terms.fee_returned,
            fee_returned_minor: 0,
            updated_at: now,
        };
        let signed = if waits {
            Signed::Waiting
        } else {
            Signed::Alone
        };
        let signature = sign(app, &row, account, signed)?;
        Ok(payout::Model { signature, ..row })
    }
}
