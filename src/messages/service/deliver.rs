//! Sends messages, batch by batch: each is one transaction, and nobody is written to twice.

use std::collections::HashSet;

use chrono::TimeDelta;
use entity::event::EventKind;
use entity::message::{Column, Entity, Model};
use entity::message_recipient::{self, MessageOutcome};
use entity::{EventId, Instant, MemberId, member, merchant};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select,
};

use super::audience::members_of;
use super::people::Called;
use super::sealed::seal;
use super::write::{tell, write};
use crate::app::App;
use crate::crash;
use crate::db::any_of;
use crate::error::Error;
use crate::events;
use crate::members::service::locale_text;
use crate::merchant::Merchant;
use crate::messages::model::{Quiet, Texts, begun, counted, finished, language};

/// How many members are written to in one transaction.
pub const BATCH: u64 = 500;
/// How many messages are looked at at once.
const MANY: u64 = 100;
/// How long a message rests that could not be sent.
const REST: TimeDelta = TimeDelta::seconds(60);

/// Sends a batch of each message that is due, of all merchants; returns of how many. Instances that do so at once pass
/// over what another one is at. What is wrong with one message holds up no other.
pub async fn send_due(app: &App) -> Result<usize, Error> {
    let rows = Entity::due(app.clock.instant())
        .order_by_asc(Column::NextAt)
        .limit(MANY)
        .all(app.db.reads_across())
        .await?;
    let mut sent = 0;
    for row in &rows {
        if app.shutdown.is_cancelled() {
            break;
        }
        match send_some(app, row).await {
            Ok(true) => sent += 1,
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(message_id = %row.id, ?error, "a message could not be sent");
                rest(app, row).await?;
            }
        }
    }
    Ok(sent)
}

/// Lets a message rest that could not be sent, so that it is not tried again at once.
async fn rest(app: &App, row: &Model) -> Result<(), Error> {
    let now = app.clock.instant();
    Entity::update_of(row.merchant_id)
        .filter(Column::Id.eq(row.id))
        .filter(Column::NextAt.lte(now))
        .col_expr(Column::NextAt, Expr::value(Instant(now.0 + REST)))
        .exec(&app.db.writes(row.merchant_id))
        .await?;
    Ok(())
}

/// The next batch of a message; false where there was nothing to do.
async fn send_some(app: &App, found: &Model) -> Result<bool, Error> {
    let merchant = &*crate::merchant::find(app, found.merchant_id).await?;
    // Before the transaction: what a rule needs to know may be read elsewhere.
    let since = found.started_at.unwrap_or(app.clock.instant());
    let members = members_of(app, found.merchant_id, found.segment_id, Some(since)).await?;
    let members = &members;
    app.write(found.merchant_id, |txn| async move {
        let Some(row) = claim(app, &txn, found).await? else {
            return Ok(false);
        };
        step(app, &txn, merchant, row, members).await
    })
    .await
}

