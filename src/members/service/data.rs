//! Puts together all that is held of one person, and writes down who asked.

use entity::message_recipient::bound_to;
use entity::{
    Instant, MemberId, SegmentId, coupon, member, member_change, member_grant, message_recipient,
    order, point_entry, point_lot, refund, reward_redemption, segment, segment_member, tier_change,
};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use serde_json::{Value, json};

use super::erase::with_parts;
use super::list::maybe_find;
use super::profile::read_profile;
use super::tags::read_tags;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::{Actor, Scope};
use crate::db::{Single, any_of};
use crate::error::Error;
use crate::seal::MasterKey;

/// How many of each are given: the newest.
const MOST: u64 = 10_000;

/// All that is held of one person.
#[derive(Clone, Debug)]
pub struct Held {
    /// When it was put together.
    pub at: Instant,
    /// It all.
    pub json: String,
}

/// Puts together all that is held of a member and those who have become a part of them, as far as who asks may see it,
/// and writes down who asked.
pub async fn hand_out(app: &App, actor: &Actor, member: &member::Model) -> Result<Held, Error> {
    let merchant_id = actor.merchant_id;
    let db = app.db.reads(merchant_id);
    let survivor = match member.merged_into {
        Some(into) => maybe_find(app, merchant_id, into).await?,
        None => None,
    };
    let member = survivor.as_ref().unwrap_or(member);
    let reading = Reading {
        app,
        whose: with_parts(&db, merchant_id, member.id).await?,
        member,
        db,
    };
    let mut held = json!({
        "member": shown(member),
        "profile": reading.profile().await?,
        "changes": reading.changes().await?,
        "points": reading.points().await?,
        "tiers": reading.tiers().await?,
        "rewards": reading.rewards().await?,
        "gifts": reading.gifts().await?,
        "messages": reading.messages().await?,
        "pointLots": reading.lots().await?,
        "segments": reading.segments().await?,
    });
    if actor.may(Scope::OrdersRead) {
        held["orders"] = reading.orders().await?;
    }
    if actor.may(Scope::RefundsRead) {
        held["refunds"] = reading.refunds().await?;
    }
    if actor.may(Scope::CampaignsRead) {
        held["coupons"] = reading.coupons().await?;
    }
    let id = member.id;
    app.write::<_, Error, _>(merchant_id, |txn| async move {
        audit::record(app, &txn, actor, Deed::of("memberData").on(id)).await
    })
    .await?;
    Ok(Held {
        at: app.clock.instant(),
        json: held.to_string(),
    })
}

struct Reading<'a> {
    app: &'a App,
    member: &'a member::Model,
    /// The member, and those who have become a part of them.
    whose: Vec<MemberId>,
    db: Single,
}

fn time(at: Option<Instant>) -> Option<String> {
    at.map(|at| at.0.to_rfc3339())
}

/// When something was made whose id holds it.
fn made(id: impl Into<i64>) -> Option<String> {
    let at = chrono::DateTime::from_timestamp_millis(MemberId(id.into()).made_at_ms());
    time(at.map(Instant))
}

fn shown(member: &member::Model) -> Value {
    json!({
        "id": member.id.to_string(),
        "memberNo": member.member_no,
        "joinedAt": time(Some(member.joined_at)),
        "firstPaidAt": time(member.first_paid_at),
        "lastPaidAt": time(member.last_paid_at),
        "paidOrders": member.paid_orders,
        "spentMinor": member.spent_minor,
        "points": member.points,
        "pendingPoints": member.points_pending,
        "owedPoints": member.points_owed,
        "birthday": member.birthday.map(|day| format!("{:02}-{:02}", day / 100, day % 100)),
        "consentedAt": time(member.consented_at),
        "locale": member.locale,
        "tierId": member.tier_id.map(|id| id.to_string()),
        "erasedAt": time(member.erased_at),
    })
}

fn newest<E: EntityTrait, C: ColumnTrait>(select: Select<E>, id: C) -> Select<E> {
    select.order_by_desc(id).limit(MOST)
}

