//! Makes messages, and changes those that nobody was sent yet.

use entity::event::EventKind;
use entity::message::{MessageState, Model};
use entity::{Instant, MessageId};

use super::audience::there_is;
use super::write::{changed, insert, lock, tell, write};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::Failure;
use crate::messages::model::{CreateRefusal, MessageChange, MessageDraft, UpdateRefusal, editable};

/// Makes a message: a draft, which nobody is sent until that is asked for.
pub async fn create(
    app: &App,
    actor: &Actor,
    draft: &MessageDraft,
) -> Result<Model, Failure<CreateRefusal>> {
    let refused = Failure::Refused;
    draft.check().map_err(|invalid| refused(invalid.into()))?;
    let (merchant_id, now) = (actor.merchant_id, app.clock.instant());
    let row = &draft.written(&empty(app, actor, now, draft));
    let deed = &changed(Deed::of("messageCreate"), None, row);
    app.write::<_, Failure<CreateRefusal>, _>(merchant_id, |txn| async move {
        if !there_is(&txn, merchant_id, row.segment_id).await? {
            return Err(refused(CreateRefusal::SegmentNotFound));
        }
        insert(&txn, row).await?;
        audit::record(app, &txn, actor, deed.clone()).await?;
        Ok(())
    })
    .await?;
    Ok(row.clone())
}

fn empty(app: &App, actor: &Actor, now: Instant, draft: &MessageDraft) -> Model {
    Model {
        merchant_id: actor.merchant_id,
        id: app.ids.next(),
        name: String::new(),
        segment_id: draft.segment_id,
        state: MessageState::Draft,
        version: 1,
        title: String::new(),
        body: String::new(),
        title_en: None,
        body_en: None,
        send_at: None,
        quiet_from: None,
        quiet_to: None,
        effect_days: draft.effect_days,
        created_by: actor.name(),
        updated_at: now,
        started_at: None,
        finished_at: None,
        next_at: None,
        after_id: 0,
        sent: 0,
        no_consent: 0,
        erased: 0,
    }
}

/// Changes a message, where it has the version that is expected and nobody was sent it. What changes nothing writes
/// nothing.
pub async fn update(
    app: &App,
    actor: &Actor,
    id: MessageId,
    expected_version: i32,
    wanted: &MessageChange,
) -> Result<Model, Failure<UpdateRefusal>> {
    let merchant_id = actor.merchant_id;
    app.write(merchant_id, |txn| async move {
        let refused = Failure::Refused;
        let found = lock(&txn, merchant_id, id).await?;
        let before = found.ok_or(refused(UpdateRefusal::NotFound))?;
        if before.version != expected_version {
            let current = before.version;
            return Err(refused(UpdateRefusal::VersionConflict { current }));
        }
        editable(&before).map_err(refused)?;
        let draft = wanted.applied(&before);
        let draft = draft.map_err(|invalid| refused(invalid.into()))?;
        let mut after = draft.written(&before);
        if after == before {
            return Ok(after);
        }
        if !there_is(&txn, merchant_id, after.segment_id).await? {
            return Err(refused(UpdateRefusal::SegmentNotFound));
        }
        after.version += 1;
        after.updated_at = app.clock.instant();
        write(&txn, &after).await?;
        // Of a draft nobody is told.
        if after.state == MessageState::Scheduled {
            tell(app, &txn, &after, EventKind::MessageScheduled).await?;
        }
        let deed = changed(Deed::of("messageUpdate"), Some(&before), &after);
        audit::record(app, &txn, actor, deed).await?;
        Ok(after)
    })
    .await
}
