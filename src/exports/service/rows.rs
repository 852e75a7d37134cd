//! Reads a list page by page, with what belongs to its rows in one statement a page.

use std::collections::HashMap;
use std::sync::Arc;

use entity::export::{ExportLanguage, Model};
use entity::{ChannelId, MemberId, MerchantId};

use crate::app::App;
use crate::auth::model::{mask_name, mask_phone};
use crate::channels;
use crate::error::Error;
use crate::exports::model::columns::{
    self, ACCOUNT_COLUMNS, Column, FEES, GivenBack, Heading, LEDGER_ENTRIES, MEMBER_COLUMN,
    MEMBERS, ORDERS, PAYOUTS, PaidOut, Posted, REFUNDS, SoldOrder, TakenFee,
};
use crate::exports::model::{Cell, List, Wanted};
use crate::fees::model::FeeFilter;
use crate::ledger::service::LedgerFilter;
use crate::locale::Locale;
use crate::members::model::{MemberFilter, MemberSort};
use crate::orders::model::{Buyer, OrderFilter, OrderSort};
use crate::orders::service::{OrderRow, Shape};
use crate::paging::{Page, Paging};
use crate::payouts::model::PayoutFilter;
use crate::refunds::model::RefundFilter;
use crate::{bank_accounts, fees, ledger, members, orders, payouts, refunds};

/// How many rows of the list are read at once.
const PAGE: u64 = 500;

/// A list that is read from its beginning to its end.
pub(super) struct Reader<'a> {
    app: &'a App,
    merchant_id: MerchantId,
    wanted: &'a Wanted,
    masked: bool,
    channels: HashMap<ChannelId, String>,
    locale: Locale,
    /// Where the next page begins; none behind the last.
    next: Option<Paging>,
}

/// Rows, each as its cells.
pub(super) type Rows = Vec<Vec<Cell>>;

impl<'a> Reader<'a> {
    /// Before the first page.
    pub async fn open(
        app: &'a App,
        row: &Model,
        wanted: &'a Wanted,
        masked: bool,
    ) -> Result<Self, Error> {
        let channels = channels::service::list(app, row.merchant_id).await?;
        Ok(Self {
            app,
            merchant_id: row.merchant_id,
            wanted,
            masked,
            channels: channels.into_iter().map(|it| (it.id, it.name)).collect(),
            locale: language(row),
            next: Some(Paging {
                limit: PAGE,
                backward: false,
                beyond: None,
                until: None,
            }),
        })
    }

    /// What the file's columns are called.
    pub fn headings(&self) -> Vec<Heading> {
        fn of<R>(columns: &'static [Column<R>], names: &[String]) -> Vec<Heading> {
            let picked = columns::pick(columns, names);
            picked.into_iter().map(|column| column.heading).collect()
        }
        let names = &self.wanted.columns;
        match self.wanted.list {
            List::Orders { .. } => of(ORDERS, names),
            List::Refunds(_) => of(REFUNDS, names),
            List::LedgerEntries(_) => of(LEDGER_ENTRIES, names),
            List::Fees(_) => of(FEES, names),
            List::Payouts(_) => of(PAYOUTS, names),
            List::Members(_) => of(MEMBERS, names),
        }
    }

    /// How many rows there are, where that can be counted.
    pub async fn count(&self) -> Result<Option<i64>, Error> {
        let (app, merchant_id) = (self.app, self.merchant_id);
        Ok(match &self.wanted.list {
            List::Orders { filter, .. } => {
                let count = orders::service::count(app, merchant_id, filter).await?;
                i64::try_from(count).ok()
            }
            List::Refunds(filter) => {
                let count = refunds::service::count(app, merchant_id, filter).await?;
                i64::try_from(count).ok()
            }
            List::LedgerEntries(_) => None,
            List::Fees(filter) => {
                let totals = fees::service::totals(app, merchant_id, filter).await?;
                Some(totals.payments)
            }
            List::Payouts(filter) => {
                let count = payouts::service::count(app, merchant_id, filter).await?;
                i64::try_from(count).ok()
            }
            List::Members(filter) => {
                let count = members::service::count(app, merchant_id, filter).await?;
                i64::try_from(count).ok()
            }
        })
    }

