//! What a store's campaigns, coupons and tiers took off the orders of its history: priced as the checkout prices, redeemed as
//! it redeems.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;
use entity::coupon::{self, CouponOrigin, CouponState};
use entity::order::{PaymentState, RefundState};
use entity::redemption::{self, OfferKind, RedemptionState};
use entity::{
    CampaignId, CouponBatchId, CouponId, Day, Instant, MemberId, OrderId, RedemptionId, TierId,
    member, offer_counter, order, refund,
};

use super::members::{Known, member_no};
use super::offer_counters::counted;
use super::{DAY_MS, instant};
use crate::campaigns::model::is_held_out;
use crate::checkout::model::{
    Applied, Buyer, Cart, Offer, OfferId, Price, Spending, Taken, TierDiscount, price,
};
use crate::coupons::model::code_of;
use crate::demo::promotions::Handout;
use crate::demo::store::Store;

/// Of a hundred orders of old friends, so many claim a coupon first.
const CLAIMING: u64 = 14;
/// Of a hundred members, so many are handed a coupon that they did not ask for.
const HANDED: u64 = 30;
/// How many days ago coupons were handed out: one lot has expired, one will within days, one holds for weeks.
const BATCH_DAYS: [i64; 3] = [45, 28, 5];

/// What is taken off an order, before it is known what becomes of it.
#[derive(Debug)]
pub(super) struct Given {
    pub price: Price,
    coupon: Option<coupon::Model>,
    /// The points that pay for a part of what is left.
    pub points: Option<Spending>,
}

impl Given {
    /// What comes off in all, in minor units.
    pub fn off_minor(&self) -> i64 {
        let of_points = self
            .points
            .as_ref()
            .map_or(0, |spending| spending.off_minor);
        self.price.off_minor + of_points
    }

    /// What of it falls to each line, in minor units.
    pub fn line_offs(&self) -> Vec<i64> {
        let mut offs = self.price.line_offs.clone();
        let shares = self.points.iter().flat_map(|spending| &spending.shares);
        for (off, share) in offs.iter_mut().zip(shares) {
            *off += share;
        }
        offs
    }
}

/// What is left behind of campaigns and coupons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redeemed {
    /// What was redeemed, also what was given back.
    pub redemptions: Vec<redemption::Model>,
    /// Coupons.
    pub coupons: Vec<coupon::Model>,
    /// How much of all these is taken.
    pub counters: Vec<offer_counter::Model>,
}

/// Campaigns and coupons under way.
#[derive(Debug)]
pub(super) struct Offers {
    store: Arc<Store>,
    until_ms: i64,
    taken: HashMap<CampaignId, Taken>,
    by_day: HashMap<(CampaignId, Day), i64>,
    by_member: HashMap<(CampaignId, MemberId), i64>,
    /// Since when members are known.
    seen: BTreeMap<MemberId, i64>,
    coupons: BTreeMap<MemberId, coupon::Model>,
    redemptions: Vec<redemption::Model>,
}

