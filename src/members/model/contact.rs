//! Telephone numbers and e-mail addresses, each in the one way in which it is kept and found.

use unicode_normalization::UnicodeNormalization;

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

/// A telephone number as it is kept: digits, with a `+` in front where it names a country. A number of mainland China is
/// as it is dialled there, however it was written: the eleven digits of a mobile one, area and number of a landline.
/// Letters and digits of full width are those of half width.
pub fn clean_phone(text: &str) -> Result<String, Problem> {
    let is_gap = |letter: &char| letter.is_whitespace() || "-‐‑–−().".contains(*letter);
    let text: String = text.nfkc().filter(|letter| !is_gap(letter)).collect();
    let (country, digits) = match text.strip_prefix('+') {
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
    let mainland = digits.strip_prefix("86");
    if let Some(mobile) = mainland.filter(|rest| is_mobile(rest)) {
        return Ok(mobile.to_owned());
    }
    if !country {
        return Ok(digits.to_owned());
    }
    // Without a `+` or `00` in front, 86 may be anything: a number of another country, or a part of one here.
    let landline = mainland.and_then(dialled_at_home);
    Ok(landline.unwrap_or_else(|| format!("+{digits}")))
}

/// What is dialled on the mainland for a landline, or a service number, behind its country: an area and a number, which
/// a 0 comes before at home; some write that abroad as well. None where the digits are no such number.
fn dialled_at_home(digits: &str) -> Option<String> {
    let area = digits.strip_prefix('0').unwrap_or(digits);
    let is_service = area.starts_with("400") || area.starts_with("800");
    if is_service {
        let is_whole = area.len() == 10 && area == digits;
        return is_whole.then(|| area.to_owned());
    }
    let (area_digits, lengths) = match area.as_bytes() {
        // Beijing, and the other cities with areas of two digits and numbers of eight.
        [b'1', b'0', ..] | [b'2', ..] => (2, 10..=10),
        [b'3'..=b'9', ..] => (3, 10..=11),
        _ => return None,
    };
    // What begins with 0 or 1 behind the area is no subscriber's.
    let is_number = matches!(area.as_bytes().get(area_digits), Some(b'2'..=b'9'));
    (lengths.contains(&area.len()) && is_number).then(|| format!("0{area}"))
}

/// How landlines of the mainland were kept before they were kept as they are dialled there: what was kept so is found
/// until it is kept anew.
#[must_use]
pub(in crate::members) fn kept_before(phone: &str) -> Vec<String> {
    let written = match phone.strip_prefix('0') {
        Some(area) => vec![format!("+86{area}"), format!("+86{phone}")],
        None => vec![format!("+86{phone}")],
    };
    // Mobile numbers were kept as they are dialled from the first.
    let is_it = |text: &String| !is_mobile(phone) && clean_phone(text).as_deref() == Ok(phone);
    written.into_iter().filter(is_it).collect()
}

/// Whether digits are a mobile number of mainland China.
fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1')
}

/// An e-mail address as it is kept: in lower case, and of half width.
pub fn clean_email(text: &str) -> Result<String, Problem> {
    let text: String = text.trim().nfkc().collect();
    let text = text.to_lowercase();
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
    let text: String = text.trim().nfkc().collect();
    let text = text.as_str();
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
