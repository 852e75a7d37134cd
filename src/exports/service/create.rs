//! Takes up an export: which rows it holds is settled here, a worker writes them.

use entity::event::EventKind;
use entity::export::{self, Column, Entity, ExportFormat, ExportLanguage, ExportState};
use entity::{ExportId, merchant};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveEnum, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QuerySelect,
};
use serde_json::json;

use super::file::kept_bytes;
use super::list::find;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::{Actor, Scope};
use crate::error::{Error, Failure};
use crate::events;
use crate::exports::model::columns::choose;
use crate::exports::model::{CreateRefusal, List, Wanted, scopes, tells_buyers, unasked};
use crate::idempotency::{Claim, Key};

/// An export that is asked for.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Which rows, in which order.
    pub list: List,
    /// What the file is to be.
    pub format: ExportFormat,
    /// The language of headings and words.
    pub language: ExportLanguage,
    /// Which columns; all where nothing is said.
    pub columns: Option<Vec<String>>,
    /// What the client sent: the same again is the same request, though "today" may mean another day.
    pub asked: serde_json::Value,
}

/// Takes up an export, in whatever state the one with this key is by now. Needs the scopes of its list and columns.
pub async fn create(
    app: &App,
    actor: &Actor,
    key: &str,
    draft: &Draft,
) -> Result<export::Model, Failure<CreateRefusal>> {
    let kind = draft.list.kind();
    let mut columns = choose(kind, draft.columns.as_deref()).map_err(Failure::Refused)?;
    if draft.columns.is_none() {
        columns = unasked(kind, columns, actor.may(Scope::MembersRead));
    }
    let mut needed = scopes(kind, &columns).into_iter();
    if let Some(scope) = needed.find(|scope| !actor.may(*scope)) {
        audit::service::forbid(app, actor, "exportCreate".to_owned(), scope).await;
        return Err(Failure::Failed(Error::Forbidden {
            scope: scope.name(),
        }));
    }
    let shows_buyers = actor.may(Scope::PersonalRead) && tells_buyers(kind, &columns);
    let key = &Key::read(key, "exportCreate", &draft.asked)?;
    let wanted = Wanted {
        list: draft.list.clone().until(app.clock.now()),
        columns,
    };
    let wanted =
        &serde_json::to_string(&wanted).map_err(|error| Error::internal(error.to_string()))?;
    let merchant_id = actor.merchant_id;
    let id = app
        .write(merchant_id, |txn| async move {
            let id: ExportId = app.ids.next();
            match key.claim(app, &txn, merchant_id, id).await? {
                Claim::New => {}
                Claim::Known(known) => return Ok(ExportId(known)),
                Claim::Reused => return Err(Failure::Refused(CreateRefusal::KeyReused)),
                Claim::InProgress => return Err(Failure::Refused(CreateRefusal::InProgress)),
            }
            check_room(app, &txn, actor).await?;
            let now = app.clock.instant();
            let row = row(app, actor, id, draft, wanted.clone());
            Entity::insert(row.into_active_model())
                .exec_without_returning(&*txn)
                .await
                .map_err(Error::from)?;
            let kind = EventKind::ExportCreated;
            events::record(&txn, &app.ids, now, merchant_id, kind, id)
                .await
                .map_err(Error::from)?;
            audit::record(app, &txn, actor, told(shows_buyers, id, draft)).await?;
            Ok::<_, Failure<CreateRefusal>>(id)
        })
        .await?;
    Ok(find(app, merchant_id, id).await?)
}

/// What the audit log is told of it: not what was searched for, which may be somebody's name.
fn told(shows_buyers: bool, id: ExportId, draft: &Draft) -> Deed {
    Deed::of("exportCreate").on(id).made(json!({
        "kind": draft.list.kind().to_value(),
        "format": draft.format.to_value(),
        "personalData": shows_buyers,
    }))
}

/// Refuses one more where enough of the merchant's wait or are kept. Who asks at the same time waits for each
/// other at the merchant's row.
async fn check_room(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
) -> Result<(), Failure<CreateRefusal>> {
    let merchant_id = actor.merchant_id;
    let merchant = merchant::Entity::of(merchant_id)
        .lock(LockType::NoKeyUpdate)
        .one(txn)
        .await
        .map_err(Error::from)?;
    merchant.ok_or(Error::NotFound)?;
    let count = async |states: &[ExportState]| {
        Entity::of(merchant_id)
            .filter(Column::State.is_in(states.iter().copied()))
            .count(txn)
            .await
            .map_err(Error::from)
    };
    let settings = &app.settings.exports;
    if count(&[ExportState::Queued, ExportState::Running]).await? >= settings.most_waiting {
        return Err(Failure::Refused(CreateRefusal::QueueFull {
            most: settings.most_waiting,
        }));
    }
    if count(&[ExportState::Done]).await? >= settings.most_kept {
        return Err(Failure::Refused(CreateRefusal::TooMany {
            most: settings.most_kept,
        }));
    }
    if kept_bytes(txn, merchant_id, None).await? >= settings.most_kept_bytes {
        return Err(Failure::Refused(CreateRefusal::NoSpace {
            most: settings.most_kept_bytes,
        }));
    }
    Ok(())
}

fn row(app: &App, actor: &Actor, id: ExportId, draft: &Draft, wanted: String) -> export::Model {
    let now = app.clock.instant();
    export::Model {
        merchant_id: actor.merchant_id,
        id,
        kind: draft.list.kind(),
        format: draft.format,
        language: draft.language,
        wanted,
        state: ExportState::Queued,
        requested_by: actor.name(),
        requested_personal: actor.may(Scope::PersonalRead),
        masked: None,
        rows_total: None,
        rows_done: 0,
        bytes: 0,
        stored_bytes: 0,
        pieces: 0,
        attempts: 0,
        lease: 0,
        next_at: Some(now),
        failure: None,
        started_at: None,
        finished_at: None,
        expires_at: None,
        updated_at: now,
    }
}
