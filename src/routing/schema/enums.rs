//! Strategies, days of the week and times of day, and how a payment page is told that a method is.

use async_graphql::{Enum, InputValueError, InputValueResult, Scalar, ScalarType, Value};

use crate::graphql::plain::plain_scalars;

/// How a channel is chosen among those that fit 路由方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::routing_policy::RoutingStrategy")]
pub enum RoutingStrategy {
    /// 优先级: the first target that fits.
    Priority,
    /// 权重: by chance, as often as weights say.
    Weighted,
    /// 轮询: one after another: of those that fit, the one whose last order was made longest ago. Each instance
    /// goes round for itself, and so do all together.
    RoundRobin,
}

/// A day of the week 星期.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Weekday {
    /// 星期一.
    Monday,
    /// 星期二.
    Tuesday,
    /// 星期三.
    Wednesday,
    /// 星期四.
    Thursday,
    /// 星期五.
    Friday,
    /// 星期六.
    Saturday,
    /// 星期日.
    Sunday,
}

impl Weekday {
    /// The day of a number from 1 for Monday to 7 for Sunday.
    pub fn of_number(number: u32) -> Self {
        let place = usize::try_from(number).unwrap_or(0).saturating_sub(1);
        Self::ALL[place % 7]
    }

    const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The days of a set of bits, Monday the lowest.
    #[must_use]
    pub fn of_bits(bits: i16) -> Vec<Self> {
        let days = Self::ALL.into_iter();
        days.filter(|day| bits >> *day as u8 & 1 == 1).collect()
    }

    /// The bits of some days.
    #[must_use]
    pub fn bits(days: &[Self]) -> i16 {
        days.iter().fold(0, |bits, day| bits | 1 << *day as u8)
    }
}

/// A time of day in the merchant's time zone, to the minute: `08:30`. The end of a day is `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime(pub i16);

/// A time of day in the merchant's time zone, to the minute: `08:30`. The end of a day is `24:00`.
#[Scalar(name = "LocalTime")]
impl ScalarType for LocalTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else {
            return Err(InputValueError::expected_type(value));
        };
        read_time(text)
            .map(Self)
            .ok_or_else(|| InputValueError::custom("is no time of day; write it such as 08:30"))
    }

    fn to_value(&self) -> Value {
        Value::String(format!("{:02}:{:02}", self.0 / 60, self.0 % 60))
    }
}

fn read_time(text: &str) -> Option<i16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| {
        let plain = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_digit());
        plain.then(|| text.parse::<i16>().ok()).flatten()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let minutes = 60 * hour + minute;
    (minute < 60 && minutes <= 1_440).then_some(minutes)
}

/// How a payment page is told that a method is 可用状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::channel_health::HealthState")]
pub enum CheckoutChannelState {
    /// 正常: as ever.
    Healthy,
    /// 降级: slower than it should be, or it fails now and then.
    Degraded,
    /// 中断: next to nothing goes through.
    Down,
    /// 维护: it is being worked on, as announced.
    Maintenance,
    /// 未知: nothing says how it is, and nothing that it is ill.
    Unknown,
}

plain_scalars!(RoutingStrategy, Weekday, LocalTime, CheckoutChannelState);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_to_the_minute() {
        for (text, minutes) in [
            ("00:00", Some(0)),
            ("08:30", Some(510)),
            ("23:59", Some(1_439)),
            ("24:00", Some(1_440)),
            ("24:01", None),
            ("12:60", None),
            ("8:30", None),
            ("08:30:00", None),
            ("-1:30", None),
            ("", None),
        ] {
            assert_eq!(read_time(text), minutes, "{text}");
        }
    }

    #[test]
    fn days_of_the_week_are_bits() {
        assert_eq!(Weekday::bits(&Weekday::ALL), 127);
        let weekend = [Weekday::Saturday, Weekday::Sunday];
        assert_eq!(Weekday::bits(&weekend), 96);
        assert_eq!(Weekday::of_bits(96), weekend);
    }
}
