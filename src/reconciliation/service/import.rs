//! Imports a bill: reads it, compares it, writes what was found.

use aws_lc_rs::digest;
use chrono::NaiveDate;
use entity::reconciliation_run::{self, BillFormat, Model};
use entity::{ChannelId, Day, channel};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::json;

use super::gather::gather;
use super::list::waiting;
use super::transfers::gather_transfers;
use super::write::{Import, write};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::channels::service::maybe_find;
use crate::error::{Error, Failure};
use crate::reconciliation::model::{
    Bill, BillDay, ImportRefusal, Terms, compare, compare_transfers, gunzip, is_gzip, of_base64,
    read, text_of,
};

/// A bill to be imported.
#[derive(Clone, Debug)]
pub struct NewBill {
    /// The channel.
    pub channel_id: ChannelId,
    /// How it is written.
    pub format: BillFormat,
    /// Its day in Shanghai.
    pub day: NaiveDate,
    /// What it says.
    pub source: BillSource,
}

/// What a bill says, as it came.
#[derive(Clone, Debug)]
pub enum BillSource {
    /// As text.
    Text(String),
    /// As base64 of gzip.
    GzipBase64(String),
    /// As a file, packed by gzip or not.
    File(Vec<u8>),
}

/// Imports a channel's bill of a day. The same bill again gives the run that it made the first time.
pub async fn import(
    app: &App,
    actor: &Actor,
    bill: NewBill,
) -> Result<Model, Failure<ImportRefusal>> {
    let refused = Failure::Refused;
    let merchant_id = actor.merchant_id;
    let channel = maybe_find(app, merchant_id, bill.channel_id).await?;
    let channel = channel.ok_or(refused(ImportRefusal::ChannelNotFound))?;
    let day = BillDay::of(bill.day)
        .filter(|day| day.to <= app.clock.now())
        .ok_or(refused(ImportRefusal::DayNotOver { day: bill.day }))?;
    let merchant = crate::merchant::find(app, merchant_id).await?;
    let terms = Terms {
        day,
        currency: merchant.currency,
        method: channel.method,
    };
    let (format, source) = (bill.format, bill.source);
    // Megabytes are read beside the threads that answer requests.
    let read = tokio::task::spawn_blocking(move || read_all(format, source, &terms)).await;
    let (hash, rows) = read
        .map_err(|error| Error::internal(error.to_string()))?
        .map_err(refused)?;
    if let Some(known) = maybe_known(app, &channel, bill.day, &hash).await? {
        return Ok(known);
    }
    let waiting = waiting(app, &channel).await?;
    let (here, compared) = match &rows {
        Bill::Trades(rows) => {
            let here = gather(app, &channel, &day, rows, &waiting).await?;
            let compared = compare(format, rows, &here, &day);
            (here, compared)
        }
        Bill::Transfers(rows) => {
            let here = gather_transfers(app, &channel, &day, rows).await?;
            let compared = compare_transfers(rows, &here, &day);
            (here, compared)
        }
    };
    let import = Import {
        channel: &channel,
        currency: merchant.currency,
        format,
        day: bill.day,
        hash,
        imported_by: actor.name(),
        compared,
        waiting: &waiting,
        here: &here,
    };
    let import = &import;
    let run = app.write(merchant_id, |txn| async move {
        let run = write(app, &txn, import).await?;
        let found = json!({ "day": import.day, "rows": run.rows, "differences": run.differences });
        let deed = Deed::of("reconciliationImport").on(run.id).made(found);
        audit::record(app, &txn, actor, deed).await?;
        Ok::<_, Error>(run)
    });
    Ok(run.await?)
}

type Read = (Vec<u8>, Bill);

fn read_all(format: BillFormat, source: BillSource, terms: &Terms) -> Result<Read, ImportRefusal> {
    let bytes = match source {
        BillSource::Text(text) => text.into_bytes(),
        BillSource::GzipBase64(text) => gunzip(&of_base64(&text)?)?,
        BillSource::File(bytes) if is_gzip(&bytes) => gunzip(&bytes)?,
        BillSource::File(bytes) => bytes,
    };
    let text = text_of(bytes)?;
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    Ok((hash.as_ref().to_vec(), read(format, &text, terms)?))
}

async fn maybe_known(
    app: &App,
    channel: &channel::Model,
    day: NaiveDate,
    hash: &[u8],
) -> Result<Option<Model>, Error> {
    Ok(reconciliation_run::Entity::of(channel.merchant_id)
        .filter(reconciliation_run::Column::ChannelId.eq(channel.id))
        .filter(reconciliation_run::Column::BillOn.eq(Day::from(day)))
        .filter(reconciliation_run::Column::FileHash.eq(hash.to_vec()))
        .one(&app.db.reads(channel.merchant_id))
        .await?)
}
