//! Lets a message be sent: at once, or at its time.

use chrono::{DateTime, Utc};
use entity::MessageId;
use entity::event::EventKind;
use entity::message::Model;
use sea_orm::DatabaseTransaction;

use super::audience::there_is;
use super::list::maybe_find;
use super::write::{changed, lock, tell, write};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::idempotency::{Claim, Key};
use crate::messages::model::{SendRefusal, scheduled};

/// What is to be sent, and when.
#[derive(Clone, Copy, Debug, serde::Serialize)]
struct Wanted {
    id: MessageId,
    expected_version: Option<i32>,
    send_at: Option<DateTime<Utc>>,
}

/// Lets a message be sent. The same key with the same message and time does so once; with a version it does so only
/// where the message has that one.
pub async fn send(
    app: &App,
    actor: &Actor,
    key: &str,
    (id, expected_version): (MessageId, Option<i32>),
    send_at: Option<DateTime<Utc>>,
) -> Result<Model, Failure<SendRefusal>> {
    let wanted = Wanted {
        id,
        expected_version,
        send_at,
    };
    let key = &Key::read(key, "messageSend", &wanted)?;
    let merchant_id = actor.merchant_id;
    app.write::<_, Failure<SendRefusal>, _>(merchant_id, |txn| async move {
        let refused = Failure::Refused;
        match key.claim(app, &txn, merchant_id, id).await? {
            Claim::New => {}
            Claim::Known(_) => return Ok(()),
            Claim::Reused => return Err(refused(SendRefusal::KeyReused)),
            Claim::InProgress => return Err(refused(SendRefusal::InProgress)),
        }
        schedule(app, &txn, actor, wanted).await
    })
    .await?;
    let found = maybe_find(app, merchant_id, id).await?;
    found.ok_or(Failure::Failed(Error::NotFound))
}

async fn schedule(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    wanted: Wanted,
) -> Result<(), Failure<SendRefusal>> {
    let (refused, merchant_id) = (Failure::Refused, actor.merchant_id);
    let found = lock(txn, merchant_id, wanted.id).await?;
    let before = found.ok_or(refused(SendRefusal::NotFound))?;
    let current = before.version;
    if wanted
        .expected_version
        .is_some_and(|version| version != current)
    {
        return Err(refused(SendRefusal::VersionConflict { current }));
    }
    let now = app.clock.now();
    let mut after = scheduled(&before, wanted.send_at, now).map_err(refused)?;
    if !there_is(txn, merchant_id, after.segment_id).await? {
        return Err(refused(SendRefusal::SegmentNotFound));
    }
    after.version += 1;
    after.updated_at = app.clock.instant();
    write(txn, &after).await?;
    tell(app, txn, &after, EventKind::MessageScheduled).await?;
    let deed = changed(Deed::of("messageSend"), Some(&before), &after);
    Ok(audit::record(app, txn, actor, deed).await?)
}
