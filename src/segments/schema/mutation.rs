//! The mutations of segments.

use async_graphql::{Context, ID, InputObject, Object};
use entity::segment;

use super::object::Segment;
use super::rules_input::SegmentRuleInput;
use crate::auth::model::{Actor, Scope};
use crate::error::{Error, Failure};
use crate::graphql::payload::{answer, payload};
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs};
use crate::money::Currency;
use crate::segments::model::{CreateRefusal, RemoveRefusal, SnapshotRefusal, UpdateRefusal};
use crate::segments::service;
use crate::{campaigns, coupons, messages};

/// A segment to be made 新建分群.
#[derive(Clone, Debug, InputObject)]
pub struct SegmentCreateInput {
    /// What you call it, 1 to 60 characters, unique among your segments.
    pub name: String,
    /// Who belongs to it.
    pub rules: SegmentRuleInput,
}

/// What is to be changed of a segment 修改分群; what is missing stays as it is.
#[derive(Clone, Debug, InputObject)]
pub struct SegmentUpdateInput {
    /// Which.
    pub id: ID,
    /// Its version as you know it.
    pub expected_version: i32,
    /// What you call it.
    pub name: Option<String>,
    /// Who belongs to it, in full; not of a snapshot.
    pub rules: Option<SegmentRuleInput>,
}

/// A segment to be removed 删除分群.
#[derive(Clone, Debug, InputObject)]
pub struct SegmentRemoveInput {
    /// Which.
    pub id: ID,
}

/// A snapshot to be taken of a segment 生成静态分群.
#[derive(Clone, Debug, InputObject)]
pub struct SegmentSnapshotInput {
    /// Of which.
    pub id: ID,
    /// What you call the snapshot, 1 to 60 characters, unique among your segments.
    pub name: String,
}

payload! {
    /// What `segmentCreate` did.
    SegmentCreatePayload {
        /// The segment.
        segment: Lean<Segment>,
    }
    /// Why a segment was not made.
    SegmentCreateError / SegmentCreateErrorCode from CreateRefusal {
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// Another segment is called so.
        NameTaken,
        /// There are as many as there may be: 500.
        TooMany,
    }
}

payload! {
    /// What `segmentUpdate` did.
    SegmentUpdatePayload {
        /// The segment, as it is now.
        segment: Lean<Segment>,
    }
    /// Why a segment was not changed.
    SegmentUpdateError / SegmentUpdateErrorCode from UpdateRefusal {
        /// There is no such segment.
        NotFound,
        /// It has another version by now: read it again.
        VersionConflict,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// It is a snapshot, whose rules are not changed.
        Snapshot,
        /// Another segment is called so.
        NameTaken,
    }
}

payload! {
    /// What `segmentRemove` did.
    SegmentRemovePayload {
        /// The segment, as it was.
        segment: Lean<Segment>,
    }
    /// Why a segment was not removed.
    SegmentRemoveError / SegmentRemoveErrorCode from RemoveRefusal {
        /// There is no such segment.
        NotFound,
        /// A campaign that is not over, a coupon template, a scheduled message or another segment names it; the message
        /// says which.
        InUse,
    }
}

payload! {
    /// What `segmentSnapshot` did.
    SegmentSnapshotPayload {
        /// The snapshot: a segment of its own.
        segment: Lean<Segment>,
    }
    /// Why no snapshot was taken.
    SegmentSnapshotError / SegmentSnapshotErrorCode from SnapshotRefusal {
        /// There is no such segment.
        NotFound,
        /// A field of the input cannot be meant; `field` names it.
        Invalid,
        /// Another segment is called so.
        NameTaken,
        /// There are as many as there may be: 500.
        TooMany,
    }
}

