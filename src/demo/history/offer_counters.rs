//! How much of campaigns and coupons a history has taken, as the checkout counts it.

use std::collections::BTreeMap;

use entity::offer_counter::{self, CounterKind};
use entity::redemption::{self, OfferKind, RedemptionState};
use entity::{MerchantId, coupon};

use crate::demo::promotions::Promotions;
use crate::demo::store::Store;

/// What is taken of limits and budgets by what was redeemed and handed out.
pub(super) fn counted<'a>(
    store: &Store,
    redemptions: &[redemption::Model],
    coupons: impl Iterator<Item = &'a coupon::Model>,
) -> Vec<offer_counter::Model> {
    let mut counters = Counters {
        merchant_id: store.merchant.id,
        rows: BTreeMap::new(),
    };
    let held = |row: &&redemption::Model| row.state != RedemptionState::RolledBack;
    // Whoever has a tier has its discount, as often as they buy: nobody counts it.
    let counts = |row: &&redemption::Model| row.offer != OfferKind::Tier;
    for row in redemptions.iter().filter(held).filter(counts) {
        counters.redeemed(&store.promotions, row);
    }
    for coupon in coupons {
        counters.handed_out(&store.promotions, coupon);
    }
    counters.rows.into_values().collect()
}

/// Counters under way.
struct Counters {
    merchant_id: MerchantId,
    rows: BTreeMap<(u8, i64, String), offer_counter::Model>,
}

impl Counters {
    fn take(
        &mut self,
        kind: CounterKind,
        offer_id: i64,
        span: String,
        off_minor: i64,
    ) -> &mut offer_counter::Model {
        let row = self
            .rows
            .entry((kind as u8, offer_id, span.clone()))
            .or_insert(offer_counter::Model {
                merchant_id: self.merchant_id,
                kind,
                offer_id,
                span,
                taken: 0,
                spent_minor: 0,
                most: None,
                budget_minor: None,
            });
        row.taken += 1;
        row.spent_minor += off_minor;
        row
    }

    fn redeemed(&mut self, promotions: &Promotions, row: &redemption::Model) {
        let (offer_id, off_minor) = (row.offer_id, row.off_minor);
        let campaigns = promotions.campaigns.iter();
        let campaign = campaigns
            .filter(|_| row.coupon_id.is_none())
            .find(|one| one.row.id.0 == offer_id);
        let Some(campaign) = campaign else {
            let kind = CounterKind::CouponUse;
            self.take(kind, offer_id, String::new(), off_minor);
            if let Some(member) = row.member_id {
                self.take(kind, offer_id, format!("m{}", member.0), off_minor);
            }
            return;
        };
        let (kind, limits) = (CounterKind::Campaign, &campaign.rules.limits);
        let all = self.take(kind, offer_id, String::new(), off_minor);
        (all.most, all.budget_minor) = (limits.total, limits.budget_minor);
        // Days and members are counted whether there is a limit or not, as at the checkout.
        let day = self.take(kind, offer_id, format!("d{}", row.day.0), off_minor);
        day.most = limits.per_day;
        if let Some(member) = row.member_id {
            let one = self.take(kind, offer_id, format!("m{}", member.0), off_minor);
            one.most = campaign.rules.per_member();
        }
    }

    fn handed_out(&mut self, promotions: &Promotions, coupon: &coupon::Model) {
        let Some(handout) = promotions.handouts.first() else {
            return;
        };
        let (kind, template) = (CounterKind::CouponIssue, &handout.template);
        let all = self.take(kind, template.id.0, String::new(), 0);
        all.most = Some(template.quantity);
        if let (Some(most), Some(member)) = (template.per_member, coupon.member_id) {
            let one = self.take(kind, template.id.0, format!("m{}", member.0), 0);
            one.most = Some(most);
        }
    }
}
