//! Which rules can be meant: each that cannot be is named by its field, in both languages.

use entity::{ChannelId, SegmentId, TierId};

use super::rules::{Audience, Benefit, Hours, Limits, Rules, Scope, Stacking, Step};
use crate::invalid::{Invalid, check_name};

/// The largest amount, in minor units: that of an order.
const LARGEST_MINOR: i64 = 1_000_000_000_000;
/// The most steps of a full reduction.
const MOST_STEPS: usize = 20;
/// The most names in one list of a scope.
const MOST_NAMES: usize = 100;
/// The longest name of a product or a category, in characters.
const LONGEST_NAME: usize = 200;
/// The most tiers, and the most segments, that one list names.
const MOST_GROUPS: usize = 20;
/// The most spans of the week.
const MOST_HOURS: usize = 21;
/// The longest name of a stacking group, in characters.
const LONGEST_GROUP: usize = 40;
/// The highest priority, and below zero the lowest.
const HIGHEST_PRIORITY: i16 = 1_000;
/// Minutes of a day.
const DAY: u16 = 1_440;

impl Rules {
    /// Whether the rules can be meant. Fields are named as under `rules` of an input.
    pub fn check(&self) -> Result<(), Invalid> {
        self.benefit.check()?;
        self.scope.check()?;
        self.audience.check()?;
        if self.hours.len() > MOST_HOURS {
            return Err(too_many("rules.hours", MOST_HOURS));
        }
        for (place, hours) in self.hours.iter().enumerate() {
            hours.check(&format!("rules.hours.{place}"))?;
        }
        self.stacking.check()?;
        self.limits.check()
    }
}

fn too_many(field: &str, most: usize) -> Invalid {
    Invalid::new(
        field,
        format!("takes at most {most}."),
        format!("最多 {most} 项。"),
    )
}

/// An amount that is more than nothing, and not beyond counting.
fn amount(field: &str, minor: i64) -> Result<(), Invalid> {
    if (1..=LARGEST_MINOR).contains(&minor) {
        return Ok(());
    }
    Err(Invalid::new(
        field,
        "must be more than 0, and not above any payment.",
        "须大于 0，且不超过单笔支付上限。",
    ))
}

impl Benefit {
    fn check(&self) -> Result<(), Invalid> {
        match self {
            Self::FullReduction(steps) => check_steps(steps),
            Self::EveryFull { step, cap_minor } => {
                check_step("rules.benefit.everyFull", *step)?;
                match cap_minor {
                    Some(cap) if *cap < step.off_minor => Err(Invalid::new(
                        "rules.benefit.everyFull.cap",
                        "must not be less than what comes off once.",
                        "不能小于单次优惠金额。",
                    )),
                    Some(cap) => amount("rules.benefit.everyFull.cap", *cap),
                    None => Ok(()),
                }
            }
            Self::Discount {
                off_ppm,
                threshold_minor,
                cap_minor,
            } => {
                if !(1..1_000_000).contains(off_ppm) {
                    return Err(Invalid::new(
                        "rules.benefit.discount.percentOff",
                        "must be more than 0 and less than 100.",
                        "须大于 0 且小于 100。",
                    ));
                }
                if *threshold_minor != 0 {
                    amount("rules.benefit.discount.threshold", *threshold_minor)?;
                }
                cap_minor.map_or(Ok(()), |cap| amount("rules.benefit.discount.cap", cap))
            }
            Self::Cash { off_minor } => amount("rules.benefit.cash.off", *off_minor),
        }
    }
}

/// A step takes off less than it asks for.
fn check_step(path: &str, step: Step) -> Result<(), Invalid> {
    amount(&format!("{path}.threshold"), step.threshold_minor)?;
    amount(&format!("{path}.off"), step.off_minor)?;
    if step.off_minor >= step.threshold_minor {
        return Err(Invalid::new(
            format!("{path}.off"),
            "must be less than the threshold.",
            "须小于门槛金额。",
        ));
    }
    Ok(())
}

/// Each step asks for more than the one before, and takes more off.
fn check_steps(steps: &[Step]) -> Result<(), Invalid> {
    const FIELD: &str = "rules.benefit.fullReduction.steps";
    if !(1..=MOST_STEPS).contains(&steps.len()) {
        return Err(Invalid::new(
            FIELD,
            format!("takes 1 to {MOST_STEPS} steps."),
            format!("须为 1 至 {MOST_STEPS} 档。"),
        ));
    }
    for (place, step) in steps.iter().enumerate() {
        check_step(&format!("{FIELD}.{place}"), *step)?;
    }
    for (place, pair) in steps.windows(2).enumerate() {
        let field = |name: &str| format!("{FIELD}.{}.{name}", place + 1);
        if pair[1].threshold_minor <= pair[0].threshold_minor {
            return Err(Invalid::new(
                field("threshold"),
                "must be more than that of the step before.",
                "须大于上一档的门槛。",
            ));
        }
        if pair[1].off_minor <= pair[0].off_minor {
            return Err(Invalid::new(
                field("off"),
                "must be more than that of the step before.",
                "须大于上一档的优惠。",
            ));
        }
    }
    Ok(())
}

