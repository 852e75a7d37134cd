//! Which channel is taken: by table, and by property.

use std::collections::BTreeMap;

use entity::ChannelId;
use entity::channel::{Model, PaymentMethod};
use entity::channel_health::HealthState;
use entity::routing_policy::RoutingStrategy;
use proptest::prelude::*;

use super::{candidate, channel, wish};
use crate::channels::provider::Device;
use crate::routing::model::{Candidate, Hours, Moment, Policy, Target, Unfit, Wish, choose, fits};

const METHOD: PaymentMethod = PaymentMethod::WechatPay;

fn taken(
    policy: Option<&Policy>,
    candidates: &[Candidate<'_>],
    wish: &Wish,
    chance: u64,
) -> Result<i64, Unfit> {
    choose(METHOD, policy, candidates, wish, chance).map(|channel| channel.id.0)
}

fn policy(strategy: RoutingStrategy, weights: &[(i64, i32)]) -> Policy {
    let targets = weights.iter().map(|(id, weight)| Target {
        weight: *weight,
        ..Target::of(ChannelId(*id))
    });
    Policy {
        strategy,
        targets: targets.collect(),
    }
}

#[test]
fn the_best_off_is_taken_and_a_bad_one_rather_than_none() {
    use HealthState::{Degraded, Down, Healthy, Maintenance, Unknown};
    let (one, two, three) = (channel(1), channel(2), channel(3));
    for (states, expected) in [
        ([Healthy, Healthy, Healthy], 1),
        ([Unknown, Healthy, Healthy], 1),
        ([Degraded, Unknown, Healthy], 2),
        ([Down, Maintenance, Healthy], 3),
        ([Degraded, Down, Degraded], 1),
        ([Down, Degraded, Maintenance], 2),
        ([Maintenance, Down, Maintenance], 2),
        ([Maintenance, Maintenance, Maintenance], 1),
    ] {
        let candidates = [
            candidate(&one, states[0]),
            candidate(&two, states[1]),
            candidate(&three, states[2]),
        ];
        let found = taken(None, &candidates, &wish(100), 0);
        assert_eq!(found, Ok(expected), "{states:?}");
    }
}

#[test]
fn a_channel_is_unfit_for_the_nearest_reason() {
    let change = |change: fn(&mut Model)| {
        let mut changed = channel(1);
        change(&mut changed);
        changed
    };
    for (channel, used_minor, expected) in [
        (change(|_| {}), 0, Ok(())),
        (change(|it| it.enabled = false), 0, Err(Unfit::Closed)),
        (
            change(|it| "MOBILE".clone_into(&mut it.devices)),
            0,
            Err(Unfit::Device),
        ),
        (change(|it| it.min_minor = Some(101)), 0, Err(Unfit::Amount)),
        (change(|it| it.min_minor = Some(100)), 0, Ok(())),
        (change(|it| it.max_minor = Some(99)), 0, Err(Unfit::Amount)),
        (change(|it| it.max_minor = Some(100)), 0, Ok(())),
        (change(|it| it.daily_max_minor = Some(1_000)), 900, Ok(())),
        (
            change(|it| it.daily_max_minor = Some(1_000)),
            901,
            Err(Unfit::DailyLimit),
        ),
        (change(|_| {}), 1_000_000, Ok(())),
    ] {
        let candidate = Candidate {
            channel: &channel,
            state: HealthState::Healthy,
            used_minor,
            taken_at: 0,
        };
        assert_eq!(fits(&candidate, &wish(100)), expected, "{channel:?}");
    }
    // The one that lies nearest says why none fits.
    let (closed, small) = (
        change(|it| it.enabled = false),
        change(|it| it.max_minor = Some(99)),
    );
    let healthy = HealthState::Healthy;
    let both = [candidate(&small, healthy), candidate(&closed, healthy)];
    let chance = 0;
    assert_eq!(taken(None, &both, &wish(100), chance), Err(Unfit::Amount));
    assert_eq!(
        taken(None, &both[1..], &wish(100), chance),
        Err(Unfit::Closed)
    );
    assert_eq!(taken(None, &[], &wish(100), chance), Err(Unfit::Closed));
}

#[test]
fn the_payers_device_matters_where_it_is_known() {
    let mut mobile = channel(1);
    "MOBILE".clone_into(&mut mobile.devices);
    let candidate = candidate(&mobile, HealthState::Healthy);
    for (device, expected) in [
        (Some(Device::Mobile), Ok(())),
        (Some(Device::Desktop), Err(Unfit::Device)),
        (None, Ok(())),
    ] {
        let wish = Wish { device, ..wish(1) };
        assert_eq!(fits(&candidate, &wish), expected);
    }
}

#[test]
fn priority_takes_the_first_target_that_takes_the_order() {
    let channels = [channel(1), channel(2), channel(3)];
    let candidates = channels
        .iter()
        .map(|channel| candidate(channel, HealthState::Healthy))
        .collect::<Vec<_>>();
    let mut policy = policy(RoutingStrategy::Priority, &[(3, 1), (1, 1)]);
    policy.targets[0].max_minor = Some(500);
    policy.targets[0].hours = Hours {
        from: 540,
        ..Hours::ALWAYS
    };
    let chance = 0;
    let take = |wish: &Wish| taken(Some(&policy), &candidates, wish, chance);
    assert_eq!(take(&wish(500)), Ok(3));
    assert_eq!(take(&wish(501)), Ok(1));
    let early = Moment {
        weekday: 0,
        minute: 539,
    };
    let early = Wish {
        at: early,
        ..wish(500)
    };
    assert_eq!(take(&early), Ok(1));
    // A channel that is no target takes nothing, and neither does one of another method.
    policy.targets.remove(1);
    assert_eq!(
        taken(Some(&policy), &candidates, &wish(501), chance),
        Err(Unfit::Amount)
    );
    assert_eq!(
        taken(Some(&policy), &candidates, &early, chance),
        Err(Unfit::OffHours)
    );
    let other = choose(PaymentMethod::Alipay, None, &candidates, &wish(1), chance);
    assert_eq!(other.map(|channel| channel.id), Err(Unfit::Closed));
}

#[test]
fn a_policy_whose_channels_are_all_closed_says_nothing() {
    use RoutingStrategy::{Priority, RoundRobin};
    for (targets, strategy, closed, expected) in [
        (vec![3], Priority, vec![], Ok(3)),
        (vec![3], Priority, vec![3], Ok(1)),
        (vec![3], RoundRobin, vec![3], Ok(1)),
        (vec![3, 2], Priority, vec![3], Ok(2)),
        (vec![3, 2], Priority, vec![3, 2], Ok(1)),
        (vec![9], Priority, vec![], Ok(1)),
        (vec![3], Priority, vec![1, 2, 3], Err(Unfit::Closed)),
    ] {
        let channels = [1, 2, 3].map(|id| Model {
            enabled: !closed.contains(&i64::from(id)),
            ..channel(id)
        });
        let candidates = channels
            .iter()
            .map(|channel| candidate(channel, HealthState::Healthy))
            .collect::<Vec<_>>();
        let weights: Vec<_> = targets.iter().map(|id| (*id, 1)).collect();
        let policy = policy(strategy, &weights);
        let found = taken(Some(&policy), &candidates, &wish(1), 0);
        assert_eq!(found, expected, "{targets:?} {closed:?}");
    }
}

#[test]
fn round_robin_goes_round_among_those_that_are_well() {
    let channels = [channel(1), channel(2), channel(3)];
    let states = [
        HealthState::Healthy,
        HealthState::Down,
        HealthState::Unknown,
    ];
    // Named twice, a channel has one turn all the same.
    let policy = policy(
        RoutingStrategy::RoundRobin,
        &[(1, 1), (2, 1), (3, 1), (1, 1)],
    );
    let mut round = Round::of(&channels, &states);
    assert_eq!(round.take(&policy, &[1; 6]), [1, 3, 1, 3, 1, 3]);
    // One that was away has no turns to make up for.
    round.candidates[1].state = HealthState::Healthy;
    assert_eq!(round.take(&policy, &[1; 6]), [2, 1, 3, 2, 1, 3]);
}

#[test]
fn round_robin_leaves_nobody_out_whatever_fits_which_order() {
    let channels = [
        Model {
            max_minor: Some(50),
            ..channel(1)
        },
        channel(2),
    ];
    let policy = policy(RoutingStrategy::RoundRobin, &[(1, 1), (2, 1)]);
    let mut round = Round::of(&channels, &[HealthState::Healthy; 2]);
    let orders = [100, 30, 100, 30, 30, 30];
    assert_eq!(round.take(&policy, &orders), [2, 1, 2, 1, 2, 1]);
}

/// Orders that are made one after another.
struct Round<'a> {
    candidates: Vec<Candidate<'a>>,
    turn: u64,
}

