//! Lists of campaigns.

use async_graphql::{Context, InputObject};
use entity::MerchantId;

use super::object::{Campaign, CampaignState};
use super::rules::BenefitKind;
use crate::campaigns::model::CampaignFilter;
use crate::campaigns::service;
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::connection::connection;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::Timestamp;
use crate::orders::schema::inputs::{many, read_search};

connection! {
    /// A list of campaigns.
    CampaignConnection { merchant_id: MerchantId, filter: CampaignFilter }
    /// A campaign in a list.
    CampaignEdge
    /// The campaign.
    node: Lean<Campaign>
    {
        /// How many campaigns the filter wants, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = service::count(ctx.app(), self.merchant_id, &self.filter).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many campaigns to count"))
        }
    }
}

/// Which campaigns are wanted. Everything that is given must hold; a list holds where any of its values does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct CampaignFilterInput {
    /// In any of these states.
    pub state: Option<Vec<CampaignState>>,
    /// Giving in any of these ways.
    pub kind: Option<Vec<BenefitKind>>,
    /// A part of the name, at most 60 characters.
    pub search: Option<String>,
    /// Begun by this instant, and not over then. Neither drafts nor those that are paused now.
    pub running_at: Option<Timestamp>,
}

impl CampaignFilterInput {
    pub(super) fn read(&self) -> Result<CampaignFilter, Error> {
        Ok(CampaignFilter {
            states: many("filter", "state", self.state.as_deref())?,
            kinds: many("filter", "kind", self.kind.as_deref())?,
            search: read_search("filter", self.search.as_deref())?,
            running_at: self.running_at.map(|at| at.0),
        })
    }
}
