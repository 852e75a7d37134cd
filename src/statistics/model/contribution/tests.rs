//! Any history of orders, payments and refunds sums up to what was written, in every cut.

use std::collections::BTreeMap;

use entity::statistic::{Cut, Grain};
use proptest::prelude::*;

use super::*;
use crate::statistics::model::Bucket;
use crate::statistics::model::calendar::day_and_hour;

/// 2026-03-07 in New York: within the next days an hour is skipped.
const BEGINS: i64 = 1_772_859_600_000;
const MINUTE: i64 = 60_000;
const ZONES: [Tz; 3] = [
    chrono_tz::America::New_York,
    chrono_tz::Asia::Kathmandu,
    chrono_tz::Australia::Lord_Howe,
];

/// An order and its refunds, each with whether it was returned.
type Story = (Sale, Vec<(GivenBack, Option<i64>)>);

fn line() -> impl Strategy<Value = (String, i64, i64)> {
    let category = prop::sample::select(vec!["", "热菜", "酒水"]);
    (category, 0_i64..5_000, 0_i64..100)
        .prop_map(|(category, total, percent)| (category.to_owned(), total, total * percent / 100))
}

fn story() -> impl Strategy<Value = Story> {
    let lines = prop::collection::vec(line(), 0..4);
    let refunds = prop::collection::vec(
        (
            0_i64..4_000,
            1_i64..3_000,
            -3_i64..30,
            any::<bool>(),
            prop::option::of(0_i64..3_000),
        ),
        0..3,
    );
    (
        (0_i64..3_000, 1_i64..4, 0_usize..3, lines),
        (prop::option::of(0_i64..2_000), 0_i64..90),
        refunds,
    )
        .prop_map(
            |((minute, channel, country, lines), (paid, fee), refunds)| {
                let made_ms = BEGINS + minute * MINUTE;
                let lines: Vec<Line> = (1_i16..)
                    .zip(lines)
                    .map(|(line_no, (category, total_minor, discount_minor))| Line {
                        line_no,
                        product_id: ProductId(i64::from(line_no % 2)),
                        quantity: 1,
                        category,
                        total_minor,
                        discount_minor,
                    })
                    .collect();
                let sale = Sale {
                    made_ms,
                    channel_id: ChannelId(channel),
                    country: ["", "CN", "SG"][country].to_owned(),
                    tier_id: TierId(minute % 3),
                    amount_minor: lines.iter().map(|line| line.total_minor).sum(),
                    discount_minor: lines.iter().map(|line| line.discount_minor).sum(),
                    paid_ms: paid.map(|minutes| made_ms + minutes * MINUTE + 7),
                    fee_minor: fee,
                    lines,
                };
                let refunds = refunds.into_iter().filter(|_| paid.is_some());
                let refunds = refunds.map(|(amount, minutes, fee, named, reversed)| {
                    let at_ms = made_ms + minutes * MINUTE;
                    let first = sale.lines.first().filter(|_| named);
                    let back = GivenBack {
                        at_ms,
                        amount_minor: amount,
                        fee_minor: fee,
                        lines: first
                            .map(|line| (line.line_no, amount))
                            .into_iter()
                            .collect(),
                    };
                    (back, reversed.map(|minutes| at_ms + minutes * MINUTE))
                });
                let refunds = refunds.collect();
                (sale, refunds)
            },
        )
}

/// Something that happened: which story, and what of it.
type Step<'a> = Box<dyn Fn(&mut Buckets, Tz) + 'a>;

fn steps(stories: &[Story]) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for (sale, refunds) in stories {
        steps.push(Box::new(move |buckets, zone| made(buckets, sale, zone)));
        steps.push(Box::new(move |buckets, zone| paid(buckets, sale, zone)));
        for (back, reversed) in refunds {
            steps.push(Box::new(move |buckets, zone| {
                given_back(buckets, sale, back, zone);
            }));
            if let Some(at_ms) = *reversed {
                let returned = GivenBack {
                    at_ms,
                    ..back.clone()
                };
                steps.push(Box::new(move |buckets, zone| {
                    taken_back(buckets, sale, &returned, zone);
                }));
            }
        }
    }
    steps
}

