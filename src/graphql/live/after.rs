//! Where a document says from which cursor on it is to be answered.

use std::fmt::Display;

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, Field, OperationDefinition, Selection,
    SelectionSet,
};
use async_graphql::{Name, Positioned, Value};

use crate::graphql::gateway::Prepared;

/// The argument of a subscription that says where to continue.
const ARGUMENT: &str = "after";

/// Where a subscription's `after` stands.
#[derive(Debug, PartialEq, Eq)]
pub enum After {
    /// Nowhere.
    Nowhere,
    /// In the document.
    Literal(String),
    /// In a variable that says nothing else: who has another value asks for the same.
    Variable(Name),
    /// In a variable that is used elsewhere, too.
    UsedVariable(Name),
}

impl After {
    /// Where it stands in what was asked. What cannot be meant is left to the execution.
    pub fn of(prepared: &Prepared) -> Self {
        let document = &*prepared.document;
        let operation = operation(document, prepared.operation_name.as_deref());
        let field = operation.and_then(|it| root(document, &it.selection_set.node));
        let value = field.and_then(|field| field.get_argument(ARGUMENT));
        match value.map(|value| value.node.clone().into_const_with(Err)) {
            Some(Ok(Value::String(text))) => Self::Literal(text),
            Some(Err(name)) if !is_text(prepared, &name) => Self::UsedVariable(name),
            Some(Err(name)) if uses(document, &name) > 1 => Self::UsedVariable(name),
            Some(Err(name)) => Self::Variable(name),
            Some(Ok(_)) | None => Self::Nowhere,
        }
    }

    /// The name of the field that is followed.
    pub fn root_name(prepared: &Prepared) -> Option<&Name> {
        let document = &*prepared.document;
        let operation = operation(document, prepared.operation_name.as_deref())?;
        root(document, &operation.selection_set.node).map(|field| &field.name.node)
    }

    /// The cursor, if there is one.
    pub fn text(&self, prepared: &Prepared) -> Option<String> {
        match self {
            Self::Nowhere => None,
            Self::Literal(text) => Some(text.clone()),
            Self::Variable(name) | Self::UsedVariable(name) => {
                let value = prepared.variables.get(name);
                match value.or_else(|| default(prepared, name))? {
                    Value::String(text) => Some(text.clone()),
                    _ => None,
                }
            }
        }
    }

    /// Whether a variable holds it, and nothing but it.
    pub fn is_variable(&self, name: &Name) -> bool {
        matches!(self, Self::Variable(own) if own == name)
    }
}

/// Whether a variable's value, where there is one, is what the argument takes.
fn is_text(prepared: &Prepared, name: &Name) -> bool {
    let value = prepared.variables.get(name);
    value.is_none_or(|value| matches!(value, Value::String(_) | Value::Null))
}

fn default<'a>(prepared: &'a Prepared, name: &Name) -> Option<&'a Value> {
    let operation = operation(&prepared.document, prepared.operation_name.as_deref())?;
    let mut definitions = operation.variable_definitions.iter();
    let definition = definitions.find(|it| it.node.name.node == *name)?;
    definition.node.default_value.as_ref().map(|it| &it.node)
}

fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    match &document.operations {
        DocumentOperations::Single(operation) => Some(&operation.node),
        // One that is named need not be asked for by its name.
        DocumentOperations::Multiple(all) => match name {
            Some(name) => all.get(name),
            None => all.values().next().filter(|_| all.len() == 1),
        }
        .map(|operation| &operation.node),
    }
}

/// The field at the root; a subscription has one. Nesting, fragments counted, is bounded before.
fn root<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet) -> Option<&'a Field> {
    set.items.iter().find_map(|item| match &item.node {
        Selection::Field(field) => Some(&field.node),
        Selection::InlineFragment(inline) => root(document, &inline.node.selection_set.node),
        Selection::FragmentSpread(spread) => {
            let fragment = document.fragments.get(&spread.node.fragment_name.node)?;
            root(document, &fragment.node.selection_set.node)
        }
    })
}

