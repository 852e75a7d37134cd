//! The queries of members.

use async_graphql::{Context, ID, InputObject, Object, OneofObject};

use super::object::{Member, MemberConnection};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::time_range::TimeRangeInput;
use crate::graphql::{Ask, Needs, Nullable};
use crate::members::model::{MemberFilter, check_member_no};
use crate::members::service;
use crate::orders::schema::inputs::Reading;
use crate::orders::schema::reading;
use crate::paging::Paging;

/// Exactly one of a member's names.
#[derive(Clone, Debug, OneofObject)]
pub enum MemberByInput {
    /// The global id.
    Id(ID),
    /// The shop's own number 会员号.
    MemberNo(String),
}

/// Which members are wanted. Everything that is given must hold.
#[derive(Clone, Debug, Default, InputObject)]
pub struct MemberFilterInput {
    /// The beginning of the shop's own number 会员号.
    pub member_no: Option<String>,
    /// Whether they have paid for an order.
    pub has_paid: Option<bool>,
    /// Named for the first time in this span.
    pub created_at: Option<TimeRangeInput>,
    /// Whose first payment lies in this span.
    pub first_paid_at: Option<TimeRangeInput>,
}

impl MemberFilterInput {
    /// Reads the filter; what cannot be meant is named.
    pub fn read(self, reading: &Reading) -> Result<MemberFilter, Error> {
        let member_no = self.member_no.filter(|no| !no.is_empty());
        if let Some(no) = &member_no {
            read_member_no("filter.memberNo", no)?;
        }
        let span = |field: &str, input: Option<TimeRangeInput>| {
            input
                .map(|input| input.read(&format!("filter.{field}"), reading.now, reading.zone))
                .transpose()
        };
        Ok(MemberFilter {
            member_no,
            has_paid: self.has_paid,
            created: span("createdAt", self.created_at)?,
            first_paid: span("firstPaidAt", self.first_paid_at)?,
        })
    }
}

/// Refuses what is no member's number, nor the beginning of one.
pub fn read_member_no(field: &str, no: &str) -> Result<(), Error> {
    check_member_no(no).map_err(|problem| Error::BadInput {
        field: field.to_owned(),
        problem,
    })
}

/// The queries of members.
#[derive(Debug, Default)]
pub struct MemberQuery;

#[Object]
impl MemberQuery {
    /// One member 会员. What does not exist, or is another merchant's, is NOT_FOUND. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Exactly one of its names.")] by: MemberByInput,
    ) -> Nullable<Lean<Member>> {
        Some(find(ctx, by).await)
    }

    /// The merchant's members, those first who were named last. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which members; all where it is missing.")] filter: Option<
            MemberFilterInput,
        >,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<MemberConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let filter = filter.unwrap_or_default().read(&reading(ctx).await?)?;
        let page = service::list(app, merchant_id, &filter, &paging).await?;
        Ok(Lean(MemberConnection::page(
            page,
            |row| row.id.to_string(),
            |row| Lean(row.into()),
            merchant_id,
            filter,
        )))
    }
}

async fn find(ctx: &Context<'_>, by: MemberByInput) -> Result<Lean<Member>, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let found = match by {
        MemberByInput::Id(id) => {
            service::maybe_find(app, merchant_id, read_id("by.id", &id)?).await?
        }
        MemberByInput::MemberNo(no) => service::find_by_no(app, merchant_id, &no).await?,
    };
    found.map(|row| Lean(row.into())).ok_or(Error::NotFound)
}