/// Does something with a segment of the actor's, to its end, and answers with a payload.
macro_rules! done {
    ($ctx:ident, $payload:ident, |$app:ident, $actor:ident, $currency:ident| $work:expr) => {{
        let refused = |refusal| $payload::refused(&refusal, $ctx.locale());
        let ($app, $actor, $currency) = who($ctx).await?;
        let done = $ctx.app().finish(async move {
            let row: segment::Model = $work.await?;
            Ok(Segment::of(row, $currency)?)
        });
        let told = |segment| $payload {
            segment: Some(Lean(segment)),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }};
}

/// Who is asked whether anything of theirs needs a segment that is to be removed.
const NAMED_BY: [service::Asked; 3] = [
    |txn, whose, id| Box::pin(campaigns::service::naming_segment(txn, whose, id)),
    |txn, whose, id| Box::pin(coupons::service::naming_segment(txn, whose, id)),
    |txn, whose, id| Box::pin(messages::service::naming_segment(txn, whose, id)),
];

/// The app, who asks, and the currency of their merchant.
async fn who(ctx: &Context<'_>) -> Result<(crate::app::App, Actor, Currency), Error> {
    let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
    let merchant = crate::merchant::find(&app, actor.merchant_id).await?;
    Ok((app, actor, merchant.currency))
}

/// The mutations of segments.
#[derive(Debug, Default)]
pub struct SegmentMutation;

#[Object]
impl SegmentMutation {
    /// Makes a segment 新建分群 of whoever the rules hold for. Needs `loyalty:write`; besides, `orders:read` for rules
    /// about what was bought, and `campaigns:read` for coupons.
    #[graphql(guard = "Needs(Scope::LoyaltyWrite)")]
    async fn segment_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: SegmentCreateInput,
    ) -> Result<SegmentCreatePayload, Error> {
        done!(ctx, SegmentCreatePayload, |app, actor, currency| async {
            let rules = input.rules.read(currency);
            let rules = rules.map_err(|why| Failure::Refused(CreateRefusal::Invalid(why)))?;
            service::create(&app, &actor, &input.name, &rules).await
        })
    }

    /// Changes a segment 修改分群: what names it goes by the new rules from then on. Needs `loyalty:write`; besides,
    /// `orders:read` for rules about what was bought, and `campaigns:read` for coupons.
    #[graphql(guard = "Needs(Scope::LoyaltyWrite)")]
    async fn segment_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: SegmentUpdateInput,
    ) -> Result<SegmentUpdatePayload, Error> {
        done!(ctx, SegmentUpdatePayload, |app, actor, currency| async {
            let id =
                read_id("id", &input.id).map_err(|_| Failure::Refused(UpdateRefusal::NotFound))?;
            let rules = input.rules.map(|rules| rules.read(currency)).transpose();
            let rules = rules.map_err(|why| Failure::Refused(UpdateRefusal::Invalid(why)))?;
            let wanted = (input.name.as_deref(), rules.as_ref());
            service::update(&app, &actor, id, input.expected_version, wanted).await
        })
    }

    /// Removes a segment 删除分群 that nothing needs any more: no campaign that is not over, no coupon template, no
    /// scheduled message, no other segment. Needs `loyalty:write`.
    #[graphql(guard = "Needs(Scope::LoyaltyWrite)")]
    async fn segment_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: SegmentRemoveInput,
    ) -> Result<SegmentRemovePayload, Error> {
        done!(ctx, SegmentRemovePayload, |app, actor, currency| async {
            let id =
                read_id("id", &input.id).map_err(|_| Failure::Refused(RemoveRefusal::NotFound))?;
            service::remove(&app, &actor, id, &NAMED_BY).await
        })
    }

    /// Makes a new segment of those who are in another one now 生成静态分群: they stay in it, whatever becomes of them.
    /// Needs `loyalty:write`.
    #[graphql(guard = "Needs(Scope::LoyaltyWrite)")]
    async fn segment_snapshot(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: SegmentSnapshotInput,
    ) -> Result<SegmentSnapshotPayload, Error> {
        done!(ctx, SegmentSnapshotPayload, |app, actor, currency| async {
            let id = read_id("id", &input.id)
                .map_err(|_| Failure::Refused(SnapshotRefusal::NotFound))?;
            service::snapshot(&app, &actor, id, &input.name).await
        })
    }
}
