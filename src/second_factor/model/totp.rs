//! Codes of an authenticator app: TOTP after RFC 6238, as all apps can do it.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE32_NOPAD;
use url::form_urlencoded::byte_serialize;

/// Seconds of a time step.
const STEP_S: i64 = 30;
/// Digits of a code.
const DIGITS: usize = 6;
/// How many steps early or late a code may be: clocks differ, and people type.
const EARLY_OR_LATE: i64 = 1;
/// Bytes of a secret: what SHA-1 uses whole.
pub const SECRET_BYTES: usize = 20;
/// How long a new secret can be confirmed.
pub const PENDING_FOR: TimeDelta = TimeDelta::minutes(30);

/// Which secret a code is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// The one that counts.
    Confirmed,
    /// The one that is to take its place.
    Pending,
}

/// The time step of an instant.
#[must_use]
pub fn step_of(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(STEP_S)
}

/// The code of a secret in a time step.
#[must_use]
pub fn code_at(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let at = usize::from(bytes[bytes.len() - 1] & 0xf);
    let word = u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    format!("{:0DIGITS$}", (word & 0x7fff_ffff) % 1_000_000)
}

/// Whether a text is meant as a code of the app, not as a recovery code.
#[must_use]
pub fn is_of_app(text: &str) -> bool {
    let mut digits = 0;
    text.chars().filter(|letter| *letter != ' ').all(|letter| {
        digits += 1;
        letter.is_ascii_digit()
    }) && digits == DIGITS
}

/// The time step that a code proves; none where it is wrong.
#[must_use]
pub fn proves(secret: &[u8], text: &str, now: DateTime<Utc>) -> Option<i64> {
    let typed: String = text.chars().filter(|letter| *letter != ' ').collect();
    let step = step_of(now);
    // The latest first, and all of them: how long it takes tells nothing.
    let steps = (-EARLY_OR_LATE..=EARLY_OR_LATE).rev().map(|by| step + by);
    let mut proved = None;
    for step in steps {
        let is_right = verify_slices_are_equal(code_at(secret, step).as_bytes(), typed.as_bytes());
        if is_right.is_ok() && proved.is_none() {
            proved = Some(step);
        }
    }
    proved
}

/// What an authenticator app reads: `otpauth://totp/…`.
#[must_use]
pub fn uri(secret: &[u8], issuer: &str, account: &str) -> String {
    let text = |text: &str| {
        byte_serialize(text.as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    };
    format!(
        "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_S}",
        BASE32_NOPAD.encode(secret),
        issuer = text(issuer),
        account = text(account),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, SHA-1: the last six of its eight digits.
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(secret, step_of(at(seconds))), code, "{seconds}");
        }
    }

    #[test]
    fn a_code_is_believed_one_step_early_or_late_and_no_more() {
        let secret = b"12345678901234567890";
        let code = code_at(secret, 100);
        for (step, proved) in [
            (98, None),
            (99, Some(100)),
            (100, Some(100)),
            (101, Some(100)),
            (102, None),
        ] {
            assert_eq!(proves(secret, &code, at(step * 30 + 29)), proved, "{step}");
        }
        assert_eq!(proves(secret, "", at(3_000)), None);
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        assert_eq!(proves(secret, &spaced, at(3_000)), Some(100));
    }

    #[test]
    fn what_an_app_reads_names_whose_it_is() {
        assert_eq!(
            uri(b"12345678901234567890", "易付 Pay", "li+a@shop.example"),
            "otpauth://totp/%E6%98%93%E4%BB%98%20Pay:li%2Ba%40shop.example?\
             secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%E6%98%93%E4%BB%98%20Pay\
             &algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn six_digits_are_a_code_of_the_app() {
        for (text, is_so) in [
            ("123456", true),
            ("123 456", true),
            ("12345", false),
            ("1234567", false),
            ("ABCD-EFGH-JKMN-PQRS", false),
            ("１２３４５６", false),
            ("", false),
        ] {
            assert_eq!(is_of_app(text), is_so, "{text}");
        }
    }
}