    /// The rows of the next page; none behind the last.
    pub async fn next(&mut self) -> Result<Option<Rows>, Error> {
        let Some(paging) = self.next.take() else {
            return Ok(None);
        };
        let wanted = self.wanted;
        let rows = match &wanted.list {
            List::Orders { filter, sort } => self.orders(filter, *sort, paging).await?,
            List::Refunds(filter) => self.refunds(filter, paging).await?,
            List::LedgerEntries(filter) => self.entries(filter, paging).await?,
            List::Fees(filter) => self.fees(filter, paging).await?,
            List::Payouts(filter) => self.payouts(filter, paging).await?,
            List::Members(filter) => self.members(filter, paging).await?,
        };
        Ok(Some(rows))
    }

    pub(super) fn wants(&self, column: &str) -> bool {
        self.wanted.columns.iter().any(|name| name == column)
    }

    /// Notes where the page ends.
    fn turn<T>(&mut self, page: Page<T>, paging: Paging, cursor: impl Fn(&T) -> String) -> Vec<T> {
        if page.has_next {
            self.next = Some(Paging {
                beyond: page.items.last().map(cursor),
                ..paging
            });
        }
        page.items
    }

    fn write<R>(&self, columns: &'static [Column<R>], rows: impl Iterator<Item = R>) -> Rows {
        let columns = columns::pick(columns, &self.wanted.columns);
        rows.map(|row| columns.iter().map(|column| (column.cell)(&row)).collect())
            .collect()
    }

    fn channel(&self, id: ChannelId) -> String {
        let name = self.channels.get(&id).cloned();
        name.unwrap_or_else(|| id.to_string())
    }

    async fn orders(
        &mut self,
        filter: &OrderFilter,
        sort: OrderSort,
        paging: Paging,
    ) -> Result<Rows, Error> {
        let (app, merchant_id) = (self.app, self.merchant_id);
        let page =
            orders::service::list(app, merchant_id, filter, sort, &paging, Shape::Full).await?;
        let rows = self.turn(page, paging, |row| {
            orders::service::cursor(sort.field, &row.summary)
        });
        let mut lines = HashMap::new();
        if self.wants("lines") {
            let ids: Vec<_> = rows.iter().map(|row| row.summary.id).collect();
            lines = orders::service::find_lines(app, merchant_id, &ids).await?;
        }
        let numbers = self.member_nos(&rows).await?;
        let with_buyer = self.wants("buyerName") || self.wants("buyerPhone");
        let mut sold = Vec::with_capacity(rows.len());
        for row in rows {
            sold.push(SoldOrder {
                lines: lines.remove(&row.summary.id).unwrap_or_default(),
                buyer: if with_buyer { self.buyer(&row)? } else { None },
                channel: self.channel(row.summary.channel_id),
                member_no: member_of(&row).and_then(|id| numbers.get(&id).cloned()),
                row,
            });
        }
        Ok(self.write(ORDERS, sold.into_iter()))
    }

