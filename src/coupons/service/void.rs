//! Voids coupons: some by their ids, all or none; or all of a template that somebody could still use, in steps.

use entity::coupon::{Column, CouponState, Entity, Model};
use entity::event::EventKind;
use entity::{CouponId, CouponTemplateId, Instant, MerchantId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use super::templates::maybe_find_template;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::coupons::model::{LONGEST_REASON, MOST_MEMBERS, VoidRefusal};
use crate::db::any_of;
use crate::error::{Error, Failure};
use crate::events;
use crate::invalid::{Invalid, check_name};

type Outcome<T> = Result<T, Failure<VoidRefusal>>;

/// How many coupons one transaction voids.
const STEP: u64 = 2_000;
/// How many coupons of a template are voided at once.
const MOST: u64 = 20_000;

/// In the words of the index of what is not used up, which a bound value would not be.
const AVAILABLE: &str = "coupons.state = 'AVAILABLE'";
/// As [`AVAILABLE`].
const RESERVED: &str = "coupons.state = 'RESERVED'";

/// How many coupons an audit entry names one by one.
const NAMED: usize = 20;

/// Which coupons are to be voided.
#[derive(Clone, Debug)]
pub enum VoidWhich {
    /// These.
    Coupons(Vec<CouponId>),
    /// All of a template that somebody could still use.
    Template(CouponTemplateId),
}

/// What was voided, and what was not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Voided {
    /// How many were voided now.
    pub voided: u64,
    /// How many of the template stay because an order holds them.
    pub reserved: u64,
    /// Whether there are more of the template: ask again.
    pub more: bool,
}

/// Voids coupons, for good. One that is void already stays so; one that an order holds, or that was used, is refused,
/// and none is voided then.
pub async fn void(app: &App, actor: &Actor, which: &VoidWhich, reason: &str) -> Outcome<Voided> {
    let reason = reason.trim();
    check_name("reason", reason, LONGEST_REASON)
        .map_err(|invalid| Failure::Refused(VoidRefusal::Invalid(invalid)))?;
    match which {
        VoidWhich::Coupons(ids) => void_these(app, actor, ids, reason).await,
        VoidWhich::Template(id) => void_all(app, actor, *id, reason).await,
    }
}

async fn void_these(app: &App, actor: &Actor, ids: &[CouponId], reason: &str) -> Outcome<Voided> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    if !(1..=MOST_MEMBERS).contains(&ids.len()) {
        return Err(invalid(
            "which.couponIds",
            &format!("takes 1 to {MOST_MEMBERS} ids."),
            &format!("须为 1 至 {MOST_MEMBERS} 个编号。"),
        ));
    }
    let (merchant_id, ids) = (actor.merchant_id, &ids);
    app.write(merchant_id, |txn| async move {
        // In one order for everybody, so that nobody waits in a circle.
        let rows = Entity::of(merchant_id)
            .filter(any_of(&app.db, Column::Id, ids))
            .order_by_asc(Column::Id)
            .lock_exclusive()
            .all(&*txn)
            .await?;
        let missing = ids.iter().find(|id| !rows.iter().any(|row| row.id == **id));
        if let Some(id) = missing {
            let id = id.to_string();
            return Err(Failure::Refused(VoidRefusal::NotFound { id }));
        }
        for row in &rows {
            hindrance(row).map_or(Ok(()), |why| Err(Failure::Refused(why)))?;
        }
        let open = rows
            .iter()
            .filter(|row| row.state == CouponState::Available);
        let open: Vec<CouponId> = open.map(|row| row.id).collect();
        let deed = Deed::of("couponVoid");
        let deed = match open.as_slice() {
            [one] => deed.on(one),
            _ => deed,
        };
        write(app, &txn, actor, &open, reason, deed).await?;
        Ok(Voided {
            voided: open.len() as u64,
            ..Voided::default()
        })
    })
    .await
}

