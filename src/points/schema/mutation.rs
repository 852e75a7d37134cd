//! The mutations of points.

use async_graphql::{Context, Object};

use super::entry::PointsEntry;
use super::inputs::{PointsAdjustInput, PointsProgramSetInput};
use super::program::PointsProgram;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::{Ask, Needs};
use crate::idempotency;
use crate::members::model::Whose;
use crate::members::schema::Member;
use crate::members::schema::query::MemberByInput;
use crate::points::model::{AdjustRefusal, ProgramSetRefusal};
use crate::points::service::{self, Adjusted};

payload! {
    /// What `pointsProgramSet` did.
    PointsProgramSetPayload {
        /// The rules, as they are now.
        points_program: Lean<PointsProgram>,
    }
    /// Why the rules for points were not set.
    PointsProgramSetError / PointsProgramSetErrorCode from ProgramSetRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// They have another version by now: read them again.
        VersionConflict,
    }
}

payload! {
    /// What `pointsAdjust` did.
    PointsAdjustPayload {
        /// The member, as they are now.
        member: Lean<Member>,
        /// The entries that it made, the oldest first.
        entries: Vec<Lean<PointsEntry>>,
    }
    /// Why a member's points were not adjusted.
    PointsAdjustError / PointsAdjustErrorCode from AdjustRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// There is no such member.
        MemberNotFound,
        /// There are no rules for points yet: set them first.
        NoProgram,
        /// More than one adjustment gives or takes; the message says how many it may.
        AboveLimit,
        /// The member does not have so many; the message says how many they have.
        NotEnough,
        /// The idempotency key was used with another input.
        KeyReused,
        /// The first request with this idempotency key is still under way: send the same again shortly.
        InProgress,
    }
}

/// The mutations of points.
#[derive(Debug, Default)]
pub struct PointsMutation;

#[Object]
impl PointsMutation {
    /// Sets by which rules points are earned and spent 设置积分规则, in full. What was earned before stays as it was
    /// earned. Needs `loyalty:write`.
    #[graphql(guard = "Needs(Scope::LoyaltyWrite)")]
    async fn points_program_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: PointsProgramSetInput,
    ) -> Result<PointsProgramSetPayload, Error> {
        let refused = |refusal| PointsProgramSetPayload::refused(&refusal, ctx.locale());
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let currency = crate::merchant::find(&app, actor.merchant_id)
            .await?
            .currency;
        let draft = match input.read(currency) {
            Ok(draft) => draft,
            Err(invalid) => return Ok(refused(ProgramSetRefusal::Invalid(invalid))),
        };
        let expected = input.expected_version;
        let done = ctx
            .app()
            .finish(async move { service::set_program(&app, &actor, expected, draft).await });
        let told = |row| PointsProgramSetPayload {
            points_program: Some(Lean(PointsProgram::of(row, currency))),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Gives a member points, or takes some 人工调整积分: with a reason, within the limit of the rules, and never more than
    /// there are. Needs `points:adjust`.
    #[graphql(guard = "Needs(Scope::PointsAdjust)")]
    async fn points_adjust(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: PointsAdjustInput,
    ) -> Result<PointsAdjustPayload, Error> {
        let refused = |refusal| PointsAdjustPayload::refused(&refusal, ctx.locale());
        idempotency::check(&input.idempotency_key)?;
        let Some(whose) = read(&input.member) else {
            return Ok(refused(AdjustRefusal::MemberNotFound));
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx.app().finish(async move {
            let (key, reason) = (&input.idempotency_key, &input.reason);
            service::adjust(&app, &actor, key, &whose, input.points, reason).await
        });
        let told = |adjusted: Adjusted| PointsAdjustPayload {
            member: Some(Lean(adjusted.member.into())),
            entries: Some(
                adjusted
                    .entries
                    .into_iter()
                    .map(|entry| Lean(entry.into()))
                    .collect(),
            ),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }
}

/// Whom an input names; none where an id is none.
fn read(by: &MemberByInput) -> Option<Whose> {
    match by {
        MemberByInput::Id(id) => id.parse().ok().map(Whose::Id),
        MemberByInput::MemberNo(no) => Some(Whose::MemberNo(no.clone())),
    }
}
