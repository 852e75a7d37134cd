//! Makes and changes members by name, in somebody else's transaction.

use chrono::NaiveDate;
use chrono_tz::Tz;
use entity::event::EventKind;
use entity::member::{Column, Entity, Model};
use entity::member_change::MemberChangeKind;
use entity::{Instant, MemberId, MerchantId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, TryInsertResult,
};

use super::add::fresh;
use super::changes::{Change, note_as};
use super::profile::{read_profile, write_profile};
use super::tags::{read_tags, write_tags};
use crate::app::App;
use crate::error::Error;
use crate::events;
use crate::locale::Locale;
use crate::members::model::{MemberChange, Who};
use crate::time_range::start_of_day;

/// Who does something with a member, and what is kept of it.
#[derive(Clone, Copy, Debug)]
pub struct Doing<'a> {
    /// What is done.
    pub kind: MemberChangeKind,
    /// Who does it, as timelines name them.
    pub actor: &'a str,
    /// What is worth knowing beside it: nothing that names the member.
    pub note: Option<&'a str>,
}

impl<'a> Doing<'a> {
    /// The same, as it is kept of a member: names of fields, never what they hold.
    pub(super) const fn to(self, member_id: MemberId, fields: &'a [&'a str]) -> Change<'a> {
        Change {
            member_id,
            kind: self.kind,
            fields,
            note: self.note,
        }
    }
}

/// A member to be made; everything is checked.
#[derive(Clone, Copy, Debug)]
pub struct NewMember<'a> {
    /// Whose.
    pub merchant_id: MerchantId,
    /// The shop's own number; one is made of the id where it is missing.
    pub member_no: Option<&'a str>,
    /// Who they are: what is set of nobody.
    pub change: &'a MemberChange,
    /// The merchant's time zone: when the day begins on which they joined.
    pub zone: Tz,
    /// Since when they agree to be written to.
    pub consented_at: Option<Instant>,
}

/// The text that a row keeps of a language.
#[must_use]
pub const fn locale_text(locale: Locale) -> &'static str {
    match locale {
        Locale::ZhCn => "zh-CN",
        Locale::En => "en",
    }
}

/// The language that a row keeps.
#[must_use]
pub fn locale_of(text: &str) -> Option<Locale> {
    match text {
        "zh-CN" => Some(Locale::ZhCn),
        "en" => Some(Locale::En),
        _ => None,
    }
}

/// Makes a member, in that transaction, with what names them, and tells of it; none where the number is taken.
pub async fn new_member(
    app: &App,
    txn: &DatabaseTransaction,
    new: NewMember<'_>,
    doing: Doing<'_>,
) -> Result<Option<Model>, Error> {
    let merchant_id = new.merchant_id;
    let (id, now): (MemberId, _) = (app.ids.next(), app.clock.instant());
    let made_no = format!("M{}", id.0);
    let member_no = new.member_no.unwrap_or(&made_no);
    let (who, mut fields) = new.change.apply(&Who::default());
    let mut row = fresh(merchant_id, id, member_no, now);
    row.birthday = ActiveValue::Set(who.birthday);
    row.locale = ActiveValue::Set(who.locale.map(|locale| locale_text(locale).to_owned()));
    row.consented_at = ActiveValue::Set(new.consented_at);
    if let Some(day) = new.change.joined_on {
        row.joined_at = ActiveValue::Set(day_begins(day, new.zone));
        fields.push("joinedOn");
    }
    let inserted = Entity::insert(row)
        .on_conflict_do_nothing_on([Column::MerchantId, Column::MemberNo])
        .exec_without_returning(txn)
        .await?;
    if !matches!(inserted, TryInsertResult::Inserted(1..)) {
        return Ok(None);
    }
    write_profile(app, txn, merchant_id, id, &who.profile).await?;
    if !who.tags.is_empty() {
        write_tags(txn, merchant_id, id, &who.tags).await?;
    }
    note_as(
        app,
        txn,
        (merchant_id, doing.actor),
        &[doing.to(id, &fields)],
    )
    .await?;
    let kind = EventKind::MemberCreated;
    events::record(txn, &app.ids, now, merchant_id, kind, id).await?;
    Ok(Some(reread(txn, merchant_id, id).await?))
}