fn hindrance(row: &Model) -> Option<VoidRefusal> {
    let code = row.code.clone();
    match row.state {
        CouponState::Available | CouponState::Void => None,
        CouponState::Reserved => Some(VoidRefusal::Reserved { code }),
        CouponState::Used => Some(VoidRefusal::Used { code }),
    }
}

async fn void_all(
    app: &App,
    actor: &Actor,
    template_id: CouponTemplateId,
    reason: &str,
) -> Outcome<Voided> {
    let merchant_id = actor.merchant_id;
    if maybe_find_template(app, merchant_id, template_id)
        .await?
        .is_none()
    {
        let id = template_id.to_string();
        return Err(Failure::Refused(VoidRefusal::NotFound { id }));
    }
    let (mut voided, mut more) = (0, true);
    while more && voided < MOST {
        // From the first one anew: what is void is not found again, and what an order gave back meanwhile is.
        let step = app.write(merchant_id, |txn| async move {
            let seen = open_ids(&txn, merchant_id, template_id, app.clock.instant()).await?;
            // Looked at again once the lock is there: who holds one for an order keeps it. In one order for everybody.
            let open: Vec<CouponId> = Entity::of(merchant_id)
                .filter(any_of(&app.db, Column::Id, &seen))
                .filter(Column::State.eq(CouponState::Available))
                .order_by_asc(Column::Id)
                .select_only()
                .column(Column::Id)
                .lock_exclusive()
                .into_tuple()
                .all(&*txn)
                .await?;
            let deed = Deed::of("couponVoid").on(template_id);
            write(app, &txn, actor, &open, reason, deed).await?;
            Ok::<_, Failure<VoidRefusal>>((!seen.is_empty(), open.len() as u64))
        });
        let (found, now_void) = step.await?;
        voided += now_void;
        // Of a step some, or all, may be left out because orders took them meanwhile.
        more = found;
    }
    let reserved = Entity::of(merchant_id)
        .filter(Column::TemplateId.eq(template_id))
        .filter(Expr::cust(RESERVED))
        .count(&app.db.reads(merchant_id))
        .await?;
    Ok(Voided {
        voided,
        reserved,
        more,
    })
}

/// Coupons of a template that somebody could use, now or later: a step of them, those first that end first, as their
/// index has them.
async fn open_ids(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    template_id: CouponTemplateId,
    now: Instant,
) -> Result<Vec<CouponId>, DbErr> {
    Entity::of(merchant_id)
        .filter(Column::TemplateId.eq(template_id))
        .filter(Expr::cust(AVAILABLE))
        .filter(Column::ValidUntil.gt(now))
        .order_by_asc(Column::ValidUntil)
        .order_by_asc(Column::Id)
        .limit(STEP)
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(txn)
        .await
}

async fn write(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    ids: &[CouponId],
    reason: &str,
    deed: Deed,
) -> Result<(), Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let (merchant_id, now) = (actor.merchant_id, app.clock.instant());
    Entity::update_of(merchant_id)
        .filter(any_of(&app.db, Column::Id, ids))
        .col_expr(Column::State, Expr::value(CouponState::Void))
        .col_expr(Column::VoidedAt, Expr::value(now))
        .col_expr(Column::VoidedBy, Expr::value(actor.name()))
        .col_expr(Column::VoidReason, Expr::value(reason))
        .exec(txn)
        .await?;
    let subjects: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let kind = EventKind::CouponVoided;
    events::record_many(txn, &app.ids, now, merchant_id, kind, &subjects).await?;
    let named = (ids.len() <= NAMED).then(|| ids.iter().map(ToString::to_string).collect());
    let named: Option<Vec<String>> = named;
    let made = json!({ "count": ids.len(), "couponIds": named, "reason": reason });
    let deed = deed.made(made);
    audit::record(app, txn, actor, deed).await
}

fn invalid(field: &str, en: &str, zh: &str) -> Failure<VoidRefusal> {
    Failure::Refused(VoidRefusal::Invalid(Invalid::new(field, en, zh)))
}
