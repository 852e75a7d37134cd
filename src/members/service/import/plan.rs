//! What each row of a file does: whom it makes, whom it changes and in what, and why it is refused.

use std::collections::{HashMap, HashSet};

use chrono_tz::Tz;
use entity::member::{Column, Entity, Model};
use entity::member_change::{self, MemberChangeKind};
use entity::{Instant, MemberId, MerchantId, member_profile};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, QueryFilter, QueryOrder, QuerySelect,
};

use super::super::person::locale_of;
use super::super::profile::open;
use super::super::survivor::lock;
use super::super::tags::read_tags;
use super::Report;
use crate::app::App;
use crate::db::{any_of, any_text_of};
use crate::error::Error;
use crate::members::model::{Profile, Row, Rows, Who, Wrong};
use crate::time_range::start_of_day;

/// How many rows one statement reads: SQLite binds 32,766 values at the most.
const MANY: usize = 2_000;

/// Members that a file names and that are known, by the number that it names them by.
pub(super) type Known = HashMap<String, Model>;

/// Somebody whom a row makes or changes.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// Who they are; none where they are made.
    pub before: Option<Model>,
    /// Their number.
    pub member_no: String,
    /// Who they are afterwards.
    pub who: Who,
    /// Which fields are others then.
    pub fields: Vec<&'static str>,
    /// When they joined, where that is said and another.
    pub joined_at: Option<Instant>,
    /// Whether they agree to be written to, where that is said and another.
    pub consent: Option<bool>,
}

impl Planned {
    /// Whether one of these fields is another afterwards.
    pub fn changes(&self, fields: &[&str]) -> bool {
        self.fields.iter().any(|field| fields.contains(field))
    }
}

/// What a file does.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// Whom it makes or changes.
    pub planned: Vec<Planned>,
    /// Which rows are refused, in the order of their lines.
    pub wrong: Vec<Wrong>,
    /// How many it says agree, who do not want to be written to.
    pub consent_kept: i32,
}

/// Finds whom a file names and who is known, as they are.
pub(super) async fn find_known<C: ConnectionTrait>(
    app: &App,
    conn: &C,
    merchant_id: MerchantId,
    rows: &Rows,
) -> Result<Known, DbErr> {
    let ids = find_ids(app, conn, merchant_id, rows).await?;
    let members = read(app, conn, merchant_id, &ids, None).await?;
    Ok(named(ids, &members))
}

/// As [`find_known`], where nobody changes them until the transaction ends.
pub(super) async fn lock_known(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    rows: &Rows,
) -> Result<Known, DbErr> {
    let mut ids = find_ids(app, txn, merchant_id, rows).await?;
    let mut members = read(app, txn, merchant_id, &ids, Some(LockType::NoKeyUpdate)).await?;
    // Merged while their row was waited for: out of order, so that two may wait in a circle. Then one is done again.
    let gone = members.values().filter(|row| row.merged_into.is_some());
    let gone: Vec<MemberId> = gone.map(|row| row.id).collect();
    for id in gone {
        let Some(survivor) = lock(txn, merchant_id, id).await? else {
            continue;
        };
        let whose = ids.values_mut().filter(|whose| **whose == id);
        whose.for_each(|whose| *whose = survivor.id);
        members.insert(survivor.id, survivor);
    }
    Ok(named(ids, &members))
}

fn named(ids: HashMap<String, MemberId>, members: &HashMap<MemberId, Model>) -> Known {
    let known = ids.into_iter();
    known
        .filter_map(|(no, id)| Some((no, members.get(&id)?.clone())))
        .collect()
}

/// The ids that numbers lead to.
async fn find_ids<C: ConnectionTrait>(
    app: &App,
    conn: &C,
    merchant_id: MerchantId,
    rows: &Rows,
) -> Result<HashMap<String, MemberId>, DbErr> {
    let numbers: Vec<String> = rows.rows.iter().map(|row| row.member_no.clone()).collect();
    let mut ids = HashMap::with_capacity(numbers.len());
    for some in numbers.chunks(MANY) {
        let found: Vec<(String, MemberId, Option<MemberId>)> = Entity::of(merchant_id)
            .filter(any_text_of(&app.db, Column::MemberNo, some))
            .select_only()
            .columns([Column::MemberNo, Column::Id, Column::MergedInto])
            .into_tuple()
            .all(conn)
            .await?;
        let found = found.into_iter();
        ids.extend(found.map(|(no, id, merged_into)| (no, merged_into.unwrap_or(id))));
    }
    Ok(ids)
}

/// In one order for everybody, so that hardly anybody waits in a circle.
async fn read<C: ConnectionTrait>(
    app: &App,
    conn: &C,
    merchant_id: MerchantId,
    ids: &HashMap<String, MemberId>,
    lock: Option<LockType>,
) -> Result<HashMap<MemberId, Model>, DbErr> {
    let mut ids: Vec<MemberId> = ids.values().copied().collect();
    ids.sort_unstable_by_key(|id| id.0);
    ids.dedup();
    let mut members = HashMap::with_capacity(ids.len());
    for some in ids.chunks(MANY) {
        let mut select = Entity::of(merchant_id)
            .filter(any_of(&app.db, Column::Id, some))
            .order_by_asc(Column::Id);
        if let Some(lock) = lock {
            select = select.lock(lock);
        }
        let found = select.all(conn).await?.into_iter();
        members.extend(found.map(|row| (row.id, row)));
    }
    Ok(members)
}

