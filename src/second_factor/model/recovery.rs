//! Recovery codes: sixteen letters that people can read out, and what is kept of them.

use aws_lc_rs::digest;
use entity::StaffId;

/// How many there are.
pub const CODES: usize = 10;

/// Letters of a code, five bits each: Crockford's, without those that look like others.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a code.
const LETTERS: usize = 16;
/// Letters between two hyphens.
const GROUP: usize = 4;

/// The code of 80 random bits: `7K3M-9QXA-…`.
#[must_use]
pub fn recovery_code(random: [u8; 10]) -> String {
    let bits = random
        .iter()
        .fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    let mut code = String::with_capacity(LETTERS + LETTERS / GROUP);
    for place in 0..LETTERS {
        if place > 0 && place % GROUP == 0 {
            code.push('-');
        }
        let letter = (bits >> (5 * (LETTERS - 1 - place))) & 31;
        code.push(char::from(ALPHABET[usize::try_from(letter).unwrap_or(0)]));
    }
    code
}

/// What is kept of a code, as somebody typed it: small letters, blanks and hyphens make no difference, nor do
/// letters that look like a digit.
#[must_use]
pub fn hash(staff_id: StaffId, typed: &str) -> Vec<u8> {
    let plain: String = typed
        .chars()
        .filter(|letter| !matches!(letter, '-' | ' '))
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        })
        .collect();
    let text = format!("recovery code\n{staff_id}\n{plain}");
    digest::digest(&digest::SHA256, text.as_bytes())
        .as_ref()
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_four_groups_of_letters_that_tell_all_bits() {
        assert_eq!(recovery_code([0; 10]), "0000-0000-0000-0000");
        assert_eq!(recovery_code([255; 10]), "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        let mut one = [0; 10];
        for byte in 0..10 {
            for bit in 0..8 {
                one[byte] = 1 << bit;
                assert_ne!(recovery_code(one), "0000-0000-0000-0000");
            }
            one[byte] = 0;
        }
    }

    #[test]
    fn a_code_may_be_typed_as_people_do_and_is_one_persons() {
        let code = "10AB-CDEF-GHJK-MNPQ";
        let kept = hash(StaffId(7), code);
        for typed in [
            "10abcdefghjkmnpq",
            "IO AB CD EF GH JK MN PQ",
            "lOAB-CDEF-GHJK-MNPQ",
        ] {
            assert_eq!(hash(StaffId(7), typed), kept, "{typed}");
        }
        assert_ne!(hash(StaffId(8), code), kept);
        assert_ne!(hash(StaffId(7), "10AB-CDEF-GHJK-MNPR"), kept);
    }
}
