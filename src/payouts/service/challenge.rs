//! Makes a challenge: what a second factor is to sign, shown before it is signed.

use chrono::TimeDelta;
use entity::{BankAccountId, Instant, StaffId, payout_challenge};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::known::Known;
use crate::app::App;
use crate::auth::model::{Actor, Who};
use crate::error::{Error, Failure};
use crate::ledger;
use crate::payouts::model::{CHALLENGE_FOR, ChallengeRefusal, decide};
use entity::ledger_entry::LedgerAccount;

/// How long challenges that nobody signed are kept.
const KEPT_FOR: TimeDelta = TimeDelta::days(1);

/// Makes a challenge of a member of staff, where a payout of so much could be made now.
pub async fn create_challenge(
    app: &App,
    actor: &Actor,
    account_id: BankAccountId,
    amount_minor: i64,
) -> Result<payout_challenge::Model, Failure<ChallengeRefusal>> {
    let Who::Staff { staff_id, .. } = actor.who else {
        return Err(Failure::Refused(ChallengeRefusal::StaffOnly));
    };
    let merchant_id = actor.merchant_id;
    let known = Known::read(app, &app.db.reads(merchant_id), merchant_id, account_id).await?;
    let now = app.clock.now();
    let decided = decide(&known.payable(), amount_minor, now).map_err(Failure::Refused)?;
    check_balance(app, &known, amount_minor).await?;
    let row = payout_challenge::Model {
        merchant_id,
        id: app.ids.next(),
        staff_id,
        bank_account_id: account_id,
        amount_minor: decided.amount_minor,
        fee_minor: decided.fee_minor,
        created_at: Instant(now),
        expires_at: Instant(now + CHALLENGE_FOR),
        used_at: None,
        channel_id: Some(decided.channel_id),
        payout_id: None,
    };
    let made = row.clone();
    app.write(merchant_id, |txn| {
        let made = made.clone();
        async move {
            forget(&txn, &made, staff_id).await?;
            payout_challenge::Entity::insert(made.into_active_model())
                .exec_without_returning(&*txn)
                .await?;
            Ok::<_, Error>(())
        }
    })
    .await?;
    Ok(row)
}

/// Removes what this person asked for long ago and never signed.
async fn forget(
    txn: &sea_orm::DatabaseTransaction,
    made: &payout_challenge::Model,
    staff_id: StaffId,
) -> Result<(), Error> {
    let before = Instant(made.created_at.0 - KEPT_FOR);
    payout_challenge::Entity::delete_of(made.merchant_id)
        .filter(payout_challenge::Column::StaffId.eq(staff_id))
        .filter(payout_challenge::Column::UsedAt.is_null())
        .filter(payout_challenge::Column::ExpiresAt.lt(before))
        .exec(txn)
        .await?;
    Ok(())
}

/// Whether so much is available; it is set aside only with the signature.
async fn check_balance(
    app: &App,
    known: &Known,
    wanted_minor: i64,
) -> Result<(), Failure<ChallengeRefusal>> {
    let balances = ledger::service::balance(app, known.merchant.id).await?;
    let available_minor = balances.get(LedgerAccount::Available);
    let payable = known.payable();
    let checked = payable.check_available(available_minor, wanted_minor);
    checked.map_err(Failure::Refused)
}
