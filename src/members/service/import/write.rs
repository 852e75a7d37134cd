//! Writes what a file does, many members in a statement.

use std::collections::BTreeMap;

use entity::event::EventKind;
use entity::member::{self, Column, Entity};
use entity::member_change::MemberChangeKind;
use entity::{Instant, MemberId, MemberImportId, MerchantId, member_import, member_tag};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, SimpleExpr};
use sea_orm::{ActiveValue, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use serde_json::json;

use super::super::add::fresh;
use super::super::changes::{Change, note_many};
use super::super::person::locale_text;
use super::super::profile::{seal, write as write_profiles};
use super::plan::{Plan, Planned};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::db::any_of;
use crate::error::Error;
use crate::events;

/// How many members one statement makes: SQLite binds 32,766 values at the most.
const MANY: usize = 1_000;

/// Somebody who is written, by id.
type Written<'a> = (MemberId, &'a Planned);

/// Writes it in that transaction; false where one of those who are made was made by somebody else meanwhile: then it is
/// to be rolled back.
pub(super) async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: MemberImportId,
    plan: &Plan,
) -> Result<bool, Error> {
    let merchant_id = actor.merchant_id;
    let written = plan.planned.iter().map(|one| {
        let known = one.before.as_ref().map(|before| before.id);
        (known.unwrap_or_else(|| app.ids.next()), one)
    });
    let written: Vec<Written<'_>> = written.collect();
    let now = app.clock.instant();
    if !add(txn, merchant_id, &written, now).await? {
        return Ok(false);
    }
    change(app, txn, merchant_id, &written, now).await?;
    name(app, txn, merchant_id, &written).await?;
    tag(app, txn, merchant_id, &written).await?;
    tell_of_each(app, txn, actor, id, &written).await?;
    record_each(app, txn, merchant_id, &written).await?;
    let report = plan.report();
    let wrong = serde_json::to_string(&report.wrong);
    let row = member_import::ActiveModel {
        merchant_id: ActiveValue::Set(merchant_id),
        id: ActiveValue::Set(id),
        created_by: ActiveValue::Set(actor.name()),
        total: ActiveValue::Set(report.total),
        added: ActiveValue::Set(report.added),
        changed: ActiveValue::Set(report.changed),
        consent_kept: ActiveValue::Set(report.consent_kept),
        failed: ActiveValue::Set(report.failed()),
        report: ActiveValue::Set(wrong.map_err(|error| Error::internal(error.to_string()))?),
    };
    member_import::Entity::insert(row)
        .exec_without_returning(txn)
        .await?;
    let kind = EventKind::MembersImported;
    events::record(txn, &app.ids, now, merchant_id, kind, id).await?;
    let made = json!({
        "rows": report.total,
        "added": report.added,
        "changed": report.changed,
        "consentKept": report.consent_kept,
        "failed": report.failed(),
    });
    let deed = Deed::of("memberImport").on(id).made(made);
    audit::record(app, txn, actor, deed).await?;
    Ok(true)
}

