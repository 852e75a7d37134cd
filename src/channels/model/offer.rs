//! Decides how a channel may be offered to payers: its name, limits, devices, and when it is hidden.

use entity::channel::{self, HideWhen};

use super::{no_channel, read_devices, version_conflict, write_devices};
use crate::channels::provider::Device;
use crate::error::{Problem, Refusal};

/// The longest name, in characters.
const LONGEST_NAME: usize = 100;
/// The largest limit, in minor units: beyond all payments.
const LARGEST_MINOR: i64 = 1_000_000_000_000;

/// How a channel is offered to payers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What the merchant calls it.
    pub name: String,
    /// The least amount that it takes, in minor units; none without a limit.
    pub min_minor: Option<i64>,
    /// The largest amount that it takes, in minor units; none without a limit.
    pub max_minor: Option<i64>,
    /// The most that it takes on one day, in minor units; none without a limit.
    pub daily_max_minor: Option<i64>,
    /// The devices that can pay through it.
    pub devices: Vec<Device>,
    /// When the payment page leaves it out by itself.
    pub hide_when: HideWhen,
}

/// What is to be changed of an offer; what is none stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferChange {
    /// What the merchant calls it.
    pub name: Option<String>,
    /// The least amount, or none.
    pub min_minor: Option<Option<i64>>,
    /// The largest amount, or none.
    pub max_minor: Option<Option<i64>>,
    /// The most on one day, or none.
    pub daily_max_minor: Option<Option<i64>>,
    /// The devices.
    pub devices: Option<Vec<Device>>,
    /// When the payment page leaves it out.
    pub hide_when: Option<HideWhen>,
}

/// Why a channel cannot be offered like this: a field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadOffer {
    /// The field of the input.
    pub field: String,
    /// What would be right.
    pub problem: Problem,
}

impl Offer {
    /// An offer without limits, for every device, never hidden.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            min_minor: None,
            max_minor: None,
            daily_max_minor: None,
            devices: read_devices(channel::ALL_DEVICES),
            hide_when: HideWhen::Never,
        }
    }

    /// How a channel is offered.
    #[must_use]
    pub fn of(row: &channel::Model) -> Self {
        Self {
            name: row.name.clone(),
            min_minor: row.min_minor,
            max_minor: row.max_minor,
            daily_max_minor: row.daily_max_minor,
            devices: read_devices(&row.devices),
            hide_when: row.hide_when,
        }
    }

    /// The offer with a change.
    #[must_use]
    pub fn changed(self, change: OfferChange) -> Self {
        Self {
            name: change.name.unwrap_or(self.name),
            min_minor: change.min_minor.unwrap_or(self.min_minor),
            max_minor: change.max_minor.unwrap_or(self.max_minor),
            daily_max_minor: change.daily_max_minor.unwrap_or(self.daily_max_minor),
            devices: change.devices.unwrap_or(self.devices),
            hide_when: change.hide_when.unwrap_or(self.hide_when),
        }
    }

    /// The offer as it is kept, where a channel can be offered like this.
    pub fn checked(mut self) -> Result<Self, BadOffer> {
        self.name = self.name.trim().to_owned();
        let length = self.name.chars().count();
        if !(1..=LONGEST_NAME).contains(&length) || self.name.chars().any(char::is_control) {
            return Err(bad(
                "name",
                format!("`name` is 1 to {LONGEST_NAME} characters of text."),
                format!("`name` 须为 1 至 {LONGEST_NAME} 个字符。"),
            ));
        }
        for (field, minor, least) in [
            ("minAmount", self.min_minor, 0),
            ("maxAmount", self.max_minor, 1),
            ("dailyLimit", self.daily_max_minor, 1),
        ] {
            if !(least..=LARGEST_MINOR).contains(&minor.unwrap_or(least)) {
                let (en, zh) = match least {
                    0 => ("must not be negative", "不能为负数"),
                    _ => ("must be more than 0", "必须大于 0"),
                };
                return Err(bad(
                    field,
                    format!("`{field}` {en}, and not beyond all payments."),
                    format!("`{field}` {zh}，也不能过大。"),
                ));
            }
        }
        // From zero on is no limit.
        self.min_minor = self.min_minor.filter(|min| *min > 0);
        let least = self.min_minor.unwrap_or(0);
        for (field, most) in [
            ("maxAmount", self.max_minor),
            ("dailyLimit", self.daily_max_minor),
        ] {
            if most.is_some_and(|most| most < least) {
                return Err(bad(
                    field,
                    format!("`{field}` is less than `minAmount`: nothing could be paid."),
                    format!("`{field}` 小于 `minAmount`，任何订单都无法支付。"),
                ));
            }
        }
        if self.devices.is_empty() {
            return Err(bad(
                "devices",
                "`devices` names at least one device; disable the channel to offer it to nobody.",
                "`devices` 至少包含一种设备；如不再使用，请停用该渠道。",
            ));
        }
        Ok(self)
    }

    /// Writes the offer into a channel's row.
    pub fn write(self, row: &mut channel::Model) {
        row.name = self.name;
        row.min_minor = self.min_minor;
        row.max_minor = self.max_minor;
        row.daily_max_minor = self.daily_max_minor;
        row.devices = write_devices(&self.devices);
        row.hide_when = self.hide_when;
    }
}

