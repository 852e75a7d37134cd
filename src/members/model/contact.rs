//! Telephone numbers and e-mail addresses, each in the one way in which it is kept and found.

use super::filter::Contact;
use crate::error::Problem;

/// The longest e-mail address.
const LONGEST_EMAIL: usize = 254;
/// The longest name in front of its `@`.
const LONGEST_LOCAL: usize = 64;
/// How many digits a telephone number has at the least.
const FEWEST_DIGITS: usize = 5;
/// How many it has at the most.
const MOST_DIGITS: usize = 15;
/// How many of its last digits it is found by.
const TAIL: usize = 4;

/// A telephone number as it is kept: digits, with a `+` in front where it names a country. A mobile number of mainland
/// China is its eleven digits, however it was written.
pub fn clean_phone(text: &str) -> Result<String, Problem> {
    let is_gap = |letter: char| letter.is_whitespace() || "-‑–()（）.".contains(letter);
    let text: String = text.chars().filter(|letter| !is_gap(*letter)).collect();
    let (country, digits) = match text.strip_prefix(['+', '＋']) {
        Some(rest) => (true, rest),
        None => match text.strip_prefix("00") {
            Some(rest) => (true, rest),
            None => (false, text.as_str()),
        },
    };
    let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number || !(FEWEST_DIGITS..=MOST_DIGITS).contains(&digits.len()) {
        return Err(Problem::new(
            format!(
                "must be a telephone number of {FEWEST_DIGITS} to {MOST_DIGITS} digits, such as 13800000000 or \
                 +14155550123"
            ),
            format!(
                "须为 {FEWEST_DIGITS} 至 {MOST_DIGITS} 位数字的电话号码，如 13800000000 或 +14155550123。"
            ),
        ));
    }
    let mainland = digits.strip_prefix("86").filter(|rest| is_mobile(rest));
    Ok(match mainland {
        Some(mobile) => mobile.to_owned(),
        None if country => format!("+{digits}"),
        None => digits.to_owned(),
    })
}

/// Whether digits are a mobile number of mainland China.
fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1')
}

/// An e-mail address as it is kept: in lower case.
pub fn clean_email(text: &str) -> Result<String, Problem> {
    let text = text.trim().to_lowercase();
    let wrong = || {
        Problem::new(
            "must be an e-mail address, such as wang@example.com",
            "须为电子邮箱地址，如 wang@example.com。",
        )
    };
    let (local, host) = text.rsplit_once('@').ok_or_else(wrong)?;
    let is_atom =
        |letter: u8| letter.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&letter);
    let atoms = |atom: &str| !atom.is_empty() && atom.bytes().all(is_atom);
    let is_label = |label: &str| {
        let letters = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(letters)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let fits = text.len() <= LONGEST_EMAIL && local.len() <= LONGEST_LOCAL;
    if fits && local.split('.').all(atoms) && host.contains('.') && host.split('.').all(is_label) {
        return Ok(text);
    }
    Err(wrong())
}

/// The last digits of a telephone number, by which it is found as well.
#[must_use]
pub(in crate::members) fn tail(phone: &str) -> &str {
    phone
        .get(phone.len().saturating_sub(TAIL)..)
        .unwrap_or(phone)
}

/// What somebody searches by: an address, a whole number, or the last four digits of one.
pub fn read_contact(text: &str) -> Result<Contact, Problem> {
    let text = text.trim();
    if text.contains('@') {
        return clean_email(text).map(Contact::Email);
    }
    if text.len() == TAIL && text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Ok(Contact::PhoneTail(text.to_owned()));
    }
    let found = clean_phone(text).map(Contact::Phone);
    found.map_err(|_| {
        Problem::new(
            "must be a whole telephone number, its last four digits, or a whole e-mail address",
            "须为完整的电话号码、电话后四位，或完整的邮箱地址。",
        )
    })
}