async fn add(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    written: &[Written<'_>],
    now: Instant,
) -> Result<bool, DbErr> {
    let new = written.iter().filter(|(_, one)| one.before.is_none());
    let mut new: Vec<&Written<'_>> = new.collect();
    // In one order for everybody, so that nobody waits in a circle.
    new.sort_by(|one, other| one.1.member_no.cmp(&other.1.member_no));
    for some in new.chunks(MANY) {
        let rows = some.iter().map(|(id, one)| {
            let mut row = fresh(merchant_id, *id, &one.member_no, now);
            row.birthday = ActiveValue::Set(one.who.birthday);
            let locale = one.who.locale.map(|locale| locale_text(locale).to_owned());
            row.locale = ActiveValue::Set(locale);
            row.joined_at = ActiveValue::Set(one.joined_at.unwrap_or(now));
            let agrees = one.consent == Some(true);
            row.consented_at = ActiveValue::Set(agrees.then_some(now));
            row
        });
        let mut or_nothing = OnConflict::columns([Column::MerchantId, Column::MemberNo]);
        let made = Entity::insert_many(rows)
            .on_conflict(or_nothing.do_nothing().to_owned())
            .exec_without_returning(txn)
            .await?;
        if made < some.len() as u64 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whom it changes, by what they get: one statement for each value, not for each member.
async fn change(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    written: &[Written<'_>],
    now: Instant,
) -> Result<(), DbErr> {
    let known: Vec<&Written<'_>> = written
        .iter()
        .filter(|(_, one)| one.before.is_some() && !one.fields.is_empty())
        .collect();
    let mut birthdays: BTreeMap<Option<i32>, Vec<MemberId>> = BTreeMap::new();
    let mut locales: BTreeMap<Option<&str>, Vec<MemberId>> = BTreeMap::new();
    let mut joined: BTreeMap<i64, Vec<MemberId>> = BTreeMap::new();
    let mut consents: BTreeMap<bool, Vec<MemberId>> = BTreeMap::new();
    for (id, one) in &known {
        if one.changes(&["birthday"]) {
            birthdays.entry(one.who.birthday).or_default().push(*id);
        }
        if one.changes(&["locale"]) {
            let locale = one.who.locale.map(locale_text);
            locales.entry(locale).or_default().push(*id);
        }
        if let Some(at) = one.joined_at {
            joined.entry(at.0.timestamp_millis()).or_default().push(*id);
        }
        if let Some(consent) = one.consent {
            consents.entry(consent).or_default().push(*id);
        }
    }
    let of = Setting {
        app,
        txn,
        merchant_id,
    };
    for (birthday, ids) in birthdays {
        of.set(Column::Birthday, Expr::value(birthday), &ids)
            .await?;
    }
    for (locale, ids) in locales {
        let locale = locale.map(str::to_owned);
        of.set(Column::Locale, Expr::value(locale), &ids).await?;
    }
    for (at, ids) in joined {
        of.set(Column::JoinedAt, Expr::value(at), &ids).await?;
    }
    for (consent, ids) in consents {
        let since = Expr::value(consent.then_some(now));
        of.set(Column::ConsentedAt, since, &ids).await?;
    }
    let ids: Vec<MemberId> = known.iter().map(|(id, _)| *id).collect();
    let once_more = Expr::col(Column::Version).add(1);
    of.set(Column::Version, once_more, &ids).await
}

/// Where values are set.
struct Setting<'a> {
    app: &'a App,
    txn: &'a DatabaseTransaction,
    merchant_id: MerchantId,
}

impl Setting<'_> {
    async fn set(&self, column: Column, value: SimpleExpr, ids: &[MemberId]) -> Result<(), DbErr> {
        for some in ids.chunks(MANY) {
            Entity::update_of(self.merchant_id)
                .filter(any_of(&self.app.db, member::Column::Id, some))
                .col_expr(column, value.clone())
                .exec(self.txn)
                .await?;
        }
        Ok(())
    }
}

async fn name(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    written: &[Written<'_>],
) -> Result<(), Error> {
    let other = written.iter().filter(|(_, one)| {
        !one.who.profile.is_empty()
            && one.changes(&["name", "phone", "email", "birthday", "remark"])
    });
    let sealed = other.map(|(id, one)| seal(&app.key, merchant_id, *id, &one.who.profile));
    let sealed = sealed.collect::<Result<Vec<_>, Error>>()?;
    write_profiles(txn, sealed).await
}

async fn tag(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    written: &[Written<'_>],
) -> Result<(), DbErr> {
    use member_tag::{ActiveModel, Column, Entity};
    let other = written.iter().filter(|(_, one)| one.changes(&["tags"]));
    let other: Vec<&Written<'_>> = other.collect();
    let known = other.iter().filter(|(_, one)| one.before.is_some());
    let known: Vec<MemberId> = known.map(|(id, _)| *id).collect();
    for some in known.chunks(MANY) {
        Entity::delete_of(merchant_id)
            .filter(any_of(&app.db, Column::MemberId, some))
            .exec(txn)
            .await?;
    }
    let rows = other.iter().flat_map(|(id, one)| {
        one.who.tags.iter().map(|tag| ActiveModel {
            merchant_id: ActiveValue::Set(merchant_id),
            member_id: ActiveValue::Set(*id),
            tag: ActiveValue::Set(tag.clone()),
        })
    });
    let rows: Vec<ActiveModel> = rows.collect();
    for some in rows.chunks(8 * MANY) {
        Entity::insert_many(some.to_vec())
            .exec_without_returning(txn)
            .await?;
    }
    Ok(())
}

/// What is told of each member: names of fields, and whether they agree.
async fn tell_of_each(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    import: MemberImportId,
    written: &[Written<'_>],
) -> Result<(), DbErr> {
    let import = import.to_string();
    let mut changes = Vec::with_capacity(written.len());
    for (id, one) in written {
        if one.before.is_some() && one.fields.is_empty() {
            continue;
        }
        let change = Change {
            member_id: *id,
            kind: MemberChangeKind::Imported,
            fields: &one.fields,
            note: Some(&import),
        };
        changes.push(change);
        let Some(consent) = one.consent else { continue };
        changes.push(Change {
            kind: if consent {
                MemberChangeKind::Consented
            } else {
                MemberChangeKind::Withdrawn
            },
            fields: &["consent"],
            ..change
        });
    }
    note_many(app, txn, actor, &changes).await
}

/// Who mirrors members, or whom may be written to, hears of each as where it is done by hand.
async fn record_each(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    written: &[Written<'_>],
) -> Result<(), DbErr> {
    let (mut made, mut updated, mut consented) = (Vec::new(), Vec::new(), Vec::new());
    for (id, one) in written {
        if one.before.is_none() {
            made.push(id.0);
        } else if one.fields.iter().any(|field| *field != "consent") {
            updated.push(id.0);
        }
        if one.before.is_some() && one.consent.is_some() {
            consented.push(id.0);
        }
    }
    let now = app.clock.instant();
    for (kind, ids) in [
        (EventKind::MemberCreated, made),
        (EventKind::MemberUpdated, updated),
        (EventKind::MemberConsentChanged, consented),
    ] {
        events::record_many(txn, &app.ids, now, merchant_id, kind, &ids).await?;
    }
    Ok(())
}
