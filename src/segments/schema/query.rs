//! The queries of segments.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object};

use super::enums::SegmentKind;
use super::object::{Segment, SegmentConnection, SegmentPreview};
use super::rfm::RfmOverview;
use super::rules_input::SegmentRuleInput;
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs, Nullable};
use crate::invalid::Invalid;
use crate::orders::schema::inputs::{many, read_search};
use crate::paging::Paging;
use crate::segments::model::SegmentFilter;
use crate::segments::service;

/// Which segments are wanted. Everything that is given must hold; a list holds where any of its values does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct SegmentFilterInput {
    /// Of any of these kinds.
    pub kind: Option<Vec<SegmentKind>>,
    /// A part of the name, at most 60 characters.
    pub search: Option<String>,
}

impl SegmentFilterInput {
    fn read(&self) -> Result<SegmentFilter, Error> {
        Ok(SegmentFilter {
            kinds: many("filter", "kind", self.kind.as_deref())?,
            search: read_search("filter", self.search.as_deref())?,
        })
    }
}

/// The queries of segments.
#[derive(Debug, Default)]
pub struct SegmentQuery;

#[Object]
impl SegmentQuery {
    /// One segment 会员分群. What does not exist, was removed, or is another merchant's, is NOT_FOUND. Needs
    /// `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id.")] id: ID,
    ) -> Nullable<Lean<Segment>> {
        Some(find(ctx, &id).await)
    }

    /// The merchant's segments, the newest first. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn segments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which segments; all where it is missing.")] filter: Option<
            SegmentFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<SegmentConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let filter = filter.unwrap_or_default().read()?;
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let currency = crate::merchant::find(app, merchant_id).await?.currency;
        let page = service::list(app, merchant_id, &filter, &paging).await?;
        let page = page.maybe_map(|row| Segment::of(row, currency))?;
        Ok(Lean(SegmentConnection::page(
            page,
            Segment::cursor,
            Lean,
            merchant_id,
            filter,
        )))
    }

    /// Who would belong to a segment with these rules 分群预览: how many, and some of them. Nothing is kept. Needs
    /// `members:read`; besides, `orders:read` for rules about what was bought, and `campaigns:read` for coupons.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn segment_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is to belong to it.")] rules: SegmentRuleInput,
    ) -> Result<SegmentPreview, Error> {
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let currency = crate::merchant::find(app, merchant_id).await?.currency;
        let rules = rules.read(currency).map_err(bad_input)?;
        service::may_ask(ctx.actor()?, &rules)?;
        service::check(app, merchant_id, &rules)
            .await?
            .map_err(bad_input)?;
        Ok(SegmentPreview {
            merchant_id,
            rules: Arc::new(rules),
        })
    }

    /// The groups of RFM 客户分层 (RFM), ready made, with their figures; a rule `rfm` of a segment names them. Needs
    /// `members:read` and `orders:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn rfm_groups(&self, ctx: &Context<'_>) -> Result<RfmOverview, Error> {
        ctx.needs(Scope::OrdersRead)?;
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let currency = crate::merchant::find(app, merchant_id).await?.currency;
        let (means, groups) = service::groups(app, merchant_id).await?;
        Ok(RfmOverview::of(means, groups, currency))
    }
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Lean<Segment>, Error> {
    let found = Segment::load(ctx, read_id("id", id)?).await?;
    found.map(Lean).ok_or(Error::NotFound)
}

/// In a query, rules that cannot be meant are a top-level error, which names the field itself.
fn bad_input(invalid: Invalid) -> Error {
    let Invalid { field, problem } = invalid;
    let named = format!("`{field}` ");
    let behind = |text: String| text.strip_prefix(&named).unwrap_or(&text).to_owned();
    Error::bad_input(field, behind(problem.en), behind(problem.zh))
}
