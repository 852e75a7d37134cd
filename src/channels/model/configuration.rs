//! A channel's whole configuration, as each of its versions keeps it, and how two of them differ.

use chrono::SecondsFormat;
use entity::Instant;
use entity::channel::{self, FundsMode, HideWhen, SettlementCycle};
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};

/// Everything that is configuration of a channel; of its credentials only what may be shown. What a later
/// version of the program adds needs a default, so that earlier versions can still be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    name: String,
    enabled: bool,
    display_order: i32,
    min_minor: Option<i64>,
    max_minor: Option<i64>,
    daily_max_minor: Option<i64>,
    devices: String,
    hide_when: HideWhen,
    funds_mode: FundsMode,
    settlement: Option<(SettlementCycle, i16)>,
    refund_window_days: i32,
    refund_max_count: i32,
    refund_spacing_s: i32,
    refund_partial: bool,
    refund_returns_fee: bool,
    refund_arrival_days: i16,
    credentials_hint: Option<String>,
    credentials_set_at_ms: Option<i64>,
    previous_credentials_until_ms: Option<i64>,
    #[serde(default)]
    pays_out_from_ms: Option<i64>,
}

/// One field in which two configurations differ; none is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field, by its path in the schema.
    pub field: &'static str,
    /// What it was.
    pub before: Option<String>,
    /// What it became.
    pub after: Option<String>,
}

impl Configuration {
    /// How a channel is configured.
    #[must_use]
    pub fn of(row: &channel::Model) -> Self {
        let ms = |at: Option<Instant>| at.map(|at| at.0.timestamp_millis());
        Self {
            name: row.name.clone(),
            enabled: row.enabled,
            display_order: row.display_order,
            min_minor: row.min_minor,
            max_minor: row.max_minor,
            daily_max_minor: row.daily_max_minor,
            devices: row.devices.clone(),
            hide_when: row.hide_when,
            funds_mode: row.funds_mode,
            settlement: row.settlement_cycle.zip(row.settlement_days),
            refund_window_days: row.refund_window_days,
            refund_max_count: row.refund_max_count,
            refund_spacing_s: row.refund_spacing_s,
            refund_partial: row.refund_partial,
            refund_returns_fee: row.refund_returns_fee,
            refund_arrival_days: row.refund_arrival_days,
            credentials_hint: row.credentials_hint.clone(),
            credentials_set_at_ms: ms(row.credentials_set_at),
            previous_credentials_until_ms: ms(row.previous_credentials_until),
            pays_out_from_ms: ms(row.pays_out_from),
        }
    }

    /// Writes the configuration back into a channel's row, save its place on the payment page, its credentials,
    /// and whether new orders may use it: who wants old limits back opens no channel that was closed since.
    pub fn restore(&self, row: &mut channel::Model) {
        row.name.clone_from(&self.name);
        row.min_minor = self.min_minor;
        row.max_minor = self.max_minor;
        row.daily_max_minor = self.daily_max_minor;
        row.devices.clone_from(&self.devices);
        row.hide_when = self.hide_when;
        row.funds_mode = self.funds_mode;
        row.settlement_cycle = self.settlement.map(|(cycle, _)| cycle);
        row.settlement_days = self.settlement.map(|(_, days)| days);
        row.refund_window_days = self.refund_window_days;
        row.refund_max_count = self.refund_max_count;
        row.refund_spacing_s = self.refund_spacing_s;
        row.refund_partial = self.refund_partial;
        row.refund_returns_fee = self.refund_returns_fee;
        row.refund_arrival_days = self.refund_arrival_days;
    }

    /// In which fields it differs from the one before; from none in every field that says something.
    #[must_use]
    pub fn differences(&self, before: Option<&Self>, currency: Currency) -> Vec<Difference> {
        let now = self.fields(currency);
        let before = before.map(|before| before.fields(currency));
        let pairs = now.into_iter().enumerate().map(|(place, (field, after))| {
            let before = before.as_ref().and_then(|before| before.get(place));
            Difference {
                field,
                before: before.and_then(|(_, before)| before.clone()),
                after,
            }
        });
        pairs.filter(|pair| pair.before != pair.after).collect()
    }

