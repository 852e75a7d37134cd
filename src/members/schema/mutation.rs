//! The mutations of members.

use async_graphql::{Context, Object};

use super::inputs::{MemberConsentSetInput, MemberCreateInput, MemberUpdateInput};
use super::object::Member;
use crate::auth::model::Scope;
use crate::error::{Error, Failure};
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};
use crate::members::model::{ConsentRefusal, CreateRefusal, UpdateRefusal};
use crate::members::service;

payload! {
    /// What `memberCreate` did.
    MemberCreatePayload {
        /// The member.
        member: Lean<Member>,
    }
    /// Why a member was not made.
    MemberCreateError / MemberCreateErrorCode from CreateRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// There is a member of this number.
        NumberTaken,
    }
}

payload! {
    /// What `memberUpdate` did.
    MemberUpdatePayload {
        /// The member, as they are now.
        member: Lean<Member>,
    }
    /// Why a member was not changed.
    MemberUpdateError / MemberUpdateErrorCode from UpdateRefusal {
        /// There is no such member.
        NotFound,
        /// They have another version by now: read them again.
        VersionConflict,
        /// What named them was erased, for good.
        Erased,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
    }
}

payload! {
    /// What `memberConsentSet` did.
    MemberConsentSetPayload {
        /// The member, as they are now.
        member: Lean<Member>,
    }
    /// Why it was not written down whether a member agrees to be written to.
    MemberConsentSetError / MemberConsentSetErrorCode from ConsentRefusal {
        /// There is no such member.
        NotFound,
        /// What named them was erased, for good.
        Erased,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
    }
}

/// Does something with a member of the actor's, to its end, and answers with a payload.
macro_rules! done {
    ($ctx:ident, $payload:ident, |$app:ident, $actor:ident| $work:expr) => {{
        let refused = |refusal| $payload::refused(&refusal, $ctx.locale());
        let ($app, $actor) = ($ctx.app().clone(), $ctx.actor()?.clone());
        let done = $ctx.app().finish(async move { $work.await }).await;
        let told = |row: entity::member::Model| $payload {
            member: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done?, told, refused)
    }};
}

/// The mutations of members.
#[derive(Debug, Default)]
pub struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Makes a member 新建会员. An order that names a number for the first time makes one, too. Needs `members:write`;
    /// without `personal:read` the answer is masked.
    #[graphql(guard = "Needs(Scope::MembersWrite)")]
    async fn member_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: MemberCreateInput,
    ) -> Result<MemberCreatePayload, Error> {
        done!(ctx, MemberCreatePayload, |app, actor| service::create(
            &app,
            &actor,
            input.read()
        ))
    }

    /// Changes who a member is 修改会员. Needs `members:write`; without `personal:read` the answer is masked.
    #[graphql(guard = "Needs(Scope::MembersWrite)")]
    async fn member_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: MemberUpdateInput,
    ) -> Result<MemberUpdatePayload, Error> {
        done!(ctx, MemberUpdatePayload, |app, actor| async {
            let id =
                read_id("id", &input.id).map_err(|_| Failure::Refused(UpdateRefusal::NotFound))?;
            let version = input.expected_version;
            service::update(&app, &actor, id, version, input.read()).await
        })
    }

    /// Writes down that a member agrees to be written to 营销同意, or does not any more. Their history keeps when, by
    /// whom and where. Needs `members:write`.
    #[graphql(guard = "Needs(Scope::MembersWrite)")]
    async fn member_consent_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: MemberConsentSetInput,
    ) -> Result<MemberConsentSetPayload, Error> {
        done!(ctx, MemberConsentSetPayload, |app, actor| async {
            let id =
                read_id("id", &input.id).map_err(|_| Failure::Refused(ConsentRefusal::NotFound))?;
            let source = input.source.as_deref();
            service::consent_set(&app, &actor, id, input.consent, source).await
        })
    }
}
