//! The banks that money can be paid out to, and whose card a number is.

use std::sync::LazyLock;

use serde::Deserialize;

/// The banks that are built in.
const BUILT_IN: &str = include_str!("../../../data/banks.toml");

/// A bank.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bank {
    /// What payment platforms call it.
    pub code: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// How many digits its cards have; empty where that is not known.
    #[serde(default)]
    pub lengths: Vec<usize>,
    /// How its cards begin, as far as that is known.
    #[serde(default)]
    pub prefixes: Vec<String>,
}

impl Bank {
    /// Whether its cards can have so many digits.
    #[must_use]
    pub fn takes(&self, digits: usize) -> bool {
        if self.lengths.is_empty() {
            (16..=19).contains(&digits)
        } else {
            self.lengths.contains(&digits)
        }
    }

    /// Whether a text that somebody looks for is in its code or its names.
    #[must_use]
    pub fn fits(&self, search: &str) -> bool {
        let search = search.trim().to_lowercase();
        [&self.code, &self.zh, &self.en]
            .iter()
            .any(|name| name.to_lowercase().contains(&search))
    }
}

/// All banks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Banks {
    bank: Vec<Bank>,
}

impl Banks {
    /// All of them, the largest first.
    pub fn iter(&self) -> impl Iterator<Item = &Bank> {
        self.bank.iter()
    }

    /// The bank of a code.
    #[must_use]
    pub fn of_code(&self, code: &str) -> Option<&Bank> {
        self.iter().find(|bank| bank.code == code)
    }

    /// The bank whose cards begin as these digits do: the one that names most of them. None where nobody knows.
    #[must_use]
    pub fn of_card(&self, digits: &str) -> Option<&Bank> {
        let fits = |bank: &Bank| {
            let prefixes = bank.prefixes.iter();
            prefixes
                .filter(|prefix| digits.starts_with(prefix.as_str()))
                .map(String::len)
                .max()
        };
        let known = self
            .iter()
            .filter_map(|bank| fits(bank).map(|len| (len, bank)));
        known.max_by_key(|(len, _)| *len).map(|(_, bank)| bank)
    }
}

/// The banks that are built in.
#[must_use]
pub fn banks() -> &'static Banks {
    // That they can be read is proved by a test.
    static BANKS: LazyLock<Banks> = LazyLock::new(|| toml::from_str(BUILT_IN).unwrap_or_default());
    &BANKS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_banks_that_are_built_in_can_be_read_and_told_apart() {
        let all: Banks = toml::from_str(BUILT_IN).unwrap();
        assert!(all.bank.len() >= 60, "{}", all.bank.len());
        let codes: BTreeSet<_> = all.iter().map(|bank| &bank.code).collect();
        assert_eq!(codes.len(), all.bank.len());
        let names: BTreeSet<_> = all.iter().map(|bank| &bank.zh).collect();
        assert_eq!(names.len(), all.bank.len());
        let prefixes: Vec<_> = all.iter().flat_map(|bank| &bank.prefixes).collect();
        let distinct: BTreeSet<_> = prefixes.iter().collect();
        assert_eq!(distinct.len(), prefixes.len(), "one bank's each");
        for prefix in prefixes {
            assert!((3..=8).contains(&prefix.len()), "{prefix}");
            assert!(prefix.bytes().all(|b| b.is_ascii_digit()), "{prefix}");
        }
    }

    #[test]
    fn well_known_cards_are_known() {
        for (digits, code) in [
            ("6222021234", "ICBC"),
            ("6228481234", "ABC"),
            ("6217001234", "CCB"),
            ("6225881234", "CMB"),
            ("6216611234", "BOC"),
            ("6222621234", "BOCOM"),
            ("9551001234", "PSBC"),
            ("6229081234", "CIB"),
        ] {
            let bank = banks().of_card(digits).unwrap();
            assert_eq!(bank.code, code, "{digits}");
        }
        assert_eq!(banks().of_card("0000001234"), None);
        assert_eq!(banks().of_card(""), None);
    }

    #[test]
    fn a_bank_is_found_by_its_code_and_both_names() {
        let bank = banks().of_code("CMB").unwrap();
        for search in ["cmb", "招商", "merchants", " CMB "] {
            assert!(bank.fits(search), "{search}");
        }
        assert!(!bank.fits("农业"));
        assert!(bank.takes(16) && !bank.takes(19));
        let small = banks().of_code("BOD").unwrap();
        assert!(small.takes(16) && small.takes(19) && !small.takes(15));
    }
}
