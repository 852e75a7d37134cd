//! A month of several channels with planted outages, and with what looks like one: how soon each is seen, what
//! is missed, what is cried for nothing.

mod channel;
mod dice;
mod plan;
mod report;

use self::channel::{Shop, month};
use self::dice::Dice;
use self::plan::{Kind, plan};
use self::report::Report;

const EVERYTHING: [Kind; 11] = [
    Kind::Full,
    Kind::Rush,
    Kind::Hanging,
    Kind::Refused,
    Kind::Partial,
    Kind::Limping,
    Kind::Retrying,
    Kind::LostCallbacks,
    Kind::Unpayable,
    Kind::Refusals,
    Kind::Flapping,
];

/// What can be seen where hardly anybody pays.
const FOR_QUIET: [Kind; 4] = [Kind::Full, Kind::Refusals, Kind::Hanging, Kind::Retrying];

fn is_weekend(hour: usize) -> bool {
    hour / 24 >= 5
}

/// Two peaks, half as many again at the weekend, closed at night.
fn restaurant(hour: usize) -> u64 {
    let attempts = match hour % 24 {
        11..=12 => 900,
        17..=19 => 1_200,
        10 | 13 | 16 | 20 => 240,
        14 | 15 | 21 => 60,
        _ => 0,
    };
    attempts + attempts / 2 * u64::from(is_weekend(hour))
}

/// One a second by day, hardly less at night, half as many at the weekend.
fn all_day(hour: usize) -> u64 {
    let attempts = match hour % 24 {
        9..=22 => 3_600,
        7 | 8 | 23 => 900,
        _ => 120,
    };
    attempts / (1 + u64::from(is_weekend(hour)))
}

/// Three an hour.
fn nearly_idle(hour: usize) -> u64 {
    match hour % 24 {
        8..=22 => 3,
        _ => 0,
    }
}

/// Five a second by day.
fn busy(hour: usize) -> u64 {
    match hour % 24 {
        8..=23 => 18_000,
        _ => 2_000,
    }
}

/// Nobody.
fn nobody(_hour: usize) -> u64 {
    0
}

/// A shop, what is planted there, and between which hours.
type Planned = (Shop, &'static [Kind], (u64, u64));

fn shops() -> [Planned; 8] {
    let shop = |name: &'static str, attempts, paying_ppm, probed_every| Shop {
        name,
        attempts,
        paying_ppm,
        probed_every,
        hidden: name.contains("hidden"),
    };
    let open = (11, 20);
    [
        (
            shop("restaurant, probed", restaurant, 700_000, Some(30)),
            &EVERYTHING[..],
            open,
        ),
        (
            shop("all day", all_day, 650_000, None),
            &EVERYTHING[..],
            (0, 23),
        ),
        (
            shop("all day, probed", all_day, 600_000, Some(30)),
            &EVERYTHING[..],
            (0, 23),
        ),
        (
            shop(
                "all day, probed, hidden while down",
                all_day,
                600_000,
                Some(30),
            ),
            &EVERYTHING[..],
            (0, 23),
        ),
        (
            shop("busy, probed", busy, 800_000, Some(30)),
            &EVERYTHING[..],
            (0, 23),
        ),
        (
            shop("nearly idle, probed", nearly_idle, 700_000, Some(30)),
            &FOR_QUIET[..],
            (0, 23),
        ),
        (
            shop("nearly idle", nearly_idle, 700_000, None),
            &[Kind::Refusals, Kind::Retrying][..],
            (8, 22),
        ),
        (
            shop("nobody, probed", nobody, 0, Some(30)),
            &FOR_QUIET[..],
            (0, 23),
        ),
    ]
}

#[test]
fn outages_of_a_month_are_seen_soon_and_nothing_else_is() {
    let shops = shops();
    let mut report = Report::default();
    let months: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = shops
            .iter()
            .zip(1..)
            .map(|((shop, kinds, hours), seed)| {
                scope.spawn(move || {
                    let planted = plan(&mut Dice::new(seed), kinds, *hours);
                    let month = month(shop, &planted, seed + 100);
                    (shop, planted, month)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for (shop, planted, month) in &months {
        report.add(shop, planted, month);
    }
    println!("{report}");
    report.holds();
}