impl<'a> Round<'a> {
    fn of(channels: &'a [Model], states: &[HealthState]) -> Self {
        let rows = channels.iter().zip(states);
        Self {
            candidates: rows
                .map(|(channel, state)| candidate(channel, *state))
                .collect(),
            turn: 0,
        }
    }

    /// Which channels orders of these amounts take.
    fn take(&mut self, policy: &Policy, amounts: &[i64]) -> Vec<i64> {
        let one = |amount: &i64| {
            let id = taken(Some(policy), &self.candidates, &wish(*amount), 9).unwrap();
            self.turn += 1;
            let mut all = self.candidates.iter_mut();
            let it = all.find(|it| it.channel.id.0 == id).unwrap();
            it.taken_at = self.turn;
            id
        };
        amounts.iter().map(one).collect()
    }
}

#[test]
fn weights_are_kept_to_the_number() {
    let channels = [channel(1), channel(2), channel(3)];
    let candidates: Vec<_> = channels
        .iter()
        .map(|channel| candidate(channel, HealthState::Healthy))
        .collect();
    let policy = policy(
        RoutingStrategy::Weighted,
        &[(1, 70), (2, 20), (3, 5), (1, 5)],
    );
    let mut counts = BTreeMap::new();
    for chance in 0..1_000 {
        let id = taken(Some(&policy), &candidates, &wish(1), chance).unwrap();
        *counts.entry(id).or_insert(0) += 1;
    }
    assert_eq!(counts, BTreeMap::from([(1, 750), (2, 200), (3, 50)]));
}

