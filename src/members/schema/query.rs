//! The queries of members.

use async_graphql::{Context, ID, Object, OneofObject};

use super::filter_input::{MemberFilterInput, MemberSortInput, Seeker, in_list, may_seek};
use super::object::{Member, MemberConnection};
use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs, Nullable};
use crate::members::model::MemberSort;
use crate::members::service;
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

    /// The merchant's members 会员列表; those who were merged into another one are left out. Names, telephone numbers
    /// and addresses are searched as a whole, by keyed hashes, by whoever has `personal:read`; without it, the last four
    /// digits of a telephone number are searched for, which are shown anyway. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    #[allow(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which members; all where it is missing.")] filter: Option<
            MemberFilterInput,
        >,
        #[graphql(desc = "In which order; those first who were named last where it is missing.")]
        order_by: Option<MemberSortInput>,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<MemberConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
        let filter = filter.unwrap_or_default();
        let filter = filter.read(&reading(ctx).await?, &Seeker::of(ctx)?)?;
        let sort = order_by.map(MemberSort::from).unwrap_or_default();
        may_seek(ctx, &filter, sort)?;
        let filter = in_list(filter, sort);
        let page = service::list(app, merchant_id, &filter, sort, &paging).await?;
        Ok(Lean(MemberConnection::page(
            page,
            |row| service::cursor(sort.field, row),
            |row| Lean(row.into()),
            merchant_id,
            filter,
        )))
    }
}

/// A member by one of its names.
pub(super) async fn find(ctx: &Context<'_>, by: MemberByInput) -> Result<Lean<Member>, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let found = match by {
        MemberByInput::Id(id) => {
            service::maybe_find(app, merchant_id, read_id("by.id", &id)?).await?
        }
        MemberByInput::MemberNo(no) => service::find_by_no(app, merchant_id, &no).await?,
    };
    found.map(|row| Lean(row.into())).ok_or(Error::NotFound)
}
