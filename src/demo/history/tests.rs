//! The made-up history of a shop: the same from the same seed, within the rules, and believable.

mod health;
mod loyalty;
mod members;
mod money;

use chrono::{Datelike, NaiveDate, TimeDelta, Timelike, Weekday};
use entity::order::FulfillmentState;
use entity::order_timeline::TimelineKind;
use entity::{MerchantId, StaffId};

use super::super::people::Customer;
use super::super::shop::{HUIXIAN, YUNSHANG};
use super::super::store::Crew;
use super::*;

/// A Monday evening in Shanghai.
fn until() -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn calendar() -> Calendar {
    Calendar::read(None).unwrap()
}

fn store(shop: &'static Shop) -> Arc<Store> {
    let customers = if shop.ships { 50 } else { 0 };
    let customers = (0..customers).map(|number| Customer {
        country: if number % 5 == 0 { "SG" } else { "CN" },
        sealed: vec![number; 40],
    });
    let opened_at = until() - TimeDelta::days(366);
    let id = MerchantId(7);
    let customers = customers.collect();
    Arc::new(Store::open(
        shop,
        id,
        shop.name.to_owned(),
        opened_at,
        until(),
        Crew::alone(StaffId(9)).with_decider(StaffId(8)),
        customers,
    ))
}

fn year(shop: &'static Shop, orders: u64, seed: u64) -> History {
    History::new(
        store(shop),
        &calendar(),
        until() - TimeDelta::days(365),
        until(),
        orders,
        seed,
        0,
    )
}

fn made(plan: &Plan) -> NaiveDateTime {
    local_time(&HUIXIAN, plan.order.id.made_at_ms()).0
}

#[test]
fn the_same_seed_tells_the_same_history() {
    for shop in [&HUIXIAN, &YUNSHANG] {
        let first: Vec<_> = year(shop, 5_000, 1).take(1_000).collect();
        let again: Vec<_> = year(shop, 5_000, 1).take(1_000).collect();
        let other: Vec<_> = year(shop, 5_000, 2).take(1_000).collect();
        assert_eq!(first.len(), 1_000);
        assert!(first == again);
        assert!(first != other);
    }
}

#[test]
fn every_plan_holds_the_rules_of_orders() {
    for shop in [&HUIXIAN, &YUNSHANG] {
        let store = store(shop);
        let mut numbers = std::collections::HashSet::new();
        let mut last_id = OrderId(0);
        let mut plans = 0;
        for plan in year(shop, 20_000, 3) {
            let order = &plan.order;
            assert!(order.id > last_id);
            last_id = order.id;
            assert!(order.id.made_at_ms() <= until().timestamp_millis());
            assert!(numbers.insert(order.merchant_order_no.clone()));
            if let Some(trade_no) = &order.provider_trade_no {
                assert!(numbers.insert(format!("{:?} {trade_no}", order.channel_id)));
            }
            check_money(&plan);
            check_states(&plan, shop);
            check_timeline(&plan);
            for line in &plan.lines {
                let product = store.products.iter().find(|one| one.id == line.product_id);
                let product = product.unwrap();
                assert_eq!(
                    (&product.title, &product.category),
                    (&line.title, &line.category)
                );
            }
            plans += 1;
        }
        assert_eq!(plans, 20_000);
    }
}

fn check_money(plan: &Plan) {
    let order = &plan.order;
    let lines = |value: fn(&order_line::Model) -> i64| plan.lines.iter().map(value).sum::<i64>();
    assert!(!plan.lines.is_empty());
    assert_eq!(
        lines(|line| line.unit_price_minor * i64::from(line.quantity)),
        order.amount_minor
    );
    assert_eq!(lines(|line| line.discount_minor), order.discount_minor);
    assert!((0..order.amount_minor).contains(&order.discount_minor));
    for (place, line) in plan.lines.iter().enumerate() {
        assert_eq!(usize::try_from(line.line_no).unwrap(), place + 1);
        assert!(line.quantity > 0 && (0..=line.quantity).contains(&line.fulfilled_quantity));
        assert!(line.discount_minor <= line.unit_price_minor * i64::from(line.quantity));
    }
    let paid = if order.payment_state == PaymentState::Paid {
        order.amount_minor - order.discount_minor
    } else {
        0
    };
    assert_eq!(order.paid_minor, paid);
}

