//! A segment, lists of them, and who is in one, as clients see them.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID};
use entity::{MerchantId, SegmentId, segment};

use super::enums::SegmentKind;
use super::rules::SegmentRule;
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::members::schema::Member;
use crate::money::Currency;
use crate::paging::Paging;
use crate::segments::loader::SegmentLoader;
use crate::segments::model::{Rule, SegmentFilter};
use crate::segments::service;

/// A segment, its rules understood.
#[derive(Clone, Debug)]
pub struct Segment {
    row: Arc<segment::Model>,
    rules: Arc<Rule>,
    currency: Currency,
}

impl Segment {
    /// A segment as it is kept, with the merchant's currency.
    pub fn of(row: segment::Model, currency: Currency) -> Result<Self, Error> {
        Ok(Self {
            rules: Arc::new(Rule::of_text(&row.rules)?),
            row: Arc::new(row),
            currency,
        })
    }

    /// A segment as it is kept, in the currency of who asks.
    pub async fn open(ctx: &Context<'_>, row: segment::Model) -> Result<Self, Error> {
        let merchant = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id).await?;
        Self::of(row, merchant.currency)
    }

    /// The segment of an id, read together with all others that are asked for; none where it is not there.
    pub async fn load(ctx: &Context<'_>, id: SegmentId) -> Result<Option<Self>, Error> {
        let loader = ctx.data_unchecked::<DataLoader<SegmentLoader>>();
        match loader.load_one(id).await? {
            Some(row) => Ok(Some(Self::open(ctx, row).await?)),
            None => Ok(None),
        }
    }

    pub(super) fn cursor(&self) -> String {
        self.row.id.to_string()
    }

    fn made_at(&self) -> Timestamp {
        let at = chrono::DateTime::from_timestamp_millis(self.row.id.made_at_ms());
        Timestamp(at.unwrap_or_default())
    }

    async fn list_members(
        &self,
        ctx: &Context<'_>,
        paging: Result<Paging, Error>,
    ) -> Result<Lean<SegmentMemberConnection>, Error> {
        let merchant_id = self.row.merchant_id;
        let rule = service::rule_of(&self.row)?;
        let page = service::list_members(ctx.app(), merchant_id, &rule, &paging?).await?;
        Ok(Lean(SegmentMemberConnection::page(
            page,
            |row| row.id.to_string(),
            |row| Lean(row.into()),
            merchant_id,
            rule,
        )))
    }
}

plain_object! {
    /// A segment 会员分群: members of whom something is true. Who has become a part of another member, and whose data was
    /// erased, is in none.
    Segment(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// What you call it 名称, unique among your segments.
        name / "name": &str = self.row.name.as_str();
        /// Whether it follows its rules 分群类型.
        kind / "kind": SegmentKind = self.row.kind.into();
        /// Counts its changes; `segmentUpdate` wants it.
        version / "version": i32 = self.row.version;
        /// When a snapshot was taken 快照时间; null where it follows its rules.
        snapshot_at / "snapshotAt": Option<Timestamp> = self.row.snapshot_at.map(Timestamp::from);
        /// Who made it 创建人: an id of staff or of an API key.
        created_by / "createdBy": &str = self.row.created_by.as_str();
        /// When it was made.
        created_at / "createdAt": Timestamp = self.made_at();
        /// When it was last changed.
        updated_at / "updatedAt": Timestamp = self.row.updated_at.into();
    }
    {
        /// Who belongs to it 分群规则; of a snapshot, the rules that it was taken by.
        async fn rules(&self) -> SegmentRule {
            SegmentRule::of(&self.rules, self.currency)
        }

        /// How many members are in it now 人数. Counted only when it is selected.
        async fn size(&self, ctx: &Context<'_>) -> Nullable<i64> {
            Some(service::size_of(ctx.app(), &self.row).await)
        }

        /// Who is in it now, those first who were named last.
        async fn members(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        ) -> Nullable<Lean<SegmentMemberConnection>> {
            Some(self.list_members(ctx, Paging::read(first, after, last, before)).await)
        }
    }
}

connection! {
    /// A list of segments.
    SegmentConnection { merchant_id: MerchantId, filter: SegmentFilter }
    /// A segment in a list.
    SegmentEdge
    /// The segment.
    node: Lean<Segment>
    {
        /// How many segments the filter wants, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = service::count(ctx.app(), self.merchant_id, &self.filter).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many segments to count"))
        }
    }
}

connection! {
    /// A list of the members of a segment.
    SegmentMemberConnection { merchant_id: MerchantId, rule: Rule }
    /// A member of a segment.
    SegmentMemberEdge
    /// The member.
    node: Lean<Member>
    {
        /// How many members are in it, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = service::size(ctx.app(), self.merchant_id, &self.rule).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many members to count"))
        }
    }
}

/// Who would belong to a segment.
#[derive(Clone, Debug)]
pub struct SegmentPreview {
    pub(super) merchant_id: MerchantId,
    pub(super) rules: Arc<Rule>,
}

/// How many members a preview shows.
const SAMPLE: u64 = 10;

/// Who would belong to a segment 分群预览, before it is saved.
#[async_graphql::Object]
impl SegmentPreview {
    /// How many members 人数. Counted only when it is selected.
    async fn size(&self, ctx: &Context<'_>) -> Nullable<i64> {
        Some(service::size(ctx.app(), self.merchant_id, &self.rules).await)
    }

    /// Up to ten of them 示例: those who were named last.
    async fn sample(&self, ctx: &Context<'_>) -> Nullable<Vec<Lean<Member>>> {
        let rows = service::sample(ctx.app(), self.merchant_id, &self.rules, SAMPLE).await;
        Some(rows.map(|rows| rows.into_iter().map(|row| Lean(row.into())).collect()))
    }
}