prop_compose! {
    fn any_channel()(
        id in 1..40_i32,
        place in 0..5_i32,
        enabled in prop::bool::weighted(0.8),
        min in prop::option::of(0..2_000_i64),
        max in prop::option::of(500..4_000_i64),
        daily in prop::option::of(0..6_000_i64),
        desktop in prop::bool::weighted(0.8),
        used in 0..4_000_i64,
        state in 0..5_usize,
    ) -> (Model, i64, HealthState) {
        let mut channel = channel(id);
        channel.display_order = place;
        channel.enabled = enabled;
        (channel.min_minor, channel.max_minor, channel.daily_max_minor) = (min, max, daily);
        if !desktop {
            "MOBILE".clone_into(&mut channel.devices);
        }
        let states = [
            HealthState::Healthy,
            HealthState::Degraded,
            HealthState::Down,
            HealthState::Maintenance,
            HealthState::Unknown,
        ];
        (channel, used, states[state])
    }
}

fn any_policy() -> impl Strategy<Value = Option<Policy>> {
    let target = (
        1..40_i64,
        1..50_i32,
        prop::option::of(0..3_000_i64),
        1..128_i16,
        0..1_440_i16,
    );
    let target = target.prop_map(|(id, weight, max_minor, weekdays, from)| Target {
        weight,
        max_minor,
        hours: Hours {
            weekdays,
            from,
            until: (from + 600) % 1_440 + 1,
        },
        ..Target::of(ChannelId(id))
    });
    let strategy = prop::sample::select(vec![
        RoutingStrategy::Priority,
        RoutingStrategy::Weighted,
        RoutingStrategy::RoundRobin,
    ]);
    let policy = (strategy, prop::collection::vec(target, 1..12));
    prop::option::of(policy.prop_map(|(strategy, targets)| Policy { strategy, targets }))
}

proptest! {
    #[test]
    fn what_is_taken_fits_and_nothing_that_fits_is_better_off(
        rows in prop::collection::vec(any_channel(), 0..12),
        policy in any_policy(),
        amount in 1..4_000_i64,
        weekday in 0..7_u8,
        minute in 0..1_440_i16,
        chance in any::<u64>(),
    ) {
        let mut rows = rows;
        rows.sort_by_key(|(channel, ..)| channel.id);
        rows.dedup_by_key(|(channel, ..)| channel.id);
        let candidates: Vec<_> = rows
            .iter()
            .map(|(channel, used_minor, state)| Candidate {
                channel,
                state: *state,
                used_minor: *used_minor,
                taken_at: channel.id.0.cast_unsigned() * 31 % 7,
            })
            .collect();
        let wish = Wish { at: Moment { weekday, minute }, ..wish(amount) };
        let found = taken(policy.as_ref(), &candidates, &wish, chance);

        let in_force = policy.as_ref().filter(|policy| {
            let mut open = candidates.iter().filter(|it| it.channel.enabled);
            open.any(|it| policy.names(it.channel.id))
        });
        let may = |candidate: &&Candidate<'_>| {
            let by_policy = in_force.is_none_or(|policy| {
                let mut targets = policy.targets.iter();
                targets.any(|it| it.channel_id == candidate.channel.id && it.takes(&wish).is_ok())
            });
            by_policy && fits(candidate, &wish).is_ok()
        };
        let well = |state: HealthState| match state {
            HealthState::Healthy | HealthState::Unknown => 0,
            HealthState::Degraded => 1,
            HealthState::Down => 2,
            HealthState::Maintenance => 3,
        };
        let best = candidates.iter().filter(may).map(|it| well(it.state)).min();
        match found {
            Ok(id) => {
                let it = candidates.iter().find(|it| it.channel.id.0 == id).unwrap();
                prop_assert!(may(&it));
                prop_assert_eq!(Some(well(it.state)), best);
            }
            Err(_) => prop_assert_eq!(best, None),
        }

        // It does not matter in which order channels were read.
        let backwards: Vec<_> = candidates.iter().rev().copied().collect();
        prop_assert_eq!(taken(policy.as_ref(), &backwards, &wish, chance), found);
    }
}