/// How often a document's text names a variable, its definitions aside.
fn uses(document: &ExecutableDocument, name: &Name) -> usize {
    let operations = document.operations.iter().map(|(_, operation)| {
        of_directives(&operation.node.directives, name)
            + of_set(&operation.node.selection_set.node, name)
    });
    let fragments = document.fragments.values().map(|fragment| {
        of_directives(&fragment.node.directives, name)
            + of_set(&fragment.node.selection_set.node, name)
    });
    operations.chain(fragments).sum()
}

fn of_set(set: &SelectionSet, name: &Name) -> usize {
    let of_item = |item: &Positioned<Selection>| {
        let own = match &item.node {
            Selection::Field(field) => {
                of_arguments(&field.node.arguments, name)
                    + of_set(&field.node.selection_set.node, name)
            }
            Selection::InlineFragment(inline) => of_set(&inline.node.selection_set.node, name),
            Selection::FragmentSpread(_) => 0,
        };
        own + of_directives(item.node.directives(), name)
    };
    set.items.iter().map(of_item).sum()
}

fn of_directives(directives: &[Positioned<Directive>], name: &Name) -> usize {
    let directives = directives.iter();
    directives
        .map(|directive| of_arguments(&directive.node.arguments, name))
        .sum()
}

/// Counts what only looks like it, too: who shares too little is told the same.
fn of_arguments<V: Display>(arguments: &[(Positioned<Name>, Positioned<V>)], name: &Name) -> usize {
    let variable = format!("${name}");
    let values = arguments.iter().map(|(_, value)| value.node.to_string());
    values.map(|text| text.matches(&variable).count()).sum()
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::{Variables, value};

    use super::*;

    /// Where `after` stands, and the cursor.
    fn found(document: &str, variables: Value) -> (After, Option<String>) {
        let document = parse_query(document).expect(document);
        let prepared = Prepared::of_document(document, Variables::from_value(variables));
        let after = After::of(&prepared);
        let text = after.text(&prepared);
        (after, text)
    }

    #[test]
    fn a_cursor_is_found_wherever_it_stands() {
        let variable = || After::Variable(Name::new("a"));
        let literal = After::Literal("e1".to_owned());
        let e2 = || value!({ "a": "e2" });
        for (document, variables, after, text) in [
            ("subscription { x }", e2(), After::Nowhere, None),
            (
                "subscription { x(after: null) }",
                e2(),
                After::Nowhere,
                None,
            ),
            (
                "subscription { x(after: \"e1\") }",
                e2(),
                literal,
                Some("e1"),
            ),
            (
                "subscription($a: String) { x(after: $a) }",
                e2(),
                variable(),
                Some("e2"),
            ),
            (
                "subscription($a: String) { ...F } fragment F on S { ... { x(after: $a) } }",
                e2(),
                variable(),
                Some("e2"),
            ),
            (
                "subscription($a: String = \"e3\") { x(after: $a) }",
                value!({}),
                variable(),
                Some("e3"),
            ),
            (
                "subscription Named($a: String) { x(after: $a) }",
                e2(),
                variable(),
                Some("e2"),
            ),
            (
                "subscription($a: String) { x(after: $a) }",
                value!({ "a": null }),
                variable(),
                None,
            ),
        ] {
            let expected = (after, text.map(str::to_owned));
            assert_eq!(found(document, variables), expected, "{document}");
        }
    }

    #[test]
    fn a_variable_that_says_something_else_too_is_not_left_aside() {
        let used = After::UsedVariable(Name::new("a"));
        for document in [
            "subscription($a: String) { x(after: $a, b: [{ c: $a }]) }",
            "subscription($a: String) { x(after: $a) { y @skip(if: $a) } }",
            "subscription($a: String) { x(after: $a) { ...F } } fragment F on X { y(b: $a) }",
        ] {
            assert_eq!(found(document, value!({ "a": "e2" })).0, used, "{document}");
        }
        let (after, text) = found(
            "subscription($a: String) { x(after: $a) }",
            value!({ "a": 2 }),
        );
        assert_eq!((after, text), (used, None), "left to the execution");
    }
}