/// Changes a locked member, in that transaction, as was checked, and tells of it. Returns the member and the names of
/// the fields that are others now; where there are none, nothing is written.
pub async fn change_member(
    app: &App,
    txn: &DatabaseTransaction,
    member: &Model,
    (change, zone): (&MemberChange, Tz),
    doing: Doing<'_>,
) -> Result<(Model, Vec<&'static str>), Error> {
    let (merchant_id, id) = (member.merchant_id, member.id);
    let before = who_is(app, txn, member).await?;
    let (who, mut fields) = change.apply(&before);
    let joined_at = change.joined_on.map(|day| day_begins(day, zone));
    let joined_at = joined_at.filter(|at| !same_day(*at, member.joined_at, zone));
    if joined_at.is_some() {
        fields.push("joinedOn");
    }
    if fields.is_empty() {
        return Ok((member.clone(), fields));
    }
    let mut update = Entity::update_of(merchant_id)
        .filter(Column::Id.eq(id))
        .col_expr(Column::Version, Expr::value(member.version + 1))
        .col_expr(Column::Birthday, Expr::value(who.birthday))
        .col_expr(Column::Locale, Expr::value(who.locale.map(locale_text)));
    if let Some(at) = joined_at {
        update = update.col_expr(Column::JoinedAt, Expr::value(at));
    }
    update.exec(txn).await?;
    if who.profile != before.profile {
        write_profile(app, txn, merchant_id, id, &who.profile).await?;
    }
    if who.tags != before.tags {
        write_tags(txn, merchant_id, id, &who.tags).await?;
    }
    note_as(
        app,
        txn,
        (merchant_id, doing.actor),
        &[doing.to(id, &fields)],
    )
    .await?;
    let (now, kind) = (app.clock.instant(), EventKind::MemberUpdated);
    events::record(txn, &app.ids, now, merchant_id, kind, id).await?;
    Ok((reread(txn, merchant_id, id).await?, fields))
}

/// Who a member is now, as read in that transaction.
pub async fn who_is(app: &App, txn: &DatabaseTransaction, member: &Model) -> Result<Who, Error> {
    let (merchant_id, id) = (member.merchant_id, member.id);
    let mut tags = read_tags(app, txn, merchant_id, &[id]).await?;
    Ok(Who {
        profile: read_profile(&app.key, txn, merchant_id, id).await?,
        birthday: member.birthday,
        tags: tags.remove(&id).unwrap_or_default(),
        locale: member.locale.as_deref().and_then(locale_of),
    })
}

/// Writes down whether a locked member agrees to be written to, in that transaction, and tells of it. Returns whether
/// it was otherwise before; where it was not, nothing is written.
pub async fn set_consent(
    app: &App,
    txn: &DatabaseTransaction,
    member: &Model,
    consent: bool,
    (actor, source): (&str, Option<&str>),
) -> Result<bool, Error> {
    if member.consented_at.is_some() == consent {
        return Ok(false);
    }
    let (merchant_id, id, now) = (member.merchant_id, member.id, app.clock.instant());
    Entity::update_of(merchant_id)
        .filter(Column::Id.eq(id))
        .col_expr(Column::ConsentedAt, Expr::value(consent.then_some(now)))
        .exec(txn)
        .await?;
    let doing = Doing {
        kind: if consent {
            MemberChangeKind::Consented
        } else {
            MemberChangeKind::Withdrawn
        },
        actor,
        note: source,
    };
    note_as(
        app,
        txn,
        (merchant_id, doing.actor),
        &[doing.to(id, &["consent"])],
    )
    .await?;
    let kind = EventKind::MemberConsentChanged;
    events::record(txn, &app.ids, now, merchant_id, kind, id).await?;
    Ok(true)
}

/// A member as the transaction left it.
pub(super) async fn reread(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: MemberId,
) -> Result<Model, Error> {
    let row = Entity::of(merchant_id)
        .filter(Column::Id.eq(id))
        .one(txn)
        .await?;
    row.ok_or(Error::NotFound)
}

fn same_day(one: Instant, other: Instant, zone: Tz) -> bool {
    let day = |at: Instant| at.0.with_timezone(&zone).date_naive();
    day(one) == day(other)
}

/// When a day of a merchant begins.
fn day_begins(day: NaiveDate, zone: Tz) -> Instant {
    Instant(start_of_day(day, zone))
}
