//! What a quote costs: 50 lines, 200 campaigns and 20 coupons, priced, and the best coupons chosen.
//!
//! `cargo bench --bench checkout` prints the median and the slowest of a thousand, of one processor.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement stops where something is missing"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::TimeZone;
use entity::{CampaignId, CouponId};
use yigate::campaigns::model::{Audience, Benefit, Limits, Rules, Scope, Stacking, Step};
use yigate::checkout::model::{Cart, CartLine, Offer, OfferId, Taken, choose, price};

const LINES: i64 = 50;
const CAMPAIGNS: i64 = 200;
const COUPONS: i64 = 20;
const ROUNDS: usize = 1_000;

/// Rules as shops have them: each way of giving, half of them on some products or categories, a third in groups.
fn rules(no: i64) -> Rules {
    let step = |no: i64| Step {
        threshold_minor: 10_000 * (no + 1),
        off_minor: 500 * (no + 1),
    };
    let benefit = match no % 4 {
        0 => Benefit::FullReduction((0..5).map(step).collect()),
        1 => Benefit::EveryFull {
            step: step(no % 7),
            cap_minor: Some(5_000),
        },
        2 => Benefit::Discount {
            off_ppm: 20_000,
            threshold_minor: 0,
            cap_minor: Some(2_000),
        },
        _ => Benefit::Cash { off_minor: 100 },
    };
    let mut scope = Scope::default();
    if no % 2 == 0 {
        scope.categories = (0..3).map(|of| format!("类目{}", (no + of) % 10)).collect();
        scope.without_products = (0..10).map(|of| format!("商品{}", no + of)).collect();
    }
    Rules {
        benefit,
        scope,
        audience: Audience::default(),
        hours: Vec::new(),
        stacking: Stacking {
            priority: i16::try_from(no % 5).unwrap(),
            group: (no % 3 == 0).then(|| format!("组{}", no % 9)),
            exclusive: no % 50 == 0,
        },
        limits: Limits {
            budget_minor: Some(1_000_000_000),
            ..Limits::default()
        },
    }
}

fn main() {
    let zone = chrono_tz::Asia::Shanghai;
    let at = zone.with_ymd_and_hms(2026, 11, 27, 18, 30, 0).unwrap();
    let cart = Cart {
        lines: (0..LINES)
            .map(|no| CartLine {
                title: format!("商品{no}"),
                category: format!("类目{}", no % 10),
                amount_minor: 1_990 + 37 * no,
            })
            .collect(),
        channel: None,
        method: None,
        buyer: None,
        at,
    };
    let all: Vec<Rules> = (0..CAMPAIGNS + COUPONS).map(rules).collect();
    let offer = |id: OfferId, rules| Offer {
        id,
        from: at.to_utc(),
        to: None,
        rules,
        taken: Taken::default(),
        held_out: false,
    };
    let (of_campaigns, of_coupons) = all.split_at(usize::try_from(CAMPAIGNS).unwrap());
    let campaigns: Vec<Offer<'_>> = of_campaigns
        .iter()
        .zip(1..)
        .map(|(rules, id)| offer(OfferId::Campaign(CampaignId(id)), rules))
        .collect();
    let coupons: Vec<Offer<'_>> = of_coupons
        .iter()
        .zip(1..)
        .map(|(rules, id)| offer(OfferId::Coupon(CouponId(id)), rules))
        .collect();
    let mut chosen: Vec<Offer<'_>> = campaigns.clone();
    chosen.extend(&coupons);
    let told = price(&cart, &chosen);
    println!(
        "{} of {} offers apply; {} of {} coupons are best together",
        told.applied.len(),
        chosen.len(),
        choose(&cart, &campaigns, &coupons).len(),
        coupons.len(),
    );
    measure("price, all chosen", || {
        black_box(price(black_box(&cart), black_box(&chosen)));
    });
    measure("choose the best coupons", || {
        black_box(choose(
            black_box(&cart),
            black_box(&campaigns),
            black_box(&coupons),
        ));
    });
    measure("price and choose", || {
        black_box(price(black_box(&cart), black_box(&chosen)));
        black_box(choose(
            black_box(&cart),
            black_box(&campaigns),
            black_box(&coupons),
        ));
    });
}

fn measure(what: &str, work: impl Fn()) {
    let mut took: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            work();
            began.elapsed()
        })
        .collect();
    took.sort_unstable();
    println!(
        "{what}: median {:?}, 99 of 100 within {:?}, slowest {:?}",
        took[ROUNDS / 2],
        took[ROUNDS * 99 / 100],
        took[ROUNDS - 1],
    );
}
