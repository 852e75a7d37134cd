//! Codes of coupons: twelve letters that nobody guesses and that people can read out.

/// Letters of a code, five bits each: Crockford's, without those that look like others.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a code: sixty bits.
const LETTERS: usize = 12;
/// Letters between two hyphens.
const GROUP: usize = 4;
/// The longest text that is looked at.
const LONGEST: usize = 64;

/// The code of sixty random bits: `7K3M-9QXA-2B4C`. Four of the bits that come are not used.
#[must_use]
pub fn code_of(random: [u8; 8]) -> String {
    let bits = u64::from_be_bytes(random);
    let letters = (0..LETTERS).map(|place| {
        let letter = (bits >> (5 * (LETTERS - 1 - place))) & 31;
        char::from(ALPHABET[usize::try_from(letter).unwrap_or(0)])
    });
    grouped(letters)
}

/// A code, as somebody typed it: small letters, blanks and hyphens make no difference, nor do letters that look like
/// a digit. None where it can be none.
#[must_use]
pub fn read_code(typed: &str) -> Option<String> {
    let letters = read_letters(typed)?;
    (letters.len() == LETTERS).then(|| grouped(letters.into_iter()))
}

/// The beginning of a code, as somebody typed it; none where no code begins so.
#[must_use]
pub fn read_beginning(typed: &str) -> Option<String> {
    let letters = read_letters(typed)?;
    (1..=LETTERS)
        .contains(&letters.len())
        .then(|| grouped(letters.into_iter()))
}

fn read_letters(typed: &str) -> Option<Vec<char>> {
    if typed.len() > LONGEST {
        return None;
    }
    typed
        .chars()
        .map(wide)
        .filter(|letter| !matches!(letter, '-' | ' ' | '\u{3000}' | '—' | '–' | '_'))
        .map(|letter| {
            let letter = match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                letter => letter,
            };
            let known = u8::try_from(letter).is_ok_and(|letter| ALPHABET.contains(&letter));
            known.then_some(letter)
        })
        .collect()
}

/// Chinese keyboards write wide letters: they mean the narrow ones.
fn wide(letter: char) -> char {
    match letter {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
        other => other,
    }
}

fn grouped(letters: impl Iterator<Item = char>) -> String {
    let mut code = String::with_capacity(LETTERS + LETTERS / GROUP);
    for (place, letter) in letters.enumerate() {
        if place > 0 && place % GROUP == 0 {
            code.push('-');
        }
        code.push(letter);
    }
    code
}

/// A public code, as it is kept: 4 to 32 letters, digits and hyphens, in capitals. None where it cannot be one.
#[must_use]
pub fn read_claim_code(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let fits = (4..=32).contains(&typed.len())
        && typed
            .bytes()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == b'-');
    fits.then(|| typed.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_three_groups_of_letters_that_tell_sixty_bits() {
        assert_eq!(code_of([0; 8]), "0000-0000-0000");
        assert_eq!(code_of([255; 8]), "ZZZZ-ZZZZ-ZZZZ");
        let mut codes = std::collections::HashSet::new();
        for bit in 0..60 {
            assert!(
                codes.insert(code_of((1_u64 << bit).to_be_bytes())),
                "bit {bit}"
            );
        }
    }

    #[test]
    fn a_code_may_be_typed_as_people_do() {
        for typed in [
            "10AB-CDEF-GHJK",
            "10abcdefghjk",
            " IO AB CD EF GH JK ",
            "lo-ab–cdef—ghjk",
            "１０ＡＢ－ＣＤＥＦ－ＧＨＪＫ",
        ] {
            assert_eq!(
                read_code(typed).as_deref(),
                Some("10AB-CDEF-GHJK"),
                "{typed}"
            );
        }
        for typed in [
            "",
            "10AB-CDEF",
            "10AB-CDEF-GHJKM",
            "10AB-CDEF-GHJU",
            "优惠券",
        ] {
            assert_eq!(read_code(typed), None, "{typed}");
        }
        assert_eq!(read_beginning("1oabc").as_deref(), Some("10AB-C"));
        assert_eq!(read_beginning("10ab").as_deref(), Some("10AB"));
        assert_eq!(read_beginning("-"), None);
    }

    #[test]
    fn a_public_code_is_kept_in_capitals() {
        assert_eq!(
            read_claim_code(" spring-2026 ").as_deref(),
            Some("SPRING-2026")
        );
        for typed in ["abc", "双十一大促", "a b c d", "a_b_c", &"A".repeat(33)] {
            assert_eq!(read_claim_code(typed), None, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_drawn_reads_back_and_has_no_look_alikes(random in any::<[u8; 8]>()) {
            let code = code_of(random);
            prop_assert_eq!(code.len(), 14);
            prop_assert!(!code.contains(['I', 'L', 'O', 'U']));
            let (lower, bare) = (code.to_lowercase(), code.replace('-', ""));
            prop_assert_eq!(read_code(&lower), Some(code.clone()));
            prop_assert_eq!(read_code(&bare), Some(code.clone()));
            prop_assert_eq!(read_beginning(&code[..6]), Some(code[..6].to_owned()));
        }
    }
}
