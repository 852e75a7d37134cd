//! Which numbers members have.

use crate::error::Problem;

/// The longest member's number.
const LONGEST_NO: usize = 64;

/// Checks a shop's own number of a member 会员号; the problem begins behind the field's name.
pub fn check_member_no(no: &str) -> Result<(), Problem> {
    let allowed = |letter: u8| letter.is_ascii_alphanumeric() || b"._|-@+".contains(&letter);
    if (1..=LONGEST_NO).contains(&no.len()) && no.bytes().all(allowed) {
        return Ok(());
    }
    Err(Problem::new(
        format!("must be 1 to {LONGEST_NO} letters, digits, or any of . _ | - @ +"),
        format!("须为 1 至 {LONGEST_NO} 位字母、数字或 . _ | - @ +。"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_letters_digits_and_a_few_signs() {
        let longest = "7".repeat(64);
        for no in ["7", "m_7", "wang@example.com", "+86|13800000000", &longest] {
            assert_eq!(check_member_no(no), Ok(()), "{no}");
        }
        let too_long = "7".repeat(65);
        for no in ["", " ", "王小明", "a b", "a/b", "a\n", &too_long] {
            assert!(check_member_no(no).is_err(), "{no:?}");
        }
    }
}
