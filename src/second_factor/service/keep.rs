//! New recovery codes, and the end of a second factor.

use entity::{Instant, StaffId, membership, recovery_code, second_factor};
use sea_orm::DatabaseTransaction;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use super::code::with_own_code;
use super::enroll::{new_codes, replace_codes};
use super::tell::tell;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::auth::service::Auth;
use crate::error::{Error, Failure};
use crate::second_factor::model::{DisableRefusal, SecondFactorRefusal, staff_of};

/// Puts ten new recovery codes in the place of all there were, and returns them: nobody can read them again.
pub async fn recovery_codes_renew(
    app: &App,
    actor: &Actor,
    code: &str,
) -> Result<Vec<String>, Failure<SecondFactorRefusal>> {
    let tried = Deed::of("recoveryCodesRenew");
    let allowed = staff_of(actor).map_err(Failure::Refused);
    let staff_id = audit::deny_refused(app, actor, tried.clone(), allowed).await?;
    let texts = new_codes()?;
    with_own_code(app, actor, code, tried, |txn, code| {
        let texts = texts.clone();
        async move {
            code.spend::<SecondFactorRefusal>(&txn).await?;
            replace_codes(&txn, staff_id, &texts).await?;
            tell(app, &txn, staff_id).await?;
            let deed = Deed::of("recoveryCodesRenew").on(staff_id);
            let deed = deed.made(json!({ "recoveryCodes": texts.len() }));
            Ok(audit::record(app, &txn, actor, deed).await?)
        }
    })
    .await?;
    Ok(texts)
}

/// Takes a person's own second factor away: both the password and a code are asked for.
pub async fn disable(
    app: &App,
    auth: &Auth,
    actor: &Actor,
    password: &str,
    code: &str,
) -> Result<StaffId, Failure<DisableRefusal>> {
    let tried = Deed::of("totpDisable");
    let proven = prove(auth, actor, password).await;
    let staff_id = audit::deny_refused(app, actor, tried.clone(), proven).await?;
    with_own_code(app, actor, code, tried, |txn, code| async move {
        code.spend::<DisableRefusal>(&txn).await?;
        remove(&txn, staff_id).await?;
        tell(app, &txn, staff_id).await?;
        let deed = Deed::of("totpDisable").on(staff_id);
        let deed = deed.changed(shown(true), shown(false));
        Ok(audit::record(app, &txn, actor, deed).await?)
    })
    .await?;
    Ok(staff_id)
}

/// Whoever asks, where they know their password.
async fn prove(
    auth: &Auth,
    actor: &Actor,
    password: &str,
) -> Result<StaffId, Failure<DisableRefusal>> {
    let staff_id = staff_of(actor).map_err(|no| Failure::Refused(no.into()))?;
    let proven = auth.maybe_prove_password(actor, staff_id, password).await?;
    let proven = proven.ok_or(Failure::Refused(DisableRefusal::WrongPassword))?;
    Ok(proven.id)
}

/// How the audit log shows a second factor that is there, or no more.
fn shown(confirmed: bool) -> Value {
    json!({ "confirmed": confirmed })
}

/// Takes the second factor of somebody who has lost app and recovery codes away: for who runs the gateway. What
/// they set up next rests before money leaves by it. The audit logs of all their merchants tell of it.
pub async fn reset(app: &App, staff_id: StaffId) -> Result<(), Error> {
    app.db
        .transaction_across(|txn| async move {
            let had = second_factor::Entity::of_staff(staff_id).one(&*txn).await?;
            let had = had.is_some_and(|row| row.confirmed_at.is_some());
            remove(&txn, staff_id).await?;
            tell(app, &txn, staff_id).await?;
            for membership in membership::Entity::of_staff(staff_id).all(&*txn).await? {
                let by = &Actor::system(membership.merchant_id);
                let deed = Deed::of("totpReset").on(staff_id);
                let deed = deed.changed(shown(had), shown(false));
                audit::record(app, &txn, by, deed).await?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    app.audited.committed();
    Ok(())
}

/// The row stays: what was guessed is not forgotten.
async fn remove(txn: &DatabaseTransaction, staff_id: StaffId) -> Result<(), Error> {
    let nothing = || Expr::value(None::<Vec<u8>>);
    let never = || Expr::value(None::<Instant>);
    second_factor::Entity::update_of_staff(staff_id)
        .col_expr(second_factor::Column::SealedSecret, nothing())
        .col_expr(second_factor::Column::ConfirmedAt, never())
        .col_expr(second_factor::Column::PendingSecret, nothing())
        .col_expr(second_factor::Column::PendingAt, never())
        .exec(txn)
        .await?;
    recovery_code::Entity::delete_of_staff(staff_id)
        .exec(txn)
        .await?;
    Ok(())
}