fn check_states(plan: &Plan, shop: &Shop) {
    let order = &plan.order;
    let paid = order.payment_state == PaymentState::Paid;
    assert_eq!(paid, order.paid_at.is_some());
    assert_eq!(paid, order.provider_trade_no.is_some());
    assert_eq!(order.late, paid && order.closed_at.is_some());
    if order.payment_state == PaymentState::Closed {
        assert!(order.closed_at.is_some_and(|at| at.0 >= order.expires_at.0));
    }
    let pending = order.payment_state == PaymentState::Pending;
    assert_eq!(pending, order.next_query_at.is_some());
    assert_eq!(pending, order.payment_code.is_some());
    if pending {
        assert!(order.expires_at.0 > until());
        assert!(order.next_query_at.is_some_and(|at| at.0 > until()));
    }
    let delivered = plan
        .lines
        .iter()
        .map(|line| line.fulfilled_quantity)
        .sum::<i32>();
    let bought = plan.lines.iter().map(|line| line.quantity).sum::<i32>();
    let state = match delivered {
        _ if !shop.ships => FulfillmentState::NotRequired,
        0 => FulfillmentState::Unfulfilled,
        all if all == bought => FulfillmentState::Fulfilled,
        _ => FulfillmentState::Partial,
    };
    assert_eq!(order.fulfillment_state, state);
    assert_eq!(
        state == FulfillmentState::Fulfilled,
        order.fulfilled_at.is_some()
    );
    assert!(paid || delivered == 0);
}

fn check_timeline(plan: &Plan) {
    let order = &plan.order;
    assert!(plan.timeline.windows(2).all(|pair| pair[0].id < pair[1].id));
    assert!(
        plan.timeline
            .windows(2)
            .all(|pair| pair[0].occurred_at.0 <= pair[1].occurred_at.0)
    );
    for entry in &plan.timeline {
        assert_eq!(
            entry.id.made_at_ms(),
            entry.occurred_at.0.timestamp_millis()
        );
        assert!(entry.occurred_at.0 <= until());
    }
    let at = |kind| {
        let mut entries = plan.timeline.iter().filter(move |entry| entry.kind == kind);
        let at = entries.next().map(|entry| entry.occurred_at);
        assert!(entries.next().is_none());
        at
    };
    let made = instant(order.id.made_at_ms());
    assert_eq!(at(TimelineKind::Created), Some(made));
    assert_eq!(
        at(TimelineKind::Paid).or(at(TimelineKind::PaidLate)),
        order.paid_at
    );
    assert_eq!(at(TimelineKind::PaidLate).is_some(), order.late);
    assert_eq!(at(TimelineKind::Closed), order.closed_at);
    assert_eq!(at(TimelineKind::Fulfilled), order.fulfilled_at);
    // What only a refund knows of, as who agreed to it, does not touch the order.
    let mut moments = plan.timeline.iter().map(|entry| entry.occurred_at);
    let last = moments.next_back();
    assert!(last == Some(order.updated_at) || moments.any(|at| at == order.updated_at));
    assert!(last == Some(order.updated_at) || !plan.refunds.is_empty());
}

#[test]
fn most_orders_are_paid_and_some_are_not() {
    for shop in [&HUIXIAN, &YUNSHANG] {
        let count = |state| {
            let plans = year(shop, 10_000, 4).filter(|plan| plan.order.payment_state == state);
            plans.count()
        };
        assert!((8_600..9_000).contains(&count(PaymentState::Paid)));
        assert!((850..1_150).contains(&count(PaymentState::Closed)));
        assert!((130..280).contains(&count(PaymentState::Failed)));
    }
}

