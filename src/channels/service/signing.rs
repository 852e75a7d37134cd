//! Has a second factor agree to credentials by which money leaves.

use chrono::TimeDelta;
use entity::{Instant, StaffId, channel, membership};
use sea_orm::{DatabaseTransaction, QuerySelect};

use crate::app::App;
use crate::auth::model::{Actor, Who};
use crate::channels::model::pays_out;
use crate::error::Failure;
use crate::second_factor::model::{SecondFactorRefusal, staff_of};
use crate::second_factor::service::{Code, Stake, prove_among};

/// Whether somebody may give channels of a kind credentials at all: a program, which proves nothing, gives none by
/// which money leaves.
pub(super) fn may_sign<R: From<SecondFactorRefusal>>(
    actor: &Actor,
    kind: channel::ChannelKind,
) -> Result<(), Failure<R>> {
    if !pays_out(kind) || matches!(actor.who, Who::System) {
        return Ok(());
    }
    let staff = staff_of(actor).map_err(|no| Failure::Refused(R::from(no)));
    staff.map(|_| ())
}

/// Has an actor agree to the credentials of a channel of a kind, under the lock of the merchant's row, and returns
/// from when on money leaves by them: a cooling-off after the code, which follows the rest of its second factor. None
/// where none leaves, or nobody who works there has a second factor yet. Whoever runs the gateway has agreed.
pub(super) async fn sign<R: From<SecondFactorRefusal>>(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    kind: channel::ChannelKind,
    code: Option<&Code>,
) -> Result<Option<Instant>, Failure<R>> {
    if !pays_out(kind) {
        return Ok(None);
    }
    let now = app.clock.instant();
    if matches!(actor.who, Who::System) {
        return Ok(Some(now));
    }
    let staff: Vec<StaffId> = membership::Entity::of(actor.merchant_id)
        .select_only()
        .column(membership::Column::StaffId)
        .into_tuple()
        .all(txn)
        .await?;
    let proven = prove_among(txn, actor, staff, code, Stake::Ordinary).await?;
    let cooling_off = TimeDelta::seconds(app.settings.payouts.channel_cooling_off_s);
    Ok(proven.map(|rested| Instant(rested.0.max(now.0) + cooling_off)))
}
