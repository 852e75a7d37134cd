//! Reads what offers took off orders.

use std::collections::HashMap;

use entity::redemption::{self, OfferKind, RedemptionState};
use entity::{
    CampaignId, CouponId, CouponTemplateId, MerchantId, OrderId, TierId, campaign_version, coupon,
    coupon_template, tier,
};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;

/// A redemption, and what its offer was called.
#[derive(Clone, Debug)]
pub struct Redeemed {
    /// The redemption.
    pub row: redemption::Model,
    /// What its offer was called, in the version that was redeemed.
    pub name: String,
    /// The code of the coupon, where it is one.
    pub coupon_code: Option<String>,
}

impl Redeemed {
    /// Whether limits and budget count it.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.row.counted && self.row.state != RedemptionState::RolledBack
    }
}

/// What offers took off orders, in the order in which they were applied; those without any are not among them.
pub async fn find_of_orders(
    app: &App,
    merchant_id: MerchantId,
    ids: &[OrderId],
) -> Result<HashMap<OrderId, Vec<Redeemed>>, Error> {
    let rows = redemption::Entity::of(merchant_id)
        .filter(any_of(&app.db, redemption::Column::OrderId, ids))
        .order_by_asc(redemption::Column::Id)
        .all(&app.db.reads(merchant_id))
        .await?;
    let names = Names::read(app, merchant_id, &rows).await?;
    let mut of_orders: HashMap<OrderId, Vec<Redeemed>> = HashMap::new();
    for row in rows {
        let redeemed = Redeemed {
            name: names.of(&row),
            coupon_code: row.coupon_id.and_then(|id| names.codes.get(&id).cloned()),
            row,
        };
        of_orders
            .entry(redeemed.row.order_id)
            .or_default()
            .push(redeemed);
    }
    Ok(of_orders)
}

/// What offers are called.
#[derive(Default)]
struct Names {
    campaigns: HashMap<(CampaignId, i32), String>,
    templates: HashMap<CouponTemplateId, String>,
    tiers: HashMap<TierId, String>,
    codes: HashMap<CouponId, String>,
}

impl Names {
    async fn read(
        app: &App,
        merchant_id: MerchantId,
        rows: &[redemption::Model],
    ) -> Result<Self, Error> {
        let db = &app.db.reads(merchant_id);
        let offers = |kind: OfferKind| -> Vec<i64> {
            let of_kind = rows.iter().filter(|row| row.offer == kind);
            distinct(of_kind.map(|row| row.offer_id))
        };
        let mut names = Self::default();
        let (campaigns, templates) = (offers(OfferKind::Campaign), offers(OfferKind::Coupon));
        if !campaigns.is_empty() {
            use campaign_version::Column;
            let called: Vec<(CampaignId, i32, String)> = campaign_version::Entity::of(merchant_id)
                .filter(any_of(&app.db, Column::CampaignId, &campaigns))
                .select_only()
                .columns([Column::CampaignId, Column::Version, Column::Name])
                .into_tuple()
                .all(db)
                .await?;
            let called = called.into_iter().map(|(id, no, name)| ((id, no), name));
            names.campaigns = called.collect();
        }
        if !templates.is_empty() {
            use coupon_template::Column;
            let called: Vec<(CouponTemplateId, String)> = coupon_template::Entity::of(merchant_id)
                .filter(any_of(&app.db, Column::Id, &templates))
                .select_only()
                .columns([Column::Id, Column::Name])
                .into_tuple()
                .all(db)
                .await?;
            names.templates = called.into_iter().collect();
            let coupons = rows.iter().filter_map(|row| row.coupon_id);
            let coupons = distinct(coupons.map(|id| id.0));
            names.codes = codes(app, merchant_id, &coupons).await?;
        }
        let tiers = offers(OfferKind::Tier);
        if !tiers.is_empty() {
            use tier::Column;
            let called: Vec<(TierId, String)> = tier::Entity::of(merchant_id)
                .filter(any_of(&app.db, Column::Id, &tiers))
                .select_only()
                .columns([Column::Id, Column::Name])
                .into_tuple()
                .all(db)
                .await?;
            names.tiers = called.into_iter().collect();
        }
        Ok(names)
    }

    fn of(&self, row: &redemption::Model) -> String {
        let name = match row.offer {
            OfferKind::Campaign => {
                let version = (CampaignId(row.offer_id), row.version);
                self.campaigns.get(&version)
            }
            OfferKind::Coupon => self.templates.get(&CouponTemplateId(row.offer_id)),
            OfferKind::Tier => self.tiers.get(&TierId(row.offer_id)),
        };
        name.cloned().unwrap_or_default()
    }
}

async fn codes(
    app: &App,
    merchant_id: MerchantId,
    ids: &[i64],
) -> Result<HashMap<CouponId, String>, Error> {
    let rows: Vec<(CouponId, String)> = coupon::Entity::of(merchant_id)
        .filter(any_of(&app.db, coupon::Column::Id, ids))
        .select_only()
        .columns([coupon::Column::Id, coupon::Column::Code])
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().collect())
}

fn distinct(ids: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut ids: Vec<i64> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
