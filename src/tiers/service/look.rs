//! Looks again at one member's tier, in the transaction that changes what they have bought.

use chrono_tz::Tz;
use entity::tier_change::{Column, Entity, Model, TierChangeReason};
use entity::{Day, Instant, TierChangeId, member, member_day};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, QueryFilter, QueryOrder};

use super::shown::shown_in;
use super::sums::sums_of;
use super::write::{Change, SYSTEM, write};
use crate::app::App;
use crate::tiers::model::{
    Held, Ladder, Moment, Step, Sums, decide, first_day, merged, reached_since, undone,
};

/// Why a member is looked at again.
#[derive(Clone, Copy, Debug)]
pub enum Why<'a> {
    /// An order of theirs was paid.
    Paid,
    /// An order of theirs was refunded, in full or in part.
    Refunded {
        /// When it was paid.
        paid_at: Instant,
    },
    /// Another member has become a part of them: their days are theirs by now.
    Merged {
        /// As that one was before.
        other: &'a member::Model,
    },
}

/// A member to be looked at again.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Who, locked; their tier as it is in the row.
    pub member: &'a member::Model,
    /// The merchant's time zone.
    pub zone: Tz,
    /// Why.
    pub why: Why<'a>,
}

/// Looks again at the tier of a locked member, behind all that changes what they have bought; writes what changes, and
/// nothing where nothing does.
pub async fn look_again(app: &App, txn: &DatabaseTransaction, look: Look<'_>) -> Result<(), DbErr> {
    let member = look.member;
    let (merchant_id, held) = (member.merchant_id, Held::of(member));
    let ladder = shown_in(app, txn, merchant_id).await?;
    if ladder.is_empty() && held.is_none() {
        return Ok(());
    }
    let at = Moment {
        now: app.clock.instant(),
        zone: look.zone,
    };
    let whose = (merchant_id, member.id);
    let sums = sums_of(app, txn, whose, &ladder.windows(), at.today()).await?;
    let step = match look.why {
        Why::Paid => decide(&ladder, held, &sums, at),
        Why::Merged { other } => merged(&ladder, held, Held::of(other), &sums, at),
        Why::Refunded { paid_at } => match decide(&ladder, held, &sums, at) {
            Some(step) => Some(step),
            None => undo(txn, member, paid_at, (&ladder, &sums, at)).await?,
        },
    };
    let Some(step) = step else {
        return Ok(());
    };
    let change = Change {
        member_id: member.id,
        from: held,
        step,
    };
    write(app, txn, merchant_id, &[change], SYSTEM).await
}

/// What a refund undoes. What a person has given since stays, and so does what was reached without the order, then or
/// on any day since.
async fn undo(
    txn: &DatabaseTransaction,
    member: &member::Model,
    paid_at: Instant,
    (ladder, sums, at): (&Ladder, &Sums, Moment),
) -> Result<Option<Step>, DbErr> {
    let held = Held::of(member);
    let known = held.and_then(|held| Some((held, ladder.find(held.tier_id)?)));
    let Some((held, tier)) = known else {
        return Ok(None);
    };
    let first = TierChangeId::first_at(paid_at.0.timestamp_millis());
    let last = |place: SimpleExpr| {
        Entity::of(member.merchant_id)
            .filter(Column::MemberId.eq(member.id))
            .filter(place)
            .order_by_desc(Column::Id)
    };
    let since = match last(Column::Id.gte(first)).one(txn).await? {
        None => return Ok(None),
        Some(change) => match change.reason {
            TierChangeReason::Assigned => return Ok(None),
            // The other had it for longer: nobody knows since when.
            TierChangeReason::Merged => Day(i32::MIN),
            _ => Moment {
                now: made_at(&change),
                ..at
            }
            .today(),
        },
    };
    let windows = ladder.windows();
    let begins = windows.iter().map(|window| first_day(*window, since)).min();
    let days = member_day::Entity::of(member.merchant_id)
        .filter(member_day::Column::MemberId.eq(member.id))
        .filter(member_day::Column::Day.gte(begins.unwrap_or(since)))
        .order_by_asc(member_day::Column::Day)
        .all(txn)
        .await?;
    if reached_since(ladder, tier, &days, since) {
        return Ok(None);
    }
    let before = last(Column::Id.lt(first)).one(txn).await?;
    let before = before.and_then(|change| had(&change));
    Ok(undone(ladder, held, before, sums, at))
}

fn made_at(change: &Model) -> Instant {
    let made = chrono::DateTime::from_timestamp_millis(change.id.made_at_ms());
    Instant(made.unwrap_or_default())
}

/// What was had behind a change.
fn had(change: &Model) -> Option<Held> {
    change.to_tier_id.map(|tier_id| Held {
        tier_id,
        since: made_at(change),
        until: change.until,
    })
}
