//! Numbers of cards and accounts: read, proved, and masked.

use crate::auth::model::mask_name;

/// A number as it was typed, without blanks and hyphens; none where it holds anything but digits.
pub(super) fn digits(typed: &str) -> Option<String> {
    let digits: String = typed
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '-'))
        .collect();
    let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all.then_some(digits)
}

/// Whether the last digit is Luhn's check digit of the others.
pub(super) fn is_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0');
            match (place % 2, digit * 2) {
                (0, _) => digit,
                (_, double) if double > 9 => double - 9,
                (_, double) => double,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A number as everybody sees it: `**** **** **** 1234`.
#[must_use]
pub fn mask_number(last_four: &str) -> String {
    format!("**** **** **** {last_four}")
}

/// From how many digits on a piece of a number is masked.
const TELLING: usize = 8;

/// What a platform said, without the number and the holder where it repeats them: the number also in groups, or cut.
#[must_use]
pub fn scrub(text: &str, number: &str, holder: &str) -> String {
    let last_four = &number[number.len().saturating_sub(4)..];
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (before, from) = rest.split_at(begin);
        let is_of_it = |letter: char| letter.is_ascii_digit() || matches!(letter, ' ' | '-');
        let end = from.find(|letter| !is_of_it(letter)).unwrap_or(from.len());
        let piece = from[..end].trim_end_matches([' ', '-']);
        let digits: String = piece.chars().filter(char::is_ascii_digit).collect();
        let tells = digits.contains(number)
            || (digits.len() >= TELLING && number.contains(digits.as_str()));
        said.push_str(before);
        if tells {
            said.push_str(&mask_number(last_four));
        } else {
            said.push_str(piece);
        }
        rest = &from[piece.len()..];
    }
    said.push_str(rest);
    if holder.is_empty() {
        return said;
    }
    said.replace(holder, &mask_name(holder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_wrong_digit_and_any_two_that_changed_places_are_noticed() {
        let right = "6222020200001234567";
        let check = (0..10)
            .map(|digit| format!("{right}{digit}"))
            .find(|number| is_luhn(number))
            .unwrap();
        for place in 0..check.len() {
            let mut wrong = check.clone().into_bytes();
            wrong[place] = b'0' + (wrong[place] - b'0' + 1) % 10;
            assert!(!is_luhn(std::str::from_utf8(&wrong).unwrap()), "{place}");
        }
        assert!(is_luhn("4111111111111111"));
        assert!(!is_luhn("4111111111111112"));
    }

    #[test]
    fn a_number_is_read_as_people_type_it() {
        assert_eq!(digits("6222 0202-0000").as_deref(), Some("622202020000"));
        for typed in ["", " ", "6222x", "６２２２", "-"] {
            assert_eq!(digits(typed), None, "{typed}");
        }
    }

    #[test]
    fn what_a_platform_repeats_is_masked() {
        let said = scrub(
            "账号6222021234567890户名张伟不符",
            "6222021234567890",
            "张伟",
        );
        assert_eq!(said, "账号**** **** **** 7890户名张**不符");
        for (text, told) in [
            (
                "卡号 6222 0212-3456 7890 错误",
                "卡号 **** **** **** 7890 错误",
            ),
            ("622202123456", "**** **** **** 7890"),
            (
                "尾号7890，单号 20261129 0001",
                "尾号7890，单号 20261129 0001",
            ),
            ("", ""),
        ] {
            assert_eq!(scrub(text, "6222021234567890", "张伟"), told);
        }
    }
}
