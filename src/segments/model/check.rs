//! Which rules of a segment can be meant: each that cannot be is named by its path, in both languages.

use super::rules::{Bought, Range, Rule};
use crate::invalid::{Invalid, check_name};

/// How deep rules lie at the most.
pub const DEEPEST: usize = 6;
/// How many rules a segment has at the most, those that join others included.
pub const MOST_RULES: usize = 50;
/// The most values of one list.
const MOST_VALUES: usize = 50;
/// The most days that are looked back: ten years.
const MOST_DAYS: i32 = 3_650;
/// The most days that birthdays are looked for ahead.
const MOST_DAYS_AHEAD: i32 = 366;
/// The largest figure: in minor units, an order's largest amount.
const LARGEST: i64 = 1_000_000_000_000;
/// The longest tag, in characters.
const LONGEST_TAG: usize = 40;
/// The longest title or category, in characters.
const LONGEST_TITLE: usize = 200;
/// The longest name of a segment, in characters.
const LONGEST_NAME: usize = 60;
/// The longest beginning of a member's number.
const LONGEST_NO: usize = 64;

/// Whether a segment can be called so; how it is kept.
pub fn read_name(name: &str) -> Result<String, Invalid> {
    let name = name.trim();
    check_name("name", name, LONGEST_NAME)?;
    Ok(name.to_owned())
}

impl Rule {
    /// Whether the rules can be meant, of themselves: that tiers, channels, templates and snapshots are the
    /// merchant's is the service's to say.
    pub fn check(&self) -> Result<(), Invalid> {
        let mut count = 0;
        self.walk("rules", 1, &mut |rule, path, depth| {
            count += 1;
            if count > MOST_RULES {
                return Err(Invalid::new(
                    "rules",
                    format!("has at most {MOST_RULES} rules, those that join others included."),
                    format!("最多 {MOST_RULES} 条规则（含组合规则）。"),
                ));
            }
            if depth > DEEPEST {
                return Err(Invalid::new(
                    path,
                    format!("lies too deep: rules lie at most {DEEPEST} deep."),
                    format!("嵌套过深：最多 {DEEPEST} 层。"),
                ));
            }
            rule.check_itself(path)
        })
    }

    fn check_itself(&self, path: &str) -> Result<(), Invalid> {
        match self {
            Self::All(rules) | Self::Any(rules) => some(path, rules.len()),
            Self::Not(_) | Self::Consented(_) | Self::NeverPaid(_) => Ok(()),
            Self::Tier { tiers, or_none } => match (tiers.len(), or_none) {
                (0, true) => Ok(()),
                (count, _) => some(&format!("{path}.tierIds"), count),
            },
            Self::Tags(tags) => names(path, tags, LONGEST_TAG),
            Self::MemberNo(no) => check_name(path, no, LONGEST_NO),
            Self::BirthdayMonths(months) => {
                some(path, months.len())?;
                let strange = months.iter().position(|month| !(1..=12).contains(month));
                strange.map_or(Ok(()), |place| {
                    Err(Invalid::new(
                        format!("{path}.{place}"),
                        "is a month, 1 to 12.",
                        "须为月份，1 至 12。",
                    ))
                })
            }
            Self::BirthdayWithin(days) => span(path, *days, MOST_DAYS_AHEAD),
            Self::JoinedWithin(days)
            | Self::JoinedBefore(days)
            | Self::FirstPaidWithin(days)
            | Self::PaidWithin(days)
            | Self::NotPaidFor(days) => span(path, *days, MOST_DAYS),
            Self::Orders { range, days } | Self::Spent { range, days } => {
                days.map_or(Ok(()), |days| {
                    span(&format!("{path}.days"), days, MOST_DAYS)
                })?;
                range.check(path)
            }
            Self::AverageOrder(range) | Self::Points(range) => range.check(path),
            Self::FirstChannel(ids) => some(path, ids.len()),
            Self::Bought(bought) => bought.check(path),
            Self::HoldsCoupon(ids) => some(path, ids.len()),
            Self::Rfm(groups) => some(path, groups.len()),
            Self::InSnapshot(ids) => some(path, ids.len()),
        }
    }
}

impl Range {
    fn check(self, path: &str) -> Result<(), Invalid> {
        if self.min.is_none() && self.max.is_none() {
            return Err(Invalid::new(
                path,
                "needs `min`, `max`, or both.",
                "须给出 `min`、`max` 或两者。",
            ));
        }
        for (name, figure) in [("min", self.min), ("max", self.max)] {
            if figure.is_some_and(|figure| !(0..=LARGEST).contains(&figure)) {
                return Err(Invalid::new(
                    format!("{path}.{name}"),
                    "must not be below 0, nor beyond counting.",
                    "不能小于 0，也不能过大。",
                ));
            }
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min > max
        {
            return Err(Invalid::new(
                format!("{path}.max"),
                "must not be less than `min`.",
                "不能小于 `min`。",
            ));
        }
        Ok(())
    }
}

impl Bought {
    fn check(&self, path: &str) -> Result<(), Invalid> {
        if self.titles.is_empty() && self.categories.is_empty() {
            return Err(Invalid::new(
                path,
                "needs products, categories, or both.",
                "须给出商品、品类或两者。",
            ));
        }
        for (name, list) in [("products", &self.titles), ("categories", &self.categories)] {
            if !list.is_empty() {
                names(&format!("{path}.{name}"), list, LONGEST_TITLE)?;
            }
        }
        self.days.map_or(Ok(()), |days| {
            span(&format!("{path}.days"), days, MOST_DAYS)
        })
    }
}

/// A list with something in it, and not too much.
fn some(path: &str, count: usize) -> Result<(), Invalid> {
    if (1..=MOST_VALUES).contains(&count) {
        return Ok(());
    }
    Err(Invalid::new(
        path,
        format!("takes 1 to {MOST_VALUES} of them."),
        format!("须为 1 至 {MOST_VALUES} 项。"),
    ))
}

fn names(path: &str, list: &[String], longest: usize) -> Result<(), Invalid> {
    some(path, list.len())?;
    for (place, name) in list.iter().enumerate() {
        check_name(&format!("{path}.{place}"), name, longest)?;
    }
    Ok(())
}

fn span(path: &str, days: i32, most: i32) -> Result<(), Invalid> {
    if (1..=most).contains(&days) {
        return Ok(());
    }
    Err(Invalid::new(
        path,
        format!("is 1 to {most} days, today included."),
        format!("须为 1 至 {most} 天（含当天）。"),
    ))
}

#[cfg(test)]
mod tests;
