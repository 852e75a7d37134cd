//! The queries and mutations of who members are: imported, made one, erased, handed out.

use async_graphql::{Context, Object};
use entity::member_import;

use super::data::{MemberData, data_of, needs_personal};
use super::erasing::{MemberEraseInput, MemberErasePayload};
use super::importing::{
    MemberImport, MemberImportConnection, MemberImportInput, MemberImportPayload,
};
use super::one_person::{
    MemberDuplicateBy, MemberDuplicates, MemberDuplicatesConnection, MemberMergeInput,
    MemberMergePayload,
};
use super::query::MemberByInput;
use crate::app::App;
use crate::auth::model::{Actor, Scope};
use crate::error::{Error, Failure};
use crate::graphql::payload::answer;
use crate::graphql::plain::Lean;
use crate::graphql::scalars::read_id;
use crate::graphql::{Ask, Needs, Nullable};
use crate::idempotency;
use crate::loyalty;
use crate::members::model::{EraseRefusal, FileRefusal, MergeRefusal};
use crate::members::service::{self, Erasure, Merger, Reached, Report};
use crate::paging::Paging;

/// The queries of who members are.
#[derive(Debug, Default)]
pub struct MemberRecordQuery;

#[Object]
impl MemberRecordQuery {
    /// Members who may be one person 疑似重复会员: groups whom the same telephone number or e-mail address reaches, in
    /// an order that tells nothing. Nobody is made one by itself: `memberMerge` does. Needs `members:read`, and
    /// `personal:read` besides: whoever makes a member would learn by it whose a number is.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn member_duplicates(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "By what they are reached.",
            default_with = "MemberDuplicateBy::Phone"
        )]
        by: MemberDuplicateBy,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<MemberDuplicatesConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        needs_personal(ctx)?;
        let by = Reached::from(by);
        let merchant_id = ctx.actor()?.merchant_id;
        let page = service::duplicates(ctx.app(), merchant_id, by, &paging).await?;
        Ok(Lean(MemberDuplicatesConnection::page(
            page,
            |group| group.cursor.clone(),
            |group| Lean(MemberDuplicates::of(by, group)),
        )))
    }

    /// The merchant's imports of members 会员导入, the newest first. Needs `members:read`.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn member_imports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Lean<MemberImportConnection>, Error> {
        let paging = Paging::read(first, after, last, before)?;
        let page = service::list_imports(ctx.app(), ctx.actor()?.merchant_id, &paging).await?;
        Ok(Lean(MemberImportConnection::page(
            page,
            |row| row.id.to_string(),
            |row| Lean(MemberImport::from(row)),
        )))
    }

    /// All that is held of one person 个人信息副本, for whoever asks what a shop knows of them. The audit log tells who
    /// asked, so that it is refused by GET: send it by POST. What does not exist, or is another merchant's, is
    /// NOT_FOUND. Needs `members:read`, and `personal:read` besides.
    #[graphql(guard = "Needs(Scope::MembersRead)")]
    async fn member_data(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Exactly one of the member's names.")] by: MemberByInput,
    ) -> Nullable<Lean<MemberData>> {
        Some(data_of(ctx, by).await)
    }
}

/// What an import did, where it was made, and what it would do.
async fn imported(
    app: &App,
    actor: &Actor,
    input: MemberImportInput,
) -> Result<(Option<member_import::Model>, Report), Failure<FileRefusal>> {
    let file = input.file.into();
    if input.dry_run {
        return Ok((None, service::import_dry(app, actor, file).await?));
    }
    let row = service::import(app, actor, &input.idempotency_key, file).await?;
    let report = Report::of(&row)?;
    Ok((Some(row), report))
}

/// The mutations of who members are.
#[derive(Debug, Default)]
pub struct MemberRecordMutation;

#[Object]
impl MemberRecordMutation {
    /// Makes and changes up to 5,000 members by a file 导入会员. A row that cannot be meant stops no other one: the report
    /// tells each, by line and column. Points are not imported. Needs `members:write`.
    #[graphql(guard = "Needs(Scope::MembersWrite)")]
    async fn member_import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: MemberImportInput,
    ) -> Result<MemberImportPayload, Error> {
        let refused = |refusal| MemberImportPayload::refused(&refusal, ctx.locale());
        idempotency::check(&input.idempotency_key)?;
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { imported(&app, &actor, input).await });
        let told = |(row, report): (Option<member_import::Model>, Report)| MemberImportPayload {
            member_import: row.map(|row| Lean(row.into())),
            report: Some(Lean(report.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Makes one member a part of another 合并会员: orders, coupons, points, rewards, tags and what was bought become the
    /// other's, who keeps the better tier of both. What the one who stays says of themselves holds, also whether they
    /// want to be written to, unless the one who goes took that back since; what they do not say is taken from the other.
    /// The number of the one who goes leads to the other from then on. It cannot be undone. Needs `members:write`.
    #[graphql(guard = "Needs(Scope::MembersWrite)")]
    async fn member_merge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: MemberMergeInput,
    ) -> Result<MemberMergePayload, Error> {
        let refused = |refusal| MemberMergePayload::refused(&refusal, ctx.locale());
        idempotency::check(&input.idempotency_key)?;
        let Ok(from) = read_id("fromId", &input.from_id) else {
            return Ok(refused(MergeRefusal::FromNotFound));
        };
        let Ok(into) = read_id("intoId", &input.into_id) else {
            return Ok(refused(MergeRefusal::IntoNotFound));
        };
        let merger = Merger {
            from,
            into,
            expected: (input.expected_from_version, input.expected_version),
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx.app().finish(async move {
            loyalty::merge(&app, &actor, &input.idempotency_key, merger).await
        });
        let told = |row: entity::member::Model| MemberMergePayload {
            member: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }

    /// Erases what names a member 删除个人信息, for good: name, telephone number, e-mail address, birthday, tags, remark
    /// and consent, the buyers of their orders, and what was written to them. Orders, points and figures stay, and so
    /// does the shop's own number unless `alsoNumber` says otherwise. Erasing once more takes the buyers of orders since
    /// then. Needs `members:erase`.
    #[graphql(guard = "Needs(Scope::MembersErase)")]
    async fn member_erase(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is wanted.")] input: MemberEraseInput,
    ) -> Result<MemberErasePayload, Error> {
        let refused = |refusal| MemberErasePayload::refused(&refusal, ctx.locale());
        let Ok(member_id) = read_id("memberId", &input.member_id) else {
            return Ok(refused(EraseRefusal::NotFound));
        };
        let erasure = Erasure {
            member_id,
            reason: input.reason,
            also_number: input.also_number,
        };
        let (app, actor) = (ctx.app().clone(), ctx.actor()?.clone());
        let done = ctx
            .app()
            .finish(async move { service::erase(&app, &actor, erasure).await });
        let told = |row: entity::member::Model| MemberErasePayload {
            member: Some(Lean(row.into())),
            user_errors: Vec::new(),
        };
        answer(done.await?, told, refused)
    }
}
