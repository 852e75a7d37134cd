//! Which tiers can be meant: each field that cannot be is named, in both languages.

use entity::tier;

use super::ladder::{Ladder, is_reachable};
use super::refusal::SetRefusal;
use super::wish::TierWish;
use crate::invalid::{Invalid, check_text};

/// The most tiers of a merchant.
pub const MOST: usize = 20;
/// The longest reason that is kept with a change, in characters.
pub const LONGEST_NOTE: usize = 200;
/// The longest name, in characters.
const LONGEST_NAME: usize = 40;
/// The longest description of what else a tier brings, in characters.
const LONGEST_PERKS: usize = 500;
/// The highest rank.
const HIGHEST: i64 = 1_000;
/// The longest window, and the longest time for which a tier is kept, in days.
const LONGEST_DAYS: i64 = 3_650;
/// The largest figure: an amount in minor units, points, or orders.
const LARGEST: i64 = 1_000_000_000_000;
/// The largest discount, in millionths: something stays to be paid.
const LARGEST_DISCOUNT: i64 = 990_000;
/// The largest multiplier, in millionths: a hundred times.
const LARGEST_MULTIPLIER: i64 = 100_000_000;

fn maybe_text(field: &str, text: Option<&String>, longest: usize) -> Result<(), Invalid> {
    match text {
        Some(said) if !said.trim().is_empty() => check_text(field, said, longest),
        _ => Ok(()),
    }
}

fn between(field: &str, number: Option<i64>, least: i64, most: i64) -> Result<(), Invalid> {
    match number {
        Some(number) if !(least..=most).contains(&number) => Err(Invalid::new(
            field,
            format!("must be {least} to {most}."),
            format!("须为 {least} 至 {most}。"),
        )),
        _ => Ok(()),
    }
}

impl TierWish {
    /// Whether the tier can be meant by itself. Fields are named as in the input.
    pub fn check(&self) -> Result<(), Invalid> {
        between("rank", Some(self.rank.into()), 1, HIGHEST)?;
        check_text("name", &self.name, LONGEST_NAME)?;
        maybe_text("nameEn", self.name_en.as_ref(), LONGEST_NAME)?;
        maybe_text("benefits.perks", self.perks.as_ref(), LONGEST_PERKS)?;
        maybe_text("benefits.perksEn", self.perks_en.as_ref(), LONGEST_PERKS)?;
        if self
            .spend_minor
            .is_some_and(|it| !(1..=LARGEST).contains(&it))
        {
            return Err(Invalid::new(
                "thresholds.spend",
                "must be more than 0, and not beyond counting.",
                "须大于 0，且不超过可计范围。",
            ));
        }
        between("thresholds.points", self.points, 1, LARGEST)?;
        between("thresholds.orders", self.orders, 1, LARGEST)?;
        let days = |days: Option<i32>| days.map(i64::from);
        between(
            "thresholds.windowDays",
            days(self.window_days),
            1,
            LONGEST_DAYS,
        )?;
        let asks = self.spend_minor.or(self.points).or(self.orders).is_some();
        if self.window_days.is_some() && !asks {
            return Err(Invalid::new(
                "thresholds.windowDays",
                "counts nothing where there is no threshold.",
                "未设置任何门槛，统计周期无意义。",
            ));
        }
        between("retentionDays", days(self.retention_days), 1, LONGEST_DAYS)?;
        if !(0..=LARGEST_DISCOUNT).contains(&self.discount_ppm) {
            return Err(Invalid::new(
                "benefits.discountPercent",
                "must be 0 to 99.",
                "须为 0 至 99。",
            ));
        }
        if !(0..=LARGEST_MULTIPLIER).contains(&self.multiplier_ppm) {
            return Err(Invalid::new(
                "benefits.pointsMultiplier",
                "must be 0 to 100.",
                "须为 0 至 100。",
            ));
        }
        between("benefits.birthdayPoints", self.birthday_points, 1, LARGEST)
    }
}

/// Whether a tier fits among the others: its rank is its own, and no higher one asks for less than a lower one.
pub fn check(ladder: &Ladder, wanted: &tier::Model) -> Result<(), SetRefusal> {
    let others = || ladder.tiers().iter().filter(|tier| tier.id != wanted.id);
    if others().count() >= MOST {
        return Err(SetRefusal::TooMany { most: MOST });
    }
    if let Some(other) = others().find(|tier| tier.rank == wanted.rank) {
        return Err(SetRefusal::RankTaken {
            name: other.name.clone(),
        });
    }
    for other in others() {
        let (lower, higher) = if other.rank < wanted.rank {
            (other, wanted)
        } else {
            (wanted, other)
        };
        if let Some(field) = asks_for_less(lower, higher) {
            return Err(SetRefusal::AsksForLess {
                field,
                lower: lower.name.clone(),
                higher: higher.name.clone(),
            });
        }
    }
    Ok(())
}

/// By which measure the higher of two tiers asks for less than the lower, over the same window.
fn asks_for_less(lower: &tier::Model, higher: &tier::Model) -> Option<&'static str> {
    if lower.window_days != higher.window_days || !is_reachable(lower) || !is_reachable(higher) {
        return None;
    }
    let is_less =
        |low: Option<i64>, high: Option<i64>| low.zip(high).is_some_and(|(low, high)| high < low);
    [
        (
            "thresholds.spend",
            is_less(lower.spend_minor, higher.spend_minor),
        ),
        ("thresholds.points", is_less(lower.points, higher.points)),
        ("thresholds.orders", is_less(lower.orders, higher.orders)),
    ]
    .into_iter()
    .find_map(|(field, less)| less.then_some(field))
}