#[test]
fn the_newest_orders_still_wait_for_their_payers() {
    let from = until() - TimeDelta::days(1);
    let busy = History::new(store(&HUIXIAN), &calendar(), from, until(), 5_000, 5, 0);
    let waiting = busy.filter(|plan| plan.order.payment_state == PaymentState::Pending);
    assert!(waiting.count() > 10);
}

#[test]
fn friday_and_saturday_dinners_are_the_strongest() {
    let mut dinners = [0_u32; 7];
    for plan in year(&HUIXIAN, 27_000, 6) {
        let local = made(&plan);
        if local.hour() >= 17 {
            dinners[usize::try_from(local.weekday().num_days_from_monday()).unwrap()] += 1;
        }
    }
    let [others @ .., friday, saturday, sunday] = dinners;
    for other in others {
        assert!(
            friday * 10 > other * 15 && saturday * 10 > other * 15,
            "{dinners:?}"
        );
    }
    assert!(friday > sunday && saturday > sunday, "{dinners:?}");
}

#[test]
fn sale_days_bring_several_times_the_usual() {
    let mut days = std::collections::HashMap::<NaiveDate, u32>::new();
    for plan in year(&YUNSHANG, 18_000, 7) {
        *days.entry(made(&plan).date()).or_default() += 1;
    }
    let day = |month, day| days[&NaiveDate::from_ymd_opt(2026, month, day).unwrap()];
    assert!(day(11, 11) > 300);
    assert!(day(6, 18) > 180);
    assert!(day(9, 9) > 100);
    let thursday = day(10, 22);
    assert!((25..85).contains(&thursday), "{thursday}");
}

#[test]
fn the_restaurant_rests_at_the_spring_festival_and_is_full_after_it() {
    let mut days = [0_u32; 9];
    for plan in year(&HUIXIAN, 27_000, 8) {
        let festival = NaiveDate::from_ymd_opt(2026, 2, 17).unwrap();
        let since = made(&plan)
            .date()
            .signed_duration_since(festival)
            .num_days();
        if let Some(day) = usize::try_from(since)
            .ok()
            .and_then(|place| days.get_mut(place))
        {
            *day += 1;
        }
    }
    let [closed @ .., _, _, _, _, _, _] = days;
    assert_eq!(closed, [0; 3]);
    // An average day has 74.
    assert!(days[3..].iter().sum::<u32>() > 6 * 100, "{days:?}");
}

#[test]
fn what_was_paid_lately_is_not_shipped_yet() {
    let waiting = |plan: &Plan| {
        plan.order.payment_state == PaymentState::Paid
            && plan.order.fulfillment_state != FulfillmentState::Fulfilled
    };
    let plans: Vec<_> = year(&YUNSHANG, 18_000, 9).filter(waiting).collect();
    assert!(plans.len() > 20, "{}", plans.len());
    for plan in plans {
        assert!(
            plan.order
                .paid_at
                .is_some_and(|at| at.0 > until() - TimeDelta::days(5))
        );
    }
}

#[test]
fn a_live_order_adds_up() {
    let mut rng = ChaCha8Rng::seed_from_u64(10);
    for shop in [&HUIXIAN, &YUNSHANG] {
        let mut paid = 0;
        for _ in 0..1_000 {
            let draft = live_order(&mut rng, shop, until());
            let lines = draft.lines.iter();
            let amount: i64 = lines
                .map(|line| line.unit_price_minor * i64::from(line.quantity))
                .sum();
            assert!((0..amount).contains(&draft.discount_minor));
            assert!(draft.title.starts_with(draft.lines[0].title));
            assert_eq!(draft.buyer.is_some(), shop.ships);
            paid += u32::from(draft.pays_after_s.is_some());
        }
        assert!((820..940).contains(&paid), "{paid}");
    }
}

#[test]
fn a_friday_is_a_friday_in_the_shop_not_in_london() {
    let evening = "2026-11-20T16:30:00Z".parse::<DateTime<Utc>>().unwrap();
    let (local, _) = local_time(&HUIXIAN, evening.timestamp_millis());
    assert_eq!(local.weekday(), Weekday::Sat);
}
