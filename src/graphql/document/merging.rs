//! A mutation's fields, each once: the library would execute a field that is selected twice, twice. A
//! subscription's field, out of its fragments: the library would not look for it there.
//!
//! By the language's rule, fields of one response key are one field whose selections are put together.
//! Below the root the library's way only costs more, because nothing is changed there.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition, InlineFragment,
    OperationDefinition, OperationType, Selection, SelectionSet, TypeCondition,
};
use async_graphql::{Name, Positioned};

use crate::error::Error;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;
type Directives = [Positioned<Directive>];

/// Merges the fields at the root of each mutation and subscription, out of their fragments; a fragment that is used up by
/// this goes. Refuses fields of one response key that are not the same.
pub fn merge(document: &mut ExecutableDocument) -> Result<(), Error> {
    let mut used_up = HashSet::new();
    for operation in operations(&mut document.operations) {
        let root_type = match operation.ty {
            OperationType::Query => None,
            OperationType::Mutation => Some("Mutation"),
            OperationType::Subscription => Some("Subscription"),
        };
        if let Some(root_type) = root_type {
            let mut root = Root::new(root_type, &document.fragments);
            root.expand(&operation.selection_set.node, &[]);
            let items = root.items()?;
            let is_field = |item: &Positioned<Selection>| matches!(item.node, Selection::Field(_));
            if operation.ty == OperationType::Subscription && !items.iter().all(is_field) {
                return Err(conditional());
            }
            used_up.extend(root.used_up.into_iter().cloned());
            operation.selection_set.node.items = items;
        }
    }
    document.fragments.retain(|name, _| !used_up.contains(name));
    Ok(())
}

/// What is followed is followed, whatever a variable says.
fn conditional() -> Error {
    Error::bad_input(
        "subscription",
        "selects its field in a fragment with a directive or on another type: select it by itself.",
        "在带指令或其他类型的片段中选择字段：请直接选择。",
    )
}

fn operations(
    operations: &mut DocumentOperations,
) -> Box<dyn Iterator<Item = &mut OperationDefinition> + '_> {
    match operations {
        DocumentOperations::Single(one) => Box::new(std::iter::once(&mut one.node)),
        DocumentOperations::Multiple(all) => Box::new(all.values_mut().map(|it| &mut it.node)),
    }
}

/// What an operation selects at its root.
struct Root<'a> {
    /// The root's type.
    on: &'static str,
    fragments: &'a Fragments,
    fields: Vec<RootField<'a>>,
    /// What does not apply here, such as a fragment on another type: left to validation.
    others: Vec<&'a Positioned<Selection>>,
    used_up: Vec<&'a Name>,
}

/// A field, and the directives of the fragments around it, from outside to inside.
struct RootField<'a> {
    field: Positioned<Field>,
    around: Vec<&'a Directives>,
}

impl<'a> Root<'a> {
    fn new(on: &'static str, fragments: &'a Fragments) -> Self {
        Self {
            on,
            fragments,
            fields: Vec::new(),
            others: Vec::new(),
            used_up: Vec::new(),
        }
    }

    /// Takes in a selection set. Its nesting is bounded before.
    fn expand(&mut self, set: &'a SelectionSet, around: &[&'a Directives]) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => self.fields.push(RootField {
                    field: field.clone(),
                    around: around.to_vec(),
                }),
                Selection::InlineFragment(inline) if self.applies(&inline.node.type_condition) => {
                    let around = [around, &[&inline.node.directives[..]]].concat();
                    self.expand(&inline.node.selection_set.node, &around);
                }
                Selection::FragmentSpread(spread) => {
                    let known = self
                        .fragments
                        .get_key_value(&spread.node.fragment_name.node);
                    match known.map(|(name, fragment)| (name, &fragment.node)) {
                        Some((name, fragment)) if self.is_on(&fragment.type_condition) => {
                            self.used_up.push(name);
                            let own = [&spread.node.directives[..], &fragment.directives[..]];
                            let around = [around, &own].concat();
                            self.expand(&fragment.selection_set.node, &around);
                        }
                        _ => self.others.push(item),
                    }
                }
                Selection::InlineFragment(_) => self.others.push(item),
            }
        }
    }

    fn applies(&self, condition: &Option<Positioned<TypeCondition>>) -> bool {
        let condition = condition.as_ref();
        condition.is_none_or(|condition| self.is_on(condition))
    }

    fn is_on(&self, condition: &Positioned<TypeCondition>) -> bool {
        condition.node.on.node == self.on
    }

    /// The selection in place of the old one: each response key once, in the order of first mention.
    fn items(&mut self) -> Result<Vec<Positioned<Selection>>, Error> {
        let mut merged: Vec<RootField<'a>> = Vec::new();
        for root in self.fields.drain(..) {
            let key = &root.field.node.response_key().node;
            let known = merged
                .iter_mut()
                .find(|known| known.field.node.response_key().node == *key);
            match known {
                Some(known) => known.take_in(root)?,
                None => merged.push(root),
            }
        }
        let others = self.others.iter().map(|&other| other.clone());
        Ok(merged
            .into_iter()
            .map(RootField::item)
            .chain(others)
            .collect())
    }
}

