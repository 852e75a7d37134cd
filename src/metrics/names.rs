//! Which operations are counted apart. A client chooses their names, so there is an end to them.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

/// So many operations are counted apart.
const MOST: usize = 200;

/// The longest name that is counted apart, in bytes.
const LONGEST: usize = 64;

/// The label of all other operations.
const OTHER: &str = "other";

/// The operations that are counted apart. A clone knows the same ones.
#[derive(Clone, Debug)]
pub struct Names {
    known: Arc<RwLock<HashSet<Arc<str>>>>,
    other: Arc<str>,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            known: Arc::default(),
            other: Arc::from(OTHER),
        }
    }
}

impl Names {
    /// The label of an operation. A new name is only taken from somebody `trusted`: strangers could fill
    /// the list with names that nobody looks for.
    #[must_use]
    pub fn label(&self, name: Option<&str>, trusted: bool) -> Arc<str> {
        let other = || Arc::clone(&self.other);
        let Some(name) = name.filter(|name| is_name(name)) else {
            return other();
        };
        let (found, is_full) = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            (known.get(name).cloned(), known.len() >= MOST)
        };
        match found {
            Some(label) => label,
            None if !trusted || is_full => other(),
            None => self.add(name).unwrap_or_else(other),
        }
    }

    fn add(&self, name: &str) -> Option<Arc<str>> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(label) = known.get(name) {
            return Some(Arc::clone(label));
        }
        if known.len() >= MOST {
            return None;
        }
        let label: Arc<str> = Arc::from(name);
        known.insert(Arc::clone(&label));
        Some(label)
    }
}

/// Whether it is a name as GraphQL has them, and no long one.
fn is_name(text: &str) -> bool {
    let begins_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins_well
        && text.len() <= LONGEST
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_trusted_are_counted_apart_until_the_list_is_full() {
        let names = Names::default();
        assert_eq!(&*names.label(Some("Orders"), false), "other");
        assert_eq!(&*names.label(Some("Orders"), true), "Orders");
        assert_eq!(&*names.label(Some("Orders"), false), "Orders");
        for number in 0..1_000 {
            let _ = names.label(Some(&format!("Made{number}")), true);
        }
        assert_eq!(&*names.label(Some("Made198"), true), "Made198");
        assert_eq!(&*names.label(Some("Made199"), true), "other");
        assert_eq!(&*names.label(Some("Orders"), true), "Orders");
        assert_eq!(names.known.read().unwrap().len(), 200);
    }

    #[test]
    fn what_is_no_name_is_not_counted_apart() {
        let names = Names::default();
        let long = "a".repeat(65);
        for name in [
            None,
            Some(""),
            Some("1a"),
            Some("a\"b"),
            Some("名"),
            Some(&long),
        ] {
            assert_eq!(&*names.label(name, true), "other", "{name:?}");
        }
    }
}
