//! What a cart costs: which offers apply, in which order, and why the others do not.
//!
//! Campaigns come first, by priority and then by age; each takes off what is left of the lines it is given on. Of a
//! stacking group the one that takes most off is given. An exclusive campaign is given alone, where it takes more
//! off than all the others together. Then come coupons, on what is left. Something always remains to be paid:
//! no payment platform takes nothing.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::channel::PaymentMethod;
use entity::{CampaignId, ChannelId, CouponId};

use crate::campaigns::model::Rules;
use crate::money::share_out;

/// What somebody is about to buy 购物车.
#[derive(Clone, Debug)]
pub struct Cart {
    /// Its lines, each with the sum of its pieces.
    pub lines: Vec<CartLine>,
    /// The channel it will be paid through, where that is known.
    pub channel: Option<ChannelId>,
    /// What it will be paid with, where that is known.
    pub method: Option<PaymentMethod>,
    /// Who buys, where that is known.
    pub buyer: Option<Buyer>,
    /// When.
    pub at: DateTime<Tz>,
}

/// One line of a cart.
#[derive(Clone, Debug)]
pub struct CartLine {
    /// The product's title.
    pub title: String,
    /// Its category.
    pub category: String,
    /// What all of its pieces cost, in minor units.
    pub amount_minor: i64,
}

/// What is known of who buys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buyer {
    /// Whether they have paid for something before.
    pub has_paid: bool,
}

/// What names an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OfferId {
    /// A campaign.
    Campaign(CampaignId),
    /// A coupon.
    Coupon(CouponId),
}

/// How much of an offer is taken already, reservations included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Orders in all.
    pub total: i64,
    /// Orders of the day.
    pub today: i64,
    /// Orders of the buyer.
    pub by_member: i64,
    /// What it has cost, in minor units.
    pub spent_minor: i64,
}

/// Something that may take a part off.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// What names it.
    pub id: OfferId,
    /// From when it is given.
    pub from: DateTime<Utc>,
    /// Until before when; none for no end.
    pub to: Option<DateTime<Utc>>,
    /// What it gives.
    pub rules: &'a Rules,
    /// What of it is taken.
    pub taken: Taken,
    /// Whether the buyer is one of those who are not given it, to compare with.
    pub held_out: bool,
}

/// Why an offer takes nothing off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotApplied {
    /// 尚未开始: it begins later.
    NotStarted,
    /// 已结束: it is over.
    Ended,
    /// 不在适用时段: not at this time of the week.
    OutsideHours,
    /// 支付渠道不适用: not for this channel or method, or none is known.
    OtherChannel,
    /// 非会员: only for members, and none is known.
    MembersOnly,
    /// 仅限新客: the buyer has paid for something before.
    NewcomersOnly,
    /// 对照组: the buyer is one of those who are not given it, so that its effect can be told.
    HeldOut,
    /// 无适用商品: it is given on none of the lines.
    NothingInScope,
    /// 未达门槛: so many minor units are missing.
    BelowThreshold(i64),
    /// 已领完: as many orders as may had it.
    UsedUp,
    /// 今日已领完: as many orders of the day as may had it.
    UsedUpToday,
    /// 已达个人上限: the buyer had it as often as one may.
    UsedUpByMember,
    /// 预算不足: what is left of its budget does not reach.
    OverBudget,
    /// 同组择优: another of its group takes more off.
    BetterInGroup(OfferId),
    /// 互斥: it, or what is given instead, stands alone.
    Exclusive,
    /// 已无可减: nothing is left to be taken off.
    NothingLeft,
}

/// What an offer takes off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Which.
    pub id: OfferId,
    /// What it takes off, in minor units.
    pub off_minor: i64,
    /// What of it falls to each line, in minor units.
    pub shares: Vec<i64>,
}