impl RootField<'_> {
    /// Puts another field's selection to its own.
    fn take_in(&mut self, other: Self) -> Result<(), Error> {
        let (own, new) = (&mut self.field.node, other.field.node);
        let key = new.response_key().node.as_str();
        if own.name != new.name || !same_arguments(&own.arguments, &new.arguments) {
            return Err(Error::bad_input(
                key,
                "stands for different fields, or for one with different arguments; give each an alias \
                 of its own.",
                "对应不同的字段或不同的参数；请为每个字段指定不同的别名。",
            ));
        }
        let directives = self.around.iter().copied().flatten().chain(&own.directives);
        let others = other
            .around
            .iter()
            .copied()
            .flatten()
            .chain(&new.directives);
        if !same_directives(directives, others) {
            return Err(Error::bad_input(
                key,
                "is selected several times under different directives; select it once.",
                "在不同指令下被多次选择；请只选择一次。",
            ));
        }
        let items = new.selection_set.node.items;
        own.selection_set.node.items.extend(items);
        Ok(())
    }

    /// The field as a selection, under the directives that were around it.
    fn item(self) -> Positioned<Selection> {
        let pos = self.field.pos;
        let field = Positioned::new(Selection::Field(self.field), pos);
        let around = self.around.into_iter().rev();
        around
            .filter(|it| !it.is_empty())
            .fold(field, |inner, directives| {
                let items = vec![inner];
                let fragment = InlineFragment {
                    type_condition: None,
                    directives: directives.to_vec(),
                    selection_set: Positioned::new(SelectionSet { items }, pos),
                };
                let fragment = Positioned::new(fragment, pos);
                Positioned::new(Selection::InlineFragment(fragment), pos)
            })
    }
}

/// Whether arguments are the same, in whatever order.
fn same_arguments<V: PartialEq>(
    some: &[(Positioned<Name>, V)],
    others: &[(Positioned<Name>, V)],
) -> bool {
    some.len() == others.len() && some.iter().all(|argument| others.contains(argument))
}

