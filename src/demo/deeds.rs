//! What the demo's people have done in the last two months, as the audit log tells of it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::audit_entry::AuditActor;
use entity::membership::Role;
use entity::{AuditEntryId, Instant, InvitationId, MerchantId, StaffId, membership, refund};
use entity::{RefundId, staff_invitation};
use sea_orm::{
    ActiveEnum, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use crate::app::App;
use crate::audit::service::{record_at, seal};
use crate::audit::{By, Deed};
use crate::auth::model::Origin;
use crate::auth::secret;
use crate::error::Error;

/// How far the log reaches back.
const DAYS: i64 = 60;
/// How many refunds it tells of, at the most.
const REFUNDS: u64 = 150;

/// Something that was done at a moment.
type Done = (DateTime<Utc>, By, Deed);

/// Writes the log of a merchant, and one invitation that nobody has accepted yet.
pub async fn tell(
    app: &App,
    merchant_id: MerchantId,
    now: DateTime<Utc>,
    back: TimeDelta,
) -> Result<(), Error> {
    let from = now - TimeDelta::days(DAYS).min(back);
    let members = membership::Entity::of(merchant_id)
        .order_by_asc(membership::Column::StaffId)
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut done = Vec::new();
    for (place, member) in (0..).zip(&members) {
        sign_ins(&mut done, member, place, (from, now));
    }
    refunds(app, &mut done, merchant_id, from).await?;
    if let (Some(owner), Some(other)) = (members.first(), members.last()) {
        attempts(
            &mut done,
            (owner.staff_id, other.staff_id),
            merchant_id,
            now,
        );
    }
    let owner = members.iter().find(|member| member.role == Role::Owner);
    let invited = owner.map(|owner| invitation(owner, now)).transpose()?;
    if let Some((row, at)) = &invited {
        let by = by(merchant_id, &row.invited_by, 0);
        let what = json!({ "email": "x***@shop.example", "role": row.role.name() });
        done.push((*at, by, Deed::of("staffInvite").on(row.id).made(what)));
    }
    done.sort_by_key(|(at, ..)| *at);
    let (done, invited) = (&done, &invited);
    let written = app.db.transaction_of(merchant_id, |txn| async move {
        if let Some((row, _)) = invited {
            staff_invitation::Entity::insert(row.clone().into_active_model())
                .exec_without_returning(&*txn)
                .await?;
        }
        for (tail, (at, by, deed)) in (1..).zip(done) {
            let id = AuditEntryId(AuditEntryId::first_at(at.timestamp_millis()).0 + tail);
            record_at(app, &txn, by, deed, (id, Instant(*at))).await?;
        }
        Ok::<_, Error>(())
    });
    written.await?;
    seal(app, merchant_id).await
}

/// Whoever opens the shop signs in in the morning.
fn sign_ins(
    done: &mut Vec<Done>,
    member: &membership::Model,
    place: i64,
    (from, now): (DateTime<Utc>, DateTime<Utc>),
) {
    let by = by(member.merchant_id, &member.staff_id.to_string(), place);
    for day in 0..DAYS {
        // Not at the same minute each day, and some days not at all.
        let minutes = 60 + (day * 37 + place * 53) % 50;
        let at = from + TimeDelta::days(day) + TimeDelta::minutes(minutes);
        if at < now && (day + place) % 3 != 0 {
            done.push((at, by.clone(), Deed::of("signIn")));
        }
    }
}

/// Refunds that people asked for and decided.
async fn refunds(
    app: &App,
    done: &mut Vec<Done>,
    merchant_id: MerchantId,
    from: DateTime<Utc>,
) -> Result<(), Error> {
    let rows = refund::Entity::of(merchant_id)
        .filter(refund::Column::Id.gte(RefundId::first_at(from.timestamp_millis())))
        .order_by_desc(refund::Column::Id)
        .limit(REFUNDS)
        .all(&app.db.reads(merchant_id))
        .await?;
    for row in rows {
        let made_ms = row.id.made_at_ms();
        let asked = row.requested_by.starts_with(StaffId::PREFIX);
        if let Some(at) = DateTime::from_timestamp_millis(made_ms).filter(|_| asked) {
            let what =
                json!({ "orderId": row.order_id.to_string(), "reason": row.reason.to_value() });
            let deed = Deed::of("refundCreate").on(row.id).made(what);
            done.push((at, by(merchant_id, &row.requested_by, 2), deed));
        }
        if let (Some(decider), Some(at)) = (&row.decided_by, row.decided_at) {
            let deed = Deed::of("refundApprove").on(row.id);
            done.push((at.0, by(merchant_id, decider, 1), deed));
        }
    }
    Ok(())
}

/// What somebody tried and was refused, of late.
fn attempts(
    done: &mut Vec<Done>,
    (owner, other): (StaffId, StaffId),
    merchant_id: MerchantId,
    now: DateTime<Utc>,
) {
    let mine = by(merchant_id, &other.to_string(), 4);
    let missing = json!({ "scope": "channels:write" });
    let deed = Deed::of("channelUpdate").made(missing).denied("FORBIDDEN");
    done.push((now - TimeDelta::hours(5), mine, deed));
    for minutes in [31, 30, 28] {
        let elsewhere = by(merchant_id, &owner.to_string(), 77);
        let deed = Deed::of("signIn").denied("WRONG_CREDENTIALS");
        done.push((now - TimeDelta::minutes(minutes), elsewhere, deed));
    }
}

/// An invitation that was sent two days ago, and when.
fn invitation(
    owner: &membership::Model,
    now: DateTime<Utc>,
) -> Result<(staff_invitation::Model, DateTime<Utc>), Error> {
    let at = now - TimeDelta::days(2);
    let id = InvitationId(InvitationId::first_at(at.timestamp_millis()).0 + 1);
    let made = secret::make(secret::INVITATION, owner.merchant_id, id)?;
    let row = staff_invitation::Model {
        merchant_id: owner.merchant_id,
        id,
        email: "xin@shop.example".to_owned(),
        role: Role::Support,
        secret_hash: made.hash,
        invited_by: owner.staff_id.to_string(),
        created_at: Instant(at),
        expires_at: Instant(at + TimeDelta::days(7)),
        accepted_at: None,
        accepted_by: None,
        revoked_at: None,
    };
    Ok((row, at))
}

/// A member of staff at a desk of their own.
fn by(merchant_id: MerchantId, actor: &str, desk: i64) -> By {
    let last = u8::try_from(10 + desk % 200).unwrap_or(10);
    By {
        merchant_id,
        kind: AuditActor::Staff,
        actor: actor.to_owned(),
        origin: Some(Arc::new(Origin {
            ip: Some(IpAddr::V4(Ipv4Addr::new(203, 0, 113, last))),
            user_agent: Some(Arc::from("Mozilla/5.0 (Windows NT 10.0; Win64; x64)")),
            request_id: None,
        })),
    }
}
