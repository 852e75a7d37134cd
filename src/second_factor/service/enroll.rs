//! Sets a second factor up: a secret that its owner's app is to know, and the proof that it does.

use aws_lc_rs::rand;
use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use entity::{Instant, StaffId, recovery_code, second_factor, staff};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue, DatabaseTransaction, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::tell::tell;
use super::{Code, bound_to, with_code};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::auth::service::Auth;
use crate::db::Txn;
use crate::error::{Error, Failure};
use crate::second_factor::model::{
    CODES, ConfirmRefusal, EnrollRefusal, PENDING_FOR, SECRET_BYTES, SecondFactorRefusal, Secret,
    data_uri, hash, recovery_code as text_of, staff_of, uri,
};

/// What an authenticator app is told, once.
#[derive(Clone)]
pub struct Enrolled {
    /// The secret, in base 32.
    pub secret: String,
    /// The same, as apps read it.
    pub uri: String,
    /// The same, as a QR code: an address of an SVG.
    pub qr_code: String,
    /// Until when it can be confirmed.
    pub expires_at: DateTime<Utc>,
}

/// Makes a secret that counts for nothing until it is confirmed. Where the person has a second factor, a code of
/// it is spent.
pub async fn enroll(
    app: &App,
    auth: &Auth,
    actor: &Actor,
    password: &str,
    code: Option<&str>,
) -> Result<Enrolled, Failure<EnrollRefusal>> {
    let tried = Deed::of("totpEnroll");
    let proven = prove(auth, actor, password).await;
    let staff = audit::deny_refused(app, actor, tried.clone(), proven).await?;
    let staff_id = staff.id;
    let mut secret = [0_u8; SECRET_BYTES];
    rand::fill(&mut secret).map_err(|_| Error::internal("no randomness"))?;
    let uri = uri(&secret, &app.settings.auth.issuer, &staff.email);
    let enrolled = Enrolled {
        secret: BASE32_NOPAD.encode(&secret),
        qr_code: data_uri(&uri)?,
        uri,
        expires_at: app.clock.now() + PENDING_FOR,
    };
    let sealed = app.key.seal(&secret, &bound_to(staff_id))?;
    let has_one = super::standing(app, staff_id).await?.confirmed_at.is_some();
    let work = |txn: Txn, code: Option<Code>| {
        let sealed = sealed.clone();
        async move {
            begin(app, &txn, staff_id, sealed, code).await?;
            let deed = Deed::of("totpEnroll").on(staff_id);
            let deed = deed.made(json!({ "replaces": has_one }));
            Ok(audit::record(app, &txn, actor, deed).await?)
        }
    };
    match (has_one, code) {
        (true, Some(text)) => {
            let write = |txn, code| work(txn, Some(code));
            with_code(app, actor, text, tried, write).await?;
        }
        (true, None) => {
            // Nothing was guessed where nothing was typed.
            let needed = Failure::Refused(SecondFactorRefusal::CodeNeeded.into());
            audit::deny_refused(app, actor, tried, Err(needed)).await?;
        }
        (false, _) => {
            let begun = app
                .db
                .transaction_of(actor.merchant_id, |txn| work(txn, None))
                .await;
            audit::deny_refused(app, actor, tried, begun).await?;
            app.audited.committed();
        }
    }
    Ok(enrolled)
}

/// Whoever asks, where they know their password.
async fn prove(
    auth: &Auth,
    actor: &Actor,
    password: &str,
) -> Result<staff::Model, Failure<EnrollRefusal>> {
    let staff_id = staff_of(actor).map_err(|no| Failure::Refused(no.into()))?;
    let proven = auth.maybe_prove_password(actor, staff_id, password).await?;
    proven.ok_or(Failure::Refused(EnrollRefusal::WrongPassword))
}

