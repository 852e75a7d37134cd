//! Hands out the gifts of the days that are due, five hundred members at a time.

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use entity::grant_rule::{self, GrantKind};
use entity::loyalty_run::{self, Column, Model};
use entity::{Day, Instant, MemberId, MerchantId, TierId, member, member_grant, tier};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, LockType, SimpleExpr};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::batch::{Batch, give};
use super::rules::run_kind;
use crate::app::App;
use crate::crash;
use crate::db::any_of;
use crate::error::{Error, Failure};
use crate::grants::model::{Span, Turn, gift_of, spans_on, turn};
use crate::time_range::start_of_day;

/// How many merchants are looked at at once.
const MERCHANTS: u64 = 100;
/// How many members one transaction takes.
const MEMBERS: u64 = 500;

/// Somebody was faster meanwhile: it is tried again at the next beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overtaken;

/// Hands out what is due, of all merchants: of each, one step. Returns how many steps were done here. Two instances that
/// do so at once do each step once: it is decided again under the lock on its place.
pub async fn hand_out(app: &App) -> Result<usize, Error> {
    let mut steps = 0;
    for kind in [GrantKind::Birthday, GrantKind::Anniversary] {
        let runs = loyalty_run::Entity::due(run_kind(kind), app.clock.instant())
            .order_by_asc(Column::NextAt)
            .limit(MERCHANTS)
            .all(app.db.reads_across())
            .await?;
        for run in runs {
            match step(app, run.merchant_id, kind).await {
                Ok(true) => steps += 1,
                Ok(false) | Err(Failure::Refused(Overtaken)) => {}
                Err(Failure::Failed(error)) => {
                    tracing::warn!(merchant_id = %run.merchant_id, ?error, "gifts were not handed out");
                }
            }
        }
    }
    Ok(steps)
}

async fn step(
    app: &App,
    merchant_id: MerchantId,
    kind: GrantKind,
) -> Result<bool, Failure<Overtaken>> {
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    app.write(merchant_id, |txn| async move {
        let run = lock(&txn, merchant_id, kind).await?;
        let Some(run) = run.filter(|run| run.next_at.0 <= app.clock.now()) else {
            return Ok(false);
        };
        let round = Round {
            app,
            txn: &txn,
            merchant_id,
            zone,
            kind,
        };
        round.go_on(run).await?;
        Ok(true)
    })
    .await
}

async fn lock(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    kind: GrantKind,
) -> Result<Option<Model>, DbErr> {
    loyalty_run::Entity::of(merchant_id)
        .filter(Column::Kind.eq(run_kind(kind)))
        .lock_exclusive()
        .one(txn)
        .await
}

/// A number of a member that lies in a span, half open. The numbers stand in the statement: of bound ones PostgreSQL would
/// not know how few members they are, and look through all in the order of their ids.
fn within(column: &str, from: i64, to: i64) -> SimpleExpr {
    Expr::cust(format!(
        "members.{column} >= {from} AND members.{column} < {to}"
    ))
}

/// A step of handing out, its place locked.
struct Round<'a> {
    app: &'a App,
    txn: &'a DatabaseTransaction,
    merchant_id: MerchantId,
    zone: Tz,
    kind: GrantKind,
}

