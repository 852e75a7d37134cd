//! New recovery codes, and the end of a second factor.

use entity::{Instant, StaffId, recovery_code, second_factor};
use sea_orm::DatabaseTransaction;
use sea_orm::sea_query::Expr;

use super::enroll::{new_codes, replace_codes};
use super::with_code;
use crate::app::App;
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
    let staff_id = staff_of(actor).map_err(Failure::Refused)?;
    let texts = new_codes()?;
    with_code(app, actor, code, "recoveryCodesRenew", |txn, code| {
        let texts = texts.clone();
        async move {
            code.spend::<SecondFactorRefusal>(&txn).await?;
            Ok(replace_codes(&txn, staff_id, &texts).await?)
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
    let staff_id = staff_of(actor).map_err(|no| Failure::Refused(no.into()))?;
    let proved = auth.maybe_prove_password(actor, staff_id, password).await?;
    proved.ok_or(Failure::Refused(DisableRefusal::WrongPassword))?;
    with_code(app, actor, code, "totpDisable", |txn, code| async move {
        code.spend::<DisableRefusal>(&txn).await?;
        Ok(remove(&txn, staff_id).await?)
    })
    .await?;
    Ok(staff_id)
}

/// Takes the second factor of somebody who has lost app and recovery codes away: for who runs the gateway. What
/// they set up next rests before money leaves by it.
pub async fn reset(app: &App, staff_id: StaffId) -> Result<(), Error> {
    app.db
        .transaction(|txn| async move { remove(&txn, staff_id).await })
        .await
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