/// What counts by hour and channel, said in other words.
fn scanned(stories: &[Story], zone: Tz) -> BTreeMap<(i64, ChannelId), Measures> {
    let mut sums: BTreeMap<(i64, ChannelId), Measures> = BTreeMap::new();
    for (sale, refunds) in stories {
        let mut at = |ms: i64, add: &dyn Fn(&mut Measures)| {
            let (_, hour) = day_and_hour(ms, zone);
            add(sums.entry((hour, sale.channel_id)).or_default());
        };
        at(sale.made_ms, &|sum| sum.orders += 1);
        if let Some(paid_ms) = sale.paid_ms {
            at(sale.made_ms, &|sum| sum.converted += 1);
            at(paid_ms, &|sum| {
                sum.paid_orders += 1;
                sum.gross_minor += sale.amount_minor;
                sum.discount_minor += sale.discount_minor;
                sum.fee_minor += sale.fee_minor;
                sum.pay_ms += paid_ms - sale.made_ms;
            });
        }
        for (back, reversed) in refunds {
            let mut count = |ms: i64, sign: i64| {
                at(ms, &|sum| {
                    sum.refunds += sign;
                    sum.refunded_minor += sign * back.amount_minor;
                    sum.fee_minor -= sign * back.fee_minor;
                });
            };
            count(back.at_ms, 1);
            if let Some(ms) = reversed {
                count(*ms, -1);
            }
        }
    }
    sums.retain(|_, sum| !sum.is_zero());
    sums
}

fn kept(text: &str, keeps: bool) -> String {
    if keeps {
        text.to_owned()
    } else {
        String::new()
    }
}

/// The sums of a cut by what another cut keeps.
fn summed(
    rows: &BTreeMap<Bucket, Measures>,
    (grain, cut): (Grain, Cut),
    by: impl Fn(&Bucket) -> Bucket,
) -> BTreeMap<Bucket, Measures> {
    let mut sums: BTreeMap<Bucket, Measures> = BTreeMap::new();
    for (bucket, measures) in rows {
        if (bucket.grain, bucket.cut) == (grain, cut) {
            sums.entry(by(bucket)).or_default().add(measures);
        }
    }
    sums.retain(|_, sum| !sum.is_zero());
    sums
}

proptest! {
    #[test]
    fn any_history_in_any_order_sums_to_what_was_written(
        stories in prop::collection::vec(story(), 0..12),
        zone in prop::sample::select(ZONES.to_vec()),
        seed in any::<usize>(),
    ) {
        let mut steps = steps(&stories);
        let many = steps.len().max(1);
        steps.rotate_left(seed % many);
        if seed % 2 == 0 {
            steps.reverse();
        }
        let mut buckets = Buckets::default();
        for step in &steps {
            step(&mut buckets, zone);
        }
        let rows = buckets.rows();
        let by_hour: BTreeMap<_, _> = rows
            .iter()
            .filter(|(bucket, _)| (bucket.grain, bucket.cut) == (Grain::Hour, Cut::Channel))
            .map(|(bucket, measures)| ((bucket.starts, bucket.channel_id), *measures))
            .collect();
        prop_assert_eq!(by_hour, scanned(&stories, zone));
        // Every cut sums to every other that keeps less.
        for grain in [Grain::Hour, Grain::Day] {
            let cuts: &[Cut] = match grain {
                Grain::Hour => &[Cut::Channel, Cut::Full],
                Grain::Day => &[Cut::Channel, Cut::Country, Cut::Category, Cut::Full, Cut::Tier],
            };
            for cut in cuts {
                let keeps = |bucket: &Bucket| Bucket {
                    cut: *cut,
                    country: kept(&bucket.country, matches!(cut, Cut::Country | Cut::Full)),
                    category: kept(&bucket.category, matches!(cut, Cut::Category | Cut::Full)),
                    tier_id: if *cut == Cut::Tier { bucket.tier_id } else { TierId(0) },
                    ..bucket.clone()
                };
                let from_full = summed(&rows, (grain, Cut::FullTier), keeps);
                prop_assert_eq!(from_full, summed(&rows, (grain, *cut), Bucket::clone));
            }
        }
        // Days sum to the same as hours.
        let whole = |grain| {
            let mut sum = Measures::default();
            for measures in summed(&rows, (grain, Cut::Channel), Bucket::clone).values() {
                sum.add(measures);
            }
            sum
        };
        prop_assert_eq!(whole(Grain::Hour), whole(Grain::Day));
    }
}
