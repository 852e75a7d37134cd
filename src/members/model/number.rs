//! Which numbers members have.

use crate::error::Problem;

/// The longest member's number.
const LONGEST_NO: usize = 64;

/// What numbers begin with that stand for those that were erased.
pub const ERASED: &str = "erased-";

/// As [`check_member_no`], of one that may be somebody's first: those that stand for erased ones are kept for them.
pub fn check_new_member_no(no: &str) -> Result<(), Problem> {
    check_member_no(no)?;
    if no.starts_with(ERASED) {
        return Err(Problem::new(
            format!("must not begin with {ERASED}"),
            format!("不能以 {ERASED} 开头。"),
        ));
    }
    Ok(())
}

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
            assert_eq!(check_new_member_no(no), Ok(()), "{no}");
        }
        let too_long = "7".repeat(65);
        for no in ["", " ", "王小明", "a b", "a/b", "a\n", &too_long] {
            assert!(check_member_no(no).is_err(), "{no:?}");
        }
        let erased = "erased-mem_06D4K7A2B9C1D";
        assert_eq!(check_member_no(erased), Ok(()));
        assert!(check_new_member_no(erased).is_err());
    }
}
