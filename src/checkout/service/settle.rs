//! Settles what an order has taken of offers: for good when it is paid, back when it is closed or refunded in full.

use std::collections::HashMap;

use entity::campaign::RefundPolicy;
use entity::redemption::{self, Column, Entity, Model, OfferKind, RedemptionState};
use entity::refund::RefundReason;
use entity::{
    CampaignId, CouponId, CouponTemplateId, Instant, MerchantId, RedemptionId, campaign_version,
    coupon_template, order,
};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, QueryFilter, QueryOrder, QuerySelect, UpdateMany,
};

use super::again::take_again;
use super::reserve::add_takes;
use crate::app::App;
use crate::campaigns::model::Limits;
use crate::coupons;
use crate::error::Error;
use crate::offer_counters::{self, Takes};

/// How an order became paid.
#[derive(Clone, Copy, Debug)]
pub struct Paid {
    /// Whether it had been closed before.
    pub late: bool,
    /// Whether it is the first order that its member paid.
    pub newcomer: bool,
    /// When it was paid.
    pub at: Instant,
}

/// Commits what a locked order took of offers, in the transaction that makes it PAID. Where the order had been
/// closed, it is taken once more; what is not there any more is committed without being counted: the buyer has paid
/// that price.
pub async fn commit(
    app: &App,
    txn: &DatabaseTransaction,
    order: &order::Model,
    paid: Paid,
) -> Result<(), Error> {
    let state = if paid.late {
        RedemptionState::RolledBack
    } else {
        RedemptionState::Reserved
    };
    let redeemed = find(txn, order, state).await?;
    settle(app, txn, order, &redeemed, paid).await
}

/// Commits once more what a full refund of a locked order gave back: the bank has returned that refund, and the buyer
/// has what was paid for. As with a late payment, what is not there any more is not counted.
pub async fn refund_returned(
    app: &App,
    txn: &DatabaseTransaction,
    order: &order::Model,
) -> Result<(), Error> {
    let redeemed = find(txn, order, RedemptionState::RolledBack).await?;
    let Some(first) = redeemed.first() else {
        return Ok(());
    };
    let paid = Paid {
        late: true,
        newcomer: first.newcomer,
        at: order
            .paid_at
            .ok_or_else(|| Error::internal("a refunded order was never paid"))?,
    };
    settle(app, txn, order, &redeemed, paid).await
}

async fn settle(
    app: &App,
    txn: &DatabaseTransaction,
    order: &order::Model,
    redeemed: &[Model],
    paid: Paid,
) -> Result<(), Error> {
    let merchant_id = order.merchant_id;
    let there = if paid.late {
        take_again(txn, merchant_id, redeemed, paid.at).await?
    } else {
        redeemed.iter().map(|one| one.id).collect()
    };
    let (counted, uncounted): (Vec<&Model>, Vec<&Model>) =
        redeemed.iter().partition(|one| there.contains(&one.id));
    let coupons = coupons_of(counted.iter().copied());
    if !coupons.is_empty() {
        let used =
            coupons::service::use_(app, txn, merchant_id, order.id, &coupons, paid.at).await?;
        all_were_held(order, &coupons, used);
    }
    for (redeemed, counted) in [(counted, true), (uncounted, false)] {
        if redeemed.is_empty() {
            continue;
        }
        let ids: Vec<RedemptionId> = redeemed.iter().map(|one| one.id).collect();
        these(merchant_id, &ids)
            .col_expr(Column::State, Expr::value(RedemptionState::Committed))
            .col_expr(Column::Counted, Expr::value(counted))
            .col_expr(
                Column::SalesMinor,
                Expr::value(order.amount_minor - order.discount_minor),
            )
            .col_expr(Column::Newcomer, Expr::value(paid.newcomer))
            .col_expr(Column::CommittedAt, Expr::value(paid.at))
            .col_expr(Column::RolledBackAt, Expr::value(None::<Instant>))
            .exec(txn)
            .await?;
    }
    Ok(())
}

/// Says where coupons do not stand as their order does. Money goes on: nothing is undone for it.
fn all_were_held(order: &order::Model, coupons: &[CouponId], held: u64) {
    if held != coupons.len() as u64 {
        tracing::error!(order_id = %order.id, ?coupons, held, "an order did not hold its coupons");
    }
}

/// Gives back what a locked order that is being closed holds.
pub async fn release(
    app: &App,
    txn: &DatabaseTransaction,
    order: &order::Model,
    now: Instant,
) -> Result<(), DbErr> {
    let reserved = find(txn, order, RedemptionState::Reserved).await?;
    roll_back(app, txn, order, reserved, now).await
}

/// Gives back what a locked order took, where its offers say so: it was refunded in full. A late payment that was sent
/// back bought nothing: all of it is given back, whatever they say.
pub async fn refunded(
    app: &App,
    txn: &DatabaseTransaction,
    order: &order::Model,
    reason: RefundReason,
    now: Instant,
) -> Result<(), DbErr> {
    let committed = find(txn, order, RedemptionState::Committed).await?;
    if committed.is_empty() {
        return Ok(());
    }
    if order.late && reason == RefundReason::LatePayment {
        return roll_back(app, txn, order, committed, now).await;
    }
    let policies = Policies::read(txn, order.merchant_id, &committed).await?;
    let back = committed.into_iter();
    let back = back.filter(|one| policies.of(one) == Some(RefundPolicy::Restore));
    roll_back(app, txn, order, back.collect(), now).await
}