    /// The shop's own numbers of the members who bought, where a column tells them.
    async fn member_nos(&self, rows: &[OrderRow]) -> Result<HashMap<MemberId, String>, Error> {
        if !self.wants(MEMBER_COLUMN) {
            return Ok(HashMap::new());
        }
        let mut ids: Vec<_> = rows.iter().filter_map(member_of).collect();
        ids.sort_unstable();
        ids.dedup();
        let found = members::service::find_many(self.app, self.merchant_id, &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, row)| (id, row.member_no)).collect())
    }

    /// Who bought, as far as the file may show it.
    fn buyer(&self, row: &OrderRow) -> Result<Option<Buyer>, Error> {
        let sealed = row
            .detail
            .as_deref()
            .and_then(|it| it.sealed_buyer.as_ref());
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let plain = self.app.key.open(sealed, &self.merchant_id.to_string())?;
        let buyer: Buyer = serde_json::from_slice(&plain)
            .map_err(|_| Error::internal("a sealed buyer cannot be read"))?;
        if !self.masked {
            return Ok(Some(buyer));
        }
        Ok(Some(Buyer {
            name: buyer.name.as_deref().map(mask_name),
            phone: buyer.phone.as_deref().map(mask_phone),
        }))
    }

    async fn refunds(&mut self, filter: &RefundFilter, paging: Paging) -> Result<Rows, Error> {
        let (app, merchant_id) = (self.app, self.merchant_id);
        let page = refunds::service::list(app, merchant_id, filter, &paging).await?;
        let rows = self.turn(page, paging, |row| row.id.to_string());
        let mut lines = HashMap::new();
        if self.wants("lines") {
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            lines = refunds::service::find_lines(app, merchant_id, &ids).await?;
        }
        let rows = rows.into_iter().map(|row| GivenBack {
            lines: lines.remove(&row.id).unwrap_or_default(),
            channel: self.channel(row.channel_id),
            row,
        });
        let rows: Vec<_> = rows.collect();
        Ok(self.write(REFUNDS, rows.into_iter()))
    }

    /// The entries of each transaction lie together, in the order of the accounts.
    async fn entries(&mut self, filter: &LedgerFilter, paging: Paging) -> Result<Rows, Error> {
        let (app, merchant_id) = (self.app, self.merchant_id);
        let page = ledger::service::list(app, merchant_id, filter, &paging).await?;
        let rows = self.turn(page, paging, |row| row.id.to_string());
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mut entries = ledger::service::entries_of(app, merchant_id, &ids).await?;
        let mut posted = Vec::new();
        for row in rows {
            let mut of_row = entries.remove(&row.id).unwrap_or_default();
            of_row.sort_by_key(|entry| entry.account as usize);
            let transaction = Arc::new(row);
            posted.extend(of_row.into_iter().map(|entry| Posted {
                transaction: transaction.clone(),
                entry,
            }));
        }
        Ok(self.write(LEDGER_ENTRIES, posted.into_iter()))
    }

    async fn fees(&mut self, filter: &FeeFilter, paging: Paging) -> Result<Rows, Error> {
        let page = fees::service::list(self.app, self.merchant_id, filter, &paging).await?;
        let rows = self.turn(page, paging, fees::service::cursor);
        let rows = rows.into_iter().map(|row| TakenFee {
            channel: self.channel(row.channel_id),
            row,
        });
        let rows: Vec<_> = rows.collect();
        Ok(self.write(FEES, rows.into_iter()))
    }

    /// Bank accounts are read where a column tells of them: then whoever asked may see them.
    async fn payouts(&mut self, filter: &PayoutFilter, paging: Paging) -> Result<Rows, Error> {
        let (app, merchant_id) = (self.app, self.merchant_id);
        let page = payouts::service::list(app, merchant_id, filter, &paging).await?;
        let rows = self.turn(page, paging, |row| row.id.to_string());
        let mut accounts = HashMap::new();
        if ACCOUNT_COLUMNS.iter().any(|column| self.wants(column)) {
            let mut ids: Vec<_> = rows.iter().map(|row| row.bank_account_id).collect();
            ids.sort_unstable();
            ids.dedup();
            accounts = bank_accounts::service::find_many(app, merchant_id, &ids).await?;
        }
        let rows = rows.into_iter().map(|row| PaidOut {
            account: accounts.get(&row.bank_account_id).cloned(),
            channel: self.channel(row.channel_id),
            row,
        });
        let rows: Vec<_> = rows.collect();
        Ok(self.write(PAYOUTS, rows.into_iter()))
    }

    async fn members(&mut self, filter: &MemberFilter, paging: Paging) -> Result<Rows, Error> {
        let (app, merchant_id) = (self.app, self.merchant_id);
        let sort = MemberSort::default();
        let page = members::service::list(app, merchant_id, filter, sort, &paging).await?;
        let rows = self.turn(page, paging, |row| {
            members::service::cursor(sort.field, row)
        });
        let rows = self.known(rows).await?;
        Ok(self.write(MEMBERS, rows.into_iter()))
    }

    /// The language that the file is written in.
    pub(super) const fn locale(&self) -> Locale {
        self.locale
    }

    pub(super) const fn of(&self) -> (&'a App, MerchantId, bool) {
        (self.app, self.merchant_id, self.masked)
    }
}

/// The language that a file is written in.
pub(super) const fn language(row: &Model) -> Locale {
    match row.language {
        ExportLanguage::ZhCn => Locale::ZhCn,
        ExportLanguage::En => Locale::En,
    }
}

/// The member who bought, where the shop named one.
fn member_of(row: &OrderRow) -> Option<MemberId> {
    row.detail.as_deref().and_then(|detail| detail.member_id)
}
