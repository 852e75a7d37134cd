//! The queries of points.

use async_graphql::{Context, Object};

use super::entry::PointsEntryConnection;
use super::inputs::PointsEntryFilterInput;
use super::liability::PointsLiability;
use super::lot::{PointLot, PointLotConnection};
use super::member::{ahead, list};
use super::program::PointsProgram;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::{Ask, Needs, Nullable};
use crate::orders::schema::reading;
use crate::paging::Paging;
use crate::points::service;

/// The queries of points.
#[derive(Debug, Default)]
pub struct PointsQuery;

#[Object]
impl PointsQuery {
    /// By which rules points are earned and spent 积分规则; null where there are none yet. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn points_program(&self, ctx: &Context<'_>) -> Nullable<Lean<PointsProgram>> {
        program(ctx).await.transpose()
    }

    /// The points' ledger 积分流水, the newest first. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn points_entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries; all where it is missing.")] filter: Option<
            PointsEntryFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<PointsEntryConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let filter = filter.unwrap_or_default().read(&reading(ctx).await?)?;
        list(ctx, filter, &paging).await
    }

    /// Lots that end soon 即将过期积分, those first that end first; a member may have several. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn points_expiring(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Within so many days from now, 1 to 3,650.", default = 30)] days: i32,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<PointLotConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let until = ahead(ctx, days)?;
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let zone = crate::merchant::find(app, merchant_id).await?.zone;
        let page = service::expiring(app, merchant_id, until, &paging).await?;
        let lot = |row| Lean(PointLot::of(row, zone));
        Ok(Lean(PointLotConnection::page(page, service::place_of, lot)))
    }

    /// What members' points would cost 积分负债. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn points_liability(&self, ctx: &Context<'_>) -> Result<Lean<PointsLiability>, Error> {
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let merchant = crate::merchant::find(app, merchant_id).await?;
        Ok(Lean(PointsLiability {
            sums: service::liability(app, merchant_id, merchant.zone).await?,
            program: service::shown_program(app, merchant_id).await?,
            currency: merchant.currency,
        }))
    }
}

async fn program(ctx: &Context<'_>) -> Result<Option<Lean<PointsProgram>>, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let found = service::shown_program(app, merchant_id).await?;
    let currency = crate::merchant::find(app, merchant_id).await?.currency;
    Ok(found.map(|row| Lean(PointsProgram::of(row, currency))))
}