/// SplitMix64: what looks like chance, of a number.
pub(super) fn mixed(of: i64) -> u64 {
    let mixed = of.cast_unsigned().wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

impl Offers {
    /// Before the first order.
    pub fn open(store: Arc<Store>, until_ms: i64) -> Self {
        Self {
            store,
            until_ms,
            taken: HashMap::new(),
            by_day: HashMap::new(),
            by_member: HashMap::new(),
            seen: BTreeMap::new(),
            coupons: BTreeMap::new(),
            redemptions: Vec::new(),
        }
    }

    /// What comes off an order that is being made, by somebody of that tier.
    pub fn price(
        &mut self,
        id: OrderId,
        cart: &mut Cart,
        member: Option<Known>,
        tier: Option<TierId>,
    ) -> Given {
        let store = Arc::clone(&self.store);
        let made_ms = id.made_at_ms();
        if let Some(known) = member {
            self.seen.entry(known.id).or_insert(made_ms);
        }
        cart.buyer = member.map(|known| Buyer {
            has_paid: known.first_paid_ms.is_some_and(|paid_ms| paid_ms < made_ms),
            tier,
            ..Buyer::default()
        });
        let day = Day::from(cart.at.date_naive());
        let no = member.map(|known| member_no(known.number));
        let campaigns = store.promotions.campaigns.iter();
        let mut offers: Vec<Offer<'_>> = campaigns
            .filter(|one| one.is_given(cart.at))
            .map(|one| Offer {
                id: OfferId::Campaign(one.row.id),
                from: one.row.starts_at.0,
                to: one.row.ends_at.map(|end| end.0),
                rules: &one.rules,
                taken: self.taken_of(one.row.id, day, member.map(|known| known.id)),
                held_out: no
                    .as_ref()
                    .is_some_and(|no| is_held_out(one.row.id, no, one.row.holdout_ppm)),
            })
            .collect();
        let mut tiers = store.club.iter().flat_map(|club| &club.tiers);
        let own = tier.and_then(|id| tiers.find(|row| row.id == id));
        let discount = own.and_then(TierDiscount::of);
        offers.extend(discount.as_ref().map(TierDiscount::offer));
        let handout = store.promotions.handouts.first();
        let coupon = handout.and_then(|handout| self.claim(handout, id, member));
        if let (Some(handout), Some(coupon)) = (handout, &coupon) {
            offers.push(Offer {
                id: OfferId::Coupon(coupon.id),
                from: coupon.valid_from.0,
                to: Some(coupon.valid_until.0),
                rules: &handout.rules,
                taken: Taken::default(),
                held_out: false,
            });
        }
        let price = price(cart, &offers);
        let used = |coupon: &coupon::Model| {
            let mut applied = price.applied.iter();
            applied.any(|one| one.id == OfferId::Coupon(coupon.id))
        };
        if let Some(coupon) = coupon.as_ref().filter(|coupon| !used(coupon)) {
            // Claimed in vain: it waits for another order.
            self.keep(coupon.clone());
        }
        let coupon = coupon.filter(|coupon| used(coupon));
        Given {
            price,
            coupon,
            points: None,
        }
    }

    fn taken_of(&self, id: CampaignId, day: Day, member: Option<MemberId>) -> Taken {
        let of_member = member.and_then(|member| self.by_member.get(&(id, member)));
        Taken {
            today: self.by_day.get(&(id, day)).copied().unwrap_or(0),
            by_member: of_member.copied().unwrap_or(0),
            ..self.taken.get(&id).copied().unwrap_or_default()
        }
    }

    fn keep(&mut self, coupon: coupon::Model) {
        if let Some(member) = coupon.member_id {
            self.coupons.insert(member, coupon);
        }
    }

    /// A coupon that an old friend has, or claims before they buy.
    fn claim(
        &self,
        handout: &Handout,
        id: OrderId,
        member: Option<Known>,
    ) -> Option<coupon::Model> {
        let known = member?;
        if let Some(held) = self.coupons.get(&known.id) {
            return (held.state == CouponState::Available).then(|| held.clone());
        }
        let chance = mixed(id.0);
        let claims = chance % 100 < CLAIMING;
        let before_ms = i64::try_from(chance >> 32).unwrap_or(0) % (2 * DAY_MS) + 60_000;
        let at_ms = id.made_at_ms() - before_ms;
        let known_before = self.seen.get(&known.id).is_some_and(|seen| *seen < at_ms);
        let handed_out = at_ms > handout.since.timestamp_millis();
        (claims && known_before && handed_out).then(|| {
            let place = i64::try_from(self.coupons.len()).unwrap_or(0);
            self.coupon(handout, known.id, at_ms, place)
        })
    }

    fn coupon(&self, of: &Handout, member: MemberId, at_ms: i64, place: i64) -> coupon::Model {
        let id = CouponId(CouponId::first_at(at_ms).0 + place);
        let days = i64::from(of.template.valid_days.unwrap_or(1));
        coupon::Model {
            merchant_id: self.store.merchant.id,
            id,
            template_id: of.template.id,
            batch_id: None,
            code: code_of(mixed(id.0).to_be_bytes()),
            member_id: Some(member),
            state: CouponState::Available,
            origin: CouponOrigin::Claimed,
            valid_from: instant(at_ms),
            valid_until: Instant(instant(at_ms).0 + TimeDelta::days(days)),
            order_id: None,
            used_at: None,
            voided_at: None,
            voided_by: None,
            void_reason: None,
        }
    }

    /// Notes what became of an order, and of what it had.
    pub fn note(&mut self, order: &order::Model, given: Option<Given>, refunds: &[refund::Model]) {
        let Some(given) = given else { return };
        let fate = Fate::of(order, refunds);
        if let Some(mut coupon) = given.coupon {
            coupon.state = match fate.state {
                RedemptionState::Reserved => CouponState::Reserved,
                RedemptionState::Committed => CouponState::Used,
                RedemptionState::RolledBack => CouponState::Available,
            };
            let held = coupon.state != CouponState::Available;
            coupon.order_id = held.then_some(order.id);
            coupon.used_at = order.paid_at.filter(|_| coupon.state == CouponState::Used);
            self.keep(coupon);
        }
        for applied in &given.price.applied {
            self.redeem(order, &fate, applied);
        }
    }

    fn redeem(&mut self, order: &order::Model, fate: &Fate, applied: &Applied) {
        let zone: Tz = self.store.shop.time_zone;
        let made_ms = order.id.made_at_ms();
        let made = instant(made_ms);
        let day = Day::from(made.0.with_timezone(&zone).date_naive());
        let (offer, offer_id, coupon_id) = match applied.id {
            OfferId::Campaign(id) => (OfferKind::Campaign, id.0, None),
            OfferId::Coupon(id) => {
                let template = self.store.promotions.handouts.first();
                let template = template.map_or(0, |handout| handout.template.id.0);
                (OfferKind::Coupon, template, Some(id))
            }
            OfferId::Tier(id) => (OfferKind::Tier, id.0, None),
        };
        if let (OfferId::Campaign(id), true) = (applied.id, fate.holds()) {
            let taken = self.taken.entry(id).or_default();
            taken.total += 1;
            taken.spent_minor += applied.off_minor;
            *self.by_day.entry((id, day)).or_default() += 1;
            if let Some(member) = order.member_id {
                *self.by_member.entry((id, member)).or_default() += 1;
            }
        }
        let last = self.redemptions.last().map_or(0, |last| last.id.0);
        let id = RedemptionId::first_at(made_ms).0.max(last + 1);
        self.redemptions.push(redemption::Model {
            merchant_id: order.merchant_id,
            id: RedemptionId(id),
            order_id: order.id,
            offer,
            offer_id,
            version: 1,
            coupon_id,
            member_id: order.member_id,
            state: fate.state,
            off_minor: applied.off_minor,
            shares: serde_json::to_string(&applied.shares).unwrap_or_default(),
            day,
            counted: true,
            sales_minor: order.paid_at.map(|_| order.paid_minor),
            newcomer: false,
            reserved_at: made,
            committed_at: order.paid_at,
            rolled_back_at: fate.back_at,
        });
    }

    /// What is left behind, when the last order is told.
    pub fn close(mut self, members: &[member::Model]) -> Redeemed {
        let firsts = members.iter().filter_map(|row| row.first_order_id);
        let firsts: HashSet<OrderId> = firsts.collect();
        self.hand_out();
        for row in &mut self.redemptions {
            row.newcomer = row.committed_at.is_some() && firsts.contains(&row.order_id);
        }
        let counters = counted(&self.store, &self.redemptions, self.coupons.values());
        let mut coupons: Vec<coupon::Model> = self.coupons.into_values().collect();
        coupons.sort_by_key(|coupon| coupon.id.0);
        Redeemed {
            redemptions: self.redemptions,
            coupons,
            counters,
        }
    }

    /// Hands coupons to members who have claimed none, some at a time.
    fn hand_out(&mut self) {
        let store = Arc::clone(&self.store);
        let Some(handout) = store.promotions.handouts.first() else {
            return;
        };
        let fresh = self.seen.iter();
        let fresh: Vec<(MemberId, i64)> = fresh
            .map(|(id, seen)| (*id, *seen))
            .filter(|(id, _)| !self.coupons.contains_key(id) && mixed(id.0) % 100 < HANDED)
            .collect();
        for (place, (member, seen)) in (1..).zip(fresh) {
            let lot = usize::try_from(mixed(member.0) >> 40).unwrap_or(0) % BATCH_DAYS.len();
            let at_ms = self.until_ms - BATCH_DAYS[lot] * DAY_MS - 3_600_000;
            if seen > at_ms || at_ms < handout.since.timestamp_millis() {
                continue;
            }
            let mut coupon = self.coupon(handout, member, at_ms, (1 << 20) + place);
            coupon.origin = CouponOrigin::Issued;
            coupon.batch_id = Some(CouponBatchId(CouponBatchId::first_at(at_ms).0 + 1));
            self.keep(coupon);
        }
    }
}

/// What became of what an order had.
struct Fate {
    state: RedemptionState,
    back_at: Option<Instant>,
}

impl Fate {
    fn of(order: &order::Model, refunds: &[refund::Model]) -> Self {
        let refunded = refunds.iter().filter_map(|refund| refund.succeeded_at);
        let refunded = refunded.max_by_key(|at| at.0);
        let back_at = match (order.payment_state, order.refund_state) {
            (PaymentState::Closed, _) => order.closed_at,
            (_, RefundState::Full) => refunded,
            _ => None,
        };
        let state = match (back_at, order.payment_state) {
            (Some(_), _) => RedemptionState::RolledBack,
            (_, PaymentState::Paid) => RedemptionState::Committed,
            _ => RedemptionState::Reserved,
        };
        Self { state, back_at }
    }

    /// Whether it is still taken.
    fn holds(&self) -> bool {
        self.state != RedemptionState::RolledBack
    }
}

/// The shop's clock at an instant.
pub(super) fn shop_time(store: &Store, ms: i64) -> DateTime<Tz> {
    instant(ms).0.with_timezone(&store.shop.time_zone)
}
