//! What a policy may say, and when its targets take orders.

use entity::ChannelId;
use entity::channel::PaymentMethod;
use entity::routing_policy::RoutingStrategy;

use super::channel;
use crate::error::Refusal;
use crate::routing::model::{Hours, Moment, Policy, Target, next_version};

/// Sunday, say, and a minute.
const fn at(weekday: u8, minute: i16) -> Moment {
    Moment { weekday, minute }
}

#[test]
fn a_span_that_passes_midnight_belongs_to_the_day_on_which_it_begins() {
    // Friday and Sunday, 22:00 to 02:00.
    let nights = Hours {
        weekdays: 0b101_0000,
        from: 1_320,
        until: 120,
    };
    for (moment, inside) in [
        (at(4, 1_319), false),
        (at(4, 1_320), true),
        (at(4, 1_439), true),
        (at(5, 0), true),
        (at(5, 119), true),
        (at(5, 120), false),
        (at(5, 1_380), false),
        (at(4, 60), false),
        (at(6, 1_320), true),
        // From Sunday into Monday.
        (at(0, 60), true),
        (at(6, 60), false),
    ] {
        assert_eq!(nights.hold(moment), inside, "{moment:?}");
    }
    let mornings = Hours {
        weekdays: 1,
        from: 480,
        until: 720,
    };
    for (moment, inside) in [
        (at(0, 480), true),
        (at(0, 719), true),
        (at(0, 720), false),
        (at(0, 479), false),
        (at(1, 500), false),
    ] {
        assert_eq!(mornings.hold(moment), inside, "{moment:?}");
    }
    for weekday in 0..7 {
        for minute in [0, 719, 1_439] {
            assert!(Hours::ALWAYS.hold(at(weekday, minute)));
        }
    }
}

#[test]
fn what_cannot_be_meant_is_refused_by_its_field() {
    let mut alipay = channel(2);
    alipay.method = PaymentMethod::Alipay;
    let channels = [channel(1), alipay];
    let good = Target::of(ChannelId(1));
    let hours = |weekdays, from, until| Target {
        hours: Hours {
            weekdays,
            from,
            until,
        },
        ..good
    };
    let limits = |min, max| Target {
        min_minor: min,
        max_minor: max,
        ..good
    };
    for (targets, field) in [
        (vec![good], None),
        (vec![good; 50], None),
        (vec![], Some("targets")),
        (vec![good; 51], Some("targets")),
        (
            vec![good, Target { weight: 0, ..good }],
            Some("targets.1.weight"),
        ),
        (
            vec![Target {
                weight: 10_001,
                ..good
            }],
            Some("targets.0.weight"),
        ),
        (vec![limits(Some(5), Some(5))], None),
        (vec![limits(Some(6), Some(5))], Some("targets.0.maxAmount")),
        (vec![limits(Some(-1), None)], Some("targets.0.minAmount")),
        (vec![limits(None, Some(-1))], Some("targets.0.maxAmount")),
        (vec![hours(127, 600, 500)], None),
        (vec![hours(127, 600, 600)], Some("targets.0.until")),
        (vec![hours(0, 0, 1_440)], Some("targets.0.weekdays")),
        (vec![Target::of(ChannelId(9))], Some("targets.0.channelId")),
        (
            vec![good, Target::of(ChannelId(2))],
            Some("targets.1.channelId"),
        ),
    ] {
        let policy = Policy {
            strategy: RoutingStrategy::Priority,
            targets,
        };
        let checked = policy.check(PaymentMethod::WechatPay, &channels);
        let refused = checked.err().and_then(|refusal| refusal.field());
        assert_eq!(refused.as_deref(), field, "{policy:?}");
    }
}

#[test]
fn nobodys_old_version_comes_true_again() {
    for (current, expected, next) in [
        (None, None, Ok(1)),
        (None, Some(1), Err(None)),
        (Some((3, true)), Some(3), Ok(4)),
        (Some((3, true)), Some(2), Err(Some(3))),
        (Some((3, true)), None, Err(Some(3))),
        // Removed as version 4: there is none, and its next is the fifth.
        (Some((4, false)), None, Ok(5)),
        (Some((4, false)), Some(4), Err(None)),
    ] {
        assert_eq!(next_version(current, expected), next);
    }
}
