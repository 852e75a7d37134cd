//! Where orders of the past would have gone.

use entity::channel::PaymentMethod;
use entity::routing_policy::RoutingStrategy;
use entity::{ChannelId, OrderId};

use super::channel;
use crate::routing::model::{Moment, Past, Policy, Sum, Target, replay};

const METHOD: PaymentMethod = PaymentMethod::WechatPay;

/// An order through the first channel, at Monday noon of a day.
fn past(id: i64, amount_minor: i64, paid: bool, day: i32) -> Past {
    Past {
        id: OrderId(id),
        channel_id: ChannelId(1),
        amount_minor,
        paid,
        at: Moment {
            weekday: 0,
            minute: 720,
        },
        day,
    }
}

const fn sum(count: u32, amount_minor: i64, paid: u32) -> Sum {
    Sum {
        count,
        amount_minor,
        paid,
    }
}

#[test]
fn each_order_goes_where_it_fits_and_a_days_limit_counts_what_was_paid() {
    let (mut one, mut two) = (channel(1), channel(2));
    one.max_minor = Some(400);
    two.daily_max_minor = Some(1_000);
    let orders = [
        past(1, 400, true, 7),
        past(2, 600, true, 7),
        past(3, 500, true, 7),
        past(4, 500, true, 8),
        past(5, 600, false, 8),
        past(6, 500, true, 8),
    ];
    let told = replay(METHOD, None, &[one, two], &orders);
    let (one, two) = (ChannelId(1), Some(ChannelId(2)));
    assert_eq!(told.all, sum(6, 3_100, 5));
    assert_eq!(told.was[&one], sum(6, 3_100, 5));
    assert_eq!(told.would[&one], sum(1, 400, 1));
    // On day 7 the third would pass the limit; on day 8 the one of 600 would.
    assert_eq!(told.moves[&(one, two)], sum(3, 1_600, 3));
    assert_eq!(told.moves[&(one, None)], sum(2, 1_100, 1));
    assert_eq!(told.moves[&(one, Some(one))], sum(1, 400, 1));
    assert_eq!(told.moves.len(), 3);
}

#[test]
fn chance_is_the_same_each_time_and_keeps_to_weights() {
    let channels = [channel(1), channel(2)];
    let target = |id, weight| Target {
        weight,
        ..Target::of(ChannelId(id))
    };
    let policy = Policy {
        strategy: RoutingStrategy::Weighted,
        targets: vec![target(1, 3), target(2, 1)],
    };
    let orders: Vec<_> = (0..10_000)
        .map(|no| past((1 << 60) + (no << 22), 100, true, 1))
        .collect();
    let told = replay(METHOD, Some(&policy), &channels, &orders);
    assert_eq!(told, replay(METHOD, Some(&policy), &channels, &orders));
    let part = told.would[&ChannelId(2)].count;
    assert!((2_300..2_700).contains(&part), "{part} of 10000");
}