async fn roll_back(
    app: &App,
    txn: &DatabaseTransaction,
    order: &order::Model,
    redeemed: Vec<Model>,
    now: Instant,
) -> Result<(), DbErr> {
    if redeemed.is_empty() {
        return Ok(());
    }
    let merchant_id = order.merchant_id;
    let held = || redeemed.iter().filter(|one| one.counted);
    let coupons = coupons_of(held());
    if !coupons.is_empty() {
        let back = coupons::service::give_back(app, txn, merchant_id, order.id, &coupons).await?;
        all_were_held(order, &coupons, back);
    }
    let ids: Vec<RedemptionId> = redeemed.iter().map(|one| one.id).collect();
    these(merchant_id, &ids)
        .col_expr(Column::State, Expr::value(RedemptionState::RolledBack))
        .col_expr(Column::RolledBackAt, Expr::value(now))
        .exec(txn)
        .await?;
    let mut takes = Takes::default();
    for one in held() {
        add(&mut takes, one, &Limits::default());
    }
    offer_counters::release(txn, merchant_id, &takes).await
}

pub(super) fn add(takes: &mut Takes, one: &Model, limits: &Limits) {
    let what = (one.offer, one.offer_id, one.off_minor);
    add_takes(takes, what, one.member_id, one.day, limits);
}

fn coupons_of<'a>(redeemed: impl Iterator<Item = &'a Model>) -> Vec<CouponId> {
    let mut ids: Vec<CouponId> = redeemed.filter_map(|one| one.coupon_id).collect();
    ids.sort_unstable();
    ids
}

fn these(merchant_id: MerchantId, ids: &[RedemptionId]) -> UpdateMany<Entity> {
    Entity::update_of(merchant_id).filter(Column::Id.is_in(ids.iter().copied()))
}

/// What an order took and stands so. An order from which nothing was taken off took nothing, which costs no question.
async fn find(
    txn: &DatabaseTransaction,
    order: &order::Model,
    state: RedemptionState,
) -> Result<Vec<Model>, DbErr> {
    if order.discount_minor == 0 {
        return Ok(Vec::new());
    }
    redemption::Entity::of(order.merchant_id)
        .filter(Column::OrderId.eq(order.id))
        .filter(Column::State.eq(state))
        .order_by_asc(Column::Id)
        .all(txn)
        .await
}

/// What a full refund does to each redemption.
struct Policies {
    campaigns: HashMap<(CampaignId, i32), RefundPolicy>,
    templates: HashMap<CouponTemplateId, RefundPolicy>,
}

impl Policies {
    async fn read(
        txn: &DatabaseTransaction,
        merchant_id: MerchantId,
        redeemed: &[Model],
    ) -> Result<Self, DbErr> {
        let ids = |kind: OfferKind| -> Vec<i64> {
            let of_kind = redeemed.iter().filter(|one| one.offer == kind);
            of_kind.map(|one| one.offer_id).collect()
        };
        let (campaigns, templates) = (ids(OfferKind::Campaign), ids(OfferKind::Coupon));
        let mut policies = Self {
            campaigns: HashMap::new(),
            templates: HashMap::new(),
        };
        if !campaigns.is_empty() {
            use campaign_version::Column as Version;
            let rows: Vec<(CampaignId, i32, RefundPolicy)> =
                campaign_version::Entity::of(merchant_id)
                    .filter(Version::CampaignId.is_in(campaigns))
                    .select_only()
                    .columns([Version::CampaignId, Version::Version, Version::RefundPolicy])
                    .into_tuple()
                    .all(txn)
                    .await?;
            let rows = rows.into_iter().map(|(id, no, policy)| ((id, no), policy));
            policies.campaigns = rows.collect();
        }
        if !templates.is_empty() {
            use coupon_template::Column as Template;
            let rows: Vec<(CouponTemplateId, RefundPolicy)> =
                coupon_template::Entity::of(merchant_id)
                    .filter(Template::Id.is_in(templates))
                    .select_only()
                    .columns([Template::Id, Template::RefundPolicy])
                    .into_tuple()
                    .all(txn)
                    .await?;
            policies.templates = rows.into_iter().collect();
        }
        Ok(policies)
    }

    /// By the version that was redeemed; a template's, as it is now.
    fn of(&self, one: &Model) -> Option<RefundPolicy> {
        match one.offer {
            OfferKind::Campaign => {
                let version = (CampaignId(one.offer_id), one.version);
                self.campaigns.get(&version).copied()
            }
            OfferKind::Coupon => {
                let template = CouponTemplateId(one.offer_id);
                self.templates.get(&template).copied()
            }
            // It took nothing that there could be less of.
            OfferKind::Tier => Some(RefundPolicy::Restore),
        }
    }
}