/// Whether directives are the same, in the same order.
fn same_directives<'a>(
    some: impl Iterator<Item = &'a Positioned<Directive>>,
    others: impl Iterator<Item = &'a Positioned<Directive>>,
) -> bool {
    let same = |one: &Directive, other: &Directive| {
        one.name == other.name && same_arguments(&one.arguments, &other.arguments)
    };
    let others: Vec<_> = others.collect();
    let some: Vec<_> = some.collect();
    let mut pairs = some.iter().zip(&others);
    some.len() == others.len() && pairs.all(|(one, other)| same(&one.node, &other.node))
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;
    use crate::locale::Locale;

    /// A selection set as text, and the names of the fragments that are left.
    fn merged(document: &str) -> Result<String, String> {
        let mut document = parse_query(document).expect(document);
        merge(&mut document).map_err(|error| error.message(Locale::En))?;
        let (_, operation) = document.operations.iter().next().expect("an operation");
        let mut fragments: Vec<&str> = document.fragments.keys().map(Name::as_str).collect();
        fragments.sort_unstable();
        Ok([
            text(&operation.node.selection_set.node),
            fragments.join(" "),
        ]
        .join("")
        .trim()
        .to_owned())
    }

    fn text(set: &SelectionSet) -> String {
        let items = set.items.iter().map(|item| {
            let directives = item.node.directives().iter();
            let directives: String = directives
                .map(|it| format!("@{} ", it.node.name.node))
                .collect();
            match &item.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    format!("{key} {directives}{}", text(&field.node.selection_set.node))
                }
                Selection::InlineFragment(inline) => {
                    format!("... {directives}{}", text(&inline.node.selection_set.node))
                }
                Selection::FragmentSpread(spread) => {
                    format!("...{} {directives}", spread.node.fragment_name.node)
                }
            }
        });
        if set.items.is_empty() {
            String::new()
        } else {
            format!("{{ {}}} ", items.collect::<String>())
        }
    }

    #[test]
    fn a_field_that_is_selected_twice_becomes_one() {
        for (document, expected) in [
            ("mutation { a { b } a { c } }", "{ a { b c } }"),
            ("mutation { a { b } c a { b } }", "{ a { b b } c }"),
            (
                "mutation { x: a(b: 1, c: $d) { b } x: a(c: $d, b: 1) { c } a { d } }",
                "{ x { b c } a { d } }",
            ),
            (
                "mutation { ...F ...G ... { a { d } } ... on Mutation { a { e } } } \
                fragment F on Mutation { a { b } } fragment G on Mutation { ...F a { c } }",
                "{ a { b b c d e } }",
            ),
            (
                "mutation { ...F a { ...H } } fragment F on Mutation { a { ...H } } fragment H on A { b }",
                "{ a { ...H ...H } } H",
            ),
            // What does not apply to a mutation, and what is not used, is left to validation.
            (
                "mutation { a ... on Query { b } ...Q } fragment Q on Query { c } fragment U on Mutation { d }",
                "{ a ... { b } ...Q } Q U",
            ),
            (
                "subscription { ... on Subscription { ...F } } fragment F on Subscription { a { b } }",
                "{ a { b } }",
            ),
            (
                "{ a { b } a { c } ...F } fragment F on Query { a { d } }",
                "{ a { b } a { c } ...F } F",
            ),
        ] {
            assert_eq!(merged(document).as_deref(), Ok(expected), "{document}");
        }
    }

    #[test]
    fn directives_stay_around_what_they_stood_at() {
        for (document, expected) in [
            (
                "mutation { a @skip(if: $x) { b } a @skip(if: $x) { c } }",
                "{ a @skip { b c } }",
            ),
            (
                "mutation { ...F @include(if: $x) } fragment F on Mutation { a @skip(if: $y) { b } c }",
                "{ ... @include { a @skip { b } } ... @include { c } }",
            ),
            (
                "mutation { ... @include(if: $x) { ... @skip(if: $y) { a } } }",
                "{ ... @include { ... @skip { a } } }",
            ),
            (
                "mutation { ... @skip(if: $x) { a { b } } a @skip(if: $x) { c } }",
                "{ ... @skip { a { b c } } }",
            ),
        ] {
            assert_eq!(merged(document).as_deref(), Ok(expected), "{document}");
        }
    }

    #[test]
    fn one_key_for_what_is_not_the_same_is_refused() {
        let different = "`a`: stands for different fields, or for one with different arguments; give \
            each an alias of its own.";
        let directives =
            "`a`: is selected several times under different directives; select it once.";
        let conditional = "`subscription`: selects its field in a fragment with a directive or on another \
            type: select it by itself.";
        for (document, message) in [
            ("mutation { a(b: 1) a(b: 2) }", different),
            ("mutation { a(b: 1) a }", different),
            ("mutation { a(b: 1) a(c: 1) }", different),
            ("mutation { a a: b }", different),
            (
                "mutation { a ...F } fragment F on Mutation { a(b: 1) }",
                different,
            ),
            ("mutation { a a @skip(if: $x) }", directives),
            ("mutation { a @skip(if: $y) a @skip(if: $x) }", directives),
            ("mutation { a ... @include(if: $x) { a } }", directives),
            ("subscription { ... @include(if: $x) { a } }", conditional),
            (
                "subscription { ...F } fragment F on Query { a }",
                conditional,
            ),
        ] {
            assert_eq!(merged(document), Err(message.to_owned()), "{document}");
        }
    }
}
