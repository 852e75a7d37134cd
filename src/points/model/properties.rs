//! What holds of points, whatever is bought, spent, refunded and given back, in whatever order.

use chrono::{DateTime, Utc};
use entity::point_entry::PointKind;
use entity::{Instant, PointLotId};
use proptest::prelude::*;

use super::tests::{day, fresh, nobody};
use super::*;

#[derive(Clone, Debug)]
enum Deed {
    Buy {
        minor: i64,
        spent: i64,
        pending: bool,
        ends: Option<i64>,
    },
    Refund {
        which: usize,
        minor: i64,
    },
    Return {
        which: usize,
        minor: i64,
    },
    Redeem {
        points: i64,
    },
    Give {
        points: i64,
    },
    Wait {
        days: i64,
    },
    Close {
        which: usize,
    },
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let which = 0_usize..8;
    let ends = prop::option::weighted(0.8, 1_i64..60);
    prop_oneof![
        4 => (0_i64..20_000, 0_i64..150, any::<bool>(), ends)
            .prop_map(|(minor, spent, pending, ends)| Deed::Buy { minor, spent, pending, ends }),
        4 => (which.clone(), 1_i64..20_000).prop_map(|(which, minor)| Deed::Refund { which, minor }),
        1 => (which.clone(), 1_i64..20_000).prop_map(|(which, minor)| Deed::Return { which, minor }),
        2 => (1_i64..200).prop_map(|points| Deed::Redeem { points }),
        1 => (1_i64..100).prop_map(|points| Deed::Give { points }),
        2 => (1_i64..20).prop_map(|days| Deed::Wait { days }),
        1 => which.prop_map(|which| Deed::Close { which }),
    ]
}

/// An order, and what became of its points.
struct Bought {
    lot: PointLotId,
    rule: EarnRule,
    base: i64,
    refunded: i64,
    earned: i64,
    clawed: i64,
    spent_from: Vec<(Option<PointLotId>, i64)>,
    spent: i64,
    restored: i64,
}

struct Shop {
    purse: Purse,
    orders: Vec<Bought>,
    today: i64,
    last_id: i64,
    given: i64,
    redeemed: i64,
}

impl Shop {
    fn instant(&self) -> DateTime<Utc> {
        day(self.today)
    }

    fn does(&mut self, deed: &Deed) {
        match deed {
            Deed::Buy {
                minor,
                spent,
                pending,
                ends,
            } => self.buy(*minor, *spent, *pending, *ends),
            Deed::Refund { which, minor } => self.refund(*which, *minor),
            Deed::Return { which, minor } => self.refund(*which, -*minor),
            Deed::Redeem { points } => {
                let now = self.instant();
                if self.purse.spend(*points, PointKind::Redeemed, now).is_ok() {
                    self.redeemed += points;
                }
            }
            Deed::Give { points } => {
                self.last_id += 1;
                let ends = Some(self.today + 20);
                self.purse
                    .come(fresh(self.last_id, *points, ends), PointKind::Granted);
                self.given += points;
            }
            Deed::Wait { days } => {
                self.today += days;
                // The worker comes now and then.
                if days % 2 == 0 {
                    self.purse.settle(day(self.today));
                }
            }
            Deed::Close { which } => {
                // Everything is sent back at once.
                if let Some(order) = self.orders.get(*which) {
                    self.refund(*which, order.base);
                }
            }
        }
    }

    fn buy(&mut self, minor: i64, spent: i64, pending: bool, ends: Option<i64>) {
        let (now, before) = (self.instant(), self.purse.moves.len());
        let paid = self.purse.spend(spent, PointKind::Spent, now).is_ok();
        let spent = if paid { spent } else { 0 };
        let steps = self.purse.moves[before..].iter();
        let steps = steps.filter(|step| step.kind == PointKind::Spent);
        let spent_from = steps.map(|step| (step.lot_id, -step.points)).collect();
        self.last_id += 1;
        let rule = EarnRule {
            points: 3,
            per_minor: 700,
            multiplier_ppm: 1_250_000,
        };
        let earned = earned(minor, rule);
        let ends = ends.map(|days| self.today + days);
        let lot = Fresh {
            releases_at: pending.then(|| Instant(day(self.today + 7))),
            ..fresh(self.last_id, earned, ends)
        };
        self.purse.come(lot, PointKind::Earned);
        self.orders.push(Bought {
            lot: lot.id,
            rule,
            base: minor,
            refunded: 0,
            earned,
            clawed: 0,
            spent_from,
            spent,
            restored: 0,
        });
    }

