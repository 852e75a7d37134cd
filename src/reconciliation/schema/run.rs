//! Reconciliation runs, as clients see them.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID};
use chrono::NaiveDate;
use entity::reconciliation_run::Model;

use super::enums::BillFormat;
use super::item::ReconciliationItemConnection;
use crate::channels::loader::ChannelLoader;
use crate::channels::schema::Channel;
use crate::error::{Error, Problem};
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{LocalDate, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::paging::{Page, Paging};
use crate::reconciliation::service::{self, ItemFilter};

/// A compared bill.
#[derive(Clone, Debug)]
pub struct ReconciliationRun {
    row: Model,
}

impl From<Model> for ReconciliationRun {
    fn from(row: Model) -> Self {
        Self { row }
    }
}

impl ReconciliationRun {
    fn is_balanced(&self) -> bool {
        self.row.differences == 0
    }

    fn summary(&self) -> Problem {
        let Model {
            rows,
            matched,
            differences,
            ..
        } = self.row;
        let day = NaiveDate::from(self.row.bill_on);
        if self.is_balanced() {
            return Problem::new(
                format!("{day} is balanced: all {rows} rows of the bill agree with what is here."),
                format!("{day} 对账平：账单共 {rows} 笔，全部一致，无差异。"),
            );
        }
        Problem::new(
            format!(
                "{day} is not balanced: {differences} differences; {matched} of {rows} rows agree."
            ),
            format!(
                "{day} 对账不平：差异 {differences} 笔；账单共 {rows} 笔，其中 {matched} 笔一致。"
            ),
        )
    }
}

plain_object! {
    /// A reconciliation run 对账批次: one daily bill of one channel, compared with what is here.
    ReconciliationRun(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// How the bill is written.
        format / "format": BillFormat = self.row.format.into();
        /// The bill's day, in Shanghai 账单日.
        day / "day": LocalDate = LocalDate(self.row.bill_on.into());
        /// How many payments and refunds, or transfers, the bill lists.
        rows / "rows": i32 = self.row.rows;
        /// How many of them agree with what is here.
        matched / "matched": i32 = self.row.matched;
        /// How many differences were found, those that are listed since an earlier bill or a notification
        /// included.
        differences / "differences": i32 = self.row.differences;
        /// How many differences of other days it cleared 跨日核销.
        carried / "carried": i32 = self.row.carried;
        /// Whether it is without a difference 对账平.
        balanced / "balanced": bool = self.is_balanced();
        /// When it was imported.
        imported_at / "importedAt": Timestamp = self.row.imported_at.into();
        /// Who imported it: an id of staff or of an API key, or `system`.
        imported_by / "importedBy": &str = self.row.imported_by.as_str();
    }
    {
        /// What came out, for people, in the language of `Accept-Language`.
        async fn message(&self, ctx: &Context<'_>) -> String {
            self.summary().in_language(ctx.locale()).to_owned()
        }

        /// The channel.
        async fn channel(&self, ctx: &Context<'_>) -> Nullable<Lean<Channel>> {
            let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
            let row = loader.load_one(self.row.channel_id).await;
            Some(row.and_then(|row| row.map(|row| Lean(Channel { row })).ok_or(Error::NotFound)))
        }

        /// What it found first, newest first. What an earlier bill or a notification had told of is not
        /// listed twice.
        async fn items(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        ) -> Result<Lean<ReconciliationItemConnection>, Error> {
            let paging = Paging::read(first, after, last, before)?;
            let filter = ItemFilter {
                run_id: Some(self.row.id),
                ..ItemFilter::default()
            };
            let merchant_id = ctx.actor()?.merchant_id;
            let page = service::list_items(ctx.app(), merchant_id, &filter, &paging).await?;
            Ok(ReconciliationItemConnection::of(page))
        }
    }
}

connection! {
    /// A list of reconciliation runs.
    ReconciliationRunConnection
    /// A reconciliation run in a list.
    ReconciliationRunEdge
    /// The run.
    node: Lean<ReconciliationRun>
}

impl ReconciliationRunConnection {
    /// A page of runs.
    pub(super) fn of(page: Page<Model>) -> Lean<Self> {
        let node = |row: Model| Lean(row.into());
        Lean(Self::page(page, |row| row.id.to_string(), node))
    }
}