fn bad(field: &str, en: impl Into<String>, zh: impl Into<String>) -> BadOffer {
    BadOffer {
        field: field.to_owned(),
        problem: Problem::new(en, zh),
    }
}

/// Why a channel was not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateRefusal {
    /// There is no such channel.
    NotFound,
    /// Somebody else was faster.
    VersionConflict {
        /// The version that it has.
        current: i32,
    },
    /// A field cannot be meant.
    Invalid(BadOffer),
}

impl From<BadOffer> for UpdateRefusal {
    fn from(bad: BadOffer) -> Self {
        Self::Invalid(bad)
    }
}

impl Refusal for UpdateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => no_channel(),
            Self::VersionConflict { current } => version_conflict(*current),
            Self::Invalid(bad) => bad.problem.clone(),
        }
    }

    fn field(&self) -> Option<String> {
        Some(match self {
            Self::NotFound => "channelId".to_owned(),
            Self::VersionConflict { .. } => "expectedVersion".to_owned(),
            Self::Invalid(bad) => bad.field.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_one_that_can_be_paid() {
        let change = |change: OfferChange| Offer::named("微信").changed(change).checked();
        let amounts = |min, max, daily| OfferChange {
            min_minor: Some(min),
            max_minor: Some(max),
            daily_max_minor: Some(daily),
            ..OfferChange::default()
        };
        let named = |name: &str| OfferChange {
            name: Some(name.to_owned()),
            ..OfferChange::default()
        };
        for (wanted, field) in [
            (OfferChange::default(), None),
            (amounts(Some(0), Some(1), Some(1)), None),
            (amounts(Some(100), Some(100), Some(100)), None),
            (amounts(Some(-1), None, None), Some("minAmount")),
            (amounts(None, Some(0), None), Some("maxAmount")),
            (amounts(None, None, Some(0)), Some("dailyLimit")),
            (amounts(Some(101), Some(100), None), Some("maxAmount")),
            (amounts(Some(101), None, Some(100)), Some("dailyLimit")),
            (amounts(None, Some(i64::MAX), None), Some("maxAmount")),
            (named(" "), Some("name")),
            (named("微\n信"), Some("name")),
            (named(&"信".repeat(101)), Some("name")),
            (named(&"信".repeat(100)), None),
        ] {
            let refused = change(wanted.clone()).err().map(|bad| bad.field);
            assert_eq!(refused.as_deref(), field, "{wanted:?}");
        }
        let nobody = OfferChange {
            devices: Some(Vec::new()),
            ..OfferChange::default()
        };
        assert_eq!(change(nobody).unwrap_err().field, "devices");
        for (wanted, told) in [
            (
                amounts(Some(-1), None, None),
                "`minAmount` must not be negative, and not beyond all payments.",
            ),
            (
                amounts(None, Some(0), None),
                "`maxAmount` must be more than 0, and not beyond all payments.",
            ),
        ] {
            assert_eq!(change(wanted).unwrap_err().problem.en, told);
        }
        let kept = change(OfferChange {
            min_minor: Some(Some(0)),
            ..named(" 支付宝 ")
        })
        .unwrap();
        assert_eq!((kept.name.as_str(), kept.min_minor), ("支付宝", None));
    }
}
