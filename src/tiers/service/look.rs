//! Looks again at one member's tier, in the transaction that changes what they have bought.

use chrono_tz::Tz;
use entity::tier_change::{Column, Entity, Model, TierChangeReason};
use entity::{Instant, TierChangeId, member};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, QueryFilter, QueryOrder};

use super::shown::shown_in;
use super::sums::sums_of;
use super::write::{Change, SYSTEM, write};
use crate::app::App;
use crate::tiers::model::{Held, Ladder, Moment, Step, Sums, decide, merged, undone};

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

/// What a refund undoes. What a person has given since stays.
async fn undo(
    txn: &DatabaseTransaction,
    member: &member::Model,
    paid_at: Instant,
    (ladder, sums, at): (&Ladder, &Sums, Moment),
) -> Result<Option<Step>, DbErr> {
    let Some(held) = Held::of(member) else {
        return Ok(None);
    };
    let first = TierChangeId::first_at(paid_at.0.timestamp_millis());
    let last = |before: bool| {
        let place = if before {
            Column::Id.lt(first)
        } else {
            Column::Id.gte(first)
        };
        Entity::of(member.merchant_id)
            .filter(Column::MemberId.eq(member.id))
            .filter(place)
            .order_by_desc(Column::Id)
    };
    match last(false).one(txn).await? {
        None => return Ok(None),
        Some(change) if change.reason == TierChangeReason::Assigned => return Ok(None),
        Some(_) => {}
    }
    let before = last(true).one(txn).await?.and_then(|change| had(&change));
    Ok(undone(ladder, held, before, sums, at))
}

/// What was had behind a change.
fn had(change: &Model) -> Option<Held> {
    let made = chrono::DateTime::from_timestamp_millis(change.id.made_at_ms());
    change.to_tier_id.map(|tier_id| Held {
        tier_id,
        since: Instant(made.unwrap_or_default()),
        until: change.until,
    })
}