/// Takes a message that is still due; none where another instance is at it.
async fn claim(
    app: &App,
    txn: &DatabaseTransaction,
    found: &Model,
) -> Result<Option<Model>, Error> {
    let mut select = Entity::of(found.merchant_id)
        .filter(Column::Id.eq(found.id))
        .filter(Column::SegmentId.eq(found.segment_id));
    if app.db.backend() == DbBackend::Postgres {
        select = select.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let now = app.clock.now();
    let row = select.one(txn).await?;
    Ok(row.filter(|row| row.next_at.is_some_and(|at| at.0 <= now)))
}

/// Writes to the next members of a message's segment, and keeps how far that went. In quiet hours it waits.
async fn step(
    app: &App,
    txn: &DatabaseTransaction,
    merchant: &Merchant,
    row: Model,
    members: &Select<member::Entity>,
) -> Result<bool, Error> {
    let now = app.clock.now();
    let quiet = Quiet::of(&row).and_then(|quiet| quiet.over_at(now, merchant.zone));
    if let Some(over) = quiet {
        let waits = Model {
            next_at: Some(Instant(over)),
            ..row
        };
        write(txn, &waits).await?;
        return Ok(false);
    }
    let mut row = match begun(&row, now) {
        Some(begun) => {
            tell(app, txn, &begun, EventKind::MessageStarted).await?;
            begun
        }
        None => row,
    };
    let ids: Vec<MemberId> = members
        .clone()
        .filter(member::Column::Id.gt(row.after_id))
        .order_by_asc(member::Column::Id)
        .limit(BATCH)
        .select_only()
        .column(member::Column::Id)
        .into_tuple()
        .all(txn)
        .await?;
    let outcomes = write_to(app, txn, &merchant.row, &row, &ids).await?;
    row = counted(&row, outcomes);
    crash::point("message.batch");
    if let Some(last) = ids.last() {
        row.after_id = last.0;
    }
    if (ids.len() as u64) < BATCH {
        row = finished(&row, now);
        tell(app, txn, &row, EventKind::MessageFinished).await?;
    } else {
        row.next_at = Some(Instant(now));
    }
    write(txn, &row).await?;
    Ok(true)
}

/// Writes to some members, in the order of their ids, and tells of each who is written to. Their rows are held: who
/// takes back that they agreed either did so before, or is written to before that. Returns what became of each.
async fn write_to(
    app: &App,
    txn: &DatabaseTransaction,
    merchant: &merchant::Model,
    row: &Model,
    ids: &[MemberId],
) -> Result<Vec<MessageOutcome>, Error> {
    let members = member::Entity::of(row.merchant_id)
        .filter(any_of(&app.db, member::Column::Id, ids))
        .order_by_asc(member::Column::Id)
        .lock_shared()
        .all(txn)
        .await?;
    let known = reached(app, txn, row, ids).await?;
    let wording = Texts::of(row).read();
    let wording = wording.map_err(|invalid| Error::internal(invalid.problem.en))?;
    let called = Called::read(app, txn, row.merchant_id, ids, &wording).await?;
    let now = app.clock.instant();
    let (mut recipients, mut told) = (Vec::with_capacity(members.len()), Vec::new());
    let mut outcomes = Vec::with_capacity(members.len());
    for one in &members {
        // Who was merged is reached as whom they were merged into.
        if known.contains(&one.id) || one.merged_into.is_some() {
            continue;
        }
        let english = wording.has_english();
        let locale = language(one.locale.as_deref(), &merchant.locale, english);
        let mut recipient = message_recipient::Model {
            merchant_id: row.merchant_id,
            id: app.ids.next(),
            message_id: row.id,
            member_id: one.id,
            outcome: outcome(one),
            locale: locale_text(locale).to_owned(),
            sealed: None,
            event_id: None,
            sent_at: None,
        };
        if recipient.outcome == MessageOutcome::Sent {
            let rendered = called.render(&wording, one, locale, str::to_owned);
            let event_id: EventId = app.ids.next();
            recipient.sealed = Some(seal(&app.key, row.merchant_id, recipient.id, &rendered)?);
            recipient.event_id = Some(event_id);
            recipient.sent_at = Some(now);
            told.push((event_id, recipient.id.0));
        }
        outcomes.push(recipient.outcome);
        recipients.push(recipient.into_active_model());
    }
    if !recipients.is_empty() {
        message_recipient::Entity::insert_many(recipients)
            .exec_without_returning(txn)
            .await?;
    }
    let kind = EventKind::MessageDeliverySent;
    events::record_each(txn, now, row.merchant_id, kind, &told).await?;
    Ok(outcomes)
}

/// Those of some members who were reached already: whom somebody was merged into may have been.
async fn reached(
    app: &App,
    txn: &DatabaseTransaction,
    row: &Model,
    ids: &[MemberId],
) -> Result<HashSet<MemberId>, Error> {
    use message_recipient::{Column, Entity};
    let known: Vec<MemberId> = Entity::of(row.merchant_id)
        .filter(Column::MessageId.eq(row.id))
        .filter(any_of(&app.db, Column::MemberId, ids))
        .select_only()
        .column(Column::MemberId)
        .into_tuple()
        .all(txn)
        .await?;
    Ok(known.into_iter().collect())
}

fn outcome(one: &member::Model) -> MessageOutcome {
    if one.erased_at.is_some() {
        MessageOutcome::Erased
    } else if one.consented_at.is_none() {
        MessageOutcome::NoConsent
    } else {
        MessageOutcome::Sent
    }
}