impl Scope {
    fn check(&self) -> Result<(), Invalid> {
        for (name, list) in [
            ("products", &self.products),
            ("categories", &self.categories),
            ("withoutProducts", &self.without_products),
            ("withoutCategories", &self.without_categories),
        ] {
            let field = format!("rules.scope.{name}");
            if list.len() > MOST_NAMES {
                return Err(too_many(&field, MOST_NAMES));
            }
            for (place, name) in list.iter().enumerate() {
                check_name(&format!("{field}.{place}"), name, LONGEST_NAME)?;
            }
        }
        for (name, count) in [
            ("channelIds", self.channels.len()),
            ("methods", self.methods.len()),
        ] {
            if count > MOST_NAMES {
                return Err(too_many(&format!("rules.scope.{name}"), MOST_NAMES));
            }
        }
        Ok(())
    }

    /// The first of its channels that is none of the merchant's, as the field of the input that names it.
    pub fn check_channels(&self, known: impl Fn(ChannelId) -> bool) -> Result<(), Invalid> {
        let strange = self.channels.iter().position(|id| !known(*id));
        strange.map_or(Ok(()), |place| {
            Err(Invalid::new(
                format!("rules.scope.channelIds.{place}"),
                "is no channel of yours.",
                "不是您的支付渠道。",
            ))
        })
    }
}

impl Audience {
    fn check(&self) -> Result<(), Invalid> {
        for (name, count) in [
            ("tierIds", self.tiers.len()),
            ("segmentIds", self.segments.len()),
            ("withoutSegmentIds", self.without_segments.len()),
        ] {
            if count > MOST_GROUPS {
                return Err(too_many(&format!("rules.audience.{name}"), MOST_GROUPS));
            }
        }
        let both = |id: &SegmentId| self.segments.contains(id);
        match self.without_segments.iter().position(both) {
            None => Ok(()),
            Some(place) => Err(Invalid::new(
                format!("rules.audience.withoutSegmentIds.{place}"),
                "is a segment that it is for.",
                "与适用分群重复。",
            )),
        }
    }

    /// The first of its tiers that is none of the merchant's, as the field of the input that names it.
    pub fn check_tiers(&self, known: impl Fn(TierId) -> bool) -> Result<(), Invalid> {
        let strange = self.tiers.iter().position(|id| !known(*id));
        strange.map_or(Ok(()), |place| {
            Err(Invalid::new(
                format!("rules.audience.tierIds.{place}"),
                "is no tier of yours.",
                "不是您的会员等级。",
            ))
        })
    }

    /// The first of its segments that is none of the merchant's, as the field of the input that names it.
    pub fn check_segments(&self, known: impl Fn(SegmentId) -> bool) -> Result<(), Invalid> {
        for (name, list) in [
            ("segmentIds", &self.segments),
            ("withoutSegmentIds", &self.without_segments),
        ] {
            if let Some(place) = list.iter().position(|id| !known(*id)) {
                return Err(Invalid::new(
                    format!("rules.audience.{name}.{place}"),
                    "is no segment of yours.",
                    "不是您的会员分群。",
                ));
            }
        }
        Ok(())
    }
}

impl Hours {
    fn check(self, path: &str) -> Result<(), Invalid> {
        if self.weekdays == 0 || self.weekdays > 0b111_1111 {
            return Err(Invalid::new(
                format!("{path}.weekdays"),
                "must name at least one day; leave it out for all.",
                "至少须含一天；不限时请省略。",
            ));
        }
        let is_span = self.from_minute < DAY
            && (1..=DAY).contains(&self.to_minute)
            && self.from_minute != self.to_minute;
        if is_span {
            return Ok(());
        }
        Err(Invalid::new(
            format!("{path}.until"),
            "must not be `from`: the span would be empty.",
            "不能与 `from` 相同：时段为空。",
        ))
    }
}

impl Stacking {
    fn check(&self) -> Result<(), Invalid> {
        if !(-HIGHEST_PRIORITY..=HIGHEST_PRIORITY).contains(&self.priority) {
            return Err(Invalid::new(
                "rules.stacking.priority",
                format!("is from -{HIGHEST_PRIORITY} to {HIGHEST_PRIORITY}."),
                format!("须为 -{HIGHEST_PRIORITY} 至 {HIGHEST_PRIORITY}。"),
            ));
        }
        match &self.group {
            Some(group) => check_name("rules.stacking.group", group, LONGEST_GROUP),
            None => Ok(()),
        }
    }
}

impl Limits {
    fn check(&self) -> Result<(), Invalid> {
        for (name, limit) in [
            ("total", self.total),
            ("perDay", self.per_day),
            ("perMember", self.per_member),
        ] {
            if limit.is_some_and(|limit| !(1..=i64::from(i32::MAX)).contains(&limit)) {
                return Err(Invalid::new(
                    format!("rules.limits.{name}"),
                    "must be at least 1; leave it out for no limit.",
                    "至少为 1；不限时请省略。",
                ));
            }
        }
        let budget = self.budget_minor;
        budget.map_or(Ok(()), |budget| amount("rules.limits.budget", budget))
    }
}

#[cfg(test)]
mod tests;