impl Reading<'_> {
    fn theirs<C: ColumnTrait>(&self, column: C) -> SimpleExpr {
        any_of(&self.app.db, column, &self.whose)
    }

    /// The newest of some rows, each as it is told.
    async fn each<E: EntityTrait>(
        &self,
        all: Select<E>,
        id: E::Column,
        told: impl Fn(E::Model) -> Value,
    ) -> Result<Value, Error> {
        let rows = newest(all, id).all(&self.db).await?;
        Ok(rows.into_iter().map(told).collect())
    }

    async fn profile(&self) -> Result<Value, Error> {
        let member = self.member;
        let key: &MasterKey = &self.app.key;
        let profile = read_profile(key, &self.db, member.merchant_id, member.id).await?;
        let ids = [member.id];
        let tags = read_tags(self.app, &self.db, member.merchant_id, &ids).await?;
        let profile = serde_json::to_value(&profile);
        let mut profile = profile.map_err(|error| Error::internal(error.to_string()))?;
        profile["tags"] = json!(tags.get(&member.id).cloned().unwrap_or_default());
        Ok(profile)
    }

    async fn changes(&self) -> Result<Value, Error> {
        use member_change::{Column, Entity};
        let all = Entity::of(self.member.merchant_id).filter(self.theirs(Column::MemberId));
        self.each(all, Column::Id, |row| {
            let (at, kind) = (made(row.id), sea_orm::ActiveEnum::to_value(&row.kind));
            json!({ "at": at, "kind": kind, "fields": row.fields, "by": row.actor, "note": row.note })
        })
        .await
    }

    async fn points(&self) -> Result<Value, Error> {
        use point_entry::{Column, Entity};
        let all = Entity::of(self.member.merchant_id).filter(self.theirs(Column::MemberId));
        self.each(all, Column::Id, |row| {
            json!({
                "at": made(row.id),
                "kind": sea_orm::ActiveEnum::to_value(&row.kind),
                "points": row.points,
                "pending": row.pending,
                "owed": row.owed,
                "balance": row.balance,
                "note": row.note,
            })
        })
        .await
    }

    async fn tiers(&self) -> Result<Value, Error> {
        use tier_change::{Column, Entity};
        let all = Entity::of(self.member.merchant_id).filter(self.theirs(Column::MemberId));
        self.each(all, Column::Id, |row| {
            json!({
                "at": made(row.id),
                "from": row.from_tier_id.map(|id| id.to_string()),
                "to": row.to_tier_id.map(|id| id.to_string()),
                "reason": sea_orm::ActiveEnum::to_value(&row.reason),
                "note": row.note,
            })
        })
        .await
    }

    async fn rewards(&self) -> Result<Value, Error> {
        use reward_redemption::{Column, Entity};
        let all = Entity::of(self.member.merchant_id).filter(self.theirs(Column::MemberId));
        self.each(all, Column::Id, |row| {
            json!({
                "at": made(row.id),
                "rewardId": row.reward_id.to_string(),
                "state": sea_orm::ActiveEnum::to_value(&row.state),
                "points": row.points,
                "note": row.note,
            })
        })
        .await
    }

    async fn gifts(&self) -> Result<Value, Error> {
        use member_grant::{Column, Entity};
        let all = Entity::of(self.member.merchant_id).filter(self.theirs(Column::MemberId));
        self.each(all, Column::Id, |row| {
            json!({
                "at": made(row.id),
                "kind": sea_orm::ActiveEnum::to_value(&row.kind),
                "year": row.year,
                "points": row.points,
            })
        })
        .await
    }

    async fn messages(&self) -> Result<Value, Error> {
        use message_recipient::{Column, Entity};
        let all = Entity::of(self.member.merchant_id).filter(self.theirs(Column::MemberId));
        self.each(all, Column::Id, |row| {
            json!({
                "at": time(row.sent_at).or_else(|| made(row.id)),
                "messageId": row.message_id.to_string(),
                "outcome": sea_orm::ActiveEnum::to_value(&row.outcome),
                "locale": row.locale,
                "text": self.opened(row.sealed, &bound_to(row.merchant_id, row.id)),
            })
        })
        .await
    }

    /// What is sealed, as it is: both are JSON. One that no key opens holds up nothing else.
    fn opened(&self, sealed: Option<Vec<u8>>, bound_to: &str) -> Option<Value> {
        let plain = self.app.key.open(&sealed?, bound_to);
        let read = plain.map(|plain| serde_json::from_slice(&plain));
        match read {
            Ok(Ok(value)) => Some(value),
            Ok(Err(_)) => None,
            Err(error) => {
                tracing::error!(member_id = %self.member.id, ?error, "what is held cannot be opened");
                None
            }
        }
    }

    async fn lots(&self) -> Result<Value, Error> {
        use point_lot::{Column, Entity};
        let all = Entity::of(self.member.merchant_id).filter(self.theirs(Column::MemberId));
        self.each(all, Column::Id, |row| {
            json!({
                "at": made(row.id),
                "origin": sea_orm::ActiveEnum::to_value(&row.origin),
                "earned": row.earned,
                "remaining": row.remaining,
                "releasesAt": time(row.releases_at),
                "expiresAt": time(row.expires_at),
            })
        })
        .await
    }

    /// The snapshots in which they are.
    async fn segments(&self) -> Result<Value, Error> {
        use segment_member::{Column, Entity};
        let all = Entity::of(self.member.merchant_id).filter(self.theirs(Column::MemberId));
        let ids: Vec<SegmentId> = newest(all, Column::SegmentId)
            .select_only()
            .column(Column::SegmentId)
            .into_tuple()
            .all(&self.db)
            .await?;
        let rows = segment::Entity::of(self.member.merchant_id)
            .filter(any_of(&self.app.db, segment::Column::Id, &ids))
            .order_by_desc(segment::Column::Id)
            .all(&self.db)
            .await?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|row| json!({ "id": row.id.to_string(), "name": row.name }))
            .collect())
    }

    async fn refunds(&self) -> Result<Value, Error> {
        use refund::{Column, Entity};
        let orders = order::Entity::of(self.member.merchant_id)
            .filter(order::Column::MemberId.eq(self.member.id))
            .select_only()
            .column(order::Column::Id)
            .into_query();
        let all = Entity::of(self.member.merchant_id).filter(Column::OrderId.in_subquery(orders));
        self.each(all, Column::Id, |row| {
            json!({
                "at": made(row.id),
                "orderId": row.order_id.to_string(),
                "currency": row.currency,
                "amountMinor": row.amount_minor,
                "state": sea_orm::ActiveEnum::to_value(&row.state),
                "reason": sea_orm::ActiveEnum::to_value(&row.reason),
                "reasonText": row.reason_text,
            })
        })
        .await
    }

    async fn orders(&self) -> Result<Value, Error> {
        use order::{Column, Entity};
        let all = Entity::of(self.member.merchant_id).filter(Column::MemberId.eq(self.member.id));
        let rows = newest(all, Column::Id).all(&self.db).await?;
        // Buyers are sealed for the merchant.
        let merchant = self.member.merchant_id.to_string();
        let rows = rows.into_iter().map(|row| {
            json!({
                "at": made(row.id),
                "id": row.id.to_string(),
                "merchantOrderNo": row.merchant_order_no,
                "currency": row.currency,
                "amountMinor": row.amount_minor,
                "paidMinor": row.paid_minor,
                "refundedMinor": row.refunded_minor,
                "state": sea_orm::ActiveEnum::to_value(&row.payment_state),
                "paidAt": time(row.paid_at),
                "country": row.country,
                "buyer": self.opened(row.sealed_buyer, &merchant),
            })
        });
        Ok(rows.collect())
    }

    async fn coupons(&self) -> Result<Value, Error> {
        use coupon::{Column, Entity};
        let all = Entity::of(self.member.merchant_id).filter(Column::MemberId.eq(self.member.id));
        self.each(all, Column::Id, |row| {
            json!({
                "at": made(row.id),
                "templateId": row.template_id.to_string(),
                "state": sea_orm::ActiveEnum::to_value(&row.state),
                "validUntil": time(Some(row.valid_until)),
                "usedAt": time(row.used_at),
            })
        })
        .await
    }
}
