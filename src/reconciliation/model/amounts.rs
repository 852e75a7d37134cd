//! Reads what stands in a bill's cells: amounts, numbers, instants.

use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

use super::bill::ZONE;
use crate::money::{Currency, Money};

/// How many digits an amount has before its point: so that no sum of a bill overflows.
const MOST_DIGITS: usize = 12;
/// The longest number of an order, payment or refund.
const LONGEST_NUMBER: usize = 150;

/// A plain decimal, such as `-12.30`: no exponent, no sign but a minus.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = plain.split_once('.').unwrap_or((plain, "0"));
    let digits =
        |text: &str| !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit());
    let fits = digits(whole) && digits(part) && whole.len() <= MOST_DIGITS && part.len() <= 8;
    fits.then(|| Decimal::from_str_exact(text).ok()).flatten()
}

/// An amount of the currency in minor units; never rounded.
pub(super) fn minor(text: &str, currency: Currency) -> Option<i64> {
    let amount = Money::from_decimal(decimal(text)?, currency).ok()?;
    Some(amount.minor)
}

/// A fee in minor units. WeChat Pay writes fees with five decimals: half of the smallest unit and more is
/// rounded up.
pub(super) fn fee_minor(fee: Decimal, currency: Currency) -> Option<i64> {
    let fee =
        fee.round_dp_with_strategy(currency.decimals(), RoundingStrategy::MidpointAwayFromZero);
    Some(Money::from_decimal(fee, currency).ok()?.minor)
}

/// A platform's or our number: letters, digits and what platforms allow beside them, so that nothing that
/// a spreadsheet would execute is kept.
pub(super) fn is_number(text: &str) -> bool {
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || b"_-|*.@:/#".contains(&letter);
    (1..=LONGEST_NUMBER).contains(&text.len()) && text.bytes().all(fits)
}

/// An instant as the platforms write it: `2026-11-23 12:00:00` in Shanghai.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    let at = ZONE.from_local_datetime(&local).earliest()?;
    Some(at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_amount_is_plain_digits_of_its_currency() {
        for (text, amount) in [
            ("36.00", Some(3_600)),
            ("36", Some(3_600)),
            ("0.0", Some(0)),
            ("-5.50", Some(-550)),
            ("9.9000", Some(990)),
            ("36.005", None),
            ("1e3", None),
            ("+1.00", None),
            ("=1+1", None),
            (".5", None),
            ("5.", None),
            ("", None),
            ("１.00", None),
            ("1,000.00", None),
            ("9999999999999.00", None),
        ] {
            assert_eq!(minor(text, Currency::Cny), amount, "{text}");
        }
    }

    #[test]
    fn a_fee_is_rounded_half_up_and_keeps_its_sign() {
        for (text, fee) in [
            ("0.05940", 6),
            ("-0.27000", -27),
            ("0.005", 1),
            ("0.00499", 0),
        ] {
            let fee_read = fee_minor(decimal(text).unwrap(), Currency::Cny);
            assert_eq!(fee_read, Some(fee), "{text}");
        }
    }

    #[test]
    fn a_number_holds_nothing_that_a_spreadsheet_executes() {
        for text in ["4200000480202001043149128488", "S2026_1-2|3*4@5", "R.1"] {
            assert!(is_number(text), "{text}");
        }
        for text in [
            "", "=1+1", "+86", "a b", "a\"b", "订单", "a(b)", "a,b", "a'b!",
        ] {
            assert!(!is_number(text), "{text}");
        }
        assert!(!is_number(&"1".repeat(151)));
    }

    #[test]
    fn instants_are_those_of_shanghai() {
        let at = instant("2026-11-23 00:30:00").unwrap();
        assert_eq!(at.to_rfc3339(), "2026-11-22T16:30:00+00:00");
        for text in [
            "2026-11-23",
            "2026-13-01 00:00:00",
            "2026-11-23T00:00:00",
            "0",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_reader(text in "\\PC{0,40}") {
            let _ = (minor(&text, Currency::Cny), instant(&text), is_number(&text));
        }

        #[test]
        fn every_amount_reads_back(amount in -999_999_999_999_i64..999_999_999_999) {
            let text = Money::of_minor(amount, Currency::Cny).to_decimal().to_string();
            prop_assert_eq!(minor(&text, Currency::Cny), Some(amount));
        }
    }
}
