//! What clients send about reconciliation.

use async_graphql::{ID, InputObject, OneofObject};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::enums::{BillFormat, ReconciliationDecision, ReconciliationKind};
use crate::error::Error;
use crate::graphql::scalars::{LocalDate, read_id};
use crate::graphql::time_range::TimeRangeInput;
use crate::reconciliation::service::{BillSource, ItemFilter};

/// Which reconciliation items are wanted: those that fulfil every condition that is given.
#[derive(Clone, Debug, Default, InputObject)]
pub struct ReconciliationItemFilterInput {
    /// Only those that wait for a person (true) or were settled (false).
    pub open: Option<bool>,
    /// Only those of any of these kinds.
    pub kinds: Option<Vec<ReconciliationKind>>,
    /// Only those of a channel.
    pub channel_id: Option<ID>,
    /// Only those that a run found first.
    pub run_id: Option<ID>,
    /// Only those found in a span of time.
    pub created_at: Option<TimeRangeInput>,
}

impl ReconciliationItemFilterInput {
    /// Reads the filter; what cannot be meant is named.
    pub fn read(self, now: DateTime<Utc>, zone: Tz) -> Result<ItemFilter, Error> {
        let kinds = self
            .kinds
            .map(|kinds| kinds.into_iter().map(Into::into).collect());
        let channel_id = self.channel_id.map(|id| read_id("filter.channelId", &id));
        let run_id = self.run_id.map(|id| read_id("filter.runId", &id));
        let found = self
            .created_at
            .map(|span| span.read("filter.createdAt", now, zone));
        Ok(ItemFilter {
            open: self.open,
            kinds,
            channel_id: channel_id.transpose()?,
            run_id: run_id.transpose()?,
            found: found.transpose()?,
        })
    }
}

/// What a bill says.
#[derive(Clone, Debug, OneofObject)]
pub enum BillInput {
    /// The bill's text as it was downloaded, in UTF-8.
    Text(String),
    /// The bill's file as it was downloaded (UTF-8 or GBK), packed by gzip, in base64: at most 16 MiB,
    /// unpacked.
    GzipBase64(String),
}

impl From<BillInput> for BillSource {
    fn from(input: BillInput) -> Self {
        match input {
            BillInput::Text(text) => Self::Text(text),
            BillInput::GzipBase64(text) => Self::GzipBase64(text),
        }
    }
}

/// A bill to be imported.
#[derive(Clone, Debug, InputObject)]
pub struct ReconciliationImportInput {
    /// The channel that it is the bill of.
    pub channel_id: ID,
    /// How it is written.
    pub format: BillFormat,
    /// Its day, in Shanghai. The day must be over.
    pub day: LocalDate,
    /// The bill. What is larger than a request may be is imported by the command `yigate reconcile`.
    pub bill: BillInput,
}

/// How a reconciliation item is settled.
#[derive(Clone, Debug, InputObject)]
pub struct ReconciliationItemResolveInput {
    /// The item.
    pub item_id: ID,
    /// How.
    pub resolution: ReconciliationDecision,
    /// Why so, in words: 1 to 500 characters.
    pub note: String,
}
