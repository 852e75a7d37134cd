//! The mutations of second factors.

use async_graphql::{Context, InputObject, Object};

use super::SecondFactor;
use crate::auth::service::Auth;
use crate::error::Error;
use crate::graphql::payload::{answer, payload};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, SignedIn};
use crate::second_factor::model::{
    ConfirmRefusal, DisableRefusal, EnrollRefusal, SecondFactorRefusal,
};
use crate::second_factor::service;

/// The mutations of second factors.
#[derive(Clone, Copy, Debug, Default)]
pub struct SecondFactorMutation;

#[Object]
impl SecondFactorMutation {
    /// Sets up a second factor 绑定身份验证器: returns what an authenticator app is told, this once. It counts for
    /// nothing until `totpConfirm`; a second factor that is there already counts until then. Wrong passwords delay as at
    /// `signIn`. For members of staff; needs no scope.
    #[graphql(guard = "SignedIn")]
    async fn totp_enroll(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: TotpEnrollInput,
    ) -> Result<TotpEnrollPayload, Error> {
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let auth = ctx.data_unchecked::<Auth>().clone();
        let work = async move {
            let TotpEnrollInput { password, code } = input;
            service::enroll(&app, &auth, &actor, &password, code.as_deref()).await
        };
        let refused = |no| TotpEnrollPayload::refused(&no, ctx.locale());
        let told = |enrolled: service::Enrolled| TotpEnrollPayload {
            secret: Some(enrolled.secret),
            uri: Some(enrolled.uri),
            qr_code: Some(enrolled.qr_code),
            expires_at: Some(Timestamp(enrolled.expires_at)),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }

    /// Confirms a second factor 确认绑定 by a code of the app that was just set up, and returns ten recovery codes
    /// 恢复码, this once: each stands in for the app once. For a day no money leaves by it. For members of staff; needs no
    /// scope.
    #[graphql(guard = "SignedIn")]
    async fn totp_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: TotpConfirmInput,
    ) -> Result<TotpConfirmPayload, Error> {
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let work = async move {
            let (staff_id, codes) = service::confirm(&app, &actor, &input.code).await?;
            Ok((codes, service::standing(&app, staff_id).await?))
        };
        let refused = |no| TotpConfirmPayload::refused(&no, ctx.locale());
        let told = |(codes, standing)| TotpConfirmPayload {
            recovery_codes: Some(codes),
            second_factor: Some(SecondFactor(standing)),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }

    /// Makes ten new recovery codes 更换恢复码 and returns them, this once; those before end. For members of staff;
    /// needs no scope.
    #[graphql(guard = "SignedIn")]
    async fn recovery_codes_renew(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: RecoveryCodesRenewInput,
    ) -> Result<RecoveryCodesRenewPayload, Error> {
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let work = async move { service::recovery_codes_renew(&app, &actor, &input.code).await };
        let refused = |no| RecoveryCodesRenewPayload::refused(&no, ctx.locale());
        let told = |codes| RecoveryCodesRenewPayload {
            recovery_codes: Some(codes),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }

    /// Takes the second factor away 解绑身份验证器, and its recovery codes. Wrong passwords delay as at `signIn`. For
    /// members of staff; needs no scope.
    #[graphql(guard = "SignedIn")]
    async fn totp_disable(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: TotpDisableInput,
    ) -> Result<TotpDisablePayload, Error> {
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let auth = ctx.data_unchecked::<Auth>().clone();
        let work = async move {
            let TotpDisableInput { password, code } = input;
            let staff_id = service::disable(&app, &auth, &actor, &password, &code).await?;
            Ok(service::standing(&app, staff_id).await?)
        };
        let refused = |no| TotpDisablePayload::refused(&no, ctx.locale());
        let told = |standing| TotpDisablePayload {
            second_factor: Some(SecondFactor(standing)),
            user_errors: Vec::new(),
        };
        answer(ctx.app().finish(work).await?, told, refused)
    }
}

/// Who sets up a second factor.
#[derive(InputObject)]
pub struct TotpEnrollInput {
    /// The password, again.
    #[graphql(secret)]
    pub password: String,
    /// A code of the second factor that is there already, or a recovery code; needed where there is one.
    #[graphql(secret)]
    pub code: Option<String>,
}

/// What confirms a second factor.
#[derive(InputObject)]
pub struct TotpConfirmInput {
    /// The six digits that the app shows.
    #[graphql(secret)]
    pub code: String,
}

/// Who makes new recovery codes.
#[derive(InputObject)]
pub struct RecoveryCodesRenewInput {
    /// The six digits that the app shows, or a recovery code.
    #[graphql(secret)]
    pub code: String,
}

/// Who takes a second factor away.
#[derive(InputObject)]
pub struct TotpDisableInput {
    /// The password, again.
    #[graphql(secret)]
    pub password: String,
    /// The six digits that the app shows, or a recovery code.
    #[graphql(secret)]
    pub code: String,
}

payload! {
    /// What `totpEnroll` did.
    TotpEnrollPayload {
        /// The secret, in base 32, for who types it into the app.
        secret: String,
        /// The same as `otpauth://totp/…`, for who opens it on the phone.
        uri: String,
        /// The same as a QR code 二维码: an SVG in a `data:` address, for an `img`.
        qr_code: String,
        /// Until when it can be confirmed.
        expires_at: Timestamp,
    }
    /// Why no second factor was set up.
    TotpEnrollError / TotpEnrollErrorCode from EnrollRefusal {
        /// It is not your password.
        WrongPassword,
    } with SecondFactor
}

payload! {
    /// What `totpConfirm` did.
    TotpConfirmPayload {
        /// Ten recovery codes 恢复码, shown this once: keep them apart from the phone.
        recovery_codes: Vec<String>,
        /// The second factor, as it is now.
        second_factor: SecondFactor,
    }
    /// Why a second factor was not confirmed.
    TotpConfirmError / TotpConfirmErrorCode from ConfirmRefusal {
        /// None waits to be confirmed, or it has waited for more than half an hour.
        NothingToConfirm,
    } with SecondFactor
}

payload! {
    /// What `recoveryCodesRenew` did.
    RecoveryCodesRenewPayload {
        /// Ten recovery codes 恢复码, shown this once.
        recovery_codes: Vec<String>,
    }
    /// Why there are no new recovery codes.
    RecoveryCodesRenewError / RecoveryCodesRenewErrorCode from SecondFactorRefusal {
        /// An API key asked; only a member of staff can.
        StaffOnly,
        /// You have no second factor.
        SecondFactorNeeded,
        /// The code is missing.
        CodeNeeded,
        /// The code is neither the one of now nor a recovery code.
        WrongCode,
        /// The code was used before.
        CodeUsed,
        /// There were too many wrong codes; the message says until when none is looked at.
        SecondFactorBlocked,
        /// The second factor is too new for money to leave by it.
        SecondFactorResting,
    }
}

payload! {
    /// What `totpDisable` did.
    TotpDisablePayload {
        /// What is left of it.
        second_factor: SecondFactor,
    }
    /// Why a second factor was not taken away.
    TotpDisableError / TotpDisableErrorCode from DisableRefusal {
        /// It is not your password.
        WrongPassword,
    } with SecondFactor
}
