//! The query of invitations.

use async_graphql::{Context, Object};

use super::object::StaffInvitation;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::{Ask, Needs};
use crate::staff::service;

/// The query of invitations.
#[derive(Debug, Default)]
pub struct StaffQuery;

#[Object]
impl StaffQuery {
    /// The merchant's invitations 邀请列表 that were neither accepted nor taken back, the newest first; at most 100.
    /// Secrets are never shown again. Needs `staff:read`.
    #[graphql(guard = "Needs(Scope::StaffRead)")]
    async fn staff_invitations(&self, ctx: &Context<'_>) -> Result<Vec<StaffInvitation>, Error> {
        let (app, actor) = (ctx.app(), ctx.actor()?);
        let rows = service::list_invitations(app, actor.merchant_id).await?;
        let seen = |row| StaffInvitation::seen_by(app, row, actor);
        Ok(rows.into_iter().map(seen).collect())
    }
}