    /// Every field by its path in the schema, as people read it.
    fn fields(&self, currency: Currency) -> [(&'static str, Option<String>); 19] {
        let money = |minor: Option<i64>| {
            minor.map(|minor| Money::of_minor(minor, currency).to_decimal().to_string())
        };
        let settlement = self.settlement.map(|(cycle, days)| match cycle {
            SettlementCycle::Instant => word(cycle),
            SettlementCycle::D | SettlementCycle::T => format!("{}+{days}", word(cycle)),
        });
        [
            ("name", Some(self.name.clone())),
            ("enabled", Some(self.enabled.to_string())),
            ("displayOrder", Some(self.display_order.to_string())),
            ("minAmount", money(self.min_minor)),
            ("maxAmount", money(self.max_minor)),
            ("dailyLimit", money(self.daily_max_minor)),
            ("devices", Some(self.devices.clone())),
            ("hideWhen", Some(word(self.hide_when))),
            ("terms.fundsMode", Some(word(self.funds_mode))),
            ("terms.settlement", settlement),
            (
                "terms.refunds.windowDays",
                Some(self.refund_window_days.to_string()),
            ),
            (
                "terms.refunds.maxCount",
                Some(self.refund_max_count.to_string()),
            ),
            (
                "terms.refunds.spacingSeconds",
                Some(self.refund_spacing_s.to_string()),
            ),
            (
                "terms.refunds.partialAllowed",
                Some(self.refund_partial.to_string()),
            ),
            (
                "terms.refunds.returnsFee",
                Some(self.refund_returns_fee.to_string()),
            ),
            (
                "terms.refunds.arrivalDays",
                Some(self.refund_arrival_days.to_string()),
            ),
            ("credentials", self.credentials()),
            (
                "credentials.previousUntil",
                instant(self.previous_credentials_until_ms),
            ),
            ("paysOutFrom", instant(self.pays_out_from_ms)),
        ]
    }

    /// What may be shown of the credentials, and since when there are these: others may look the same.
    fn credentials(&self) -> Option<String> {
        let since = instant(self.credentials_set_at_ms)?;
        let hint = self.credentials_hint.as_deref().unwrap_or("****");
        Some(format!("{hint} ({since})"))
    }
}

fn instant(ms: Option<i64>) -> Option<String> {
    let at = chrono::DateTime::from_timestamp_millis(ms?)?;
    Some(at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// The word of an enum, as the schema writes it.
fn word(value: impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use entity::channel::{ALL_DEVICES, ChannelKind, PaymentMethod};
    use entity::{ChannelId, MerchantId};
    use proptest::prelude::*;

    use super::*;

    prop_compose! {
        fn channels()(
            name in "\\PC{1,8}",
            (enabled, partial, returns_fee, hint) in any::<(bool, bool, bool, bool)>(),
            (min, max, daily) in any::<(Option<u32>, Option<u32>, Option<u32>)>(),
            (place, days, settlement) in (1..50_i32, 0..60_i16, prop::option::of(0..30_i16)),
            hide_when in prop::sample::select(vec![HideWhen::Never, HideWhen::Down, HideWhen::Degraded]),
        ) -> channel::Model {
            let at = Instant(chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(i64::from(days)));
            channel::Model {
                merchant_id: MerchantId(1),
                id: ChannelId(2),
                kind: ChannelKind::EpayV1,
                method: PaymentMethod::WechatPay,
                name,
                display_order: place,
                enabled,
                min_minor: min.map(i64::from),
                max_minor: max.map(i64::from),
                sealed_credentials: hint.then(|| vec![1]),
                created_at: at,
                updated_at: at,
                funds_mode: if partial { FundsMode::Collect } else { FundsMode::Direct },
                settlement_cycle: settlement.map(|_| SettlementCycle::D),
                settlement_days: settlement,
                refund_window_days: i32::from(days) + 1,
                refund_max_count: place,
                refund_spacing_s: place + 1,
                refund_partial: partial,
                refund_returns_fee: returns_fee,
                refund_arrival_days: days,
                version: place,
                daily_max_minor: daily.map(i64::from),
                devices: if enabled { ALL_DEVICES } else { "MOBILE" }.to_owned(),
                hide_when,
                credentials_hint: hint.then(|| "pid 1001".to_owned()),
                credentials_set_at: hint.then_some(at),
                sealed_previous_credentials: None,
                previous_credentials_until: None,
                pays_out_from: hint.then_some(at),
            }
        }
    }

    proptest! {
        #[test]
        fn what_was_kept_is_restored_save_place_credentials_and_whether_it_is_open(then in channels(), now in channels()) {
            let kept = serde_json::to_string(&Configuration::of(&then)).unwrap();
            let kept: Configuration = serde_json::from_str(&kept).unwrap();
            prop_assert_eq!(&kept, &Configuration::of(&then));
            let mut row = now.clone();
            kept.restore(&mut row);
            let wanted = channel::Model {
                display_order: now.display_order,
                enabled: now.enabled,
                sealed_credentials: now.sealed_credentials.clone(),
                credentials_hint: now.credentials_hint.clone(),
                credentials_set_at: now.credentials_set_at,
                pays_out_from: now.pays_out_from,
                created_at: now.created_at,
                updated_at: now.updated_at,
                version: now.version,
                ..then
            };
            prop_assert_eq!(row, wanted);
        }

        #[test]
        fn two_configurations_differ_where_they_are_not_the_same(one in channels(), other in channels()) {
            let (one, other) = (Configuration::of(&one), Configuration::of(&other));
            let there = other.differences(Some(&one), Currency::Cny);
            prop_assert_eq!(there.is_empty(), one == other);
            let back = one.differences(Some(&other), Currency::Cny);
            let turned = back.into_iter().map(|pair| Difference {
                field: pair.field,
                before: pair.after,
                after: pair.before,
            });
            prop_assert_eq!(turned.collect::<Vec<_>>(), there);
            prop_assert!(one.differences(Some(&one), Currency::Cny).is_empty());
        }
    }
}