/// What a cart costs 试算.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// What the lines cost, in minor units.
    pub amount_minor: i64,
    /// What comes off, in minor units.
    pub off_minor: i64,
    /// What comes off each line, in minor units.
    pub line_offs: Vec<i64>,
    /// What is applied, in its order.
    pub applied: Vec<Applied>,
    /// What is not, and why.
    pub not_applied: Vec<(OfferId, NotApplied)>,
}

impl Price {
    /// What is to be paid, in minor units.
    #[must_use]
    pub const fn payable_minor(&self) -> i64 {
        self.amount_minor - self.off_minor
    }
}

/// Prices a cart. The order in which offers come changes nothing. Coupons are those that the buyer chose.
#[must_use]
pub fn price(cart: &Cart, offers: &[Offer<'_>]) -> Price {
    let mut offers: Vec<&Offer<'_>> = offers.iter().collect();
    offers.sort_by_key(|offer| {
        let is_coupon = matches!(offer.id, OfferId::Coupon(_));
        (
            is_coupon,
            -i32::from(offer.rules.stacking.priority),
            offer.id,
        )
    });
    let mut refused = Vec::new();
    let mut fitting = Vec::new();
    for offer in offers {
        match fits(cart, offer) {
            Ok(lines) => fitting.push(Fitting { offer, lines }),
            Err(why) => refused.push((offer.id, why)),
        }
    }
    let together: Vec<&Fitting<'_>> = fitting.iter().filter(|it| !it.is_exclusive()).collect();
    let alone = fitting.iter().filter(|it| it.is_exclusive());
    let mut best = run(cart, &together);
    for one in alone {
        let with = run(cart, &[one]);
        if with.off_minor > best.off_minor {
            best = with;
        }
    }
    let named = |id| {
        let applied = best.applied.iter().any(|it| it.id == id);
        applied || best.not_applied.iter().any(|(known, _)| *known == id)
    };
    let shut_out = fitting
        .iter()
        .map(|it| it.offer.id)
        .filter(|id| !named(*id));
    let shut_out: Vec<_> = shut_out.map(|id| (id, NotApplied::Exclusive)).collect();
    best.not_applied.extend(shut_out);
    best.not_applied.extend(refused);
    best.not_applied.sort_by_key(|(id, _)| *id);
    best
}

/// An offer that is given to this buyer now, and on which lines.
struct Fitting<'a> {
    offer: &'a Offer<'a>,
    lines: Vec<usize>,
}

impl Fitting<'_> {
    fn is_exclusive(&self) -> bool {
        self.offer.rules.stacking.exclusive
    }
}

/// On which lines an offer is given, whatever else is.
fn fits(cart: &Cart, offer: &Offer<'_>) -> Result<Vec<usize>, NotApplied> {
    let (rules, taken) = (offer.rules, &offer.taken);
    let (scope, limits) = (&rules.scope, &rules.limits);
    let now = cart.at.with_timezone(&Utc);
    let reached = |limit: Option<i64>, taken: i64| limit.is_some_and(|limit| taken >= limit);
    let way_fits = scope.holds_way(cart.channel, cart.method);
    let hindrances = [
        (now < offer.from, NotApplied::NotStarted),
        (offer.to.is_some_and(|to| now >= to), NotApplied::Ended),
        (!rules.is_open(cart.at), NotApplied::OutsideHours),
        (!way_fits, NotApplied::OtherChannel),
        (
            cart.buyer.is_none() && rules.needs_member(),
            NotApplied::MembersOnly,
        ),
        (
            rules.audience.newcomers && cart.buyer.is_some_and(|buyer| buyer.has_paid),
            NotApplied::NewcomersOnly,
        ),
        (offer.held_out, NotApplied::HeldOut),
        (reached(limits.total, taken.total), NotApplied::UsedUp),
        (
            reached(limits.per_day, taken.today),
            NotApplied::UsedUpToday,
        ),
        (
            reached(rules.per_member(), taken.by_member),
            NotApplied::UsedUpByMember,
        ),
    ];
    if let Some((_, why)) = hindrances.into_iter().find(|(hinders, _)| *hinders) {
        return Err(why);
    }
    let lines = cart.lines.iter().enumerate();
    let lines = lines.filter(|(_, line)| scope.holds(&line.title, &line.category));
    let lines: Vec<usize> = lines.map(|(place, _)| place).collect();
    if lines.is_empty() {
        return Err(NotApplied::NothingInScope);
    }
    Ok(lines)
}