/// Writes a pending secret down.
async fn begin(
    app: &App,
    txn: &DatabaseTransaction,
    staff_id: StaffId,
    sealed: Vec<u8>,
    code: Option<Code>,
) -> Result<(), Failure<EnrollRefusal>> {
    let row = second_factor::Model {
        staff_id,
        sealed_secret: None,
        confirmed_at: None,
        pending_secret: Some(sealed),
        pending_at: Some(app.clock.instant()),
        last_step: 0,
        failures: 0,
        blocked_until: None,
    };
    let replaces = [
        second_factor::Column::PendingSecret,
        second_factor::Column::PendingAt,
    ];
    // Whether there is one already is decided under the lock of the row.
    let conflict = OnConflict::column(second_factor::Column::StaffId)
        .update_columns(replaces)
        .to_owned();
    second_factor::Entity::insert(row.into_active_model())
        .on_conflict(conflict)
        .exec_without_returning(txn)
        .await?;
    if let Some(code) = code {
        return code.spend(txn).await;
    }
    let row = second_factor::Entity::of_staff(staff_id).one(txn).await?;
    match row {
        // Another request has confirmed one since.
        Some(row) if row.confirmed_at.is_some() => {
            Err(Failure::Refused(SecondFactorRefusal::CodeNeeded.into()))
        }
        _ => Ok(()),
    }
}

/// Confirms the pending secret by a code of it: from now on it counts, and the one before does not. Returns the
/// recovery codes, which nobody can read again.
pub async fn confirm(
    app: &App,
    actor: &Actor,
    code: &str,
) -> Result<(StaffId, Vec<String>), Failure<ConfirmRefusal>> {
    let tried = Deed::of("totpConfirm");
    let allowed = staff_of(actor).map_err(|no| Failure::Refused(no.into()));
    let staff_id = audit::deny_refused(app, actor, tried.clone(), allowed).await?;
    let code = Code::count(app, actor, code, Secret::Pending, tried.action()).await?;
    let texts = new_codes()?;
    let result = app
        .write_across(actor.merchant_id, |txn| {
            let (code, texts) = (code.clone(), texts.clone());
            async move {
                let row = code.spend_where::<ConfirmRefusal>(&txn, false).await?;
                let replaces = row.confirmed_at.is_some();
                settle_on(app, &txn, row).await?;
                replace_codes(&txn, staff_id, &texts).await?;
                tell(app, &txn, staff_id).await?;
                let deed = Deed::of("totpConfirm").on(staff_id);
                let deed = deed.made(json!({ "replaces": replaces, "recoveryCodes": texts.len() }));
                Ok::<_, Failure<ConfirmRefusal>>(audit::record(app, &txn, actor, deed).await?)
            }
        })
        .await;
    code.settle(result.is_ok()).await?;
    match audit::deny_refused(app, actor, tried, result).await {
        Ok(()) => Ok((staff_id, texts)),
        Err(Failure::Refused(ConfirmRefusal::SecondFactor(
            SecondFactorRefusal::SecondFactorNeeded,
        ))) => Err(Failure::Refused(ConfirmRefusal::NothingToConfirm)),
        Err(failure) => Err(failure),
    }
}

/// Lets the pending secret count, in the place of the one before.
async fn settle_on(
    app: &App,
    txn: &DatabaseTransaction,
    row: second_factor::Model,
) -> Result<(), Error> {
    use second_factor::Column;
    let now = app.clock.instant();
    second_factor::Entity::update_of_staff(row.staff_id)
        .col_expr(Column::SealedSecret, Expr::value(row.pending_secret))
        .col_expr(Column::ConfirmedAt, Expr::value(now))
        .col_expr(Column::PendingSecret, Expr::value(None::<Vec<u8>>))
        .col_expr(Column::PendingAt, Expr::value(None::<Instant>))
        .exec(txn)
        .await?;
    Ok(())
}

/// The texts of ten new recovery codes.
pub(super) fn new_codes() -> Result<Vec<String>, Error> {
    (0..CODES)
        .map(|_| {
            let mut random = [0_u8; 10];
            rand::fill(&mut random).map_err(|_| Error::internal("no randomness"))?;
            Ok(text_of(random))
        })
        .collect()
}

/// Puts recovery codes in the place of all that a person had.
pub(super) async fn replace_codes(
    txn: &DatabaseTransaction,
    staff_id: StaffId,
    texts: &[String],
) -> Result<(), Error> {
    recovery_code::Entity::delete_of_staff(staff_id)
        .exec(txn)
        .await?;
    let rows = texts.iter().map(|text| recovery_code::ActiveModel {
        staff_id: ActiveValue::Set(staff_id),
        code_hash: ActiveValue::Set(hash(staff_id, text)),
        used_at: ActiveValue::Set(None),
    });
    recovery_code::Entity::insert_many(rows)
        .exec_without_returning(txn)
        .await?;
    Ok(())
}
