//! All that is held of one person, as clients get it.

use async_graphql::Context;

use super::query::{MemberByInput, find};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::members::service::{self, Held};

/// All that is held of one person.
#[derive(Debug)]
pub struct MemberData {
    held: Held,
}

plain_object! {
    /// All that is held of one person 个人信息副本.
    MemberData(self) {
        /// When it was put together.
        generated_at / "generatedAt": Timestamp = self.held.at.into();
        /// One JSON object: `member`, `profile`, `changes` with the history of consent, and `points`, `tiers`, `rewards`,
        /// `pointLots`, `gifts`, `messages` with their texts and `segments`, the snapshots that they are in; `orders` with
        /// their buyers where you have `orders:read`, `refunds` where you have `refunds:read`, `coupons` where you have
        /// `campaigns:read`. Of each at most the newest 10,000.
        json / "json": &str = self.held.json.as_str();
    }
}

/// Refuses who may not see what names people.
pub(super) fn needs_personal(ctx: &Context<'_>) -> Result<(), Error> {
    let scope = Scope::PersonalRead;
    if ctx.actor()?.may(scope) {
        return Ok(());
    }
    Err(Error::Forbidden {
        scope: scope.name(),
    })
}

/// Puts it together for who may see what names people.
pub(super) async fn data_of(
    ctx: &Context<'_>,
    by: MemberByInput,
) -> Result<Lean<MemberData>, Error> {
    needs_personal(ctx)?;
    let actor = ctx.actor()?;
    let member = find(ctx, by).await?.0.row;
    let (app, actor) = (ctx.app().clone(), actor.clone());
    let held = ctx
        .app()
        .finish(async move { service::hand_out(&app, &actor, &member).await });
    Ok(Lean(MemberData { held: held.await?? }))
}
