//! Sets a second factor up: a secret that its owner's app is to know, and the proof that it does.

use aws_lc_rs::rand;
use chrono::{DateTime, Utc};
use data_encoding::BASE32_NOPAD;
use entity::{Instant, StaffId, recovery_code, second_factor};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue, DatabaseTransaction, EntityTrait, IntoActiveModel};

use super::{Code, bound_to, with_code};
use crate::app::App;
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
    let staff_id = staff_of(actor).map_err(|no| Failure::Refused(no.into()))?;
    let staff = auth
        .maybe_prove_password(actor, staff_id, password)
        .await?
        .ok_or(Failure::Refused(EnrollRefusal::WrongPassword))?;
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
        async move { begin(app, &txn, staff_id, sealed, code).await }
    };
    if has_one {
        // Nothing was guessed where nothing was typed.
        let needed = || Failure::Refused(SecondFactorRefusal::WrongCode.into());
        let text = code.ok_or_else(needed)?;
        let write = |txn, code| work(txn, Some(code));
        with_code(app, actor, text, "totpEnroll", write).await?;
    } else {
        app.db.transaction(|txn| work(txn, None)).await?;
    }
    Ok(enrolled)
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
            Err(Failure::Refused(SecondFactorRefusal::WrongCode.into()))
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
    let staff_id = staff_of(actor).map_err(|no| Failure::Refused(no.into()))?;
    let now = app.clock.instant();
    let code = Code::count(app, actor, code, Secret::Pending, "totpConfirm").await?;
    let texts = new_codes()?;
    let result = app
        .write(actor.merchant_id, |txn| {
            let (code, texts) = (code.clone(), texts.clone());
            async move {
                let row = code.spend_where::<ConfirmRefusal>(&txn, false).await?;
                second_factor::Entity::update_of_staff(staff_id)
                    .col_expr(
                        second_factor::Column::SealedSecret,
                        Expr::value(row.pending_secret),
                    )
                    .col_expr(second_factor::Column::ConfirmedAt, Expr::value(now))
                    .col_expr(
                        second_factor::Column::PendingSecret,
                        Expr::value(None::<Vec<u8>>),
                    )
                    .col_expr(
                        second_factor::Column::PendingAt,
                        Expr::value(None::<Instant>),
                    )
                    .exec(&*txn)
                    .await?;
                replace_codes(&txn, staff_id, &texts).await?;
                Ok::<_, Failure<ConfirmRefusal>>(())
            }
        })
        .await;
    code.settle(result.is_ok()).await?;
    match result {
        Ok(()) => Ok((staff_id, texts)),
        Err(Failure::Refused(ConfirmRefusal::SecondFactor(
            SecondFactorRefusal::SecondFactorNeeded,
        ))) => Err(Failure::Refused(ConfirmRefusal::NothingToConfirm)),
        Err(failure) => Err(failure),
    }
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