    /// Gives back so much of an order; less than nothing where the bank returns it.
    fn refund(&mut self, which: usize, minor: i64) {
        let (now, until) = (self.instant(), Instant(day(self.today + 30)));
        let Some(order) = self.orders.get_mut(which) else {
            return;
        };
        order.refunded = (order.refunded + minor).clamp(0, order.base);
        let restored = restored_total(order.spent, order.refunded, order.base);
        let clawed = clawed_total(order.base, order.refunded, order.rule);
        let last_id = &mut self.last_id;
        let mut next_id = || {
            *last_id += 1;
            PointLotId(*last_id)
        };
        if clawed < order.clawed {
            let points = order.clawed - clawed;
            self.purse.give_back(
                Some(order.lot),
                points,
                PointKind::Returned,
                (now, until),
                &mut next_id,
            );
        }
        if restored > order.restored {
            let from = order.spent_from.first().and_then(|part| part.0);
            let points = restored - order.restored;
            self.purse.give_back(
                from,
                points,
                PointKind::Restored,
                (now, until),
                &mut next_id,
            );
        } else {
            self.purse
                .spend_or_owe(order.restored - restored, PointKind::Spent, now);
        }
        if clawed > order.clawed {
            self.purse
                .claw_back(Some(order.lot), clawed - order.clawed, now);
        }
        (order.restored, order.clawed) = (restored, clawed);
    }

    fn hold(&self) -> Result<(), TestCaseError> {
        let member = &self.purse.member;
        let sum = |pending: bool| -> i64 {
            let lots = self.purse.lots.iter();
            lots.filter(|lot| lot.releases_at.is_some() == pending)
                .map(|lot| lot.remaining)
                .sum()
        };
        prop_assert_eq!(member.points, sum(false));
        prop_assert_eq!(member.points_pending, sum(true));
        for lot in &self.purse.lots {
            prop_assert!((0..=lot.earned).contains(&lot.remaining));
        }
        prop_assert!(member.points_owed >= 0);
        if member.points_owed > 0 {
            prop_assert_eq!((member.points, member.points_pending), (0, 0));
        }
        let of = |read: fn(&Move) -> i64| -> i64 { self.purse.moves.iter().map(read).sum() };
        prop_assert_eq!(of(|step| step.points), member.points);
        prop_assert_eq!(of(|step| step.pending), member.points_pending);
        prop_assert_eq!(of(|step| step.owed), member.points_owed);
        let expired: i64 = self
            .purse
            .moves
            .iter()
            .filter(|step| step.kind == PointKind::Expired)
            .map(|step| step.points + step.pending)
            .sum();
        let earned: i64 = self
            .orders
            .iter()
            .map(|order| order.earned - order.clawed)
            .sum();
        let spent: i64 = self
            .orders
            .iter()
            .map(|order| order.spent - order.restored)
            .sum();
        let net = member.points + member.points_pending - member.points_owed;
        prop_assert_eq!(net, earned - spent + self.given - self.redeemed + expired);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn points_are_what_is_left_of_their_lots(deeds in prop::collection::vec(any_deed(), 1..60)) {
        let mut shop = Shop {
            purse: Purse::of(nobody(), Vec::new()),
            orders: Vec::new(),
            today: 0,
            last_id: 0,
            given: 0,
            redeemed: 0,
        };
        for deed in &deeds {
            shop.does(deed);
            shop.hold()?;
        }
        // Who sends everything back has what others gave, less what was redeemed: nothing was earned.
        for which in 0..shop.orders.len() {
            shop.does(&Deed::Close { which });
        }
        shop.hold()?;
        let kept: i64 = shop.orders.iter().map(|order| order.earned - order.clawed).sum();
        let missing: i64 = shop.orders.iter().map(|order| order.spent - order.restored).sum();
        prop_assert_eq!((kept, missing), (0, 0));
    }

    #[test]
    fn refunds_in_parts_take_back_what_one_would(
        base in 1_i64..1_000_000,
        points in 1_i64..1_000,
        per_minor in 1_i64..10_000,
        multiplier_ppm in 1_i64..5_000_000,
        parts in prop::collection::vec(1_i64..100_000, 0..20),
    ) {
        let rule = EarnRule { points, per_minor, multiplier_ppm };
        let (mut refunded, mut clawed) = (0, 0);
        for part in parts {
            refunded = (refunded + part).min(base);
            let total = clawed_total(base, refunded, rule);
            prop_assert!(total >= clawed);
            clawed = total;
        }
        prop_assert_eq!(earned(base, rule) - clawed, earned(base - refunded, rule));
        prop_assert_eq!(clawed_total(base, base, rule), earned(base, rule));
    }
}
