//! The queries of campaigns.

use async_graphql::{Context, ID, Object};

use super::list::{CampaignConnection, CampaignFilterInput};
use super::object::Campaign;
use super::simulate::{CampaignSimulateInput, CampaignSimulation, simulated};
use crate::auth::model::Scope;
use crate::campaigns::service;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs, Nullable};
use crate::paging::Paging;

/// The queries of campaigns.
#[derive(Debug, Default)]
pub struct CampaignQuery;

#[Object]
impl CampaignQuery {
    /// One campaign. What does not exist, or is another merchant's, is NOT_FOUND. Needs `campaigns:read`.
    #[graphql(guard = "Needs(Scope::CampaignsRead)")]
    async fn campaign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Nullable<Lean<Campaign>> {
        Some(find(ctx, &id).await)
    }

    /// The merchant's campaigns, newest first. Needs `campaigns:read`.
    #[graphql(guard = "Needs(Scope::CampaignsRead)")]
    async fn campaigns(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which campaigns; all where it is missing.")] filter: Option<
            CampaignFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<CampaignConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let filter = filter.unwrap_or_default().read()?;
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let currency = crate::merchant::find(app, merchant_id).await?.currency;
        let page = service::list(app, merchant_id, &filter, &paging).await?;
        let page = page.maybe_map(|row| Campaign::of(row, currency))?;
        Ok(Lean(CampaignConnection::page(
            page,
            |campaign| campaign.row().id.to_string(),
            Lean,
            merchant_id,
            filter,
        )))
    }

    /// What a campaign would have cost 活动模拟, had it been given on the paid orders of the last days; nothing is
    /// changed. Another merchant's campaign is NOT_FOUND. Needs `campaigns:read`, and `orders:read` besides.
    #[graphql(guard = "Needs(Scope::CampaignsRead)")]
    async fn campaign_simulate(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is tried out, and over how many days.")]
        input: CampaignSimulateInput,
    ) -> Result<Lean<CampaignSimulation>, Error> {
        simulated(ctx, input).await
    }
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Lean<Campaign>, Error> {
    let id = read_id("id", id)?;
    let found = Campaign::load(ctx, id).await?;
    found.map(Lean).ok_or(Error::NotFound)
}
