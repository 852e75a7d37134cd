//! Finds the lines of a cart that a scope holds, without comparing each name with each line.

use std::collections::HashMap;

use super::CartLine;
use crate::campaigns::model::Scope;

/// On which lines an offer is given.
#[derive(Debug)]
pub(super) enum Lines {
    /// On all.
    All,
    /// On these, by their places.
    Some(Vec<usize>),
}

/// Where the lines of a cart are found by what they are.
pub(super) struct Shelf<'a> {
    count: usize,
    by_title: HashMap<&'a str, Vec<usize>>,
    by_category: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Shelf<'a> {
    /// Puts the lines of a cart there.
    pub(super) fn of(lines: &'a [CartLine]) -> Self {
        let mut shelf = Self {
            count: lines.len(),
            by_title: HashMap::with_capacity(lines.len()),
            by_category: HashMap::new(),
        };
        for (place, line) in lines.iter().enumerate() {
            let title = shelf.by_title.entry(line.title.as_str());
            title.or_default().push(place);
            let category = shelf.by_category.entry(line.category.as_str());
            category.or_default().push(place);
        }
        shelf
    }

    /// The lines that a scope holds: as [`Scope::holds`] says of each.
    pub(super) fn lines(&self, scope: &Scope) -> Lines {
        let all = scope.products.is_empty() && scope.categories.is_empty();
        if all && scope.without_products.is_empty() && scope.without_categories.is_empty() {
            return Lines::All;
        }
        let mut held = vec![all; self.count];
        let mut mark = |on: &HashMap<&str, Vec<usize>>, names: &[String], holds: bool| {
            for place in names
                .iter()
                .filter_map(|name| on.get(name.as_str()))
                .flatten()
            {
                held[*place] = holds;
            }
        };
        mark(&self.by_title, &scope.products, true);
        mark(&self.by_category, &scope.categories, true);
        mark(&self.by_title, &scope.without_products, false);
        mark(&self.by_category, &scope.without_categories, false);
        let lines = held.iter().enumerate().filter(|(_, held)| **held);
        Lines::Some(lines.map(|(place, _)| place).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names() -> impl Strategy<Value = Vec<String>> {
        let name = prop::sample::select(vec!["a", "b", "c", "d"]).prop_map(str::to_owned);
        prop::collection::vec(name, 0..3)
    }

    proptest! {
        #[test]
        fn a_shelf_finds_the_lines_that_a_scope_holds(
            lines in prop::collection::vec((names(), names()), 1..8),
            (products, categories) in (names(), names()),
            (without_products, without_categories) in (names(), names()),
        ) {
            let text = |names: &[String]| names.first().cloned().unwrap_or_default();
            let lines: Vec<CartLine> = lines.iter().map(|(titles, categories)| CartLine {
                title: text(titles),
                category: text(categories),
                amount_minor: 1,
            }).collect();
            let scope = Scope { products, categories, without_products, without_categories, ..Scope::default() };
            let held: Vec<usize> = (0..lines.len())
                .filter(|place| scope.holds(&lines[*place].title, &lines[*place].category))
                .collect();
            let found = match Shelf::of(&lines).lines(&scope) {
                Lines::All => (0..lines.len()).collect(),
                Lines::Some(lines) => lines,
            };
            prop_assert_eq!(found, held);
        }
    }
}
