//! What is given for a tier, and to members of some tiers and segments.

use super::*;

/// Somebody who has paid before, with a tier and in some segments.
pub(super) fn buyer(tier: Option<i64>, segments: &[i64]) -> Buyer {
    Buyer {
        has_paid: true,
        tier: tier.map(TierId),
        segments: segments.iter().copied().map(SegmentId).collect(),
    }
}

#[test]
fn the_discount_of_a_tier_comes_after_campaigns_and_before_coupons() {
    let cart = cart(vec![line(1, "热菜", 10_000)]);
    let mut late = rules(Benefit::Cash { off_minor: 1_000 });
    late.stacking.priority = -1_000;
    let mut of_tier = rules(percent_off(10));
    of_tier.stacking.priority = i16::MIN;
    let cash = rules(Benefit::Cash { off_minor: 500 });
    let all = [coupon(9, &cash), tier(3, &of_tier), campaign(1, &late)];
    let told = price(&cart, &all);
    let offs: Vec<(OfferId, i64)> = told
        .applied
        .iter()
        .map(|it| (it.id, it.off_minor))
        .collect();
    let expected = [
        (OfferId::Campaign(CampaignId(1)), 1_000),
        (OfferId::Tier(TierId(3)), 900),
        (OfferId::Coupon(CouponId(9)), 500),
    ];
    assert_eq!(offs, expected);
    // One that stands alone is given where it takes more off than all the others together.
    of_tier.stacking.exclusive = true;
    let told = price(&cart, &[tier(3, &of_tier), campaign(1, &late)]);
    assert_eq!(told.off_minor, 1_000);
    assert_eq!(
        told.applied[0].id,
        OfferId::Campaign(CampaignId(1)),
        "as much is not more"
    );
    let refused = [(OfferId::Tier(TierId(3)), NotApplied::Exclusive)];
    assert_eq!(told.not_applied, refused);
}

#[test]
fn an_offer_for_some_is_told_why_it_is_not_given_to_others() {
    let audience = |change: fn(&mut Audience)| {
        let mut rules = rules(percent_off(10));
        change(&mut rules.audience);
        rules
    };
    let of_tier = audience(|it| it.tiers = vec![TierId(1), TierId(2)]);
    let within = audience(|it| it.segments = vec![SegmentId(1), SegmentId(2)]);
    let without = audience(|it| it.without_segments = vec![SegmentId(3)]);
    let told = |rules: &Rules, buyer: Option<Buyer>| {
        let mut cart = cart(vec![line(1, "热菜", 10_000)]);
        cart.buyer = buyer;
        why(&price(&cart, &[campaign(1, rules)]), 1)
    };
    assert_eq!(told(&of_tier, Some(buyer(Some(2), &[]))), None);
    assert_eq!(
        told(&of_tier, Some(buyer(Some(3), &[]))),
        Some(NotApplied::TierOnly)
    );
    assert_eq!(
        told(&of_tier, Some(buyer(None, &[]))),
        Some(NotApplied::TierOnly)
    );
    assert_eq!(told(&of_tier, None), Some(NotApplied::MembersOnly));
    assert_eq!(told(&within, Some(buyer(None, &[2, 9]))), None);
    assert_eq!(
        told(&within, Some(buyer(None, &[3]))),
        Some(NotApplied::SegmentOnly)
    );
    assert_eq!(told(&within, None), Some(NotApplied::MembersOnly));
    assert_eq!(told(&without, Some(buyer(None, &[1]))), None);
    assert_eq!(
        told(&without, Some(buyer(None, &[3]))),
        Some(NotApplied::SegmentExcluded)
    );
    // Who is not known is in no segment.
    assert_eq!(told(&without, None), None);
}
