//! The queries of members.

use async_graphql::{Context, ID, InputObject, Object, OneofObject};

use super::object::{Member, MemberConnection};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs, Nullable};
use crate::members::model::{MemberFilter, check_member_no};
use crate::members::service;
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
}

impl MemberFilterInput {
    /// Reads the filter; `path` names where it stands.
    pub fn read(self, path: &str) -> Result<MemberFilter, Error> {
        let member_no = self.member_no.filter(|no| !no.is_empty());
        if let Some(no) = &member_no {
            read_member_no(&format!("{path}.memberNo"), no)?;
        }
        Ok(MemberFilter {
            member_no,
            has_paid: self.has_paid,
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
        let filter = filter.unwrap_or_default().read("filter")?;
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