impl Round<'_> {
    async fn go_on(&self, run: Model) -> Result<(), Failure<Overtaken>> {
        let rule = grant_rule::Entity::of(self.merchant_id)
            .filter(grant_rule::Column::Kind.eq(self.kind))
            .one(self.txn)
            .await?;
        let tiers = self.tiers().await?;
        let gives = rule.as_ref().map_or(!tiers.is_empty(), |rule| rule.enabled);
        if !gives {
            return Ok(self.stop().await?);
        }
        let days_before = rule.as_ref().map_or(0, |rule| rule.days_before);
        let today = self.app.clock.now().with_timezone(&self.zone).date_naive();
        let day = match turn(NaiveDate::from(run.day), today) {
            Turn::Wait(until) => {
                let next_at = Instant(start_of_day(until, self.zone));
                return Ok(self.keep(Model { next_at, ..run }).await?);
            }
            Turn::Due(day) => day,
        };
        let after_id = if Day::from(day) == run.day {
            run.after_id
        } else {
            0
        };
        let batch = Batch {
            merchant_id: self.merchant_id,
            zone: self.zone,
            kind: self.kind,
            spans: spans_on(day, days_before),
            rule: rule.as_ref(),
            tiers: &tiers,
        };
        let members = self.members(&batch, after_id).await?;
        let is_last = (members.len() as u64) < MEMBERS;
        let last_id = members.last().map_or(0, |row| row.id.0);
        give(self.app, self.txn, &batch, members).await?;
        if is_last {
            crash::point("gifts.last");
        }
        // Where the next day has not begun, the next step finds when it does.
        let next = Model {
            day: Day::from(if is_last { day + Days::new(1) } else { day }),
            after_id: if is_last { 0 } else { last_id },
            ..run
        };
        Ok(self.keep(next).await?)
    }

    /// The tiers that bring something on the birthday.
    async fn tiers(&self) -> Result<Vec<tier::Model>, DbErr> {
        use tier::Column as Of;
        if self.kind != GrantKind::Birthday {
            return Ok(Vec::new());
        }
        let brings = Condition::any()
            .add(Of::BirthdayPoints.is_not_null())
            .add(Of::BirthdayTemplateId.is_not_null());
        tier::Entity::of(self.merchant_id)
            .filter(Of::RemovedAt.is_null())
            .filter(brings)
            .all(self.txn)
            .await
    }

    /// The next members whose day is kept and who were given nothing for it yet, locked in the order of their ids: whoever
    /// orders does not wait for it.
    async fn members(&self, batch: &Batch<'_>, after_id: i64) -> Result<Vec<member::Model>, DbErr> {
        use member::Column as Of;
        let first = match self.kind {
            GrantKind::Birthday => None,
            GrantKind::Anniversary => self.first_joined().await?,
        };
        let mut any = Condition::any();
        for span in &batch.spans {
            let theirs = match (self.kind, first) {
                (GrantKind::Birthday, _) => {
                    let (from, to) = span.birthdays();
                    Condition::any().add(within("birthday", i64::from(from), i64::from(to) + 1))
                }
                (GrantKind::Anniversary, Some(first)) => self.joined(*span, first),
                (GrantKind::Anniversary, None) => continue,
            };
            if !theirs.is_empty() {
                let missing = self.given(span.year()).not();
                any = any.add(Condition::all().add(theirs).add(missing));
            }
        }
        if any.is_empty() {
            return Ok(Vec::new());
        }
        // Where tiers alone bring something, the others need not be looked at.
        let tiers: Vec<TierId> = batch.tiers.iter().map(|tier| tier.id).collect();
        let by_tier = gift_of(batch.rule, None).is_nothing();
        let by_tier = by_tier.then(|| any_of(&self.app.db, Of::TierId, &tiers));
        member::Entity::of(self.merchant_id)
            .filter(Of::Id.gt(MemberId(after_id)))
            .filter(Of::MergedInto.is_null())
            .filter(Of::ErasedAt.is_null())
            .filter(Condition::all().add(any).add_option(by_tier))
            .order_by_asc(Of::Id)
            .limit(MEMBERS)
            .lock(LockType::NoKeyUpdate)
            .all(self.txn)
            .await
    }

    /// That a member was given something for a year: looked up member by member, which a limit makes PostgreSQL do. It would
    /// read what all others were given otherwise.
    fn given(&self, year: i32) -> SimpleExpr {
        use member_grant::Column as Of;
        let member = Expr::col((member_grant::Entity, Of::MemberId));
        let given = member_grant::Entity::of(self.merchant_id)
            .filter(member.equals((member::Entity, member::Column::Id)))
            .filter(Of::Kind.eq(self.kind))
            .filter(Of::Year.eq(year))
            .select_only()
            .column(Of::MemberId)
            .limit(1)
            .offset(0)
            .into_query();
        Expr::exists(given)
    }

    /// The day on which the first member joined.
    async fn first_joined(&self) -> Result<Option<NaiveDate>, DbErr> {
        use member::Column as Of;
        let first: Option<Instant> = member::Entity::of(self.merchant_id)
            .order_by_asc(Of::JoinedAt)
            .select_only()
            .column(Of::JoinedAt)
            .limit(1)
            .into_tuple()
            .one(self.txn)
            .await?;
        Ok(first.map(|at| at.0.with_timezone(&self.zone).date_naive()))
    }

    /// That a member joined on one of the days whose anniversary is kept.
    fn joined(&self, span: Span, first: NaiveDate) -> Condition {
        let days = span.joined(first).into_iter().map(|(from, to)| {
            let from = start_of_day(from, self.zone);
            let to = start_of_day(to + Days::new(1), self.zone);
            within("joined_at", from.timestamp_millis(), to.timestamp_millis())
        });
        days.fold(Condition::any(), Condition::add)
    }

    async fn keep(&self, run: Model) -> Result<(), DbErr> {
        loyalty_run::Entity::update_of(self.merchant_id)
            .filter(Column::Kind.eq(run.kind))
            .col_expr(Column::Day, Expr::value(run.day))
            .col_expr(Column::AfterId, Expr::value(run.after_id))
            .col_expr(Column::NextAt, Expr::value(run.next_at))
            .exec(self.txn)
            .await?;
        Ok(())
    }

    /// Nothing is given any more: who sets a rule, or a tier that brings something, lets it begin anew.
    async fn stop(&self) -> Result<(), DbErr> {
        loyalty_run::Entity::delete_of(self.merchant_id)
            .filter(Column::Kind.eq(run_kind(self.kind)))
            .exec(self.txn)
            .await?;
        Ok(())
    }
}
