//! The queries of coupons.

use async_graphql::{Context, ID, Object};

use super::coupon::{Coupon, CouponConnection, needs};
use super::inputs::{CouponByInput, CouponFilterInput};
use super::template::{CouponTemplate, CouponTemplateConnection};
use super::template_inputs::CouponTemplateFilterInput;
use crate::auth::model::Scope;
use crate::coupons::model::CouponFilter;
use crate::coupons::service;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs, Nullable};
use crate::paging::{Page, Paging};

/// The queries of coupons.
#[derive(Debug, Default)]
pub struct CouponQuery;

#[Object]
impl CouponQuery {
    /// One coupon template 优惠券模板. What does not exist, or is another merchant's, is NOT_FOUND. Needs
    /// `campaigns:read`.
    #[graphql(guard = "Needs(Scope::CampaignsRead)")]
    async fn coupon_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global id.")] id: ID,
    ) -> Nullable<Lean<CouponTemplate>> {
        Some(find_template(ctx, &id).await)
    }

    /// The merchant's coupon templates, the newest first. Needs `campaigns:read`.
    #[graphql(guard = "Needs(Scope::CampaignsRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn coupon_templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which templates; all where it is missing.")] filter: Option<
            CouponTemplateFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<CouponTemplateConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let filter = filter.unwrap_or_default().read()?;
        let merchant_id = ctx.actor()?.merchant_id;
        let currency = crate::merchant::find(ctx.app(), merchant_id)
            .await?
            .currency;
        let page = service::list_templates(ctx.app(), merchant_id, &filter, &paging).await?;
        let items = page.items.into_iter().map(|row| {
            let cursor = row.id.to_string();
            Ok((cursor, CouponTemplate::of(row, currency)?))
        });
        let page = Page {
            items: items.collect::<Result<Vec<_>, Error>>()?,
            has_previous: page.has_previous,
            has_next: page.has_next,
        };
        Ok(Lean(CouponTemplateConnection::page(
            page,
            |(cursor, _)| cursor.clone(),
            |(_, template)| Lean(template),
            merchant_id,
            filter,
        )))
    }

    /// One coupon 优惠券, by its id or its code. What does not exist, or is another merchant's, is NOT_FOUND. Needs
    /// `campaigns:read`.
    #[graphql(guard = "Needs(Scope::CampaignsRead)")]
    async fn coupon(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Exactly one of its names.")] by: CouponByInput,
    ) -> Nullable<Lean<Coupon>> {
        Some(find(ctx, &by).await)
    }

    /// The merchant's coupons, those first that were handed out last. Needs `campaigns:read`.
    #[graphql(guard = "Needs(Scope::CampaignsRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn coupons(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which coupons; all where it is missing.")] filter: Option<
            CouponFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<CouponConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let filter = filter.unwrap_or_default();
        if filter.code.is_some() {
            needs(ctx, Scope::CouponsIssue)?;
        }
        if filter.member_no.is_some() {
            needs(ctx, Scope::MembersRead)?;
        }
        page_of(ctx, filter.read()?, paging).await
    }
}

async fn find_template(ctx: &Context<'_>, id: &ID) -> Result<Lean<CouponTemplate>, Error> {
    let id = read_id("id", id)?;
    let found = service::maybe_find_template(ctx.app(), ctx.actor()?.merchant_id, id).await?;
    let row = found.ok_or(Error::NotFound)?;
    Ok(Lean(CouponTemplate::open(ctx, row).await?))
}

async fn find(ctx: &Context<'_>, by: &CouponByInput) -> Result<Lean<Coupon>, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let row = match by {
        CouponByInput::Id(id) => service::find(app, merchant_id, read_id("by.id", id)?).await?,
        CouponByInput::Code(code) => service::find_by_code(app, merchant_id, code).await?,
    };
    Ok(Lean(Coupon::of(row, app.clock.instant())))
}

/// A page of the coupons that a filter wants.
pub(super) async fn page_of(
    ctx: &Context<'_>,
    filter: CouponFilter,
    paging: Paging,
) -> Result<Lean<CouponConnection>, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let page = service::list(app, merchant_id, &filter, &paging).await?;
    let now = app.clock.instant();
    Ok(Lean(CouponConnection::page(
        page,
        |row| row.id.to_string(),
        |row| Lean(Coupon::of(row, now)),
        merchant_id,
        filter,
    )))
}