/// Applies offers in their order, each on what those before have left.
fn run(cart: &Cart, offers: &[&Fitting<'_>]) -> Price {
    let mut left: Vec<i64> = cart.lines.iter().map(|line| line.amount_minor).collect();
    let amount_minor = left.iter().sum();
    let mut price = Price {
        amount_minor,
        line_offs: vec![0; left.len()],
        ..Price::default()
    };
    let mut done = vec![false; offers.len()];
    for place in 0..offers.len() {
        if done[place] {
            continue;
        }
        let Some(group) = &offers[place].offer.rules.stacking.group else {
            let off = off(offers[place], &left, &price);
            take(offers[place], off, &mut left, &mut price);
            continue;
        };
        let of_group = |it: &Fitting<'_>| it.offer.rules.stacking.group.as_ref() == Some(group);
        let mut members = Vec::new();
        for (other, fitting) in offers.iter().enumerate().skip(place) {
            if of_group(fitting) {
                done[other] = true;
                members.push((*fitting, off(fitting, &left, &price)));
            }
        }
        // The first of those that take most off: they come in their order.
        let most = members
            .iter()
            .filter_map(|(_, off)| off.as_ref().ok())
            .max();
        let taken = members
            .iter()
            .position(|(_, off)| off.as_ref().ok() == most && most.is_some());
        let winner = taken.map(|place| members[place].0.offer.id);
        for (place, (fitting, off)) in members.into_iter().enumerate() {
            match winner {
                Some(id) if Some(place) != taken && off.is_ok() => {
                    let why = NotApplied::BetterInGroup(id);
                    price.not_applied.push((fitting.offer.id, why));
                }
                _ => take(fitting, off, &mut left, &mut price),
            }
        }
    }
    price
}

/// What an offer would take off now.
fn off(fitting: &Fitting<'_>, left: &[i64], price: &Price) -> Result<i64, NotApplied> {
    let rules = fitting.offer.rules;
    let amount: i64 = fitting.lines.iter().map(|line| left[*line]).sum();
    let off = rules.benefit.off(amount);
    if off == 0 {
        return Err(match rules.benefit.missing(amount) {
            Some(missing) => NotApplied::BelowThreshold(missing),
            None => NotApplied::NothingLeft,
        });
    }
    // Something remains to be paid.
    let off = off.min(price.payable_minor() - 1);
    if off <= 0 {
        return Err(NotApplied::NothingLeft);
    }
    let rest = rules
        .limits
        .budget_minor
        .map(|budget| budget - fitting.offer.taken.spent_minor);
    if rest.is_some_and(|rest| off > rest) {
        return Err(NotApplied::OverBudget);
    }
    Ok(off)
}

fn take(fitting: &Fitting<'_>, off: Result<i64, NotApplied>, left: &mut [i64], price: &mut Price) {
    let id = fitting.offer.id;
    let off_minor = match off {
        Ok(off) => off,
        Err(why) => return price.not_applied.push((id, why)),
    };
    let weights: Vec<i64> = fitting.lines.iter().map(|line| left[*line]).collect();
    let mut shares = vec![0; left.len()];
    for (line, share) in fitting.lines.iter().zip(share_out(off_minor, &weights)) {
        shares[*line] = share;
        left[*line] -= share;
        price.line_offs[*line] += share;
    }
    price.off_minor += off_minor;
    price.applied.push(Applied {
        id,
        off_minor,
        shares,
    });
}

#[cfg(test)]
mod tests;
