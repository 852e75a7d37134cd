//! Imports members from a file: what each row would do, and then all of it in one transaction.

mod plan;
mod write;

use entity::member_import::{Column, Entity, Model};
use entity::{MemberImportId, MerchantId};
use sea_orm::{ColumnTrait, QueryFilter};

use self::plan::Plan;
use crate::app::App;
use crate::auth::model::Actor;
use crate::db::newest_first;
use crate::error::{Error, Failure};
use crate::idempotency::{Claim, Key};
use crate::members::model::{FileRefusal, MemberFile, Rows, Wrong, read_rows, unpack};
use crate::paging::{Page, Paging};

type Outcome<T> = Result<T, Failure<FileRefusal>>;

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many rows there were.
    pub total: i32,
    /// How many members were made.
    pub added: i32,
    /// How many were changed, or were so already.
    pub changed: i32,
    /// How many were said to agree who had withdrawn: they do not.
    pub consent_kept: i32,
    /// Which rows were refused, in the order of their lines.
    pub wrong: Vec<Wrong>,
}

impl Report {
    /// The report of an import that was made.
    pub fn of(row: &Model) -> Result<Self, Error> {
        let wrong = serde_json::from_str(&row.report);
        Ok(Self {
            total: row.total,
            added: row.added,
            changed: row.changed,
            consent_kept: row.consent_kept,
            wrong: wrong.map_err(|error| Error::internal(error.to_string()))?,
        })
    }

    /// How many rows were refused.
    #[must_use]
    pub fn failed(&self) -> i32 {
        i32::try_from(self.wrong.len()).unwrap_or(i32::MAX)
    }
}

/// Imports members. A row that cannot be meant stops no other one; who is known already is changed, where an empty cell
/// changes nothing. The same key with the same file returns the same import.
pub async fn import(app: &App, actor: &Actor, key: &str, file: MemberFile) -> Outcome<Model> {
    let (text, rows) = read(app, actor.merchant_id, file).await?;
    let key = &Key::read(key, "memberImport", &text)?;
    let (merchant_id, rows) = (actor.merchant_id, &rows);
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let id = app
        .write::<_, Failure<FileRefusal>, _>(merchant_id, |txn| async move {
            let id: MemberImportId = app.ids.next();
            match key.claim(app, &txn, merchant_id, id).await? {
                Claim::New => {}
                Claim::Known(known) => return Ok(MemberImportId(known)),
                Claim::Reused => return Err(Failure::Refused(FileRefusal::KeyReused)),
                Claim::InProgress => return Err(Failure::Refused(FileRefusal::InProgress)),
            }
            let known = plan::lock_known(app, &txn, merchant_id, rows).await?;
            let plan = Plan::of(app, &*txn, (merchant_id, zone), rows, known).await?;
            if !write::write(app, &txn, actor, id, &plan).await? {
                return Err(Failure::Refused(FileRefusal::Interrupted));
            }
            Ok(id)
        })
        .await?;
    let found = find_import(app, merchant_id, id).await?;
    Ok(found.ok_or(Error::NotFound)?)
}

/// What importing a file would do now; nothing is changed.
pub async fn import_dry(app: &App, actor: &Actor, file: MemberFile) -> Outcome<Report> {
    let merchant_id = actor.merchant_id;
    let (_, rows) = read(app, merchant_id, file).await?;
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let db = app.db.reads(merchant_id);
    let known = plan::find_known(app, &db, merchant_id, &rows).await?;
    let plan = Plan::of(app, &db, (merchant_id, zone), &rows, known).await?;
    Ok(plan.report())
}

/// Megabytes are read beside the threads that answer requests.
async fn read(app: &App, merchant_id: MerchantId, file: MemberFile) -> Outcome<(String, Rows)> {
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let today = app.clock.now().with_timezone(&zone).date_naive();
    let read = tokio::task::spawn_blocking(move || {
        let text = unpack(file)?;
        let rows = read_rows(&text, today)?;
        Ok((text, rows))
    });
    let read = read.await;
    read.map_err(|error| Error::internal(error.to_string()))?
        .map_err(Failure::Refused)
}

/// An import by its id.
pub async fn find_import(
    app: &App,
    merchant_id: MerchantId,
    id: MemberImportId,
) -> Result<Option<Model>, Error> {
    Ok(Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?)
}

/// A page of a merchant's imports, the newest first.
pub async fn list_imports(
    app: &App,
    merchant_id: MerchantId,
    paging: &Paging,
) -> Result<Page<Model>, Error> {
    let select = Entity::of(merchant_id);
    let select = newest_first::<_, _, MemberImportId>(select, Column::Id, paging)?;
    Ok(Page::of(
        select.all(&app.db.reads(merchant_id)).await?,
        paging,
    ))
}