impl Plan {
    /// What a file does, where these of its members are known.
    pub async fn of<C: ConnectionTrait>(
        app: &App,
        conn: &C,
        (merchant_id, zone): (MerchantId, Tz),
        rows: &Rows,
        known: Known,
    ) -> Result<Self, Error> {
        let ids: Vec<MemberId> = known.values().map(|row| row.id).collect();
        let mut profiles = read_profiles(app, conn, merchant_id, &ids).await?;
        let withdrew = who_withdrew(app, conn, merchant_id, &known).await?;
        let mut tags = HashMap::new();
        for some in ids.chunks(MANY) {
            tags.extend(read_tags(app, conn, merchant_id, some).await?);
        }
        let mut plan = Self {
            planned: Vec::with_capacity(rows.rows.len()),
            wrong: rows.wrong.clone(),
            consent_kept: 0,
        };
        let mut seen: HashSet<MemberId> = HashSet::with_capacity(known.len());
        for row in &rows.rows {
            let before = known.get(&row.member_no);
            // Two numbers may lead to one member.
            if before.is_some_and(|before| !seen.insert(before.id)) {
                plan.wrong.push(Wrong::twice(row.line));
                continue;
            }
            if before.is_some_and(|before| before.erased_at.is_some()) {
                plan.wrong.push(Wrong::erased(row.line));
                continue;
            }
            let who = before.map(|before| Who {
                profile: profiles.remove(&before.id).unwrap_or_default(),
                birthday: before.birthday,
                tags: tags.remove(&before.id).unwrap_or_default(),
                locale: before.locale.as_deref().and_then(locale_of),
            });
            let mut consent = row.consent;
            if consent == Some(true) && before.is_some_and(|one| withdrew.contains(&one.id)) {
                (consent, plan.consent_kept) = (None, plan.consent_kept + 1);
            }
            let who = who.unwrap_or_default();
            plan.planned
                .push(planned(row, before, &who, (consent, zone)));
        }
        plan.wrong.sort_by_key(|wrong| wrong.line);
        Ok(plan)
    }

    /// What is told of it.
    pub fn report(&self) -> Report {
        let count = |many: usize| i32::try_from(many).unwrap_or(i32::MAX);
        let added = self.planned.iter().filter(|one| one.before.is_none());
        let added = added.count();
        Report {
            total: count(self.planned.len() + self.wrong.len()),
            added: count(added),
            changed: count(self.planned.len() - added),
            consent_kept: self.consent_kept,
            wrong: self.wrong.clone(),
        }
    }
}

fn planned(
    row: &Row,
    before: Option<&Model>,
    who: &Who,
    (consent, zone): (Option<bool>, Tz),
) -> Planned {
    let (who, mut fields) = row.change.apply(who);
    let day = |at: Instant| at.0.with_timezone(&zone).date_naive();
    let joined = row.change.joined_on.filter(|joined| {
        let known = before.map(|before| day(before.joined_at));
        known != Some(*joined)
    });
    let agrees = before.is_some_and(|before| before.consented_at.is_some());
    let consent = consent.filter(|consent| *consent != agrees);
    fields.extend(joined.map(|_| "joinedOn"));
    fields.extend(consent.map(|_| "consent"));
    Planned {
        before: before.cloned(),
        member_no: row.member_no.clone(),
        who,
        fields,
        joined_at: joined.map(|day| Instant(start_of_day(day, zone))),
        consent,
    }
}

/// Those of them who do not want to be written to, as they or who has become a part of them said: no file agrees for
/// them, which knows less than they have said here.
async fn who_withdrew<C: ConnectionTrait>(
    app: &App,
    conn: &C,
    merchant_id: MerchantId,
    known: &Known,
) -> Result<HashSet<MemberId>, DbErr> {
    use member_change::Column as Change;
    let silent = known.values().filter(|row| row.consented_at.is_none());
    let silent: Vec<MemberId> = silent.map(|row| row.id).collect();
    let mut withdrew = HashSet::new();
    for some in silent.chunks(MANY) {
        let parts: Vec<(MemberId, Option<MemberId>)> = Entity::of(merchant_id)
            .filter(any_of(&app.db, Column::MergedInto, some))
            .filter(Column::MergedInto.is_not_null())
            .select_only()
            .columns([Column::Id, Column::MergedInto])
            .into_tuple()
            .all(conn)
            .await?;
        let whole: HashMap<MemberId, MemberId> = parts
            .into_iter()
            .filter_map(|(id, into)| Some((id, into?)))
            .collect();
        let whose: Vec<MemberId> = some.iter().chain(whole.keys()).copied().collect();
        let said: Vec<MemberId> = member_change::Entity::of(merchant_id)
            .filter(any_of(&app.db, Change::MemberId, &whose))
            .filter(Change::Kind.eq(MemberChangeKind::Withdrawn))
            .select_only()
            .column(Change::MemberId)
            .distinct()
            .into_tuple()
            .all(conn)
            .await?;
        withdrew.extend(said.iter().map(|id| *whole.get(id).unwrap_or(id)));
    }
    Ok(withdrew)
}

async fn read_profiles<C: ConnectionTrait>(
    app: &App,
    conn: &C,
    merchant_id: MerchantId,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, Profile>, Error> {
    use member_profile::{Column, Entity};
    let mut profiles = HashMap::with_capacity(ids.len());
    for some in ids.chunks(MANY) {
        let rows = Entity::of(merchant_id)
            .filter(any_of(&app.db, Column::MemberId, some))
            .all(conn)
            .await?;
        for row in rows {
            profiles.insert(row.member_id, open(&app.key, &row)?);
        }
    }
    Ok(profiles)
}
